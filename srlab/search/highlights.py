"""Which candidates of a search to look at: the knee of a front, the score of each step, and all forms behind it."""

from __future__ import annotations

import math

from srlab.search.staircase import steps


def by_structure(candidates) -> list:
    """The best candidate of every form, sorted by complexity and loss: all that was found, not only the front."""
    best = {}
    for candidate in candidates:
        known = best.get(candidate.structure)
        if known is None or candidate.loss < known.loss:
            best[candidate.structure] = candidate
    return sorted(best.values(), key=lambda candidate: (candidate.complexity, candidate.loss))


def scores(candidates) -> dict[str, float]:
    """Score by id of every candidate whose loss is below that of all shorter ones: -d(ln loss)/d(complexity) from the
    step before.

    The measure of symbolic regression tools (Schmidt and Lipson, Science 324, 81 (2009); PySR): what a node more
    bought. The shortest one has none.
    """
    members = steps(candidates)
    return {
        each.id: math.log(before.loss / each.loss) / (each.complexity - before.complexity)
        for before, each in zip(members, members[1:])
        if each.loss > 0
    }


def knee(front):
    """Where more nodes stop paying: the candidate farthest below the straight line between the ends of the front.

    The line is drawn from the shortest to the best candidate in nodes and logarithm of the loss, both scaled to 0..1.
    Of fewer than three candidates the best one is the knee; None of none.
    """
    members = [candidate for candidate in front if candidate.loss > 0]
    if len(members) < 3:
        return min(members, key=lambda candidate: candidate.loss, default=None)
    first, last = members[0], min(members, key=lambda candidate: candidate.loss)
    width, height = last.complexity - first.complexity, math.log(first.loss / last.loss)
    if width <= 0 or height <= 0:
        return last

    def gain(candidate):
        return math.log(first.loss / candidate.loss) / height - (candidate.complexity - first.complexity) / width

    return max(members, key=gain)
