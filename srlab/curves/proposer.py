"""Chooses the next playout of a curve: short seeds first, then a move from the node the tree selects, away from forms tried often."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from srlab.curves.learner import CurveNetwork
from srlab.curves.rollout import Roller
from srlab.expressions.formula import Formula
from srlab.expressions.jet import evaluate
from srlab.search import moves
from srlab.search.selection import select
from srlab.search.tree import Node, Tree

ATTEMPTS = 8
SAMPLE = 160  # units a growth looks at
KEEP_BEST = 8  # and draws from the best so many of
ROLLS = 12  # rollouts of which the best one is proposed
# share of each move; what is left over is "expand"
SEED, ROLLOUT, GROW, CROSSOVER, GRAFT, PRUNE = 0.04, 0.40, 0.22, 0.08, 0.14, 0.06


@dataclass(frozen=True)
class CurveProposal:
    """A playout to be made: parent node, move, vector, starting formula."""

    parent: int
    move: str
    vector: np.ndarray
    formula: Formula


class CurveProposer:
    """Makes proposals from a tree; holds the random numbers and how often each form was tried."""

    def __init__(self, network: CurveNetwork, x, y, max_complexity: int, exploration: float, seed: int):
        self.network, self.x, self.y = network, x, y
        self.max_complexity, self.exploration = max_complexity, exploration
        self.rng = np.random.default_rng(seed)
        self.tries: dict[str, int] = {}
        self.roots = {
            slot.start: Formula.parse_form(
                slot.unit.template.format(*(f"c{k}" for k in range(len(slot.unit.low)))), "x"
            ).root
            for _, slot, _ in network.slots
        }
        order = sorted((slot for _, slot, _ in network.slots), key=lambda slot: len(slot.unit.template))
        self.seeds = deque({slot.unit.template: slot for slot in order}.values())  # every unit once, the shortest first
        self.queue: deque[CurveProposal] = deque()
        self.roller = Roller(network, self.roots, x, y, self.rng)

    def tried(self, structure: str) -> None:
        self.tries[structure] = self.tries.get(structure, 0) + 1

    def next(self, tree: Tree) -> CurveProposal:
        """What waits in the queue, a seed (for a third of the first playouts), or a move from the selected node."""
        if self.queue:
            return self.queue.popleft()
        if self.seeds and (len(tree) < 12 or self.rng.random() < 0.33):
            slot = self.seeds.popleft()
            return self._proposal(0, "seed", self.network.switched(self.network.silent, slot, self._best_start(slot)))
        chosen, _ = select(tree, self.exploration, self.rng)
        node = tree.nodes[chosen]
        for _ in range(ATTEMPTS):
            proposal = self._move(tree, node)
            tries = self.tries.get(proposal.formula.structure, 0)
            if proposal.formula.complexity <= self.max_complexity + 8 and self.rng.random() < 1.0 / (
                1.0 + 0.5 * tries * tries
            ):
                return proposal
        return self._seed()

    def _proposal(self, parent: int, move: str, vector) -> CurveProposal:
        return CurveProposal(parent, move, vector, self.network.model(vector))

    def _seed(self) -> CurveProposal:
        """One or two random units."""
        vector = self.network.silent
        for _ in range(self.rng.integers(1, 3)):
            slot = self._any_slot()
            vector = self.network.switched(vector, slot, self.network.learner.start(slot, self.rng))
        return self._proposal(0, "seed", vector)

    def _any_slot(self):
        """A slot, single units as likely as all products together."""
        slots = self.network.slots
        products = self.rng.random() < 0.4
        while True:
            slot = slots[self.rng.integers(len(slots))][1]
            if (" " in slot.unit.group) == products or all((" " in s.unit.group) != products for _, s, _ in slots):
                return slot

    def _move(self, tree: Tree, node: Node) -> CurveProposal:
        rng, network = self.rng, self.network
        draw = rng.random()
        if node.id == 0 or draw < SEED:
            return self._seed()
        draw -= SEED + ROLLOUT
        if draw < 0:
            return self._rolled(tree, node)
        vector, move = None, "expand"
        if draw < GROW:
            vector, move = self._pursued(node.vector), "grow"
        elif draw < GROW + CROSSOVER:
            vector, move = self._crossed(tree, node), "crossover"
        elif draw < GROW + CROSSOVER + GRAFT:
            # one unit out, another in where it helps most: pursuit on what the others leave
            shorter = moves.without_one_unit(network, node.vector)
            vector, move = self._pursued(shorter[rng.integers(len(shorter))] if shorter else None), "graft"
        elif draw < GROW + CROSSOVER + GRAFT + PRUNE:
            shorter = moves.without_one_unit(network, node.vector)
            if shorter:
                vector, move = shorter[rng.integers(len(shorter))], "prune"
        if vector is None:
            vector = node.vector.copy()  # the same form from other inner constants
            for _, slot, _ in network.active(vector):
                if len(slot.unit.low) and rng.random() < 0.6:
                    vector = network.switched(vector, slot, network.learner.start(slot, rng))
        return self._proposal(node.id, move, vector)

    def _rolled(self, tree: Tree, node: Node) -> CurveProposal:
        """The best of some rollouts, beside the front at their complexity; half of them begin with a unit or two of the node."""
        best, reward = None, np.inf
        for _ in range(ROLLS):
            base, parent = (), 0
            if self.rng.random() < 0.4:
                active = self.network.active(node.vector)
                kept = [active[k][1] for k in self.rng.permutation(len(active))[: self.rng.integers(1, 3)]]
                base, parent = [(slot, self.network.learner.constants(slot, node.vector)) for slot in kept], node.id
            rolled = self.roller.roll(base)
            if rolled is not None and rolled.complexity <= self.max_complexity + 20:
                value = tree.reward(rolled.loss, rolled.complexity)
                value = -1e9 + rolled.complexity if rolled.loss < 1e-25 else value
                if best is None or value < reward:
                    best, reward = CurveProposal(parent, "rollout", rolled.vector, None), value
        return self._seed() if best is None else self._proposal(best.parent, "rollout", best.vector)

    def _pursued(self, vector) -> np.ndarray:
        """One more unit (the only one for None): of a random sample, one of those that leave the least residual beside the active terms (orthogonal matching pursuit)."""
        slots = [] if vector is None else [slot for _, slot, _ in self.network.active(vector)]
        vector = self.network.silent if vector is None else vector
        active = {slot.start for slot in slots}
        basis = np.column_stack(
            [
                np.zeros(len(self.x)),
                *(self._column(slot, self.network.learner.constants(slot, vector)) for slot in slots),
            ]
        )[:, bool(slots) :]
        candidates, columns = [], []
        for _ in range(SAMPLE):
            slot = self._any_slot()
            if slot.start in active:
                continue
            constants = self.network.learner.start(slot, self.rng)
            column = self._column(slot, constants)
            if np.isfinite(column).all() and np.abs(column).max() < 1e8:
                candidates.append((slot, constants))
                columns.append(column)
        if not candidates or not np.isfinite(basis).all():
            return np.array(vector)
        q, _ = np.linalg.qr(basis)
        rest = self.y - q @ (q.T @ self.y)
        columns = np.column_stack(columns)
        free = columns - q @ (q.T @ columns)
        norms = np.sqrt((free**2).sum(axis=0))
        gain = np.where(
            norms > 1e-9 * np.sqrt((columns**2).sum(axis=0)), np.abs(rest @ free) / np.maximum(norms, 1e-300), 0.0
        )
        best = np.argsort(-gain, kind="stable")
        slot, constants = candidates[best[int(min(KEEP_BEST, len(best)) * self.rng.random() ** 1.5)]]
        return self.network.switched(vector, slot, constants)

    def _best_start(self, slot, count: int = 24):
        """Of some starting constants of a unit, those whose column has the largest correlation with y."""
        starts = [self.network.learner.start(slot, self.rng) for _ in range(count if len(slot.unit.low) else 1)]
        target = self.y - self.y.mean()

        def correlation(constants):
            column = self._column(slot, constants)
            column = column - column.mean()
            size = float(np.sqrt(column @ column))
            return abs(float(column @ target)) / size if np.isfinite(size) and size > 0 else -1.0

        return max(starts, key=correlation)

    def _column(self, slot, constants) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.broadcast_to(evaluate(self.roots[slot.start], constants, self.x), self.x.shape)

    def _crossed(self, tree: Tree, node: Node) -> np.ndarray:
        """Units of this node and of a good other one, each kept with probability 0.7."""
        others = sorted((each for each in tree.nodes if each.vector is not None), key=lambda each: each.reward)
        other = others[int(len(others) * self.rng.random() ** 3)]
        vector = self.network.silent
        for source in (node.vector, other.vector):
            for _, slot, _ in self.network.active(source):
                if self.rng.random() < 0.7:
                    vector = self.network.switched(vector, slot, self.network.learner.constants(slot, source))
        return vector
