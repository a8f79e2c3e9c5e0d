"""The search tree: nodes in the order they were made, with statistics kept up to date as they come."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from srlab.search.pareto_front import LONGEST, LossFront


@dataclass
class Node:
    """One expanded playout.

    vector : reduced coordinates of its equation learners (None for an injected formula); formulas : refined texts;
    loss, complexity : of the refined model; visits : playouts made in its subtree; best : lowest reward in its subtree.
    """

    id: int
    parent: int
    depth: int
    move: str
    vector: np.ndarray | None
    formulas: dict | None
    loss: float
    complexity: int
    structure: str
    visits: int = 0
    reward: float = np.inf
    best: float = np.inf
    flag: str | None = None
    children: list[int] = field(default_factory=list)


class Tree:
    """Nodes and what the selection needs of them.

    Rewards are log(loss / best loss known at that complexity): 0 is the front.

    limit : complexity of the longest model that is wanted, None for any. Nodes above it stay, without a reward: what
    grows from them would be too long again.
    """

    def __init__(self, limit: int | None = None):
        self.nodes: list[Node] = []
        self.limit = LONGEST if limit is None else limit
        self._front = LossFront()
        self.structure_counts: dict[str, int] = {}

    def __len__(self):
        return len(self.nodes)

    def add(self, node: Node) -> None:
        """Append a node; its parent must be there already."""
        assert node.id == len(self.nodes)
        self.nodes.append(node)
        if node.parent >= 0:
            self.nodes[node.parent].children.append(node.id)
            self.structure_counts[node.structure] = self.structure_counts.get(node.structure, 0) + 1
            if self._front.insert(node.complexity, node.loss):
                self._refresh()
            else:
                self._improve(node)

    def set_limit(self, limit: int) -> None:
        """Another complexity of the longest model; all rewards follow."""
        self.limit = limit
        self._refresh()

    def within_limit(self, node: Node) -> bool:
        """Whether a node is no longer than the limit."""
        return node.complexity <= self.limit

    def visit(self, node: int, count: int = 1) -> None:
        """Count playouts at a node and all its ancestors."""
        while node >= 0:
            self.nodes[node].visits += count
            node = self.nodes[node].parent

    def reward(self, loss: float, complexity: int) -> float:
        """log(loss / best known loss at that complexity or below); negative for a new best."""
        return float(np.log(loss) - self._front.log_loss(complexity)) if np.isfinite(loss) and loss > 0 else np.inf

    def front_loss(self, complexity: int) -> float:
        """Best loss known at that complexity or below; inf where there is none."""
        return self._front.loss(complexity)

    def rescore(self, losses: dict[int, float]) -> None:
        """New losses of nodes, as after a change of the weights; everything that depends on them follows."""
        self._front = LossFront()
        for node in self.nodes[1:]:
            node.loss = losses.get(node.id, node.loss)
            self._front.insert(node.complexity, node.loss)
        self._refresh()

    def recount(self, complexities: dict[int, int]) -> None:
        """New complexities of nodes, as after a change of the costs of operators; everything that depends on them
        follows."""
        for node in self.nodes[1:]:
            node.complexity = complexities.get(node.id, node.complexity)
        self.rescore({})

    def _reward_of(self, node: Node) -> float:
        return self.reward(node.loss, node.complexity) if self.within_limit(node) else np.inf

    def _refresh(self) -> None:
        for each in self.nodes:
            each.reward = each.best = self._reward_of(each)
        for each in reversed(self.nodes):  # children come after their parents
            if each.parent >= 0:
                parent = self.nodes[each.parent]
                parent.best = min(parent.best, each.best)

    def _improve(self, node: Node) -> None:
        node.reward = node.best = self._reward_of(node)
        parent = node.parent
        while parent >= 0 and self.nodes[parent].best > node.best:
            self.nodes[parent].best = node.best
            parent = self.nodes[parent].parent

    def ancestors(self, node: int):
        """The node and all above it."""
        while node >= 0:
            yield self.nodes[node]
            node = self.nodes[node].parent

    def pruned(self, node: int) -> bool:
        return any(each.flag == "prune" for each in self.ancestors(node))

    def boosted(self, node: int) -> bool:
        return any(each.flag == "boost" for each in self.ancestors(node))
