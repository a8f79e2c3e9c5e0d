"""Tree statistics are kept up to date, and selection uses them."""

import numpy as np
import pytest

from srlab.search.selection import exploration_term, scores, select
from srlab.search.tree import Node, Tree

RNG = np.random.default_rng(7)


def grow(seed=0, count=60):
    rng, tree = np.random.default_rng(seed), Tree()
    tree.add(Node(0, -1, 0, "root", None, None, np.inf, 0, ""))
    for k in range(1, count):
        parent = int(rng.integers(k))
        tree.add(
            Node(
                k,
                parent,
                tree.nodes[parent].depth + 1,
                "expand",
                None,
                {},
                float(rng.random() + 0.01),
                int(rng.integers(12, 40)),
                f"s{rng.integers(20)}",
            )
        )
        tree.visit(k)
    return tree


def test_incremental_statistics_are_those_of_a_full_walk():
    tree = grow()
    front = {c: min((n.loss for n in tree.nodes[1:] if n.complexity <= c), default=np.inf) for c in range(12, 40)}

    def subtree(k):
        yield tree.nodes[k]
        for child in tree.nodes[k].children:
            yield from subtree(child)

    for node in tree.nodes[1:]:
        assert node.reward == pytest.approx(np.log(node.loss / front[node.complexity]), abs=1e-12)
        assert node.best == pytest.approx(min(n.reward for n in subtree(node.id)), abs=1e-12)
        assert node.visits == sum(1 for _ in subtree(node.id))


def test_without_exploration_the_front_is_selected():
    tree = grow()
    chosen, _ = select(tree, 0.0, RNG)
    assert tree.nodes[chosen].best == pytest.approx(0.0, abs=1e-12)


def test_many_visits_make_way_for_others():
    tree = grow()
    first, _ = select(tree, 1.0, RNG)
    tree.visit(first, 10000)
    assert select(tree, 1.0, RNG)[0] != first


def test_the_parts_of_a_score_add_up():
    tree = grow()
    whole, rank = scores(tree, 1.3)[1:], scores(tree, 0.0)[1:]  # the root has none
    np.testing.assert_allclose(
        [exploration_term(tree, node.id, 1.3) for node in tree.nodes[1:]], whole - rank, atol=1e-12
    )


def test_exploration_needs_no_unit():
    one, other = grow(), grow()
    for node in other.nodes[1:]:
        node.loss *= 1000.0
    scaled = Tree()
    for node in other.nodes:
        node.children, node.reward, node.best = [], np.inf, np.inf
        scaled.add(node)
    np.testing.assert_allclose(scores(scaled, 1.3)[1:], scores(one, 1.3)[1:], atol=1e-9)


def test_pruned_subtrees_are_left_alone_and_boosted_ones_preferred():
    tree = grow()
    chosen, _ = select(tree, 1.0, RNG)
    tree.nodes[chosen].flag = "prune"
    for _ in range(50):
        node, _ = select(tree, 1.0, RNG)
        assert not tree.pruned(node)
        tree.visit(node)
    worst = max((node for node in tree.nodes[1:] if not tree.pruned(node.id)), key=lambda node: node.best)
    worst.flag = "boost"
    chosen = [select(tree, 1.0, RNG)[0] for _ in range(400)]
    assert 0.4 < np.mean([tree.boosted(node) for node in chosen]) < 0.6


def test_a_tree_of_its_root_only_selects_the_root():
    tree = Tree()
    tree.add(Node(0, -1, 0, "root", None, None, np.inf, 0, ""))
    assert select(tree, 1.0, RNG) == (0, 0.0)


def test_nodes_above_the_limit_hold_no_reward_and_are_not_selected():
    tree = grow()
    longest = max(tree.nodes[1:], key=lambda node: node.complexity)
    longest.loss = 1e-6  # by far the best, and too long from now on
    tree.rescore({})
    tree.set_limit(25)
    short = [node for node in tree.nodes[1:] if node.complexity <= 25]
    assert 5 < len(short) < len(tree) - 5
    assert np.isinf([node.reward for node in tree.nodes[1:] if node.complexity > 25]).all()
    assert min(node.best for node in tree.nodes[1:]) == min(node.reward for node in short) == pytest.approx(0.0)
    chosen = set()
    for _ in range(200):
        node, _ = select(tree, 1.0, RNG)
        chosen.add(node)
        tree.visit(node)
    assert chosen <= {node.id for node in short} and len(chosen) > 3
    tree.set_limit(40)
    assert tree.nodes[longest.id].reward == pytest.approx(0.0)


def test_a_barren_node_makes_way_for_the_next_best():
    tree = grow()
    first, best = select(tree, 1.0, RNG)
    second, next_best = select(tree, 1.0, RNG, [first])
    assert second != first and next_best <= best
