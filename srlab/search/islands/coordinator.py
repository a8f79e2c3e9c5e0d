"""Several trees on the same data, searched in rounds by whatever workers there are; between rounds they give each other their elites.

A task is one stretch of one tree (`srlab.search.islands.epoch`). What a tree is given at the start of a round follows from what the others had a fixed number of rounds
before (`exchange.LAG`), so nobody waits for the slowest of a round, and seed, trees and exchange decide what is found, not the workers.
"""

from __future__ import annotations

import time
from collections import Counter

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.runs.commands import check_recordable
from srlab.runs.events import ROOT
from srlab.search.chronicle import Chronicle
from srlab.search.front import ParetoFront
from srlab.search.guess import parse_guess
from srlab.search.islands.epoch import Searcher, Stretch, Stretched, packed
from srlab.search.islands.migration import LAG, TreeRecord, command, gifts
from srlab.search.references import references
from srlab.search.staircase import Staircase, steps
from srlab.workers.pool import Cluster, LocalPool

NEAR = 1.15  # the journal of a forest has the candidates whose loss is at most so many times the lowest for their length; all are in the trees' own
TRIES = 3  # times that a stretch is lost with its worker before the forest gives up
STATUS_EVERY = 0.5  # seconds


class Forester(Chronicle):
    """Runs the forest of a folder. `run()` blocks until the budget is spent or told to stop.

    folder : of the forest; trees : the folders of its trees; exchange : evaluations of a round; elites : given to a tree at a round at most;
    events : of the forest's journal so far, its start event left out.
    """

    def __init__(self, folder, trees, dataset, settings, exchange: int, elites: int, events=(), watch=None):
        super().__init__(folder, settings, watch)
        self.trees, self.dataset, self.exchange, self.elites = trees, dataset, exchange, elites
        self.front = ParetoFront(with_loss=bool(settings.targets))
        self.lowest = Staircase()  # losses of what was met
        self.guesses, self.under_way, self.lost = [], {}, Counter()
        self.merged, self.costs = (
            Counter(),
            {},
        )  # stretches by tree that are in the journal; what each one cost, by tree and number
        self.common = {}
        self.records, self.journals, self.tree_settings, self.tree_seconds = [], [], [], []
        self.references = [event for event in events if event["event"] == "reference"]
        for event in events:
            self._restore(event)

    def _restore(self, event: dict) -> None:
        self.elapsed = max(self.elapsed, event.get("t", 0.0))
        if event["event"] == "candidate":
            try:
                candidate = Candidate.from_json(event["candidate"])
            except InputError:
                return
            self.front.insert(candidate)
            self.lowest.enter(candidate.complexity, candidate.loss)
        elif event["event"] == "stretch":
            self.merged[event["tree"]] += 1
        elif event["event"] == "command" and event["command"]["name"] == "inject":
            self.guesses.append(event["command"])

    # -- life ------------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Search until done. What a worker was at when the forest is interrupted is lost, no more than a round of each tree; the rest is in the journals."""
        inbox, next_status = self.folder.inbox(), 0.0
        with self._living():
            self._open()
            self.pool = self._open_pool()
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
        """Nobody waits for a stretch under way: it is done again."""
        self.pool.kill()

    def _open(self) -> None:
        """Read the journals of the trees; those of new ones begin with the refitted published forms and a root."""
        journals = [folder.events() for folder in self.trees]
        begun = [any(event["event"] == "node" for event in events) for events in journals]
        if not any(begun):
            self.references = [
                {"event": "reference", "t": 0.0, **reference} for reference in references(self.dataset, self.settings)
            ]
            self.writer.append(*self.references)
            for reference in self.references:
                self.watch(reference)
        for number, (folder, events) in enumerate(zip(self.trees, journals)):
            begin = [] if begun[number] else [*self.references, {"event": "node", "t": 0.0, **ROOT}]
            self._append(number, begin)
            events += begin
            self.records.append(TreeRecord(number, events))
            self.journals.append([packed(folder.journal.read_bytes().partition(b"\n")[2])])
            self.tree_settings.append({**events[0]["settings"], "evaluations": None, "seconds": None})
            self.tree_seconds.append(max(event.get("t", 0.0) for event in events))

    def _append(self, tree: int, events) -> bytes:
        """Write events in the journal of a tree, which is not kept open: a thousand would be too many. Returns their lines."""
        writer = self.trees[tree].writer()
        try:
            return writer.append(*events)
        finally:
            writer.close()

    def _open_pool(self):
        if self.settings.scheduler:
            return Cluster(self.settings.scheduler, Searcher, self.dataset, self.settings)
        return LocalPool(min(self.settings.workers, len(self.trees)), Searcher, self.dataset, self.settings)

    # -- rounds ----------------------------------------------------------------------------------------------------------

    def share(self, tree: int) -> int | None:
        """Evaluations of a tree in all; None without a limit."""
        total, count = self.settings.evaluations, len(self.trees)
        return None if total is None else total // count + (tree < total % count)

    def goal(self, tree: int) -> int:
        """Evaluations after which the round that a tree is in ends."""
        end, share = (self.records[tree].rounds + 1) * self.exchange, self.share(tree)
        return end if share is None else min(end, share)

    def _has_ended(self, record: TreeRecord) -> bool:
        share = self.share(record.number)
        return share is not None and record.evaluations >= share

    def _ready(self) -> list[int]:
        """Trees that a worker can go on with, those first that are behind, and of these those whose worker still has them."""
        if self._out_of_time():
            return []
        idle = [
            record for record in self.records if record.number not in self.under_way and not self._has_ended(record)
        ]
        slowest = min((record.rounds for record in self.records if not self._has_ended(record)), default=0)
        ready = [record for record in idle if not self.elites or record.rounds <= slowest + LAG]
        return [
            record.number
            for record in sorted(ready, key=lambda each: (each.rounds, not self.pool.at_home(each.number), each.number))
        ]

    def _out_of_time(self) -> bool:
        return self.settings.seconds is not None and self._time() >= self.settings.seconds

    def _done(self) -> bool:
        return self._out_of_time() or all(map(self._has_ended, self.records))

    def _submit(self, tree: int) -> None:
        record, seconds = self.records[tree], self.settings.seconds
        elites = (
            gifts(record.steps, self._common(record.rounds - LAG), record.given, self.elites)
            if record.rounds > LAG
            else []
        )
        guesses = self.guesses[record.guesses :]
        task = Stretch(
            tree,
            self.tree_settings[tree],
            tuple(self.journals[tree]),
            record.playouts,
            (*guesses, *(command(elite, self.settings.template) for elite in elites)),
            self.goal(tree),
            None if seconds is None else seconds - self._time(),
        )
        self.under_way[tree] = task
        self.pool.submit(tree, task, near=tree)

    def _common(self, round: int) -> list:
        """The elites of all trees together after a round that all have completed."""
        if round not in self.common:
            self.common = {each: found for each, found in self.common.items() if each >= round - LAG - 2}
            self.common[round] = steps(elite for record in self.records for elite in record.after(round))
        return self.common[round]

    def _take(self, tree: int, outcome: Stretched | None) -> None:
        """Write what a stretch brought; one that was lost with its worker is given away again."""
        task = self.under_way.pop(tree)
        if outcome is None:
            self.lost[tree] += 1
            if self.lost[tree] >= TRIES:
                raise InputError(
                    f"the worker that searched tree {tree} was lost {TRIES} times: is there enough memory where it runs, and the same version of srlab?"
                )
            self._report(f"the worker that searched tree {tree} was lost; another does its stretch again")
            self.under_way[tree] = task
            return self.pool.submit(tree, task, near=tree)
        if outcome.failure:
            raise InputError(f"tree {tree} could not be searched: {outcome.failure}")
        self.lost[tree] = 0
        record = self.records[tree]
        events = [
            {**event, "round": record.rounds + (outcome.evaluations >= task.evaluations)}
            if event["event"] == "checkpoint"
            else event
            for event in outcome.events
        ]
        self.journals[tree].append(packed(self._append(tree, events)))
        self.tree_seconds[tree] = max(event["t"] for event in events)
        for event in events:
            record.apply(event)
        self.costs[tree, len(record.stretches)] = {
            "seconds": round(outcome.seconds, 3),
            "restoring": round(outcome.restoring, 4),
            "bytes": sum(map(len, task.journal)),
            "given": sum("from" in each for each in task.commands),
        }
        self._merge()

    def _merge(self, rest: bool = False) -> None:
        """Enter what the trees found in the journal of the forest, stretch by stretch in the order of rounds, however they came; rest : do not wait for any tree."""
        while True:
            coming = [
                record
                for record in self.records
                if len(record.stretches) > self.merged[record.number] or not (rest or self._has_ended(record))
            ]
            record = min(coming, key=lambda each: (self.merged[each.number], each.number), default=None)
            if record is None or len(record.stretches) == self.merged[record.number]:
                return
            for candidate in record.stretches[self.merged[record.number]]:
                self._enter(candidate)
            self.merged[record.number] += 1
            self._write(
                "stretch", tree=record.number, **self.costs.pop((record.number, self.merged[record.number]), {})
            )

    def _enter(self, data: dict) -> None:
        """A candidate of a tree: into the front, or near it, or nowhere."""
        known = self.lowest.height(data["complexity"])
        self.lowest.enter(data["complexity"], data["loss"])
        candidate = Candidate.from_json(data)
        enters = self.front.insert(candidate)
        if enters or candidate.loss <= NEAR * known:
            self._write("candidate", candidate=candidate.to_json())
        if enters:
            self._write("front", ids=self.front.ids)

    # -- commands and what is said ---------------------------------------------------------------------------------------

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
                    f"a forest does not know the command {name!r} with {', '.join(changes) or 'nothing'}: it can be paused, resumed, stopped, given formulas and another budget"
                )
        except (InputError, KeyError, TypeError, ValueError) as error:
            return self._report(str(error))
        self._write("command", command=order)
        self._status()

    def _status(self) -> None:
        evaluations, nodes, candidates = (
            sum(getattr(record, name) for record in self.records) for name in ("evaluations", "nodes", "n_candidates")
        )
        self._write(
            "status",
            state=self.state,
            evaluations=evaluations,
            rate=round(evaluations / max(self._time(), 1e-9), 1),
            nodes=nodes,
            candidates=candidates,
            message=self.message,
            round=min((record.rounds for record in self.records), default=0) + 1,
            pending=len(self.under_way),
        )

    def _finish(self) -> None:
        self.state = self.stop_reason or "finished"
        try:
            self._status()
            self._write(
                "finish",
                state=self.state,
                evaluations=sum(record.evaluations for record in self.records),
                seconds=round(self._time(), 3),
            )
            for record, seconds in zip(self.records, self.tree_seconds):
                self._append(
                    record.number,
                    [
                        {
                            "event": "finish",
                            "t": seconds,
                            "state": self.state,
                            "evaluations": record.evaluations,
                            "seconds": seconds,
                            "playouts": record.playouts,
                        }
                    ],
                )
        except InputError:
            pass  # the disk is full: what was written before stands
