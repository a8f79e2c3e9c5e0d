"""`Search`: start a search in a process of its own, watch it through its journal, steer it, take its candidates."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, Self

from srlab import __version__
from srlab.datasets import Dataset, load_dataset
from srlab.errors import InputError
from srlab.fitting.devices import require_device
from srlab.potentials.candidate import Candidate
from srlab.runs import commands as steering
from srlab.runs import events
from srlab.runs.folder import RunFolder
from srlab.runs.view import ENDED, RunView
from srlab.search.data_crystal import crystal_structure, length_scale
from srlab.search.proposer import parse_guess
from srlab.search.replay import Recording, recording
from srlab.search.resume import settings_of, spent
from srlab.search.settings import FOCUS, WEIGHTS, SearchSettings, check_weights
from srlab.workers.child import Child, module
from srlab.workers.processors import available_processors

# events that a fork begins with
INHERITED = (
    *(events.Reference, events.Node, events.Visit, events.Candidate, events.Front, events.Rescore, events.Recount),
    events.Flag,
)
FORK_KEEPS = ("template", "cutoff", "taper_start", "scale", "crystal", "costs", *WEIGHTS, "targets")


class Search:
    """A search on a data set.

    Parameters
    ----------
    dataset : srlab.datasets.Dataset, or what `srlab.load_dataset` takes: a bundled name, a file, several, a folder,
        labelled frames.
    run : folder of the run; by default a new one under runs/.
    workers : processes on this machine, as many as there are processors for this one by default.
    seconds, evaluations, seed, ... : see `SearchSettings`. operators may be a text with commas; None is the default of
        each setting, but for focus and idle_limit, where it is a choice; crystal and scale, and with these targets,
        cutoff and taper, follow the data.

    Raises
    ------
    InputError : settings, data, a folder or a device that cannot be used.
    MissingExtra : a device of torch where torch is not installed.
    """

    recording: Recording  # of a replay: what is obeyed

    def __init__(
        self,
        dataset,
        run: str | Path | None = None,
        *,
        seconds: float | None = None,
        evaluations: int | None = None,
        seed: int = 0,
        workers: int | None = None,
        scheduler: str | None = None,
        template: str = "eam",
        operators: str | Iterable[str] | None = None,
        own_operators: Iterable[str] = (),
        costs: dict[str, int] | Iterable[tuple[str, int]] = (),
        max_complexity: int = 45,
        cutoff: float | None = None,
        taper_start: float | None = None,
        scale: float | None = None,
        crystal: str | None = None,
        repulsive: bool = False,
        convex: bool = False,
        energy_weight: float = 1.0,
        force_weight: float = 0.5,
        stress_weight: float = 0.0,
        focus: float | None = FOCUS,
        family_weights: Iterable[tuple[str, float]] = (),
        correlation_length: float | None = None,
        targets: Iterable[str | tuple[str, float, float]] = (),
        exploration: float = 1.0,
        window: float = 1.0,
        idle_limit: float | None = 1800.0,
        device: str = "cpu",
        **unknown,
    ):
        if unknown:
            raise InputError(f"a search has no such setting: {', '.join(unknown)}")
        dataset = dataset if isinstance(dataset, Dataset) else load_dataset(dataset)
        given: dict[str, Any] = {
            "seconds": seconds,
            "evaluations": evaluations,
            "seed": seed,
            "workers": available_processors() if workers is None else workers,
            "scheduler": scheduler,
            "template": template,
            "operators": operators,
            "own_operators": own_operators,
            "costs": costs,
            "max_complexity": max_complexity,
            "cutoff": cutoff,
            "taper_start": taper_start,
            "scale": length_scale(dataset) if scale is None else scale,
            "repulsive": repulsive,
            "convex": convex,
            "crystal": crystal_structure(dataset) if crystal is None else crystal,
            "energy_weight": energy_weight,
            "force_weight": force_weight,
            "stress_weight": stress_weight,
            "family_weights": family_weights,
            "correlation_length": correlation_length,
            "targets": targets,
            "exploration": exploration,
            "window": window,
            "device": device,
        }
        given = {name: value for name, value in given.items() if value is not None}
        try:
            self.settings = SearchSettings(**given, focus=focus, idle_limit=idle_limit)
        except TypeError as error:
            raise InputError(f"a setting has the wrong type: {error}") from error
        check_weights(dataset, self.settings)
        self._create(dataset, run)

    def _create(self, dataset, run, inherited=(), **origin):
        """Make the folder and the beginning of its journal; raises as `require_device` before it does."""
        require_device(self.settings.device)
        self.folder = RunFolder(run or default_run(dataset.element, self.settings.seed))
        self.folder.create(dataset, [start_event(dataset, self.settings, **origin), *inherited])
        self._begin()

    def _begin(self):
        self.view, self._reader = RunView(), self.folder.reader()
        self._child = self._worker()
        self._reading = threading.Lock()  # callbacks of widgets may come from another thread

    def _worker(self, *arguments) -> Child:
        return Child(module("srlab.search.worker", self.run, *arguments), self.run / "worker.log", outlives=True)

    @classmethod
    def attach(cls, run: str | Path) -> Self:
        """Take the search of an existing run folder, running or not.

        Raises
        ------
        InputError
            Where there is none.
        """
        search = cls.__new__(cls)
        search.folder = RunFolder(run)
        search._begin()
        search.folder.check(search.refresh())
        search.settings = settings_of(search.view)
        return search

    def fork(self, run: str | Path | None = None, node: int | None = None, **settings) -> Search:
        """Begin a second search that goes on from what this one knows; this one is left alone.

        Weights and targets of the loss are changed by `steer` once it runs, which measures anew all that was found.

        Parameters
        ----------
        run : str or path-like, optional
            Its folder; by default a new one.
        node : int, optional
            A node whose subtree is boosted in the new search.
        **settings
            Changes of `SearchSettings`; budgets are those of this search unless others are given, and count from the
            fork.

        Returns
        -------
        Search

        Raises
        ------
        InputError
            For a setting that would make what is known meaningless, an unknown node, or a folder in use.
        """
        self.refresh()
        if "trees" in self.view.start:
            raise InputError(
                f"{self.folder.shown} is a search on islands: fork one of its trees, {self.folder.shown / 'tree-0'} "
                "is the first"
            )
        before = self.settings
        for name in settings:
            if name in FORK_KEEPS:
                raise InputError(
                    f"{name} stays as it is in a fork, since all that is known was measured with it: start a new "
                    "search, or steer it while it runs"
                )
        node = None if node is None else self._known(node)
        forked = Search.__new__(Search)
        try:
            forked.settings = replace(before, **settings)
        except TypeError as error:
            raise InputError(f"a search has no such setting: {error}") from error
        if forked.settings.node_costs != before.node_costs:
            raise InputError(
                "operators of your own that have costs stay as they are in a fork, since all that is known was counted "
                "with them: steer it while it runs"
            )
        terms = attrgetter("operators", "own_operators")
        same_terms = terms(forked.settings) == terms(before)
        inherited = [
            _inherit(event, same_terms)
            for event in self.folder.events()
            if isinstance(event, INHERITED) or isinstance(event, events.Command) and event.command["name"] == "pin"
        ]
        if node is not None:
            inherited.append(events.Flag(node=node, flag="boost"))
        origin = {"forked_from": str(self.run), "forked_at": round(self.view.seconds, 3)}
        if node is not None:
            origin["forked_node"] = node
        forked._create(self.folder.dataset(self.view.start), run, inherited, **origin)
        forked.refresh()
        return forked

    @classmethod
    def replay(cls, run: str | Path, out: str | Path | None = None) -> Search:
        """Begin a new search with the data, seed and settings of a run that obeys the commands of that run.

        Each is obeyed after as many playouts as it was then. With one worker it finds the same candidates, however fast
        or slow it is (`srlab.search.replay`). It ends where the run first ended.

        Parameters
        ----------
        run : str or path-like
            Folder of the run.
        out : str or path-like, optional
            Folder of the new search.

        Raises
        ------
        InputError
            Where the run is a fork, or was made by a version that did not record when commands were obeyed.
        """
        original = cls.attach(run)
        found, start = recording(original.folder.events(), run), original.view.start
        search = cls.__new__(cls)
        budget: dict[str, Any] = {} if found.playouts is not None else {"evaluations": max(1, found.evaluations)}
        begun_with = SearchSettings.from_json(start["settings"])
        search.settings = replace(begun_with, seconds=None, scheduler=None, **budget)
        search._create(
            original.folder.dataset(start), out, replay_of=str(run), script=found.commands, until=found.playouts
        )
        search.recording = found
        return search

    # -- life
    # ------------------------------------------------------------------------------------------------------------

    def start(self, budget: dict | None = None) -> Search:
        """Begin, or go on with, the search in a process of its own; returns at once.

        Parameters
        ----------
        budget : dict, optional
            seconds and evaluations in place of those of the run, counted from its beginning.

        Raises
        ------
        InputError
            Where the folder is in use by another search, or its budget is spent.
        """
        if self.folder.busy():
            raise InputError(f"{self.folder.shown} is in use by another search: wait for it or stop it first")
        self.refresh()
        if self.view.begun and spent(self.view, settings_of(self.view).steered(budget or {})):
            raise InputError(f"{self.folder.shown} has spent its budget: search on with extend(seconds=60)")
        if self.view.begun:  # what was said to the last process, stop for one, is not meant for this one
            self.folder.forget_commands()
        arguments = [json.dumps(budget)] if budget else []
        self._child = self._worker(*arguments).start()
        return self

    def extend(self, seconds: float | None = None, evaluations: int | None = None) -> Search:
        """Search on for so many seconds or evaluations more than were spent, whether the search has ended or not.

        A limit that is not given is lifted.

        Raises
        ------
        InputError
            Where neither is given, or one is not above zero.
        """
        if seconds is None and evaluations is None:
            raise InputError("say for how many seconds or evaluations more the search is to go on")
        self.refresh()
        more = {
            "seconds": (self.view.seconds, seconds),
            "evaluations": (self.view.status["evaluations"], evaluations),
        }
        for name, (_, amount) in more.items():
            if amount is not None and not 0 < amount < float("inf"):
                raise InputError(f"{name} must be above zero, not {amount}")
        budget = {name: None if amount is None else spent + amount for name, (spent, amount) in more.items()}
        if self.state in ("running", "paused"):
            self.steer(**budget)
            return self
        self.settings = self.settings.steered(budget)
        return self.start(budget)

    def wait(self, timeout: float | None = None) -> Search:
        """Wait for the worker to end, or `timeout` seconds.

        Raises
        ------
        InputError
            For a search that was not started.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (state := self.state) not in ENDED and (deadline is None or time.monotonic() < deadline):
            if state == "new":
                raise InputError(f"the search in {self.folder.shown} was not started: call start() before wait()")
            time.sleep(0.1)
        return self

    @property
    def alive(self) -> bool:
        """Whether a worker searches in the run folder now, ours or another's."""
        return self._child.running or self.folder.busy()

    @property
    def run(self) -> Path:
        """The folder of the run."""
        return self.folder.path

    @property
    def state(self) -> str:
        """One of new, running, paused, finished, stopped and died: the worker is gone and did not say goodbye."""
        self.refresh()
        if self._child.running:
            return self.view.state if self.view.state in ("running", "paused") else "running"
        if self.view.state in ENDED or self.folder.busy():
            return self.view.state
        self.refresh()  # it may have ended between the two looks
        if self.view.state in ENDED:
            return self.view.state
        return "died" if self._child.begun or self.view.begun else "new"

    def __repr__(self) -> str:
        state, view = self.state, self.view
        said = f"{state}, {view.status['evaluations']:,} evaluations, {len(view.front)} candidates on the front"
        return f"<search {self.folder.shown} on {view.start['dataset']['name']}: {said}>"

    def refresh(self) -> list[events.Event]:
        """Read what is new in the journal into `view`, and return it."""
        with self._reading:
            news = self._reader.read()
            for event in news:
                self.view.apply(event)
        return news

    def attend(self) -> None:
        """Say that somebody looks at the search now.

        Once that was said, `idle_limit` seconds without it being said again pause the search.
        """
        self.folder.attend()

    # -- steering
    # --------------------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Pause after the playouts under way; the clock stops. A search that was not started begins with the pause."""
        steering.send(self.run, "pause")

    def resume(self) -> None:
        """Go on: a paused worker continues, a dead or ended one is started again from the journal."""
        if self.state in ENDED + ("new",):
            self.start()
        else:
            steering.send(self.run, "resume")

    def step(self, count: int = 1) -> None:
        """Make so many playouts, then pause."""
        steering.send(self.run, "step", count=count)

    def stop(self) -> None:
        """End the search; `resume` can take it up again."""
        steering.send(self.run, "stop")

    def steer(self, **changes) -> None:
        """Change settings while it runs.

        Parameters
        ----------
        **changes
            Those of `SearchSettings` that may change: see `srlab.search.settings.STEERABLE`.

        Raises
        ------
        InputError
            For a setting that cannot be changed, or a value that cannot be.
        """
        before, self.settings = self.settings, self.settings.steered(changes)
        if changes.keys() & {"operators", "own_operators"}:
            changes["operators"] = list(self.settings.operators)
        if "own_operators" in changes:
            changes["own_operators"] = list(self.settings.own_operators)
        if "costs" in changes or self.settings.costs != before.costs:
            changes["costs"] = [list(pair) for pair in self.settings.costs]
        steering.send(self.run, "set", **changes)

    def _known(self, node: int) -> int:
        """The number of a node; InputError where the tree has none such."""
        self.refresh()
        if node not in self.view.nodes:
            raise InputError(f"there is no node {node}: the tree has {len(self.view.nodes)}, from 0 on")
        return int(node)

    def boost(self, node: int) -> None:
        """Prefer the subtree of a node. Raises InputError where there is none such."""
        steering.send(self.run, "boost", node=self._known(node))

    def prune(self, node: int) -> None:
        """Leave the subtree of a node alone from now on. Raises InputError where there is none such."""
        steering.send(self.run, "prune", node=self._known(node))

    def release(self, node: int) -> None:
        """Take back a boost or prune. Raises InputError where there is no such node."""
        steering.send(self.run, "release", node=self._known(node))

    def pin(self, candidate: str) -> None:
        """Mark or unmark a candidate."""
        steering.send(self.run, "pin", candidate=str(candidate))

    def inject(self, text: str) -> None:
        """Add formulas to the tree; they are refined first.

        Parameters
        ----------
        text : str
            Such as ``phi = 900.0*exp(-3.5*r); f = exp(-2.1*r); F = -25.0*sqrt(rho)``.

        Raises
        ------
        InputError
            At once, where the text does not parse or a function has a pole.
        """
        parse_guess(text, self.settings.cutoff, self.settings.template)
        steering.send(self.run, "inject", text=text)

    # -- results
    # ---------------------------------------------------------------------------------------------------------

    @property
    def front(self) -> list[Candidate]:
        """Non-dominated candidates, sorted by complexity."""
        self.refresh()
        return self.view.front

    @property
    def candidates(self) -> dict[str, Candidate]:
        """All candidates so far by id."""
        self.refresh()
        return self.view.candidates


def start_event(dataset, settings: SearchSettings, **origin) -> events.Start:
    """The first event of a journal."""
    return events.Start(
        version=__version__,
        seed=settings.seed,
        element=dataset.element,
        template=settings.template,
        dataset=events.Data(
            name=dataset.name,
            fingerprint=dataset.fingerprint,
            frames=len(dataset.frames),
            train=len(dataset.train),
            test=len(dataset.test),
            atoms=dataset.n_atoms,
            train_indices=[int(i) for i in dataset.train_indices],
            test_indices=[int(i) for i in dataset.test_indices],
        ),
        settings=settings.to_json(),
        **origin,
    )


def _inherit(event: events.Event, same_terms: bool) -> events.Event:
    """An event as a fork has it: before its clock starts.

    It has no vector where terms have changed; the formulas stay.
    """
    event.t = 0.0
    if isinstance(event, events.Node) and not same_terms:
        event.vector = None
    return event


def default_run(element: str, seed: int) -> Path:
    """runs/<element>-<date>-<time>-seed<k>, with a number behind it if that exists."""
    base = Path("runs") / f"{element}-{datetime.now():%Y%m%d-%H%M%S}-seed{seed}"
    path, count = base, 1
    while path.exists():
        count += 1
        path = base.with_name(f"{base.name}-{count}")
    return path
