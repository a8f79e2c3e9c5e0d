"""The staircase of a front: its steps, and its height at every complexity."""

import math
from types import SimpleNamespace

from srlab.search.staircase import LONGEST, Staircase, steps


def member(name, complexity, loss):
    return SimpleNamespace(id=name, complexity=complexity, loss=loss)


def test_the_staircase_keeps_what_is_better_than_all_shorter_ones():
    front = [
        member("a", 10, 1.0),
        member("b", 11, 1.2),
        member("c", 12, 0.5),
        member("d", 13, 0.49),
        member("e", 20, 0.4),
    ]
    assert [candidate.id for candidate in steps(front, 0.03)] == ["a", "c", "e"]
    assert [candidate.id for candidate in steps(front, 0.03, front[3])] == ["a", "c", "d", "e"]
    assert [candidate.id for candidate in steps(reversed(front))] == ["a", "c", "d", "e"]


def test_the_height_is_the_lowest_loss_so_far():
    stairs = Staircase()
    assert stairs.height(10) == math.inf
    assert stairs.enter(12, 1.0) and stairs.enter(20, 0.25)
    assert not stairs.enter(25, 0.5)  # a shorter one is better
    assert [round(stairs.height(n), 12) for n in (11, 12, 19, 20, 30, 500)] == [math.inf, 1.0, 1.0, 0.25, 0.25, 0.25]
    assert (
        stairs.enter(LONGEST + 7, 0.1) and round(stairs.height(LONGEST), 12) == 0.1
    )  # beyond the longest all are of one length
