"""Losses that lie below those of all shorter formulas: the staircase of a front, as a list of its steps and as a
height at every complexity."""

from __future__ import annotations

import math
from operator import attrgetter

import numpy as np

LONGEST = 400  # nodes; longer models count as this long


def steps(candidates, gain: float = 0.0, keep=None, key=attrgetter("complexity", "loss", "id")) -> list:
    """Those whose loss is below that of all shorter ones, sorted by complexity.

    gain : share of the lowest loss so far that a step must take away; keep : one that stays in any case;
    key : gives complexity, loss and id of a candidate.
    """
    found, lowest = [], math.inf
    for candidate in sorted(candidates, key=key):
        loss = key(candidate)[1]
        if loss < (1.0 - gain) * lowest or candidate is keep:
            found.append(candidate)
            lowest = min(lowest, loss)
    return found


class Staircase:
    """The lowest loss met at every complexity or below, up to `LONGEST`."""

    def __init__(self):
        self._log = np.full(LONGEST + 1, np.inf)

    def enter(self, complexity: int, loss: float) -> bool:
        """Take a loss in; whether it is the lowest at its complexity."""
        start = min(complexity, len(self._log) - 1)
        lower = np.log(loss) < self._log[start]
        np.minimum(self._log[start:], np.log(loss), out=self._log[start:])
        return bool(lower)

    def height(self, complexity: int) -> float:
        """Lowest loss at that complexity or below; inf where there is none."""
        return float(np.exp(self.log_height(complexity)))

    def log_height(self, complexity: int) -> float:
        """Logarithm of `height`."""
        return float(self._log[min(complexity, len(self._log) - 1)])
