"""Chooses the next playout: seeds first, then a move from the selected node, away from forms tried often."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace

import numpy as np

from srlab.expressions.domain import check_radial
from srlab.expressions.own_operators import own_operators
from srlab.fitting.forms import parse_form
from srlab.search import moves
from srlab.search.model_network import ModelNetwork
from srlab.search.selection import exploration_term, select
from srlab.search.settings import SearchSettings
from srlab.search.tree import Node, Tree
from srlab.templates import Model, template_named
from srlab.templates.template import EMBEDDING

SEEDS = 16
ATTEMPTS = 40  # moves from one node that may turn out too long, or tried too often
CHANCES = 3  # nodes that are asked for a move before a seed takes its place
GROWTHS = 32  # ways to grow that one playout chooses from
# share of each move; what is left over is "expand"
SEED, GROW, CROSSOVER, GRAFT, PRUNE = 0.06, 0.28, 0.16, 0.26, 0.14


class Proposer:
    """Makes proposals from a tree. Holds the networks, the random numbers, and how often each form was tried."""

    def __init__(self, settings: SearchSettings):
        self.rng = np.random.default_rng(settings.seed)
        self.network = network_of(settings)
        self.seeds = deque(latin_hypercube(SEEDS, self.network.size, self.rng))
        self.tries: dict[str, int] = {}
        self.plain: set[str] = set()  # forms that were queued in the place of ones with a constant more
        self.queue: deque[moves.Proposal] = deque()

    def tried(self, structure: str) -> None:
        """Count a playout of a form."""
        self.tries[structure] = self.tries.get(structure, 0) + 1

    def next(self, tree: Tree, settings: SearchSettings) -> moves.Proposal:
        """What waits in the queue, a seed of the Latin hypercube, or a move from the selected node."""
        if self.queue:
            return self.queue.popleft()
        while self.seeds:
            vector = moves.seed_vector(self.network, self.rng, self.seeds.popleft())
            model = self.network.model(vector)
            if self.network.complexity(model) <= settings.max_complexity:
                return moves.Proposal(0, "seed", vector, model, 1.0)
        barren: list[int] = []
        while len(barren) < CHANCES:
            chosen, score = select(tree, settings.exploration, self.rng, barren)
            proposal = self._move_from(tree, tree.nodes[chosen], score, settings)
            if proposal is not None:
                return proposal
            if chosen == 0:
                break
            barren.append(chosen)
        return self._short_seed(settings.max_complexity)

    def shorten(self, tree: Tree, limit: int) -> None:
        """Queue the best nodes above a new limit without the terms that make them too long, or what they know would
        be lost.

        tree : its nodes; limit : complexity. As many as there are seeds at most, each form once, none that was tried.
        """
        above = [node for node in tree.nodes[1:] if node.complexity > limit and node.vector is not None]
        queued: set[str] = set()
        for node in sorted(above, key=lambda node: node.loss):
            vector = None if tree.pruned(node.id) else moves.shortened(self.network, node.vector, limit, self.rng)
            if vector is None:
                continue
            structure, _ = self.network.shape(vector)
            if structure not in queued and structure not in self.tries:
                queued.add(structure)
                self.queue.append(moves.Proposal(node.id, "prune", vector, self.network.model(vector)))
            if len(queued) == SEEDS:
                break

    def trim(self, node: int, vector: np.ndarray) -> None:
        """Queue, before all that waits, the forms of a vector without one of its terms that were not tried, and those
        with a shorter term that has no constants in the place of one: for a vector that holds its data exactly, where
        a term too many, or rho^0.5 for sqrt(rho), costs no loss and would stay.

        node : id of the place in the tree that they start from.
        """
        shape = self.network.shape
        shorter = [each for each in moves.without_one_term(self.network, vector) if shape(each)[0] not in self.tries]
        plainer = [
            each
            for each in moves.plainer(self.network, vector)
            if shape(each)[1] < shape(vector)[1] and shape(each)[0] not in self.plain
        ]
        self.plain.update(shape(each)[0] for each in plainer)
        for each in [*shorter, *plainer]:
            self.queue.appendleft(moves.Proposal(node, "prune", each, self.network.model(each), thorough=True))

    def inject(self, command: dict, settings: SearchSettings) -> None:
        """Put the formulas of a command before all that waits. A vector that comes with them, from another tree of
        these terms, makes all moves possible.

        Raises InputError where the text does not parse or a function has a pole, KeyError without a text.
        """
        model = parse_guess(str(command["text"]), settings.cutoff, settings.template)
        self.queue.appendleft(
            moves.Proposal(0, "inject", self.network.vector_of(model, command.get("vector")), model, 0.0, 0.0, True)
        )

    def _move_from(self, tree: Tree, node: Node, score: float, settings: SearchSettings) -> moves.Proposal | None:
        """A move from a selected node that is worth a playout; None where so many attempts found none."""
        window = moves.window_at(node.depth, settings.window)
        for _ in range(ATTEMPTS):
            proposal = self._move(tree, node, window, score, settings.max_complexity)
            if proposal.growths or self._welcome(
                proposal.model.structure, self.network.complexity(proposal.model), settings.max_complexity
            ):
                selected = proposal.parent == node.id != 0  # and not a seed
                explore = exploration_term(tree, node.id, settings.exploration) if selected else None
                return replace(proposal, explore=explore)
        return None

    def _welcome(self, structure: str, complexity: int, max_complexity: int) -> bool:
        """Whether a form is short enough and, by chance, not tried too often."""
        tries = self.tries.get(structure, 0)
        return complexity <= max_complexity and self.rng.random() < 1.0 / (1.0 + 0.5 * tries * tries)

    def _short_seed(self, max_complexity: int) -> moves.Proposal:
        """A seed within the limit, or the shortest of many; where a tight limit leaves few forms, that is quickest."""
        best, least = None, math.inf
        for _ in range(10 * ATTEMPTS):
            vector = moves.seed_vector(self.network, self.rng)
            model = self.network.model(vector)
            if self.network.complexity(model) < least:
                best, least = (
                    moves.Proposal(0, "seed", vector, model, 1.0, fallback=True),
                    self.network.complexity(model),
                )
            if least <= max_complexity:
                break
        return best

    def _move(self, tree: Tree, node: Node, window: float, score: float, max_complexity: int) -> moves.Proposal:
        rng, network = self.rng, self.network
        draw = rng.random()
        if node.id == 0 or draw < SEED:
            vector = moves.seed_vector(network, rng)
            return moves.Proposal(0, "seed", vector, network.model(vector), window, score)
        if node.vector is None:  # an injected formula: its constants are all there is to move
            return moves.Proposal(
                node.id, "expand", None, moves.shake(self._model_of(node), 0.5 * window, rng), window, score
            )
        vector, move, draw = None, "expand", draw - SEED
        if draw < GROW:
            grown = self._growths(node.vector, max_complexity)
            if grown:
                return moves.Proposal(node.id, "grow", None, self._model_of(node), window, score, growths=grown)
        elif draw < GROW + CROSSOVER:
            vector, move = moves.cross(network, node.vector, self._partner(tree, node).vector, rng), "crossover"
        elif draw < GROW + CROSSOVER + GRAFT:
            shorter = moves.without_one_term(network, node.vector)
            if rng.integers(len(network.active(node.vector))) < len(shorter):
                # one term is given up for the most promising of many
                rest = shorter[rng.integers(len(shorter))]
                grown = self._growths(rest, max_complexity)
                if grown:
                    return moves.Proposal(node.id, "graft", None, network.model(rest), window, score, growths=grown)
            else:  # of a function that has no other
                vector, move = moves.swap(network, node.vector, rng), "graft"
        elif draw < GROW + CROSSOVER + GRAFT + PRUNE:
            shorter = moves.without_one_term(network, node.vector)
            if shorter:
                vector, move = shorter[rng.integers(len(shorter))], "prune"
        if vector is None:
            vector = moves.perturb(network, node.vector, window, rng)
        return moves.Proposal(node.id, move, vector, network.model(vector), window, score)

    def _growths(self, vector: np.ndarray, max_complexity: int) -> tuple[moves.Growth, ...]:
        """Ways to grow a vector that are worth a playout."""
        found = moves.growths(self.network, vector, GROWTHS, self.rng)
        return tuple(each for each in found if self._welcome(*self.network.shape(each.vector), max_complexity))

    def _model_of(self, node: Node) -> Model:
        return Model.parse(node.formulas, template=self.network.template)

    def _partner(self, tree: Tree, node: Node) -> Node:
        """Another node with a vector, the nearer the front the likelier; the node itself where there is none."""
        nodes = sorted(
            (each for each in tree.nodes if each.vector is not None and not tree.pruned(each.id)),
            key=lambda each: each.reward,
        )
        return nodes[int(len(nodes) * self.rng.random() ** 3)] if nodes else node

    def change_operators(self, tree: Tree, settings: SearchSettings) -> None:
        """Lay all vectors out anew; a node with a term that is not allowed any more keeps its formula only."""
        old = self.network
        self.network = network_of(settings)
        for node in tree.nodes:
            if node.vector is not None:
                node.vector = translate(old, self.network, node.vector)
        self.seeds = deque(latin_hypercube(len(self.seeds), self.network.size, self.rng))
        self.queue = deque(proposal for proposal in self.queue if proposal.vector is None)


def network_of(settings: SearchSettings) -> ModelNetwork:
    """The network that a search moves through."""
    template, own = template_named(settings.template), own_operators(settings.own_operators)
    return ModelNetwork(settings.operators, template, settings.scale, settings.node_costs, own)


def translate(old: ModelNetwork, new: ModelNetwork, vector: np.ndarray) -> np.ndarray | None:
    """The vector in another layout; None if one of its active terms is not allowed any more."""
    places = {}
    for part, slot, position in new.slots:
        places.setdefault((part, slot.term), []).append(position)
    result = np.full(new.size, 0.5)
    active = {position for _, _, position in old.active(vector)}
    for part, slot, position in old.slots:
        width = 1 + len(slot.term.low)
        if places.get((part, slot.term)):
            place = places[part, slot.term].pop(0)
            result[place : place + width] = vector[position : position + width]
        elif position in active:
            return None
    return result


def latin_hypercube(count: int, size: int, rng) -> list[np.ndarray]:
    """Points (count, size) in [0, 1] with one in each of `count` slices of every coordinate."""
    if not count:
        return []
    columns = [(rng.permutation(count) + rng.random(count)) / count for _ in range(size)]
    return list(np.array(columns).T)


def parse_guess(text: str, cutoff: float, template: str = "eam") -> Model:
    """The model of a text like ``phi = 900.0*exp(-3.5*r); f = exp(-2.1*r); F = -25.0*sqrt(rho)``.

    template : name of the search's template, whose functions the text must have. Constants are starting values.
    Raises InputError: a FormulaError shows where the text does not parse, a DomainError says at which r in [0.5 A,
    cutoff] a function has a pole or overflows.
    """
    model = parse_form(text, template=template_named(template)).model.map(lambda _, formula: formula.canonical())
    for name, formula in model.functions.items():
        function = model.template[name]
        if function.role != EMBEDDING:
            check_radial(formula, cutoff, positive=function.positive)
    return model
