"""Rollouts: a formula completed in one go by linear regression on a random palette of units with simple inner constants.

What a random default policy is to a tree search on games, this is to ours: cheap, rough, and now and then exactly right. Small palettes
are solved whole and thinned out backwards; large ones by orthogonal matching pursuit (Pati, Rezaiifar and Krishnaprasad, 1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srlab.curves.learner import CurveNetwork
from srlab.expressions.jet import evaluate

LARGEST_PALETTE = 90
MOST_TERMS = 10
NOTHING = 1e-13  # relative residual that counts as none


@dataclass(frozen=True)
class Rollout:
    """vector : of the completed formula; loss : mean squared residual over the variance of y; complexity : a rough one, before snapping."""

    vector: np.ndarray
    loss: float
    complexity: int


class Roller:
    """Makes rollouts on one table. Columns of units with simple constants are kept once computed;
    `rolled` counts the rollouts."""

    def __init__(self, network: CurveNetwork, roots: dict, x, y, rng: np.random.Generator):
        self.network, self.roots, self.x, self.y, self.rng = network, roots, x, y, rng
        self.variance = max(float(((y - y.mean()) ** 2).sum()), 1e-300)
        self.columns: dict[tuple, np.ndarray | None] = {}
        self.rolled = 0
        self.by_group: dict[str, list] = {}
        for _, slot, _ in network.slots:
            self.by_group.setdefault(slot.unit.group, []).append(slot)
        self.singles = [group for group in self.by_group if " " not in group and group != "constant"]

    def column(self, slot, constants) -> np.ndarray | None:
        """Values of a unit divided by their norm, (n,); None where they are not finite."""
        key = (slot.start, *map(float, constants))
        if key not in self.columns:
            if len(self.columns) > 20000:
                self.columns.clear()
            with np.errstate(all="ignore"):
                values = np.broadcast_to(evaluate(self.roots[slot.start], constants, self.x), self.x.shape).astype(
                    float
                )
                norm = float(np.sqrt(values @ values))
            self.columns[key] = values / norm if np.isfinite(norm) and 1e-8 < norm < 1e9 else None
        return self.columns[key]

    def palette(self, base=()) -> list[tuple]:
        """(slot, constants, column) of `base` and of a random choice among one to three groups and their products."""
        rng = self.rng
        chosen = list(rng.permutation(self.singles)[: rng.choice([1, 2, 3], p=[0.45, 0.4, 0.15])])
        slots = []
        for group in chosen:
            members = self.by_group[group]
            slots += members[: rng.integers(2, len(members) + 1)] if group == "pow" else members
        if rng.random() < 0.6:
            pairs = [f"{a} {b}" for a in chosen for b in chosen]
            slots += [slot for pair in pairs for slot in self.by_group.get(pair, ())]
        size = (
            LARGEST_PALETTE
            if rng.random() < 0.5
            else max(2, len(self.x) // 2 - 1 - len(base))
            if len(self.x) < 60
            else 12
        )
        if len(slots) > size:
            slots = [slots[k] for k in rng.permutation(len(slots))[:size]]
        entries, seen = list(base), {(slot.unit.template, *map(float, constants)) for slot, constants, _ in base}
        for slot in [*self.by_group.get("constant", ()), *slots]:
            constants = self.network.learner.simple(slot, rng)
            key = (slot.unit.template, *map(float, constants))
            column = None if key in seen else self.column(slot, constants)
            if column is not None:
                seen.add(key)
                entries.append((slot, constants, column))
        return entries

    def roll(self, base=()) -> Rollout | None:
        """One completed formula; `base` : (slot, constants) of units to begin with."""
        self.rolled += 1
        kept = [(slot, constants, self.column(slot, constants)) for slot, constants in base]
        entries = self.palette([entry for entry in kept if entry[2] is not None])
        if len(entries) < 1:
            return None
        matrix = np.column_stack([entry[2] for entry in entries])
        few = matrix.shape[1] <= len(self.x) // 2
        terms = self._thinned(matrix, list(range(matrix.shape[1]))) if few else self._pursued(matrix)
        if not terms:
            return None
        used = matrix[:, terms]
        rest = self.y - used @ np.linalg.lstsq(used, self.y, rcond=1e-13)[0]
        vector, complexity, taken = self.network.silent, len(terms) - 1, set()
        for k in terms:
            slot, constants, _ = entries[k]
            if slot.start in taken:
                continue
            taken.add(slot.start)
            vector = self.network.switched(vector, slot, constants)
            complexity += self.network.size_of(slot)
        return Rollout(vector, max(float(rest @ rest) / self.variance, 1e-32), complexity)

    def _thinned(self, matrix, terms) -> list[int]:
        """All terms, then one after another left out while that costs little; never one that an exact fit needs."""
        solution, residual = self._solve(matrix, terms)
        target = max(NOTHING**2 * float(self.y @ self.y), residual * (1.0 if residual < 1e-20 * self.variance else 3.0))
        while len(terms) > 1:
            order = np.argsort(np.abs(solution), kind="stable")
            for k in order[:3]:
                shorter = terms[:k] + terms[k + 1 :]
                again, cost = self._solve(matrix, shorter)
                if cost <= target or len(terms) > MOST_TERMS and k == order[0]:
                    terms, solution = shorter, again
                    break
            else:
                break
        return terms

    def _solve(self, matrix, terms):
        used = matrix[:, terms]
        solution = np.linalg.lstsq(used, self.y, rcond=1e-13)[0]
        rest = self.y - used @ solution
        return solution, float(rest @ rest)

    def _pursued(self, matrix) -> list[int]:
        """Terms added one by one, among the three that help most, until little is left; then thinned out."""
        terms, rest, free = [], self.y, matrix.copy()
        most = self.rng.integers(1, MOST_TERMS + 1)
        norms = np.ones(matrix.shape[1])
        while len(terms) < min(most, len(self.x) // 2) and float(rest @ rest) > NOTHING**2 * float(self.y @ self.y):
            gain = np.where(norms > 1e-7, np.abs(rest @ free) / np.maximum(norms, 1e-300), -1.0)
            gain[terms] = -1.0
            top = np.argsort(-gain, kind="stable")[:3]
            pick = int(top[int(len(top) * self.rng.random() ** 3)])
            if gain[pick] <= 0:
                break
            direction = free[:, pick] / norms[pick]
            terms.append(pick)
            rest = rest - direction * (direction @ rest)
            free = free - np.outer(direction, direction @ free)
            norms = np.sqrt((free**2).sum(axis=0))
        return self._thinned(matrix, terms) if terms else terms
