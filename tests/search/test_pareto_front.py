"""Fronts keep what nothing dominates, and say what to look at."""

import math
from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.search.pareto_front import (
    LONGEST,
    LossFront,
    ParetoFront,
    by_structure,
    dominates,
    knee,
    loss_front,
    objectives,
    scores,
)

BASE = Candidate(
    "c0",
    "Cu",
    "eam",
    {"pair": "900.0*exp(-3.5*r)", "density": "exp(-2.0*r)", "embedding": "-20.0*sqrt(rho)"},
    -0.1,
    6.0,
    4.5,
    14,
    4,
    0.01,
    3.0,
    40.0,
    3.1,
    41.0,
)


def candidates(points):
    return [replace(BASE, id=f"c{k}", complexity=c, energy_mae=e, force_mae=f) for k, (c, e, f) in enumerate(points)]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(10, 20), st.integers(1, 6), st.integers(1, 6)), max_size=30))
def test_members_are_exactly_the_non_dominated(points):
    entries = candidates(points)
    front = ParetoFront(entries)
    kept = {objectives(member) for member in front}
    assert kept == {objectives(a) for a in entries if not any(dominates(objectives(b), objectives(a)) for b in entries)}
    assert [member.complexity for member in front] == sorted(member.complexity for member in front)


def test_the_order_of_arrival_does_not_matter():
    entries = candidates([(14, 3, 5), (16, 2, 6), (14, 3, 5), (20, 1, 1), (22, 1, 2)])
    assert {tuple(objectives(m) for m in ParetoFront(order)) for order in permutations(entries)} == {
        ((14, 3, 5), (16, 2, 6), (20, 1, 1))
    }


def test_candidates_travel_as_json():
    assert Candidate.from_json(BASE.to_json()) == BASE
    with pytest.raises(InputError, match="not a complete srlab candidate"):
        Candidate.from_json({"id": "c1"})
    with pytest.raises(InputError, match="unknown function"):
        Candidate.from_json({**BASE.to_json(), "formulas": {**BASE.formulas, "pair": "__import__(1)"}})


def test_a_candidate_is_a_potential():
    potential = BASE.potential()
    assert potential.cutoff == 6.0 and potential.element == "Cu" and potential.offset == -0.1
    assert potential.formulas == BASE.formulas


def test_with_targets_the_loss_counts():
    entries = [
        replace(member, loss=loss)
        for member, loss in zip(candidates([(14, 3, 5), (14, 4, 6), (15, 5, 7)]), (0.5, 0.1, 0.2))
    ]
    assert ParetoFront(entries).ids == ["c0"]
    assert set(ParetoFront(entries, with_loss=True).ids) == {"c0", "c1"}  # the third is beaten in everything


def member(name, complexity, loss, structure="", right_crystal=None):
    return SimpleNamespace(
        id=name, complexity=complexity, loss=loss, structure=structure or name, right_crystal=right_crystal
    )


def test_the_knee_is_where_the_gain_per_node_drops():
    front = [member("a", 10, 1.0), member("b", 14, 0.1), member("c", 25, 0.08), member("d", 40, 0.06)]
    assert knee(front).id == "b"
    assert knee(front[:2]).id == "b" and knee(front[:1]).id == "a" and knee([]) is None
    assert knee([member("a", 10, 1.0), member("b", 10, 1.0), member("c", 12, 1.0)]).id == "a"


def test_a_wrong_crystal_is_no_knee_while_there_is_a_right_one():
    rows = (("a", 10, 1.0), ("b", 14, 0.1), ("c", 25, 0.08), ("d", 40, 0.06))
    front = [member(*row, right_crystal=row[0] in "cd") for row in rows]
    assert knee(front).id == "c" and knee(front[1:3]).id == "c" and knee(front[:2]).id == "b"
    assert knee([member(*row, right_crystal=False) for row in rows]).id == "b"


def test_the_score_is_what_a_node_more_bought():
    front = [
        member("a", 10, 1.0),
        member("b", 10, 2.0),
        member("c", 12, 1.5),
        member("d", 14, 0.1),
        member("e", 15, 0.05),
    ]
    found = scores(front)
    assert found == {"d": pytest.approx(math.log(10) / 4), "e": pytest.approx(math.log(2))}
    assert scores([]) == {}


def test_the_best_of_every_form_is_listed():
    found = by_structure([member("a", 12, 0.5, "x"), member("b", 12, 0.4, "x"), member("c", 10, 0.9, "y")])
    assert [candidate.id for candidate in found] == ["c", "b"]


def test_the_front_of_complexity_and_loss_is_what_is_better_than_all_shorter_ones():
    front = [
        member("a", 10, 1.0),
        member("b", 11, 1.2),
        member("c", 12, 0.5),
        member("d", 13, 0.49),
        member("e", 20, 0.4),
    ]
    assert [candidate.id for candidate in loss_front(front, 0.03)] == ["a", "c", "e"]
    assert [candidate.id for candidate in loss_front(front, 0.03, front[3])] == ["a", "c", "d", "e"]
    assert [candidate.id for candidate in loss_front(reversed(front))] == ["a", "c", "d", "e"]


def test_the_lowest_loss_so_far_is_known_at_every_complexity():
    front = LossFront()
    assert front.loss(10) == math.inf
    assert front.insert(12, 1.0) and front.insert(20, 0.25)
    assert not front.insert(25, 0.5)  # a shorter one is better
    assert [round(front.loss(n), 12) for n in (11, 12, 19, 20, 30, 500)] == [math.inf, 1.0, 1.0, 0.25, 0.25, 0.25]
    assert (
        front.insert(LONGEST + 7, 0.1) and round(front.loss(LONGEST), 12) == 0.1
    )  # beyond the longest all are of one length
