"""A search that is resumed: settings, tree, front and counts rebuilt from what its journal says.

What the journal does not say by itself is in its checkpoint, the event that a search ends with: the random numbers to
come, the seeds left, and the proposals that wait. With it, a resumed search goes on as if it had never ended. How often
each form was tried is in the events of nodes and visits.
"""

from __future__ import annotations

import re
from collections import deque

import numpy as np

from srlab.errors import InputError
from srlab.runs.events import Checkpoint
from srlab.runs.view import RunView
from srlab.search import moves
from srlab.search.model_network import ModelNetwork
from srlab.search.pareto_front import ParetoFront
from srlab.search.settings import SearchSettings
from srlab.search.tree import Node
from srlab.templates import Model

DAMAGED = (
    InputError,
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    OverflowError,
    AttributeError,
)  # what a line written by hand may raise
GAP = 1000  # nodes lost in a row, at most: ids farther on were not written by a search


def settings_of(known: RunView) -> SearchSettings:
    """The settings of a run as commands have left them. Raises InputError where they cannot be."""
    settings = SearchSettings.from_json(known.start["settings"])
    for event in known.commands:
        if event.command["name"] == "set":
            settings = settings.steered({key: value for key, value in event.command.items() if key != "name"})
    return settings


def restore(driver, known: RunView) -> None:
    """Bring a new driver to where a journal leaves off.

    After a checkpoint with no playout behind it, the driver goes on as the one that wrote it would have; else with
    other random numbers. Lines that were lost leave their numbers unused, so that no id ever stands for two things.
    """
    driver.elapsed, driver.playouts, driver.evaluations = known.seconds, known.playouts, known.status["evaluations"]
    driver.references.update({reference["name"]: reference["formulas"] for reference in known.references})
    for form, count in known.tries.items():
        driver.proposer.tries[form] = count
    if known.nodes:
        _restore_tree(driver, known)
    driver.best_of_structure = {candidate.structure: candidate for candidate in known.candidates.values()}
    driver.n_candidates = _next_number(known)
    members = [*known.front, *known.found_since_front]
    driver.front = ParetoFront(members, with_loss=bool(driver.settings.targets))
    if not known.played or known.checkpoint and take_up(driver.proposer, known.checkpoint, len(driver.tree)):
        return  # a tree of which there is no more than the root begins as any other
    driver.proposer.rng = np.random.default_rng([driver.settings.seed, known.n_events])
    for _ in range(min(len(driver.proposer.seeds), len(driver.tree) - 1)):
        driver.proposer.seeds.popleft()


def _next_number(known: RunView) -> int:
    """The number of the next candidate: above all that were given, also those whose lines were lost."""
    numbers = [int(found[1]) + 1 for found in map(re.compile(r"c(\d{1,12})").fullmatch, known.records) if found]
    return max([len(known.records), known.status["candidates"], *numbers])


def _restore_tree(driver, known: RunView) -> None:
    for identity in sorted({0, *known.nodes}):
        if identity - len(driver.tree) > GAP:
            break
        while len(driver.tree) < identity:
            driver.tree.add(_lost(len(driver.tree)))
        node = _restored(known.nodes[identity], driver.proposer.network) if identity in known.nodes else None
        if node is None:
            driver.tree.add(_lost(identity))
            continue
        driver.tree.add(node)
        node.visits, node.flag = known.nodes[identity]["visits"], known.nodes[identity]["flag"]
        driver.proposer.tried(node.structure)
    if known.status["nodes"] - len(driver.tree) <= GAP:
        while len(driver.tree) < known.status["nodes"]:
            driver.tree.add(_lost(len(driver.tree)))


def _restored(known: dict, network: ModelNetwork) -> Node | None:
    """A node of the tree; None where its formulas do not parse."""
    vector = np.array(known["vector"]) if known["vector"] else None
    if vector is not None and len(vector) != network.size:
        vector = None  # of other operators than those of now
    try:
        structure = Model.parse(known["formulas"], template=network.template).structure if known["formulas"] else ""
    except InputError:
        return None
    loss = np.inf if known["loss"] is None else known["loss"]
    place = known["id"], known["parent"], known["depth"], known["move"]
    return Node(*place, vector, known["formulas"], loss, known["complexity"], structure)


def _lost(identity: int) -> Node:
    """Stands for a node whose line is gone: nothing grows from it."""
    return Node(identity, 0 if identity else -1, min(identity, 1), "lost", None, None, np.inf, 0, "", flag="prune")


def spent(known: RunView, settings: SearchSettings) -> bool:
    """Whether a run has concluded with its budget spent.

    One that was killed can always go on, however much it has done: it may lack published forms, an epoch of a tree that
    is behind the others, or what the trees found in the journal of the whole.
    """
    return known.concluded and (
        settings.evaluations is not None
        and known.status["evaluations"] >= settings.evaluations
        or settings.seconds is not None
        and known.seconds >= settings.seconds
    )


def checkpoint(proposer) -> Checkpoint:
    """What is to be written when a search ends."""
    return Checkpoint(
        rng=proposer.rng.bit_generator.state,
        seeds=[[float(x) for x in seed] for seed in proposer.seeds],
        queue=[_to_json(proposal) for proposal in proposer.queue],
    )


def take_up(proposer, event: Checkpoint, nodes: int) -> bool:
    """Bring a proposer to where it was at a checkpoint; False, and nothing changed, where the event is damaged, its
    vectors are of other terms, or a proposal is to grow from none of the `nodes` of the tree."""
    try:
        rng = np.random.default_rng(0)
        rng.bit_generator.state = event.rng
        seeds = deque(_vector(seed, proposer.network.size) for seed in event.seeds)
        queue = deque(_from_json(data, proposer.network) for data in event.queue)
    except DAMAGED:
        return False
    if not all(0 <= proposal.parent < nodes for proposal in queue):
        return False
    proposer.rng, proposer.seeds, proposer.queue = rng, seeds, queue
    return True


def _to_json(proposal: moves.Proposal) -> dict:
    vector = None if proposal.vector is None else [float(x) for x in proposal.vector]
    return {
        "parent": proposal.parent,
        "move": proposal.move,
        "vector": vector,
        "formulas": proposal.model.formulas,
        "offset": proposal.model.offset,
        "window": proposal.window,
        "score": proposal.score,
        "thorough": proposal.thorough,
    }


def _from_json(data: dict, network) -> moves.Proposal:
    vector = None if data["vector"] is None else _vector(data["vector"], network.size)
    return moves.Proposal(
        int(data["parent"]),
        str(data["move"]),
        vector,
        Model.parse(data["formulas"], float(data["offset"]), network.template),
        float(data["window"]),
        float(data["score"]),
        bool(data["thorough"]),
    )


def _vector(values, size: int) -> np.ndarray:
    vector = np.array(values, float)
    if vector.shape != (size,) or not (np.isfinite(vector) & (vector >= 0.0) & (vector <= 1.0)).all():
        raise ValueError("no vector of this network")
    return vector
