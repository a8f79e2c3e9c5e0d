"""What a person would pick from a search."""

import math
from types import SimpleNamespace

import pytest

from srlab.search.highlights import by_structure, knee, scores


def member(name, complexity, loss, structure=""):
    return SimpleNamespace(id=name, complexity=complexity, loss=loss, structure=structure or name)


def test_the_knee_is_where_the_gain_per_node_drops():
    front = [member("a", 10, 1.0), member("b", 14, 0.1), member("c", 25, 0.08), member("d", 40, 0.06)]
    assert knee(front).id == "b"
    assert knee(front[:2]).id == "b" and knee(front[:1]).id == "a" and knee([]) is None
    assert knee([member("a", 10, 1.0), member("b", 10, 1.0), member("c", 12, 1.0)]).id == "a"


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
