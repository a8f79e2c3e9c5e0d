"""What the trees of a forest give each other: the best each knows for its length, to those that know nothing as good.

All of it follows from the journals of the trees, so that a forest that is taken up again goes on as it would have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from srlab.runs.events import TEXTS, has_fields
from srlab.search.staircase import steps
from srlab.templates import Model, template_named

NEEDED = {"id": str, "complexity": int, "loss": float, "formulas": TEXTS}
LEAST_GAIN = (
    0.01  # an elite is worth a playout if its loss lies so much, as a share, below what the tree knows for that length
)
LAG = 1  # rounds a tree may be ahead of the slowest; so many rounds later it gets what that found


@dataclass(frozen=True)
class Elite:
    """id : tree and candidate, as t1-c33; complexity : nodes; loss; formulas : texts; vector : in the network of the search, None where the tree made no node of it."""

    id: str
    complexity: int
    loss: float
    formulas: dict
    vector: list | None = None


def gifts(own, common, given, limit: int) -> list[Elite]:
    """At most `limit` elites of other trees for a tree, those first that lie farthest below its own steps.

    own : steps of the tree now; common : steps of all trees together some rounds ago, its own among them, which are no gain to it; given : ids it was given before.
    """

    def gain(elite):
        known = min((each.loss for each in own if each.complexity <= elite.complexity), default=math.inf)
        return math.log(known / elite.loss) if 0.0 < elite.loss and math.isfinite(known) else math.inf

    wanted = [elite for elite in common if elite.id not in given and gain(elite) > LEAST_GAIN]
    return sorted(wanted, key=lambda elite: (-gain(elite), elite.complexity))[:limit]


def command(elite: Elite, template: str) -> dict:
    """The command that plants an elite in another tree."""
    model = Model.parse(elite.formulas, template=template_named(template))
    return {"name": "inject", "text": model.text, "vector": elite.vector, "from": elite.id}


class TreeRecord:
    """What a forest knows of one of its trees, folded from the events of its journal.

    evaluations, playouts, nodes, n_candidates : counts so far; rounds : completed; steps : its elites; given : ids of elites it was given; guesses : formulas it was given by a person;
    stretches : for each stretch, its candidates as they stand in the journal.
    """

    def __init__(self, number: int, events=()):
        self.number = number
        self.evaluations = self.playouts = self.nodes = self.n_candidates = self.rounds = self.guesses = 0
        self.steps: list[Elite] = []
        self.given: set[str] = set()
        self.stretches: list[list[dict]] = []
        self._open: list[dict] = []
        self._after: dict[int, list[Elite]] = {}
        for event in events:
            self.apply(event)

    def apply(self, event: dict) -> None:
        """Take one event of the journal."""
        match event["event"]:
            case "candidate" if has_fields(event["candidate"], NEEDED):
                self.n_candidates += 1
                candidate = {**event["candidate"], "id": self.name(event["candidate"]["id"])}
                self._open.append(candidate)
                self.steps = steps(
                    [*self.steps, Elite(*(candidate[name] for name in ("id", "complexity", "loss", "formulas")))]
                )
            case "node":
                self.nodes += 1
                self._node(event)
            case "status":
                self.evaluations, self.playouts = event["evaluations"], event.get("playouts", self.playouts)
            case "command" if event["command"]["name"] == "inject":
                if "from" in event["command"]:
                    self.given.add(str(event["command"]["from"]))
                else:
                    self.guesses += 1
            case "checkpoint":
                self.stretches.append(self._open)
                self._open = []
                if event.get("round", self.rounds) > self.rounds:
                    self.rounds = event["round"]
                    self._after[self.rounds] = self.steps
                    self._after.pop(self.rounds - LAG - 3, None)  # who asks is at most LAG + 2 rounds behind

    def name(self, candidate: str) -> str:
        """The id in the forest of a candidate of this tree."""
        return f"t{self.number}-{candidate}"

    def after(self, round: int) -> list[Elite]:
        """The steps it had after a round, or after its last one if it ended before."""
        return self._after.get(round, self.steps if self._after and round > self.rounds else [])

    def _node(self, event: dict) -> None:
        """The vector of a candidate is that of the first node made of it."""
        if event.get("candidate") and event.get("vector"):
            name = self.name(event["candidate"])
            self.steps = [
                Elite(each.id, each.complexity, each.loss, each.formulas, event["vector"])
                if each.id == name and each.vector is None
                else each
                for each in self.steps
            ]
