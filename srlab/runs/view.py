"""The one reducer: what the events of a run's journal say, folded into one state. Who resumes a search, shows it or
exchanges elites with it reads it through this."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import asdict

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.runs import events
from srlab.runs.events import Event
from srlab.templates import Model

ENDED = ("finished", "stopped", "died")
"""States in which nothing works on a run any more."""


class RunView:
    """The state of a run; `apply` takes one event more.

    Attributes
    ----------
    start : dict, the fields of the start event; {} before it.
    settings : dict, as `SearchSettings.to_json` and as changed by commands since.
    references : list of dict, published forms refitted on the data, the newest of each name.
    nodes : dict of id -> dict with the fields of its event, where also `visits` counts the playouts in the node and
        below it, `best` is the lowest loss there and `flag` is boost, prune or None. A node whose parent is not in the
        journal hangs on the root.
    front_ids : ids of the front's members.
    status : dict, what the last status and finish events said.
    errors : messages, in order. commands : `srlab.runs.events.Command`, those obeyed, in order.
    records : dict of id -> candidate as JSON, and `t`, when it was found: most are never asked for as `Candidate`, and
        formulas take time to parse.
    pins : ids of marked candidates, in order.
    seconds : of search so far. playouts : begun so far. tries : how often each form was tried by playouts that made no
        node.
    epochs : how many of each island are in this journal. checkpoint : the last one, None if something was found after
        it.
    played : whether there was a playout. n_events : how many events came after the start.
    """

    def __init__(self, journal=()):
        self.start: dict = {}
        self.references: list[dict] = []
        self.nodes: dict[int, dict] = {}
        self.front_ids: list[str] = []
        self.settings: dict = {}
        self.status: dict = {"state": "new", "evaluations": 0, "rate": 0.0, "nodes": 0, "candidates": 0}
        self.errors: list[str] = []
        self.commands: list[events.Command] = []
        self.pins: list[str] = []
        self.seconds, self.playouts, self.n_events = 0.0, 0, 0
        self.tries: Counter = Counter()
        self.epochs: Counter = Counter()
        self.checkpoint: events.Checkpoint | None = None
        self.played = False
        self.records: dict[
            str, dict
        ] = {}  # candidates as JSON: most are never asked for, and formulas take time to parse
        self._candidates: dict[str, Candidate | None] = {}
        self._since_front: list[str] = []
        for event in journal:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Take one event of the journal."""
        self.seconds = max(self.seconds, event.t)
        self.n_events += not isinstance(event, events.Start)
        getattr(self, f"_{event.kind}")(event)

    # -- what is asked of it
    # ---------------------------------------------------------------------------------------------

    @property
    def front(self) -> list[Candidate]:
        """Members of the front, sorted by complexity."""
        return self._all(self.front_ids)

    @property
    def found_since_front(self) -> list[Candidate]:
        """Candidates after the last front event: a kill may have come between theirs and that of the front."""
        return self._all(self._since_front)

    @property
    def candidates(self) -> dict[str, Candidate]:
        """All candidates by id, in the order in which they came."""
        return {candidate.id: candidate for candidate in self._all(self.records)}

    def candidate(self, identity: str) -> Candidate | None:
        """One candidate; None where there is none, or its line was written by hand or by another version and does
        not hold together."""
        if identity not in self._candidates and identity in self.records:
            try:
                self._candidates[identity] = Candidate.from_json(self.records[identity])
            except InputError:
                self._candidates[identity] = None
        return self._candidates.get(identity)

    def _all(self, identities) -> list[Candidate]:
        return [found for found in map(self.candidate, identities) if found is not None]

    @property
    def begun(self) -> bool:
        """Whether a process has searched; a search on several islands has no nodes of its own."""
        return bool(self.nodes or self.references)

    @property
    def state(self) -> str:
        return self.status["state"]

    @property
    def concluded(self) -> bool:
        """Whether it came to its end, or was stopped: neither killed nor failed."""
        return self.state in ("finished", "stopped")

    @property
    def searched(self) -> bool:
        """Whether a process has said how far it is: of a fork that was not started, there are nodes, but no word."""
        return "message" in self.status

    @property
    def flags(self) -> dict[int, str]:
        """boost or prune by node, of those that have a flag."""
        return {node["id"]: node["flag"] for node in self.nodes.values() if node["flag"]}

    def lineage(self, node: int):
        """The node and all above it, as they are in `nodes`."""
        while node in self.nodes:
            yield self.nodes[node]
            node = self.nodes[node]["parent"]

    # -- one method a kind of event
    # --------------------------------------------------------------------------------------

    def _start(self, event: events.Start) -> None:
        if self.start:
            return  # a line that is there twice
        self.start = _said(event) | {"dataset": _said(event.dataset)}
        self.settings.update(event.settings)
        self.status = {**self.status, "state": "running"}

    def _reference(self, event: events.Reference) -> None:
        try:
            Model.parse(event.formulas)
        except InputError:
            return  # a line that was written by hand
        self.references = [known for known in self.references if known["name"] != event.name] + [asdict(event)]

    def _node(self, event: events.Node) -> None:
        self.checkpoint = None
        self.played = self.played or event.id > 0
        if event.id in self.nodes and self.nodes[event.id].items() >= asdict(event).items():
            return  # a line that is there twice
        parent = event.parent if event.parent in self.nodes or event.id == 0 else 0
        self.nodes[event.id] = {**asdict(event), "parent": parent, "visits": 0, "best": event.loss, "flag": None}
        self._count(event.id, event.playouts, event.loss)

    def _visit(self, event: events.Visit) -> None:
        self.checkpoint, self.played = None, True
        self._count(event.node, event.playouts, event.best)
        if event.form is not None:
            self.tries[event.form] += 1

    def _count(self, node: int, playouts: int, best: float | None) -> None:
        for each in self.lineage(node):
            each["visits"] += playouts
            if best is not None and (each["best"] is None or best < each["best"]):
                each["best"] = best

    def _candidate(self, event: events.Candidate) -> None:
        self.checkpoint, self.played = None, True
        identity = event.candidate["id"]
        self.records[identity] = {**event.candidate, "t": event.t}
        self._candidates.pop(identity, None)
        self._since_front.append(identity)
        node = self.nodes.get(event.candidate.get("node"))
        if node is not None and node["candidate"] is None:
            node["candidate"] = identity

    def _front(self, event: events.Front) -> None:
        self.front_ids, self._since_front = list(event.ids), []

    def _status(self, event: events.Status) -> None:
        self.playouts = self.playouts if event.playouts is None else event.playouts
        self.status = {key: value for key, value in _said(event).items() if key != "t"}

    def _finish(self, event: events.Finish) -> None:
        self.seconds = max(self.seconds, event.seconds or 0.0)
        self.status = {**self.status, "state": event.state, "evaluations": event.evaluations}

    def _resumed(self, event: events.Resumed) -> None:
        pass  # its status follows

    def _command(self, event: events.Command) -> None:
        self.commands.append(event)
        command = event.command
        if command["name"] == "set":
            self.settings.update({key: value for key, value in command.items() if key != "name"})
        elif command["name"] == "pin":
            marked = command["candidate"]
            self.pins = [pin for pin in self.pins if pin != marked] if marked in self.pins else [*self.pins, marked]

    def _checkpoint(self, event: events.Checkpoint) -> None:
        self.checkpoint = event

    def _epoch(self, event: events.Epoch) -> None:
        self.epochs[event.tree] += 1

    def _rescore(self, event: events.Rescore) -> None:
        for node in self.nodes.values():
            node["loss"] = node["best"] = event.nodes.get(node["id"], node["loss"])
        for node in sorted(self.nodes.values(), key=lambda each: -each["id"]):  # parents come before their children
            parent = self.nodes.get(node["parent"])
            if parent and node["best"] is not None and (parent["best"] is None or node["best"] < parent["best"]):
                parent["best"] = node["best"]
        for identity, loss in event.candidates.items():
            if identity in self.records:
                self.records[identity] = {**self.records[identity], "loss": loss}
                self._candidates.pop(identity, None)

    def _recount(self, event: events.Recount) -> None:
        for node, complexity in event.nodes.items():
            if node in self.nodes:
                self.nodes[node]["complexity"] = complexity
        for identity, complexity in event.candidates.items():
            if identity in self.records:
                self.records[identity] = {**self.records[identity], "complexity": complexity}
                self._candidates.pop(identity, None)
        for reference in self.references:
            reference["complexity"] = event.references.get(reference["name"], reference["complexity"])

    def _flag(self, event: events.Flag) -> None:
        if event.node in self.nodes:
            self.nodes[event.node]["flag"] = event.flag

    def _error(self, event: events.Error) -> None:
        self.errors.append(event.message)


def _said(struct) -> dict:
    """The fields that have a value."""
    return {name: value for name, value in asdict(struct).items() if value is not None}
