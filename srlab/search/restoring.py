"""A search taken up again: tree, front and counts rebuilt from its journal."""

from __future__ import annotations

import numpy as np

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.search.changes import rescore
from srlab.search.checkpoint import take_up
from srlab.search.tree import Node
from srlab.templates import Model


def restore(driver, events: list[dict]) -> None:
    """Bring a new driver to where the events of a journal, its start event left out, leave off.

    After a checkpoint with no playout behind it, the driver goes on as the one that wrote it would have; else with other random numbers.
    """
    checkpoint, begun = None, False
    for event in events:
        kind = event.get("event")
        if kind in ("checkpoint", "node", "visit", "candidate"):
            checkpoint = event if kind == "checkpoint" else None
            begun = begun or kind != "node" or event["id"] > 0
        driver.elapsed = max(driver.elapsed, event.get("t", 0.0))
        if kind == "node":
            _restore_node(driver, event)
        elif kind == "visit" and event["node"] < len(driver.tree):
            driver.tree.visit(event["node"], event["playouts"])
            if "form" in event:
                driver.proposer.tried(event["form"])
        elif kind == "candidate":
            try:
                candidate = Candidate.from_json(event["candidate"])
            except InputError:
                continue  # a line that was written by hand, or by another version
            driver.n_candidates += 1
            driver.best_of_structure[candidate.structure] = candidate
            driver.front.insert(candidate)
        elif kind == "reference":
            driver.marks.add(event.get("name"))
        elif kind == "status":
            driver.evaluations, driver.playouts = event["evaluations"], event.get("playouts", driver.playouts)
        elif kind == "rescore":
            rescore(driver, {int(node): loss for node, loss in event["nodes"].items()}, event["candidates"])
        elif kind == "flag" and event["node"] < len(driver.tree):
            driver.tree.nodes[event["node"]].flag = event["flag"]
    if not begun or checkpoint and take_up(driver.proposer, checkpoint):
        return  # a tree of which there is no more than the root begins as any other
    driver.proposer.rng = np.random.default_rng([driver.settings.seed, len(events)])
    for _ in range(min(len(driver.proposer.seeds), len(driver.tree) - 1)):
        driver.proposer.seeds.popleft()


def _restore_node(driver, event: dict) -> None:
    if event["id"] != len(driver.tree):
        return  # its event was lost with the line before it
    vector = np.array(event["vector"]) if event.get("vector") else None
    if vector is not None and len(vector) != driver.proposer.network.size:
        vector = None
    formulas = event.get("formulas")
    try:
        structure = Model.parse(formulas, template=driver.proposer.network.template).structure if formulas else ""
    except InputError:
        return  # as if the line were lost
    loss = event["loss"] if event["loss"] is not None else np.inf
    driver.tree.add(
        Node(
            event["id"],
            event["parent"],
            event["depth"],
            event["move"],
            vector,
            formulas,
            loss,
            event.get("complexity", 0),
            structure,
        )
    )
    driver.tree.visit(event["id"], event["playouts"])
    driver.proposer.tried(structure)
