"""The events of a run's journal: one class a kind, and the only place where their fields are stated.

An event is one line of JSON, ``{"event": "node", "t": 1.5, ...}``; "event" says which class it is of, and fields that
have their default are left out. A line that fits no class, because it is damaged, was written by hand or by a newer
version, is passed over and not believed. Times `t` are seconds of search, pauses not counted; losses are dimensionless.
"""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from srlab.decoding import LARGEST
from srlab.runs.journal import JournalReader, JournalWriter

Count = Annotated[int, Meta(ge=0, le=LARGEST)]
Seconds = Annotated[float, Meta(ge=0.0)]
Loss = Annotated[float, Meta(gt=0.0)]


class Event(Struct, kw_only=True, tag_field="event", tag=str.lower):
    """t : seconds of search at which it happened."""

    t: Seconds = 0.0

    @property
    def kind(self) -> str:
        """What the journal calls it."""
        return str(self.__struct_config__.tag)


class Data(Struct, kw_only=True):
    """The data set of a run: name and fingerprint; frames, those for training and for testing, and atoms in all of
    them; which frames are which."""

    name: str
    fingerprint: str
    frames: Count
    train: Count
    test: Count
    atoms: Count = 0
    train_indices: list[Count] | None = None
    test_indices: list[Count] | None = None


class Start(Event):
    """The first line: what is searched in, and how.

    settings : `srlab.search.settings.SearchSettings` as JSON. forked_from, replay_of : the run that this one goes on
    from, or does again; forked_at, forked_node : seconds of search of that run then, and the node that is preferred;
    script, until : of a replay, see `srlab.search.replay.Script`. trees, exchange, elites : of a search on several
    islands, see `srlab.search.islands`.
    """

    settings: dict[str, Any]
    dataset: Data
    version: str = ""
    seed: int = 0
    element: str | None = None
    template: str = "eam"
    forked_from: str | None = None
    forked_at: Seconds | None = None
    forked_node: Count | None = None
    replay_of: str | None = None
    script: list[tuple[Count, dict[str, Any]]] | None = None
    until: Count | None = None
    trees: Count | None = None
    exchange: Count | None = None
    elites: Count | None = None


class Reference(Event):
    """A published form refitted on the data. formulas : text by function; offset : eV/atom; cutoff, taper_start :
    angstrom; errors : meV/atom and meV/A, near_... : on frames near the lowest, None where there are none; doubt : why
    the form does not fit these data, in words, or empty."""

    name: str
    complexity: Count
    formulas: dict[str, str]
    energy_mae: float
    force_mae: float
    test_energy_mae: float | None
    test_force_mae: float | None
    offset: float | None = None
    cutoff: float | None = None
    taper_start: float | None = None
    near_energy_mae: float | None = None
    near_force_mae: float | None = None
    test_near_energy_mae: float | None = None
    test_near_force_mae: float | None = None
    doubt: str = ""


class Node(Event):
    """A playout that became a node of the tree.

    loss : of its refined model, None for the root; score : of its parent when that was selected, and explore the part
    of it that is exploration (see `srlab.search.selection`); window : scale of the perturbation; candidate : id of what
    was made of it; label : short text of its pair function; formulas : text by function; vector : reduced coordinates
    in the network, None where it has none.
    """

    id: Count
    parent: Annotated[int, Meta(ge=-1)]
    depth: Count
    move: str
    loss: Loss | None
    playouts: Count
    score: float | None = None
    explore: float | None = None
    window: float | None = None
    candidate: str | None = None
    label: str = ""
    complexity: Count = 0
    formulas: dict[str, str] | None = None
    vector: list[float] | None = None

    def __post_init__(self):
        if self.parent >= self.id:  # a walk to the root would not end
            raise ValueError(f"node {self.id} comes before its parent {self.parent}")


def root() -> Node:
    """The node that every tree begins with."""
    return Node(id=0, parent=-1, depth=0, move="root", loss=None, playouts=0)


class Visit(Event):
    """Playouts from a node that made no node. best : the lowest of their losses, None where all were rejected;
    form : their formulas without constants."""

    node: Count
    playouts: Count
    best: float | None = None
    form: str | None = None


class Candidate(Event):
    """A better formula of its form. candidate : `srlab.potentials.candidate.Candidate` as JSON."""

    candidate: dict[str, Any]

    def __post_init__(self):
        if not isinstance(self.candidate.get("id"), str):
            raise ValueError("a candidate has no id")


class Front(Event):
    """The Pareto front has changed. ids : of its members."""

    ids: list[str]


class Status(Event):
    """Progress, twice a second. rate : evaluations a second; message : why it rests, where nobody told it to;
    playouts : begun so far; pending : under way; round : of a search on several islands."""

    state: str
    evaluations: Count
    rate: float
    nodes: Count
    candidates: Count
    message: str = ""
    playouts: Count | None = None
    pending: Count = 0
    round: Count | None = None


class Finish(Event):
    """How a search ended: state is finished, stopped or died."""

    state: str
    evaluations: Count
    seconds: Seconds | None = None
    playouts: Count | None = None


class Resumed(Event):
    """A search was taken up again."""

    playouts: Count = 0


class Command(Event):
    """A command was obeyed. command : its name and arguments; playouts : begun before it was, for a replay."""

    command: dict[str, Any]
    playouts: Count | None = None

    def __post_init__(self):
        name = self.command.get("name")
        if not isinstance(name, str) or name == "pin" and not isinstance(self.command.get("candidate"), str):
            raise ValueError("a command has no name, or a pin no candidate")


class Checkpoint(Event):
    """What a search knows beside tree and front, see `srlab.search.resume`. round : completed rounds of an
    island."""

    rng: dict[str, Any] = {}
    seeds: list[Any] = []
    queue: list[Any] = []
    round: Count | None = None


class Epoch(Event):
    """What an island found in one epoch is in the journal of the whole. seconds, restoring : that it took, and of
    that to rebuild the tree; bytes : of its task; given : elites it was given."""

    tree: Count
    seconds: Seconds | None = None
    restoring: Seconds | None = None
    bytes: Count | None = None
    given: Count | None = None


class EarlyEpoch(Epoch, tag="stretch"):
    """An epoch in journals of before the first release."""


class Rescore(Event):
    """Losses measured anew, by node and by id of a candidate, as after a change of the weights."""

    nodes: dict[Annotated[int, Meta(ge=0, le=LARGEST)], float]
    candidates: dict[str, float]


class Recount(Event):
    """Complexities counted anew, by node, by id of a candidate and by name of a published form, as after a change of
    the costs of operators."""

    nodes: dict[Annotated[int, Meta(ge=0, le=LARGEST)], Count]
    candidates: dict[str, Count]
    references: dict[str, Count] = {}


class Flag(Event):
    """A subtree is boosted or pruned, or released: flag is None."""

    node: Count
    flag: str | None


class Error(Event):
    """Something was refused, or the search ended with an error."""

    message: str


KINDS = (
    *(Start, Reference, Node, Visit, Candidate, Front, Status, Finish, Resumed, Command, Checkpoint, Epoch, EarlyEpoch),
    *(Rescore, Recount, Flag, Error),
)
_DECODER = msgspec.json.Decoder(reduce(or_, KINDS))


def parse(line: bytes) -> Event | None:
    """The event of one line; None for a line that is none."""
    try:
        event = _DECODER.decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return Epoch(**msgspec.structs.asdict(event)) if isinstance(event, EarlyEpoch) else event


@cache
def _defaults(cls) -> dict:
    return {field.name: field.default for field in msgspec.structs.fields(cls)}


def to_json(event: Event) -> dict:
    """An event as the journal has it: its kind and those of its fields that do not have their default."""
    defaults = _defaults(type(event))
    fields = {name: value for name, value in msgspec.structs.asdict(event).items() if value != defaults[name]}
    return {
        "event": event.kind,
        "t": event.t,
        **{name: msgspec.to_builtins(value) if isinstance(value, Struct) else value for name, value in fields.items()},
    }


def reader(path: str | Path) -> JournalReader:
    """Reads the events of a run as they are written."""
    return JournalReader(path, parse)


def writer(path: str | Path) -> JournalWriter:
    """Appends events to the journal of a run."""
    return JournalWriter(path, to_json)
