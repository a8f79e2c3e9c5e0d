"""One stretch of one tree of a forest, as a task: whoever has the tree's journal can search on in it, and gives back what the journal grew by.

A stretch is a pure function of the data and its task, so that the forest comes out the same whoever did which stretch, and a worker that dies costs the
stretch it was at, which another does again. Who did the last stretch of a tree still has it and need not read the journal.
"""

from __future__ import annotations

import json
import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass, replace

from srlab.runs.events import well_formed
from srlab.search.driver import Driver
from srlab.search.playout import Evaluator
from srlab.search.settings import SearchSettings

KEPT = 16  # trees at most that a worker keeps in memory
BETWEEN = ("resumed", "finish")  # events of a search's beginning and end, which a stretch is not


@dataclass(frozen=True)
class Stretch:
    """tree : its number; settings : of the tree's search, as JSON; journal : compressed pieces of the journal so far, its start event left out;
    playouts : in it; commands : to be obeyed first; evaluations, seconds : budget of the tree counted from its beginning, and of this stretch."""

    tree: int
    settings: dict
    journal: tuple[bytes, ...]
    playouts: int
    commands: tuple[dict, ...] = ()
    evaluations: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Stretched:
    """events : what the journal grows by; evaluations, playouts, nodes, candidates : of the tree now; seconds, restoring : of the whole stretch, and of that to
    rebuild the tree; failure : why there is nothing, where a task failed."""

    events: tuple[dict, ...] = ()
    evaluations: int = 0
    playouts: int = 0
    nodes: int = 0
    candidates: int = 0
    seconds: float = 0.0
    restoring: float = 0.0
    failure: str = ""


class Searcher:
    """What a worker does with stretches: objectives built once, the trees it searched last kept."""

    def __init__(self, dataset, settings: SearchSettings):
        self.dataset, self.evaluator = dataset, Evaluator(dataset, settings)
        self.kept: OrderedDict[int, Driver] = OrderedDict()

    def __call__(self, stretch: Stretch) -> Stretched:
        start = time.perf_counter()
        try:
            driver = self.driver(stretch)
            restored = time.perf_counter()
            seconds = None if stretch.seconds is None else driver.elapsed + stretch.seconds
            driver.settings = replace(driver.settings, evaluations=stretch.evaluations, seconds=seconds)
            courier = driver.folder.told(stretch.commands)
            driver.run()
        except Exception as error:  # it is the forest that must end, not the worker
            return Stretched(failure=f"{type(error).__name__}: {error}")
        self.kept[stretch.tree] = driver
        while len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        return Stretched(
            tuple(courier.events),
            driver.evaluations,
            driver.playouts,
            len(driver.tree),
            driver.n_candidates,
            time.perf_counter() - start,
            restored - start,
        )

    def driver(self, stretch: Stretch) -> Driver:
        """The driver of a tree, kept or rebuilt; a kept one is taken only if it is where the journal is."""
        driver = self.kept.pop(stretch.tree, None)
        if driver is not None and driver.playouts == stretch.playouts and not driver.pool.pending:
            driver.state, driver.stop_reason, driver._clock = "running", None, None
            return driver
        return Driver(
            Courier(),
            self.dataset,
            SearchSettings.from_json(stretch.settings),
            unpacked(stretch.journal),
            watch=lambda event: None,
            evaluator=lambda *_: self.evaluator,
        )


class Courier:
    """Stands in for the run folder of a tree where that is searched: commands come with the task, events go back with its result."""

    def __init__(self):
        self.commands, self.events = [], []

    def told(self, commands) -> Courier:
        """Ready for a stretch with these commands."""
        self.commands, self.events = list(commands), []
        return self

    def writer(self) -> Courier:
        return self

    def inbox(self) -> Courier:
        return self

    def read(self) -> list[dict]:
        """The commands, once."""
        commands, self.commands = self.commands, []
        return commands

    def append(self, event: dict) -> None:
        """Keep an event; of several status events in a row the last is enough, and none says that the search is over."""
        if event["event"] in BETWEEN:
            return
        if event["event"] == "status":
            event = {**event, "state": "running"}
            if self.events and self.events[-1]["event"] == "status":
                self.events.pop()
        self.events.append(event)

    def close(self) -> None:
        pass


def packed(lines: bytes) -> bytes:
    """Lines of a journal for a task."""
    return zlib.compress(lines, 1)


def unpacked(pieces) -> list[dict]:
    """The events of packed lines."""
    events = (json.loads(line) for piece in pieces for line in zlib.decompress(piece).splitlines())
    return [event for event in events if well_formed(event)]
