"""The folder of a run: its journal, its data, its commands, and a lock held by the one process that searches."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from srlab.datasets import load_dataset
from srlab.errors import InputError
from srlab.runs import events
from srlab.runs.commands import COMMANDS_FILE, send
from srlab.runs.events import Event
from srlab.runs.journal import JournalReader, JournalWriter
from srlab.runs.lock import held, hold

JOURNAL_FILE, DATA_FILE, LOCK_FILE, ATTENDED_FILE = "journal.jsonl", "data.extxyz", "lock", "attended"
STARTING_FILE = ".starting"  # there while the folder is being made


class RunFolder:
    """Paths of a run and what holds it together. A relative path is that of now: it stays the same folder when the
    process goes elsewhere."""

    def __init__(self, path: str | Path):
        self.path = Path(path).absolute()
        self._lock = None

    @property
    def shown(self) -> Path:
        """The path as people are told it: from the folder we are in, where the run lies below it."""
        here = Path.cwd()
        return self.path.relative_to(here) if self.path.is_relative_to(here) else self.path

    @property
    def journal(self) -> Path:
        return self.path / JOURNAL_FILE

    @property
    def commands(self) -> Path:
        return self.path / COMMANDS_FILE

    def create(self, dataset, first: Iterable[Event], data: Path | None = None) -> None:
        """Make the folder with the data and the first events of its journal in it. Raises InputError where there is
        something already.

        data : a file of these data, which is linked or copied instead of written once more.
        A folder whose making was cut short, by a kill or a full disk, is made anew.
        """
        try:
            if self.path.exists() and not self._free():
                raise InputError(
                    f"{self.shown} is in use, something is in it already: choose another output folder, or, if it is a "
                    f"run, go on with 'srlab resume {self.shown}'"
                )
            self.path.mkdir(parents=True, exist_ok=True)
            self.lock()
            try:
                self._starting.touch()
                for path in (self.journal, self.path / DATA_FILE, self.commands):
                    path.unlink(missing_ok=True)
                if data is None:
                    dataset.save(self.path / DATA_FILE)
                else:
                    _link(data, self.path / DATA_FILE)
                writer = self.writer()
                writer.append(*first)
                writer.close()
                self._starting.unlink()
            finally:
                self.unlock()
        except OSError as error:
            raise InputError(f"{self.shown} cannot be made: {error.strerror}") from error

    @property
    def made(self) -> bool:
        """Whether there is a run whose making was not cut short."""
        return self.journal.is_file() and not self._starting.exists()

    @property
    def _starting(self) -> Path:
        return self.path / STARTING_FILE

    def _free(self) -> bool:
        """Whether a run may begin here: an empty folder, or one in which a run was about to begin."""
        if not self.path.is_dir():
            return False
        names = {path.name for path in self.path.iterdir()} - {LOCK_FILE}
        return (
            not names
            or STARTING_FILE in names
            and not any(isinstance(event, (events.Node, events.Candidate)) for event in self.reader().read())
        )

    def begun(self) -> None:
        """From now on a search is in the folder, and it is never made anew."""
        self._starting.unlink(missing_ok=True)

    def forget_commands(self) -> None:
        """Drop what was said to the last process, stop for one: it is not meant for the next. Formulas it did not
        come to take stay."""
        taken = [event.command for event in self.events() if isinstance(event, events.Command)]
        waiting = [
            command
            for command in JournalReader(self.commands).read()
            if command.get("name") == "inject" and command not in taken
        ]
        self.commands.unlink(missing_ok=True)
        for command in waiting:
            send(self.path, **command)

    def events(self) -> list[Event]:
        """All events so far. Raises InputError where this is no run, or the first event is not its start."""
        return self.check(self.reader().read())

    def check(self, found: list[Event]) -> list[Event]:
        """The events of the journal as they were read, if they begin as those of a run do. Raises InputError as
        `events`."""
        if not os.path.isfile(self.journal):
            raise InputError(f"{self.shown} is no run: there is no {JOURNAL_FILE} in it")
        if not found or not isinstance(found[0], events.Start):
            raise InputError(f"the journal of {self.shown} does not begin with a start event: it is damaged")
        return found

    def writer(self) -> JournalWriter:
        """What a search writes its journal with."""
        return events.writer(self.journal)

    def inbox(self) -> JournalReader:
        """Reader of the commands that are sent to the search."""
        return JournalReader(self.commands)

    def reader(self) -> JournalReader:
        """Reader of the journal as it grows."""
        return events.reader(self.journal)

    def dataset(self, start: dict):
        """The data of the run with its split, from `RunView.start`. Raises InputError if the data have changed."""
        described = start["dataset"]
        dataset = load_dataset(self.path / DATA_FILE, split="all")
        if dataset.fingerprint != described["fingerprint"]:
            raise InputError(
                f"{self.shown / DATA_FILE} is not the data this run was started on: put the original file back"
            )
        train, test = described.get("train_indices"), described.get("test_indices")
        if train is None or test is None or any(index >= len(dataset.frames) for index in [*train, *test]):
            raise InputError(
                f"the journal of {self.shown} does not say how the frames of {DATA_FILE} are split: it is damaged"
            )
        return replace(dataset, name=described["name"], train_indices=train, test_indices=test)

    def attend(self) -> None:
        """Note that somebody looks at the run now."""
        try:
            (self.path / ATTENDED_FILE).touch()
        except OSError:
            pass  # a run on a read-only disk is not searched in, either

    def attended(self) -> int | None:
        """When somebody last looked at the run, in nanoseconds of the file system's clock: good for telling two
        looks apart; None for never."""
        try:
            return (self.path / ATTENDED_FILE).stat().st_mtime_ns
        except OSError:
            return None

    def lock(self) -> None:
        """Hold the folder for this process. Raises InputError while another process searches in it."""
        self._lock = hold(
            self.path / LOCK_FILE, f"{self.shown} is in use by another search: wait for it or stop it first"
        )

    def unlock(self) -> None:
        if self._lock:
            self._lock.release()
            self._lock = None

    def busy(self) -> bool:
        """Whether a process searches in this folder now."""
        return held(self.path / LOCK_FILE)


def _link(data: Path, path: Path) -> None:
    try:
        os.link(data, path)
    except OSError:  # not every disk can
        shutil.copyfile(data, path)
