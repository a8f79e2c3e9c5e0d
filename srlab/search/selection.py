"""Which node the search works on next: upper confidence over all nodes, with uniqueness (science: Manna et al.
2022)."""

from __future__ import annotations

import numpy as np

from srlab.search.tree import Tree

BOOSTED_SHARE = 0.5  # of the selections, where a subtree is boosted


def scores(tree: Tree, exploration: float) -> np.ndarray:
    """Selection score of every node, (n,); -inf for pruned ones and for those above the limit of the tree.

    score = -rank + c * uniqueness * sqrt(ln(visits of the parent) / visits). The rank, in [0, 1], is that of the best
    reward in the node's subtree, so the exploration constant c needs no unit. Uniqueness is 1/sqrt(nodes of the same
    form).
    """
    nodes = tree.nodes
    best = np.array([node.best for node in nodes])
    order = np.unique(best, return_inverse=True)[1]
    rank = order / max(1, order.max())
    visits = np.array([max(1, node.visits) for node in nodes], float)
    parent_visits = np.array([visits[node.parent] if node.parent >= 0 else visits[0] for node in nodes])
    unique = np.array([1.0 / np.sqrt(tree.structure_counts.get(node.structure, 1)) for node in nodes])
    score = -rank + exploration * unique * np.sqrt(np.log(parent_visits + 1.0) / visits)
    if any(node.flag for node in nodes):
        score[[tree.pruned(node.id) for node in nodes]] = -np.inf
    score[[not tree.within_limit(node) for node in nodes]] = -np.inf
    score[0] = -np.inf  # the root has no formula; seeds grow from it by a move of their own
    return score


def exploration_term(tree: Tree, node: int, exploration: float) -> float:
    """The second term of a node's score, as `scores` has it: what the score owes to few visits and a rare form. What
    is left is -rank."""
    each = tree.nodes[node]
    visits = max(1, each.visits)
    above = max(1, tree.nodes[max(each.parent, 0)].visits)
    return float(exploration * np.sqrt(np.log(above + 1.0) / visits / tree.structure_counts.get(each.structure, 1)))


def select(tree: Tree, exploration: float, rng: np.random.Generator, barren=()) -> tuple[int, float]:
    """The node with the highest score, and the score; the root if there is no other. Nodes in `barren` are passed over.

    While subtrees are boosted, half of the selections look at their nodes only.
    """
    if len(tree) == 1:
        return 0, 0.0
    score = scores(tree, exploration)
    score[list(barren)] = -np.inf
    boosted = (
        np.array([tree.boosted(node.id) for node in tree.nodes])
        if any(node.flag == "boost" for node in tree.nodes)
        else None
    )
    if boosted is not None and np.isfinite(score[boosted]).any() and rng.random() < BOOSTED_SHARE:
        score[~boosted] = -np.inf
    node = int(np.argmax(score))
    return (node, float(score[node])) if np.isfinite(score[node]) else (0, 0.0)
