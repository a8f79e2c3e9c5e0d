"""The runs below a folder, each in a few words: state, data, best values, notes; and how one of them is ended or
deleted."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from srlab.errors import InputError
from srlab.runs.commands import send
from srlab.runs.folder import JOURNAL_FILE, RunFolder
from srlab.runs.notes import read_notes
from srlab.runs.view import ENDED, RunView

DEPTH = 4  # folders below the one that is looked through


@dataclass(frozen=True)
class RunSummary:
    """One run.

    path : its folder; state : new, running, paused, finished, stopped or died; changed : when its journal was last
    written, seconds since 1970;
    seconds : of search; best : {"id", "complexity", "energy_mae" (meV/atom), "force_mae" (meV/A)} of the candidate
    of least training loss, errors on
    test frames where there are any, None without a candidate; forked_from : folder of the run it was forked from, as
    that was given; forked_at : seconds
    of search of that run then; forked_node : the node it was drawn to; note : a person's own words.
    """

    path: Path
    state: str
    changed: float
    element: str
    template: str
    dataset: str
    frames: int
    seed: int
    trees: int | None
    seconds: float
    evaluations: int
    candidates: int
    best: dict | None
    forked_from: str | None
    forked_at: float | None
    forked_node: int | None
    note: str

    def to_json(self) -> dict:
        return {**self.__dict__, "path": str(self.path)}


class Catalogue:
    """The runs below a folder; a journal is read once, and of one that grows what is new.

    folder : where they lie; a folder that is not there holds none. The trees of a search on islands are part of it, and
    not listed.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self._known: dict[Path, tuple] = {}
        # reader and view of runs that go on: the rest of their journals is enough
        self._growing: dict[Path, tuple] = {}

    def runs(self) -> list[RunSummary]:
        """All runs, those first whose journals were last written."""
        found = []
        for path in run_folders(self.folder):
            summary = self._summary(path)
            if summary is not None:
                found.append(summary)
        return sorted(found, key=lambda each: -each.changed)

    def find(self, name: str) -> Path:
        """Folder of the run that is called `name`: its path, or its path below the folder.

        Only runs that are there are found, so that a name that somebody else sent cannot lead out of the folder.
        Raises InputError for others.
        """
        for path in run_folders(self.folder):
            if str(name) in (str(path), path.relative_to(self.folder).as_posix()):
                return path
        raise InputError(f"there is no run {name} below {self.folder}")

    def _summary(self, path: Path) -> RunSummary | None:
        try:
            status = (path / JOURNAL_FILE).stat()
        except OSError:
            return None  # it was deleted meanwhile
        key = status.st_mtime_ns, status.st_size
        before, _ = self._known.get(path, (None, None))
        if before != key:
            if before and status.st_size < before[1]:  # another run under the same name
                self._growing.pop(path, None)
            self._known[path] = key, self._fold(path, status.st_mtime)
        found = self._known[path][1]
        if found is None:
            return None
        state = found["state"]
        if state not in ENDED and not RunFolder(path).busy():
            state = "died" if found["begun"] else "new"
        fields = {name: value for name, value in found.items() if name != "begun"}
        return RunSummary(**{**fields, "state": state, "note": read_notes(path)["note"]})

    def _fold(self, path: Path, changed: float) -> dict | None:
        """What a journal says of its run; None where it does not begin as that of a search."""
        folder = RunFolder(path)
        # taken out while it is at work: several threads may ask
        reader, view = self._growing.pop(path, None) or (folder.reader(), RunView())
        events = reader.read()
        try:
            for event in events if view.start else folder.check(events):
                view.apply(event)
        except InputError:
            return None
        if view.state not in ENDED:
            self._growing[path] = reader, view
        return _described(path, changed, view)


def run_folders(folder: str | Path) -> list[Path]:
    """Folders with a journal at most `DEPTH` levels below a folder, without those inside another run, and without
    links, which could lead anywhere."""
    found, level = [], [Path(folder)]
    for _ in range(DEPTH + 1):
        below = []
        for path in level:
            if (path / JOURNAL_FILE).is_file():
                found.append(path)
                continue
            try:
                below += [each for each in sorted(path.iterdir()) if each.is_dir() and not each.is_symlink()]
            except OSError:
                continue  # not there, or not for us to read
        level = [each for each in below if not each.name.startswith(".")]
    return found


def forks_of(run: str | Path) -> list[tuple[Path, dict]]:
    """Folders beside a run's that began as forks of it, each with the first event of its journal, in the order of
    their beginning."""
    run = Path(run)
    found = []
    for path in run_folders(run.parent):
        start = _first_event(path)
        origin = start.get("forked_from")
        if isinstance(origin, str) and Path(origin).resolve() == run.resolve():
            found.append((path, start))
    return sorted(found, key=lambda fork: (fork[1].get("forked_at") or 0.0, fork[0].name))


def stop_run(run: str | Path) -> None:
    """Tell the search of a run to end; its results stay. Raises InputError where none is under way."""
    if not RunFolder(run).busy():
        raise InputError(f"{run} is not searching: there is nothing to stop")
    send(Path(run), "stop")


def delete_run(run: str | Path) -> None:
    """Delete a run with all that is in its folder. Raises InputError for a folder that is no run, and for one in
    which a search is under way."""
    folder = RunFolder(run)
    folder.events()  # says so where there is no journal of a run
    if folder.path.is_symlink():
        raise InputError(f"{run} is no run: delete it by hand if it is to go")
    if folder.busy():
        raise InputError(f"{run} is searching: stop it first")
    try:
        shutil.rmtree(folder.path)
    except OSError as error:
        raise InputError(f"{run} could not be deleted whole: {error.strerror}") from error


def _first_event(path: Path) -> dict:
    """The start event of a journal, {} where it does not begin with one. No more than its first line is read."""
    try:
        with open(path / JOURNAL_FILE, "rb") as journal:
            event = json.loads(journal.readline())
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) and event.get("event") == "start" else {}


def _described(path: Path, changed: float, view: RunView) -> dict:
    """The fields of a `RunSummary`, but for its notes and whether a process is at work."""
    start = view.start
    candidates = view.front
    best = min(candidates, key=lambda candidate: candidate.loss, default=None)
    return {
        "path": path,
        "state": view.state,
        "begun": view.begun,
        "changed": changed,
        "element": str(start.get("element") or ""),
        "template": str(start.get("template") or ""),
        "dataset": start["dataset"]["name"],
        "frames": start["dataset"]["frames"],
        "seed": start.get("seed"),
        "trees": start.get("trees"),
        "seconds": view.seconds,
        "evaluations": view.status["evaluations"],
        "candidates": len(view.records),
        "best": best and _errors(best),
        "forked_from": start.get("forked_from"),
        "forked_at": start.get("forked_at"),
        "forked_node": start.get("forked_node"),
    }


def _errors(candidate) -> dict:
    tested = candidate.test_energy_mae is not None
    return {
        "id": candidate.id,
        "complexity": candidate.complexity,
        "energy_mae": candidate.test_energy_mae if tested else candidate.energy_mae,
        "force_mae": candidate.test_force_mae if tested else candidate.force_mae,
    }
