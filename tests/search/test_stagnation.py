"""A search that finds nothing new says so, with the likely reason; lowering the limit of nodes does not starve it."""

import numpy as np
import pytest

from srlab.search.driver import Driver
from srlab.search.moves import Proposal
from srlab.search.replay import Script
from srlab.search.settings import SearchSettings
from srlab.search.stagnation import WINDOW, Stagnation
from srlab.search.tree import Node, Tree

pytestmark = pytest.mark.usefixtures("no_references")


def tree_of(complexities, limit=None):
    tree = Tree(limit)
    tree.add(Node(0, -1, 0, "root", None, None, np.inf, 0, ""))
    for k, complexity in enumerate(complexities, 1):
        tree.add(Node(k, 0, 1, "seed", None, {}, 1.0 / k, complexity, f"s{k}"))
    return tree


def stalled(fallback=False):
    stagnation = Stagnation()
    for _ in range(WINDOW):
        stagnation.began(Proposal(0, "seed", None, None, fallback=fallback))
    return stagnation


@pytest.mark.parametrize(
    "limit, prune, fallback, said",
    [
        (13, False, False, "2 of 20 nodes are within max nodes 13"),
        (45, True, False, "release a branch"),
        (45, False, True, "allow more operators"),
        (45, False, False, "more exploration"),
    ],
)
def test_the_likely_reason_is_named(limit, prune, fallback, said):
    tree = tree_of([12, 13] + [30] * 18, limit)
    for node in tree.nodes[1:]:
        node.flag = "prune" if prune else None
    assert said in stalled(fallback).reason(tree, SearchSettings(max_complexity=limit))


def test_a_new_node_ends_the_stall():
    stagnation, tree = stalled(), tree_of([20] * 5)
    assert stagnation.reason(tree, SearchSettings())
    stagnation.found()
    assert stagnation.reason(tree, SearchSettings()) == ""


def test_a_lower_limit_does_not_starve_the_search(make_run, dataset):
    """Of the nodes made after max_complexity fell, only some are seeds: the tree still grows from what is known."""
    search = make_run(evaluations=7000)
    lowered = Script([(20, {"name": "set", "max_complexity": 22})])  # by the count of playouts, not by the clock
    Driver(search.folder, dataset, search.settings, watch=lambda event: None, script=lowered).run()
    search.refresh()
    assert search.view.settings["max_complexity"] == 22
    parents = [event.node for event in search.folder.events() if event.kind == "visit"]
    said = [event.kind for event in search.folder.events()]
    before = said[: said.index("command")].count("node")
    later = [node for node in search.view.nodes.values() if node["id"] >= before]
    short = [node for node in later if node["complexity"] <= 22]
    assert len(short) >= 0.9 * len(later) and len(short) >= 5
    assert sum(node["parent"] > 0 for node in short) >= 0.5 * len(short)
    assert np.mean([parent > 0 for parent in parents[-100:]]) > 0.5  # and not one seed after the other
    shortened = [node for node in later if node["move"] == "prune"]
    assert any(search.view.nodes[node["parent"]]["complexity"] > 22 for node in shortened)
