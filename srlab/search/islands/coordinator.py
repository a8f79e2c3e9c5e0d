"""Several trees on the same data, searched in rounds by whatever workers there are; between rounds they give each other
their elites.

A task is one epoch of one tree (`srlab.search.islands.epoch`). What a tree is given at the start of a round follows
from what the others had a fixed number of rounds before (`migration.LAG`), so nobody waits for the slowest of a round,
and seed, trees and exchange decide what is found, not the workers.
"""

from __future__ import annotations

import time
from collections import Counter

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.runs import events
from srlab.runs.commands import check_recordable
from srlab.runs.view import RunView
from srlab.search.islands.epoch import EpochResult, EpochTask, IslandWorker, packed
from srlab.search.islands.migration import LAG, IslandView, migrants, planting
from srlab.search.lifecycle import SearchLifecycle
from srlab.search.pareto_front import LossFront, ParetoFront, loss_front
from srlab.search.proposer import parse_guess
from srlab.search.references import references
from srlab.workers.pool import Cluster, Died, LocalPool

# the journal of the whole has the candidates whose loss is at most so many times the lowest for their length; all are
# in the trees' own
NEAR = 1.15
STATUS_EVERY = 0.5  # seconds


class IslandDriver(SearchLifecycle):
    """Runs the search on islands of a folder. `run()` blocks until the budget is spent or told to stop.

    folder : of the whole; trees : the folders of its trees; exchange : evaluations of a round; elites : given to a tree
    at a round at most; known : what the journal of the whole says so far.
    """

    def __init__(self, folder, trees, dataset, settings, exchange: int, elites: int, known: RunView, watch=None):
        super().__init__(folder, settings, watch)
        self.trees, self.dataset, self.exchange, self.elites = trees, dataset, exchange, elites
        self.elapsed = known.seconds
        found = known.candidates.values()
        self.front = ParetoFront(found, with_loss=bool(settings.targets))
        self.lowest = LossFront()  # losses of what was met
        for candidate in found:
            self.lowest.insert(candidate.complexity, candidate.loss)
        self.guesses = [each.command for each in known.commands if each.command["name"] == "inject"]
        self.under_way = {}
        # epochs by tree that are in the journal; what each one cost, by tree and number
        self.merged, self.costs = Counter(known.epochs), {}
        self.common = {}
        self.islands, self.journals, self.tree_settings, self.tree_seconds = [], [], [], []
        self.references = [events.Reference(**reference) for reference in known.references]

    # -- life
    # ------------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Search until done. What a worker was at when the search is interrupted is lost, no more than a round of
        each tree; the rest is in the journals."""
        inbox, next_status = self.folder.inbox(), 0.0
        with self._living():
            self._open()
            self.pool = self._open_pool()
            self.pool.retried = lambda tree: self._report(
                f"the worker that searched tree {tree} was lost; another does its epoch again"
            )
            while not self.stop_reason:
                for order in inbox.read():
                    self._obey(order)
                while (
                    self.state == "running"
                    and len(self.under_way) < max(1, self.pool.workers)
                    and (ready := self._ready())
                ):
                    self._submit(ready[0])
                if time.monotonic() >= next_status:
                    self._rest()
                    self._status()
                    next_status = time.monotonic() + STATUS_EVERY
                if not self.under_way and self._done():
                    break
                if not self.under_way:
                    time.sleep(0.05)
                for tree, outcome in self.pool.completed(0.2):
                    self._take(tree, outcome)
            self._merge(rest=True)

    def _dismiss(self) -> None:
        """Nobody waits for an epoch under way: it is done again."""
        self.pool.kill()

    def _open(self) -> None:
        """Read the journals of the trees; those of new ones begin with the refitted published forms and a root."""
        journals = [folder.events() for folder in self.trees]
        begun = [any(isinstance(event, events.Node) for event in journal) for journal in journals]
        if not any(begun):
            self.references = list(references(self.dataset, self.settings))
            self.writer.append(*self.references)
            for reference in self.references:
                self.watch(reference)
        for number, (folder, journal) in enumerate(zip(self.trees, journals)):
            begin = [] if begun[number] else [*self.references, events.root()]
            self._append(number, begin)
            island = IslandView(number, [*journal, *begin])
            self.islands.append(island)
            self.journals.append([packed(folder.journal.read_bytes().partition(b"\n")[2])])
            self.tree_settings.append({**island.start["settings"], "evaluations": None, "seconds": None})
            self.tree_seconds.append(island.seconds)

    def _append(self, tree: int, found) -> bytes:
        """Write events in the journal of a tree, which is not kept open: a thousand would be too many. Returns their
        lines."""
        writer = self.trees[tree].writer()
        try:
            return writer.append(*found)
        finally:
            writer.close()

    def record_budget(self, budget: dict) -> None:
        """Note a budget that replaces that of the journal, so that a resumed run that is killed knows it."""
        self._write(events.Command(command={"name": "set", **budget}))

    def _open_pool(self):
        if self.settings.scheduler:
            return Cluster(self.settings.scheduler, IslandWorker, self.dataset, self.settings)
        return LocalPool(
            min(self.settings.workers, len(self.trees)), IslandWorker, self.dataset, self.settings, apart=True
        )

    # -- rounds
    # ----------------------------------------------------------------------------------------------------------

    def share(self, tree: int) -> int | None:
        """Evaluations of a tree in all; None without a limit."""
        total, count = self.settings.evaluations, len(self.trees)
        return None if total is None else total // count + (tree < total % count)

    def goal(self, tree: int) -> int:
        """Evaluations after which the round that a tree is in ends."""
        end, share = (self.islands[tree].rounds + 1) * self.exchange, self.share(tree)
        return end if share is None else min(end, share)

    def _has_ended(self, island: IslandView) -> bool:
        share = self.share(island.number)
        return share is not None and island.evaluations >= share

    def _ready(self) -> list[int]:
        """Trees that a worker can go on with, those first that are behind, and of these those whose worker still has
        them."""
        if self._out_of_time():
            return []
        going = [island for island in self.islands if not self._has_ended(island)]
        slowest = min((island.rounds for island in going), default=0)
        ready = [
            island
            for island in going
            if island.number not in self.under_way and (not self.elites or island.rounds <= slowest + LAG)
        ]
        ready.sort(key=lambda each: (each.rounds, not self.pool.at_home(each.number), each.number))
        return [island.number for island in ready]

    def _out_of_time(self) -> bool:
        return self.settings.seconds is not None and self._time() >= self.settings.seconds

    def _done(self) -> bool:
        return self._out_of_time() or all(map(self._has_ended, self.islands))

    def _submit(self, tree: int) -> None:
        island, seconds = self.islands[tree], self.settings.seconds
        given = []
        if island.rounds > LAG:
            given = migrants(island.elites, self._common(island.rounds - LAG), island.given, self.elites)
        task = EpochTask(
            tree,
            self.tree_settings[tree],
            tuple(self.journals[tree]),
            island.playouts,
            (*self.guesses[island.guesses :], *(planting(elite, self.settings.template) for elite in given)),
            self.goal(tree),
            None if seconds is None else seconds - self._time(),
        )
        self.under_way[tree] = task
        self.pool.submit(tree, task, near=tree)

    def _common(self, round: int) -> list:
        """The elites of all trees together after a round that all have completed."""
        if round not in self.common:
            self.common = {each: found for each, found in self.common.items() if each >= round - LAG - 2}
            self.common[round] = loss_front(elite for island in self.islands for elite in island.after(round))
        return self.common[round]

    def _take(self, tree: int, outcome: EpochResult | Died) -> None:
        """Write what an epoch brought."""
        task = self.under_way.pop(tree)
        if isinstance(outcome, Died):
            raise InputError(outcome.sentence(f"searched tree {tree}"))
        island = self.islands[tree]
        for event in outcome.events:
            if isinstance(event, events.Checkpoint):
                event.round = island.rounds + (outcome.evaluations >= task.evaluations)
        self.journals[tree].append(packed(self._append(tree, outcome.events)))
        self.tree_seconds[tree] = max(event.t for event in outcome.events)
        for event in outcome.events:
            island.apply(event)
        self.costs[tree, len(island.epochs_done)] = {
            "seconds": round(outcome.seconds, 3),
            "restoring": round(outcome.restoring, 4),
            "bytes": sum(map(len, task.journal)),
            "given": sum("from" in each for each in task.commands),
        }
        self._merge()

    def _merge(self, rest: bool = False) -> None:
        """Enter what the trees found in the journal of the whole, epoch by epoch in the order of rounds, however
        they came; rest : do not wait for any tree."""
        while True:
            coming = [
                island
                for island in self.islands
                if len(island.epochs_done) > self.merged[island.number] or not (rest or self._has_ended(island))
            ]
            island = min(coming, key=lambda each: (self.merged[each.number], each.number), default=None)
            if island is None or len(island.epochs_done) == self.merged[island.number]:
                return
            for candidate in island.epochs_done[self.merged[island.number]]:
                self._enter(candidate)
            self.merged[island.number] += 1
            cost = self.costs.pop((island.number, self.merged[island.number]), {})
            self._write(events.Epoch(tree=island.number, **cost))

    def _enter(self, candidate: Candidate) -> None:
        """A candidate of a tree: into the front, or near it, or nowhere."""
        known = self.lowest.loss(candidate.complexity)
        self.lowest.insert(candidate.complexity, candidate.loss)
        enters = self.front.insert(candidate)
        if enters or candidate.loss <= NEAR * known:
            self._write(events.Candidate(candidate=candidate.to_json()))
        if enters:
            self._write(events.Front(ids=self.front.ids))

    # -- commands and what is said
    # ---------------------------------------------------------------------------------------

    def _obey(self, order: dict) -> None:
        name, changes = order.get("name"), {key: value for key, value in order.items() if key != "name"}
        try:
            check_recordable(order)
            self._time()
            if name in ("pause", "resume"):
                self.state = "paused" if name == "pause" else "running"
                self._wake()
            elif name == "stop":
                self.stop_reason = "stopped"
            elif name == "set" and changes.keys() <= {"seconds", "evaluations"}:
                self.settings = self.settings.steered(changes)
            elif name == "inject":
                parse_guess(str(order["text"]), self.settings.cutoff, self.settings.template)
                self.guesses.append(order)
            elif name != "pin":  # a mark for the eye: it lives in the journal only
                raise InputError(
                    f"a search on islands does not know the command {name!r} with {', '.join(changes) or 'nothing'}: "
                    "it can be paused, resumed, stopped, given formulas and another budget"
                )
        except (InputError, KeyError, TypeError, ValueError) as error:
            return self._report(str(error))
        self._write(events.Command(command=order))
        self._status()

    def _status(self) -> None:
        evaluations = sum(island.evaluations for island in self.islands)
        self._write(
            events.Status(
                state=self.state,
                evaluations=evaluations,
                rate=round(evaluations / max(self._time(), 1e-9), 1),
                nodes=sum(island.n_nodes for island in self.islands),
                candidates=sum(island.n_candidates for island in self.islands),
                message=self.message,
                round=min((island.rounds for island in self.islands), default=0) + 1,
                pending=len(self.under_way),
            )
        )

    def _finish(self) -> None:
        self.state = self.stop_reason or "finished"
        try:
            self._status()
            evaluations, seconds = sum(island.evaluations for island in self.islands), round(self._time(), 3)
            self._write(events.Finish(state=self.state, evaluations=evaluations, seconds=seconds))
            for island, end in zip(self.islands, self.tree_seconds):
                finish = events.Finish(
                    state=self.state,
                    evaluations=island.evaluations,
                    seconds=end,
                    playouts=island.playouts,
                    t=end,
                )
                self._append(island.number, [finish])
        except InputError:
            pass  # the disk is full: what was written before stands
