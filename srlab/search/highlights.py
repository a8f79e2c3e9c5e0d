"""Which candidates of a search to look at: the staircase of a front, its knee, the score of each step, and all forms behind it."""

from __future__ import annotations

import math


def by_structure(candidates) -> list:
    """The best candidate of every form, sorted by complexity and loss: all that was found, not only the front."""
    best = {}
    for candidate in candidates:
        known = best.get(candidate.structure)
        if known is None or candidate.loss < known.loss:
            best[candidate.structure] = candidate
    return sorted(best.values(), key=lambda candidate: (candidate.complexity, candidate.loss))


def scores(candidates) -> dict[str, float]:
    """Score by id of every candidate whose loss is below that of all shorter ones: -d(ln loss)/d(complexity) from the step before.

    The measure of symbolic regression tools (Schmidt and Lipson, Science 324, 81 (2009); PySR): what a node more bought. The shortest one has none.
    """
    found, before = {}, None
    for candidate in sorted(candidates, key=lambda each: (each.complexity, each.loss)):
        if before is None or candidate.loss < before.loss and candidate.complexity > before.complexity:
            if before is not None and candidate.loss > 0:
                found[candidate.id] = math.log(before.loss / candidate.loss) / (
                    candidate.complexity - before.complexity
                )
            before = candidate
    return found


def staircase(front, keep=None):
    """The candidates whose loss is 3 % lower than that of all shorter ones, for a first look at a long front; `keep` stays in any case."""
    steps, lowest = [], math.inf
    for candidate in front:
        if candidate.loss < 0.97 * lowest or candidate is keep:
            steps.append(candidate)
            lowest = min(lowest, candidate.loss)
    return steps


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
