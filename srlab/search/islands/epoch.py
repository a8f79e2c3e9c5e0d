"""One epoch of one tree of a search on islands, as a task: whoever has the tree's journal can search on in it, and
gives back what the journal grew by.

An epoch is a pure function of the data and its task, so that the search comes out the same whoever did which epoch, and
a worker that dies costs the epoch it was at, which another does again. Who did the last epoch of a tree still has it
and need not read the journal.
"""

from __future__ import annotations

import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass, replace

from srlab.runs import events
from srlab.runs.view import RunView
from srlab.search.driver import Driver
from srlab.search.playout import Evaluator
from srlab.search.settings import SearchSettings

KEPT = 16  # trees at most that a worker keeps in memory
BETWEEN = (events.Resumed, events.Finish)  # of a search's beginning and end, which an epoch is not


@dataclass(frozen=True)
class EpochTask:
    """tree : its number; settings : of the tree's search, as JSON; journal : compressed pieces of the journal so
    far, its start event left out; playouts : in it; commands : to be obeyed first; evaluations, seconds : budget of
    the tree counted from its beginning, and of this epoch."""

    tree: int
    settings: dict
    journal: tuple[bytes, ...]
    playouts: int
    commands: tuple[dict, ...] = ()
    evaluations: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class EpochResult:
    """events : what the journal grows by; evaluations : of the tree now; seconds, restoring : of the whole epoch,
    and of that to rebuild the tree."""

    events: tuple[events.Event, ...] = ()
    evaluations: int = 0
    seconds: float = 0.0
    restoring: float = 0.0


class IslandWorker:
    """What a worker does with epochs: objectives built once, the trees it searched last kept."""

    def __init__(self, dataset, settings: SearchSettings):
        self.dataset, self.evaluator = dataset, Evaluator(dataset, settings)
        self.kept: OrderedDict[int, Driver] = OrderedDict()

    def __call__(self, task: EpochTask) -> EpochResult:
        start = time.perf_counter()
        driver = self.driver(task)
        restored = time.perf_counter()
        seconds = None if task.seconds is None else driver.elapsed + task.seconds
        driver.settings = replace(driver.settings, evaluations=task.evaluations, seconds=seconds)
        found = driver.folder.begin(task.commands)
        driver.run()
        self.kept[task.tree] = driver
        while len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        return EpochResult(tuple(found), driver.evaluations, time.perf_counter() - start, restored - start)

    def driver(self, task: EpochTask) -> Driver:
        """The driver of a tree, kept or rebuilt; a kept one is taken only if it is where the journal is."""
        driver = self.kept.pop(task.tree, None)
        if driver is not None and driver.playouts == task.playouts and not driver.pool.pending:
            driver.state, driver.stop_reason, driver._clock = "running", None, None
            return driver
        return Driver(
            TaskFolder(),
            self.dataset,
            SearchSettings.from_json(task.settings),
            RunView(unpacked(task.journal)),
            watch=lambda event: None,
            evaluator=lambda *_: self.evaluator,
        )


class TaskFolder:
    """Stands in for the run folder of a tree where that is searched: commands come with the task, events go back
    with its result."""

    def __init__(self):
        self._commands, self._events = [], []

    def begin(self, commands) -> list[events.Event]:
        """Ready for an epoch with these commands. Returns the list that its events come into."""
        self._commands, self._events = list(commands), []
        return self._events

    def writer(self) -> TaskFolder:
        return self

    def inbox(self) -> TaskFolder:
        return self

    def read(self) -> list[dict]:
        """The commands, once."""
        commands, self._commands = self._commands, []
        return commands

    def append(self, event: events.Event) -> None:
        """Keep an event; of several status events in a row the last is enough, and none says that the search is
        over."""
        if isinstance(event, BETWEEN):
            return
        if isinstance(event, events.Status):
            event.state = "running"
            if self._events and isinstance(self._events[-1], events.Status):
                self._events.pop()
        self._events.append(event)

    def close(self) -> None:
        pass


def packed(lines: bytes) -> bytes:
    """Lines of a journal for a task."""
    return zlib.compress(lines, 1)


def unpacked(pieces) -> list[events.Event]:
    """The events of packed lines."""
    lines = (line for piece in pieces for line in zlib.decompress(piece).splitlines())
    return [event for event in map(events.parse, lines) if event is not None]
