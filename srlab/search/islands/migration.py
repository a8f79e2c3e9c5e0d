"""What the trees of a search on islands give each other: the best each knows for its length, to those that know nothing
as good.

All of it follows from the journals of the trees, so that a search that is taken up again goes on as it would have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.runs import events
from srlab.runs.view import RunView
from srlab.search.pareto_front import loss_front
from srlab.templates import Model, template_named

LEAST_GAIN = (
    0.01  # an elite is worth a playout if its loss lies so much, as a share, below what the tree knows for that length
)
LAG = 1  # rounds a tree may be ahead of the slowest; so many rounds later it gets what that found


@dataclass(frozen=True)
class Elite:
    """id : tree and candidate, as t1-c33; complexity : nodes; loss; formulas : texts; vector : in the network of the
    search, None where the tree made no node of it."""

    id: str
    complexity: int
    loss: float
    formulas: dict
    vector: list | None = None


def migrants(own, common, given, limit: int) -> list[Elite]:
    """At most `limit` elites of other trees for a tree, those first that lie farthest below its own elites.

    own : elites of the tree now; common : those of all trees together some rounds ago, its own among them, which are no
    gain to it; given : ids it was given before.
    """

    def gain(elite):
        known = min((each.loss for each in own if each.complexity <= elite.complexity), default=math.inf)
        return math.log(known / elite.loss) if 0.0 < elite.loss and math.isfinite(known) else math.inf

    wanted = [elite for elite in common if elite.id not in given and gain(elite) > LEAST_GAIN]
    return sorted(wanted, key=lambda elite: (-gain(elite), elite.complexity))[:limit]


def planting(elite: Elite, template: str) -> dict:
    """The command that plants an elite in another tree."""
    model = Model.parse(elite.formulas, template=template_named(template))
    return {"name": "inject", "text": model.text, "vector": elite.vector, "from": elite.id}


class IslandView(RunView):
    """What a search on islands knows of one of its trees. Of nodes and candidates it keeps the elites and what is not
    yet in the journal of the whole.

    Attributes
    ----------
    number : of the tree. evaluations, n_nodes, n_candidates : counts so far. rounds : completed.
    elites : its front of complexity and loss.
    given : ids of elites it was given. guesses : how many formulas it was given by a person.
    epochs_done : for each epoch, its candidates, with the ids they have in the whole.
    """

    def __init__(self, number: int, journal=()):
        self.number = number
        self.n_nodes = self.n_candidates = self.rounds = self.guesses = 0
        self.elites: list[Elite] = []
        self.given: set[str] = set()
        self.epochs_done: list[list[Candidate]] = []
        self._open: list[Candidate] = []
        self._after: dict[int, list[Elite]] = {}
        super().__init__(journal)

    @property
    def evaluations(self) -> int:
        return self.status["evaluations"]

    def name(self, candidate: str) -> str:
        """The id in the whole of a candidate of this tree."""
        return f"t{self.number}-{candidate}"

    def after(self, round: int) -> list[Elite]:
        """The elites it had after a round, or after its last one if it ended before."""
        return self._after.get(round, self.elites if self._after and round > self.rounds else [])

    def _candidate(self, event: events.Candidate) -> None:
        try:
            found = Candidate.from_json(event.candidate)
        except InputError:
            return  # a line that was written by hand, or by another version
        found = replace(found, id=self.name(found.id))
        self.n_candidates += 1
        self._open.append(found)
        self.elites = loss_front([*self.elites, Elite(found.id, found.complexity, found.loss, found.formulas)])

    def _node(self, event: events.Node) -> None:
        """The vector of a candidate is that of the first node made of it."""
        self.n_nodes += 1
        if event.candidate and event.vector:
            name = self.name(event.candidate)
            self.elites = [
                replace(each, vector=event.vector) if each.id == name and each.vector is None else each
                for each in self.elites
            ]

    def _visit(self, event: events.Visit) -> None:
        pass  # the tree itself is with the workers

    def _command(self, event: events.Command) -> None:
        if event.command["name"] == "inject":
            if "from" in event.command:
                self.given.add(str(event.command["from"]))
            else:
                self.guesses += 1

    def _checkpoint(self, event: events.Checkpoint) -> None:
        self.epochs_done.append(self._open)
        self._open = []
        if event.round is not None and event.round > self.rounds:
            self.rounds = event.round
            self._after[self.rounds] = self.elites
            self._after.pop(self.rounds - LAG - 3, None)  # who asks is at most LAG + 2 rounds behind
