"""What a journal says, folded into one state: nodes, candidates, front, references, progress. Readers only."""

from __future__ import annotations

from dataclasses import replace

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate


class RunView:
    """Folds events one by one; `apply` is all it does."""

    def __init__(self, events=()):
        self.start: dict = {}
        self.references: list[dict] = []
        self.nodes: dict[int, dict] = {}
        self.visits: dict[int, int] = {}
        self.candidates: dict[str, Candidate] = {}
        self.front_ids: list[str] = []
        self.settings: dict = {}
        self.status: dict = {"state": "new", "evaluations": 0, "rate": 0.0, "nodes": 0, "candidates": 0}
        self.errors: list[str] = []
        self.pins: set[str] = set()
        self.flags: dict[int, str] = {}
        self.seconds = 0.0
        for event in events:
            self.apply(event)

    def apply(self, event: dict) -> None:
        """Take one event of the journal."""
        kind = event.get("event")
        if kind in (
            "start",
            "reference",
            "node",
            "visit",
            "candidate",
            "front",
            "status",
            "finish",
            "command",
            "flag",
            "error",
            "rescore",
        ):
            self.seconds = max(self.seconds, event.get("t", 0.0))
            getattr(self, f"_{kind}")(event)

    @property
    def front(self) -> list[Candidate]:
        """Members of the front, sorted by complexity."""
        return [self.candidates[i] for i in self.front_ids if i in self.candidates]

    @property
    def begun(self) -> bool:
        """Whether a process has searched; a forest has no nodes of its own."""
        return bool(self.nodes or self.references)

    @property
    def state(self) -> str:
        return self.status["state"]

    def _start(self, event):
        self.start, self.settings = event, dict(event["settings"])
        self.status = {**self.status, "state": "running"}

    def _reference(self, event):
        self.references.append(event)

    def _node(self, event):
        self.nodes[event["id"]] = event
        self.visits[event["id"]] = 0
        self._count(event["id"], event["playouts"])

    def _visit(self, event):
        self._count(event["node"], event["playouts"])

    def _count(self, node, playouts):
        while node in self.nodes:
            self.visits[node] += playouts
            node = self.nodes[node]["parent"]

    def _candidate(self, event):
        try:
            candidate = Candidate.from_json(event["candidate"])
        except InputError:
            return  # a line that was written by hand, or by another version
        self.candidates[candidate.id] = candidate

    def _front(self, event):
        self.front_ids = list(event["ids"])

    def _status(self, event):
        self.status = {key: value for key, value in event.items() if key not in ("event", "t")}

    def _finish(self, event):
        self.status = {**self.status, "state": event["state"], "evaluations": event["evaluations"]}

    def _command(self, event):
        command = event["command"]
        if command["name"] == "set":
            self.settings.update({key: value for key, value in command.items() if key != "name"})
        elif command["name"] == "pin":
            self.pins ^= {command["candidate"]}

    def _rescore(self, event):
        for node, loss in event["nodes"].items():
            if int(node) in self.nodes:
                self.nodes[int(node)] = {**self.nodes[int(node)], "loss": loss}
        for name, loss in event["candidates"].items():
            if name in self.candidates:
                self.candidates[name] = replace(self.candidates[name], loss=loss)

    def _flag(self, event):
        if event["flag"]:
            self.flags[event["node"]] = event["flag"]
        else:
            self.flags.pop(event["node"], None)

    def _error(self, event):
        self.errors.append(event["message"])
