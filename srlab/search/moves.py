"""How the search makes a new playout from what it has: perturb, cross, prune, seed, refine.

Every move turns nodes of the tree into one `Proposal`. Perturbations act on the whole vector in reduced units; their
reach shrinks with depth. A term that enters or leaves (a weight crossing its dead zone) is one coordinate moved far.
Growth offers many terms at once and leaves the choice to the playout, which has the data (`srlab.fitting.pursuit`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srlab.expressions.equation_learner import DEAD_ZONE, Slot
from srlab.search.model_network import ModelNetwork
from srlab.templates import Model
from srlab.templates.template import PAIR

FREE_DEPTH = 0.75  # factor by which the window shrinks from a node to its child
SMALLEST_WINDOW = 0.08
REPELLING = ("exp", "pow", "rpow", "inverse")  # groups of terms of which one can be a pair function


@dataclass(frozen=True)
class Growth:
    """One way to grow a model: the vector with one more term on, and which term of which function that is."""

    vector: np.ndarray
    part: str
    slot: Slot


@dataclass(frozen=True)
class Proposal:
    """A playout to be made: its place in the tree, its vector (None for an injected formula) and its starting model.

    growths : ways to grow the starting model, of which the playout takes the most promising.
    fallback : made because no move led to a form worth a playout.
    score, explore : of the parent when it was selected, and the part of the score that is exploration; None where
        nothing was selected.
    """

    parent: int
    move: str
    vector: np.ndarray | None
    model: Model
    window: float = 0.0
    score: float = 0.0
    thorough: bool = False
    growths: tuple[Growth, ...] = ()
    explore: float | None = None
    fallback: bool = False


def window_at(depth: int, scale: float) -> float:
    """Reach of a perturbation at a depth, in reduced units."""
    return scale * max(SMALLEST_WINDOW, FREE_DEPTH ** max(0, depth - 1))


def seed_vector(network: ModelNetwork, rng: np.random.Generator, sample: np.ndarray | None = None) -> np.ndarray:
    """A random vector (from `sample` in [0, 1]^n if given) with few terms on: short formulas first, growth is up to
    the moves."""
    vector = rng.random(network.size) if sample is None else np.array(sample)
    vector = network.low + (network.high - network.low) * vector
    optional = sum(learner.optional for learner in network.learners.values())
    for part, learner in network.learners.items():
        span = network.spans[part]
        weights = np.array([span.start + slot.start for slot in learner.slots])
        # two terms of a pair function at times, one that repels and one that attracts; of all optional functions about
        # one
        wanted = 1 + (network.template[part].role == PAIR and rng.random() < 0.5)
        wanted -= learner.optional and rng.random() < optional / (1.0 + optional)
        order = np.argsort(-np.abs(vector[weights] - 0.5)).tolist()
        if network.template[part].role == PAIR:  # a bump or a wave alone leaves a hole where atoms meet
            repelling = [k for k in order if learner.slots[k].term.group in REPELLING]
            order.sort(key=lambda k, first=repelling[:1]: k not in first)
        on = weights[order[:wanted]]
        vector[weights] = 0.5 + np.clip(vector[weights] - 0.5, -0.4 * DEAD_ZONE, 0.4 * DEAD_ZONE)
        vector[on] = rng.uniform(0.5 + 0.5 * DEAD_ZONE, 1.0, len(on))
    return vector


def perturb(network: ModelNetwork, vector: np.ndarray, window: float, rng: np.random.Generator) -> np.ndarray:
    """A vector within the window of another: all coordinates along a random direction, and at times one or two
    weights far."""
    direction = rng.normal(size=network.size)
    direction *= (network.high - network.low) / np.linalg.norm(direction)
    new = vector + direction * rng.uniform(0.0, 0.35 * window) * np.sqrt(network.size)
    weights = np.array([position for _, _, position in network.slots])
    new[weights] = vector[weights]  # weights move one at a time: the linear solve sets their size
    slots = _within_reach(network, vector, rng)
    for _ in range(1 + (rng.random() < window)):
        part, slot, position = slots[rng.integers(len(slots))]
        if abs(2.0 * new[position] - 1.0) > DEAD_ZONE:
            new[position] = 0.5
        else:
            network.switch_on(new, slot, position, rng)
    return np.clip(new, 0.0, 1.0)


def _within_reach(network: ModelNetwork, vector: np.ndarray, rng: np.random.Generator) -> list:
    """Slots of the functions that the vector has and of one that it leaves out: those it leaves out may be many."""
    absent = [part for part, learner in network.learners.items() if not learner.active(vector[network.spans[part]])]
    if absent:
        absent.remove(absent[rng.integers(len(absent))])
    return [slot for slot in network.slots if slot[0] not in absent]


def growths(network: ModelNetwork, vector: np.ndarray, count: int, rng: np.random.Generator) -> list[Growth]:
    """So many random ways to switch on one more term, with random constants.

    The new term of a positive function goes behind its first one, whose coefficient is one.
    """
    on = {position: part for part, _, position in network.active(vector)}
    first = {
        name: min((position for position, part in on.items() if part == name), default=0)
        for name, learner in network.learners.items()
        if learner.positive
    }
    off = [
        (part, slot, position)
        for part, slot, position in network.slots
        if position not in on and position >= first.get(part, 0)
    ]
    grown = []
    for choice in rng.integers(len(off), size=count) if off else ():
        part, slot, position = off[choice]
        new = vector.copy()
        network.switch_on(new, slot, position, rng)
        grown.append(Growth(new, part, slot))
    return grown


def shortened(network: ModelNetwork, vector: np.ndarray, limit: int, rng: np.random.Generator) -> np.ndarray | None:
    """The vector without as many randomly chosen terms as it takes to come to a complexity of at most `limit`; None
    where that cannot be."""
    while network.shape(vector)[1] > limit:
        shorter = without_one_term(network, vector)
        if not shorter:
            return None
        vector = shorter[rng.integers(len(shorter))]
    return vector


def swap(network: ModelNetwork, vector: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One active term replaced by another kind of the same function."""
    new = vector.copy()
    active = network.active(vector)
    part, slot, position = active[rng.integers(len(active))]
    others = [(s, p) for q, s, p in network.slots if q == part and p not in {a[2] for a in active}]
    if others:
        new[position] = 0.5
        network.switch_on(new, *others[rng.integers(len(others))], rng)
    return new


def cross(network: ModelNetwork, first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One or two of the functions that either has taken from a second vector."""
    new = first.copy()
    there = [
        part
        for part, span in network.spans.items()
        if any(network.learners[part].active(vector[span]) for vector in (first, second))
    ]
    for part in rng.permutation(there)[: rng.integers(1, 3)]:
        new[network.spans[part]] = second[network.spans[part]]
    return new


def without_one_term(network: ModelNetwork, vector: np.ndarray) -> list[np.ndarray]:
    """All vectors with one active term switched off, of functions that keep another or are optional."""
    active, shorter = network.active(vector), []
    for part, _, position in active:
        if network.learners[part].optional or sum(other == part for other, _, _ in active) > 1:
            new = vector.copy()
            new[position] = 0.5
            shorter.append(new)
    return shorter


def plainer(network: ModelNetwork, vector: np.ndarray) -> list[np.ndarray]:
    """All vectors with one active term that has constants replaced by one of the same function that has none."""
    active = network.active(vector)
    on, replaced = {position for _, _, position in active}, []
    for part, slot, position in active:
        for other, plain, place in network.slots if slot.term.low else ():
            if other == part and not plain.term.low and place not in on:
                new = vector.copy()
                new[position], new[place] = 0.5, 1.0
                replaced.append(new)
    return replaced


def shake(model: Model, spread: float, rng: np.random.Generator) -> Model:
    """The same form with its constants changed by a relative spread: how an injected formula is explored."""
    values = model.constants
    return model.with_constants(values * (1.0 + spread * rng.normal(size=len(values))))
