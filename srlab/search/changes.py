"""What a command changes in a search while it runs: settings, the measure and the length of all that was found, and the
flags of nodes."""

from __future__ import annotations

from dataclasses import replace

from srlab.errors import InputError
from srlab.runs import events
from srlab.search.front import ParetoFront
from srlab.search.playout import make_objective
from srlab.search.settings import WEIGHTS
from srlab.templates import Model


def change_settings(driver, changes: dict) -> None:
    """Take new settings; raises InputError for those that cannot be, and leaves the search as it is."""
    before, wanted = driver.settings, driver.settings.steered(changes)
    measure = any(getattr(wanted, name) != getattr(before, name) for name in (*WEIGHTS, "targets"))
    objective = (
        make_objective(driver.dataset, driver.dataset.train, wanted, targets=wanted.targets) if measure else None
    )  # may refuse
    driver.settings = wanted
    if driver.settings.operators != before.operators:
        driver.proposer.change_operators(driver.tree, driver.settings.operators)
    if measure:
        _reweigh(driver, objective)
    if driver.settings.costs != before.costs:
        _recount(driver)
    if (driver.settings.max_complexity, driver.settings.costs) != (before.max_complexity, before.costs):
        driver.tree.set_limit(driver.settings.max_complexity)
        driver.proposer.shorten(driver.tree, driver.settings.max_complexity)


def _reweigh(driver, objective) -> None:
    """Measure all that was found with the objective of new weights; playouts under way are given up."""
    driver.pool.close()
    driver.pool = driver._open_pool()
    nodes = [node for node in driver.tree.nodes if node.formulas]
    candidates = list(driver.best_of_structure.values())
    template = driver.proposer.network.template
    models = [Model.parse(node.formulas, template=template) for node in nodes] + [each.model for each in candidates]
    losses = [float(loss) for loss in objective.losses(models)] if models else []
    found = {candidate.id: loss for candidate, loss in zip(candidates, losses[len(nodes) :])}
    rescore(driver, {node.id: loss for node, loss in zip(nodes, losses)}, found)
    driver._write(events.Rescore(nodes={node.id: loss for node, loss in zip(nodes, losses)}, candidates=found))
    driver._write(events.Front(ids=driver.front.ids))


def _recount(driver) -> None:
    """Count the nodes of all that was found anew, with new costs of operators; tree and front follow."""
    costs = dict(driver.settings.costs)
    driver.proposer.network.change_costs(costs)
    template = driver.proposer.network.template
    nodes = {
        node.id: Model.parse(node.formulas, template=template).weighed(costs)
        for node in driver.tree.nodes
        if node.formulas
    }
    driver.tree.recount(nodes)
    for structure, candidate in driver.best_of_structure.items():
        driver.best_of_structure[structure] = replace(candidate, complexity=candidate.model.weighed(costs))
    found = list(driver.best_of_structure.values())
    driver.front = ParetoFront(found, with_loss=bool(driver.settings.targets))
    references = {name: Model.parse(formulas).weighed(costs) for name, formulas in driver.references.items()}
    candidates = {candidate.id: candidate.complexity for candidate in found}
    driver._write(events.Recount(nodes=nodes, candidates=candidates, references=references))
    driver._write(events.Front(ids=driver.front.ids))


def rescore(driver, nodes: dict[int, float], candidates: dict[str, float]) -> None:
    """New losses of nodes and candidates; tree and front follow."""
    driver.tree.rescore(nodes)
    for structure, candidate in driver.best_of_structure.items():
        driver.best_of_structure[structure] = replace(candidate, loss=candidates.get(candidate.id, candidate.loss))
    if driver.settings.targets or driver.front.with_loss:  # the loss is, or was, an objective of the front
        driver.front = ParetoFront(driver.best_of_structure.values(), with_loss=bool(driver.settings.targets))


def set_flag(driver, node: int, flag: str | None) -> None:
    """Boost or prune the subtree of a node, or release it. Raises InputError where there is no such node."""
    if not 0 <= node < len(driver.tree):
        raise InputError(f"there is no node {node}: the tree has {len(driver.tree)}")
    driver.tree.nodes[node].flag = flag
    driver._write(events.Flag(node=node, flag=flag))
