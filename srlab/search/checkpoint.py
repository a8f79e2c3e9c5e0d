"""What a search knows beside tree and front, as an event of its journal: with it, a search taken up again goes on as if
it had never ended.

The random numbers to come, the seeds left, and the proposals that wait. How often each form was tried is in the events
of nodes and visits.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from srlab.errors import InputError
from srlab.runs.events import Checkpoint
from srlab.search import moves
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


def checkpoint(proposer) -> Checkpoint:
    """What is to be written when a search ends."""
    return Checkpoint(
        rng=proposer.rng.bit_generator.state,
        seeds=[[float(x) for x in seed] for seed in proposer.seeds],
        queue=[_to_json(proposal) for proposal in proposer.queue],
    )


def take_up(proposer, event: Checkpoint, nodes: int) -> bool:
    """Bring a proposer to where it was at a checkpoint; False, and nothing changed, where the event is damaged, its
    vectors are of other units, or a proposal is to grow from none of the `nodes` of the tree."""
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
