"""Pareto fronts of a search, all on training frames, and what to look at on them.

`ParetoFront` holds the candidates that none other beats in complexity, energy error and force error at once (with
property targets also in the loss, which holds these). Of complexity and loss alone the front is those whose loss is
below that of all shorter ones: `loss_front` lists them, `LossFront` keeps their losses while a search goes on.
"""

from __future__ import annotations

import math
from operator import attrgetter

import numpy as np

from srlab.potentials.candidate import Candidate

LONGEST = 400  # nodes; longer models count as this long


def objectives(candidate: Candidate) -> tuple[float, float, float]:
    """What is to be small: nodes, energy error (meV/atom), force error (meV/A)."""
    return candidate.complexity, candidate.energy_mae, candidate.force_mae


def dominates(a, b) -> bool:
    """Whether objectives a are nowhere worse than b and somewhere better."""
    return all(x <= y for x, y in zip(a, b)) and tuple(a) != tuple(b)


class ParetoFront:
    """The candidates that no other dominates, sorted by complexity; of two with the same objectives the first stays.

    with_loss : the loss is an objective, too. Without it, a formula that meets a property target at the price of a
        larger error would be dropped.
    """

    def __init__(self, candidates=(), with_loss: bool = False):
        self.with_loss = with_loss
        self.members: list[Candidate] = []
        for candidate in candidates:
            self.insert(candidate)

    def insert(self, candidate: Candidate) -> bool:
        """Enter a candidate and drop what it dominates; False if it is dominated itself."""
        if not self.accepts(candidate):
            return False
        new = self._objectives(candidate)
        self.members = [member for member in self.members if not dominates(new, self._objectives(member))]
        self.members.append(candidate)
        self.members.sort(key=lambda member: (member.complexity, member.loss, member.id))
        return True

    def accepts(self, candidate: Candidate) -> bool:
        """Whether a candidate would enter: no member dominates it or has the same objectives."""
        new = self._objectives(candidate)
        return not any(old == new or dominates(old, new) for old in map(self._objectives, self.members))

    def _objectives(self, candidate):
        return (*objectives(candidate), candidate.loss) if self.with_loss else objectives(candidate)

    @property
    def ids(self) -> list[str]:
        return [member.id for member in self.members]

    def __len__(self):
        return len(self.members)

    def __iter__(self):
        return iter(self.members)


def loss_front(candidates, gain: float = 0.0, keep=None, key=attrgetter("complexity", "loss", "id")) -> list:
    """Those whose loss is below that of all shorter ones, sorted by complexity.

    gain : share of the lowest loss so far that each must take away; keep : one that stays in any case;
    key : gives complexity, loss and id of a candidate.
    """
    found, lowest = [], math.inf
    for candidate in sorted(candidates, key=key):
        loss = key(candidate)[1]
        if loss < (1.0 - gain) * lowest or candidate is keep:
            found.append(candidate)
            lowest = min(lowest, loss)
    return found


class LossFront:
    """The lowest loss known at every complexity or below, up to `LONGEST`."""

    def __init__(self):
        self._log = np.full(LONGEST + 1, np.inf)

    def insert(self, complexity: int, loss: float) -> bool:
        """Take a loss in; whether it is the lowest at its complexity."""
        start = min(complexity, len(self._log) - 1)
        lower = np.log(loss) < self._log[start]
        np.minimum(self._log[start:], np.log(loss), out=self._log[start:])
        return bool(lower)

    def loss(self, complexity: int) -> float:
        """Lowest loss at that complexity or below; inf where there is none."""
        return float(np.exp(self.log_loss(complexity)))

    def log_loss(self, complexity: int) -> float:
        """Logarithm of `loss`."""
        return float(self._log[min(complexity, len(self._log) - 1)])


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
    members = loss_front(candidates)
    return {
        each.id: math.log(before.loss / each.loss) / (each.complexity - before.complexity)
        for before, each in zip(members, members[1:])
        if each.loss > 0
    }


def knee(front):
    """Where more nodes stop paying: the candidate farthest below the straight line between the ends of the front.

    The line is drawn from the shortest to the best candidate in nodes and logarithm of the loss, both scaled to 0..1.
    One that is known to make the wrong crystal is never the knee while there is another, for the knee is what people
    take home. Of fewer than three candidates the best one is the knee; None of none.
    """
    members = [candidate for candidate in front if candidate.loss > 0]
    sound = [candidate for candidate in members if candidate.right_crystal is not False] or members
    best = min(sound, key=lambda candidate: candidate.loss, default=None)
    if len(members) < 3:
        return best
    first, last = members[0], min(members, key=lambda candidate: candidate.loss)
    width, height = last.complexity - first.complexity, math.log(first.loss / last.loss)
    if width <= 0 or height <= 0:
        return best

    def gain(candidate):
        return math.log(first.loss / candidate.loss) / height - (candidate.complexity - first.complexity) / width

    return max(sound, key=gain)
