"""The front keeps what nothing dominates."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.search.front import ParetoFront, dominates, objectives

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
