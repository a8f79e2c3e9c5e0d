"""The folder of a run: its journal, its data, its commands, and a lock held by the one process that searches."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from srlab.errors import InputError
from srlab.runs.events import SPLIT, EventReader, has_fields
from srlab.runs.journal import JournalReader, JournalWriter
from srlab.runs.commands import COMMANDS_FILE, send

JOURNAL_FILE, DATA_FILE, LOCK_FILE, ATTENDED_FILE = "journal.jsonl", "data.extxyz", "lock", "attended"
STARTING_FILE = ".starting"  # there while the folder is being made


class RunFolder:
    """Paths of a run and what holds it together."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self._lock = None

    @property
    def journal(self) -> Path:
        return self.path / JOURNAL_FILE

    @property
    def commands(self) -> Path:
        return self.path / COMMANDS_FILE

    def create(self, dataset, events, data: Path | None = None) -> None:
        """Make the folder with the data and the first events of its journal in it. Raises InputError where there is something already.

        data : a file of these data, which is linked or copied instead of written once more.
        A folder whose making was cut short, by a kill or a full disk, is made anew.
        """
        try:
            if self.path.exists() and not self._free():
                raise InputError(
                    f"{self.path} is in use: choose another output folder, or go on with 'srlab resume {self.path}'"
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
                writer = JournalWriter(self.journal)
                for event in events:
                    writer.append(event)
                writer.close()
                self._starting.unlink()
            finally:
                self.unlock()
        except OSError as error:
            raise InputError(f"{self.path} cannot be made: {error.strerror}") from error

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
            and not any(event["event"] in ("node", "candidate") for event in self.reader().read())
        )

    def begun(self) -> None:
        """From now on a search is in the folder, and it is never made anew."""
        self._starting.unlink(missing_ok=True)

    def forget_commands(self) -> None:
        """Drop what was said to the last process, stop for one: it is not meant for the next. Formulas it did not come to take stay."""
        taken = [event["command"] for event in self.events() if event["event"] == "command"]
        waiting = [
            command
            for command in JournalReader(self.commands).read()
            if command.get("name") == "inject" and command not in taken
        ]
        self.commands.unlink(missing_ok=True)
        for command in waiting:
            send(self.path, **command)

    def events(self) -> list[dict]:
        """All events so far. Raises InputError where this is no run."""
        if not os.path.isfile(self.journal):
            raise InputError(f"{self.path} is no run: there is no {JOURNAL_FILE} in it")
        return self.reader().read()

    def writer(self) -> JournalWriter:
        """What a search writes its journal with."""
        return JournalWriter(self.journal)

    def inbox(self) -> JournalReader:
        """Reader of the commands that are sent to the search."""
        return JournalReader(self.commands)

    def reader(self) -> EventReader:
        """Reader of the journal as it grows."""
        return EventReader(self.journal)

    def dataset(self, start: dict):
        """The data of the run with its split, from the start event. Raises InputError if the data have changed."""
        from dataclasses import replace

        from srlab.datasets import load_dataset

        described = start["dataset"]
        dataset = load_dataset(self.path / DATA_FILE, split="all")
        if dataset.fingerprint != described["fingerprint"]:
            raise InputError(
                f"{self.path / DATA_FILE} is not the data this run was started on: put the original file back"
            )
        if not has_fields(described, SPLIT) or not all(
            0 <= index < len(dataset.frames) for index in described["train_indices"] + described["test_indices"]
        ):
            raise InputError(
                f"the journal of {self.path} does not say how the frames of {DATA_FILE} are split: it is damaged"
            )
        return replace(
            dataset,
            name=described["name"],
            train_indices=described["train_indices"],
            test_indices=described["test_indices"],
        )

    def attend(self) -> None:
        """Note that somebody looks at the run now."""
        try:
            (self.path / ATTENDED_FILE).touch()
        except OSError:
            pass  # a run on a read-only disk is not searched in, either

    def attended(self) -> int | None:
        """When somebody last looked at the run, in nanoseconds of the file system's clock: good for telling two looks apart; None for never."""
        try:
            return (self.path / ATTENDED_FILE).stat().st_mtime_ns
        except OSError:
            return None

    def lock(self) -> None:
        """Hold the folder for this process. Raises InputError while another process searches in it."""
        self._lock = open(self.path / LOCK_FILE, "a+")
        # `busy` of another process holds the lock for a moment: look more than once
        if not any(_try_lock(self._lock) or time.sleep(0.05) for _ in range(10)):
            self._lock.close()
            raise InputError(f"{self.path} is in use by another search: wait for it or stop it first")

    def unlock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

    def busy(self) -> bool:
        """Whether a process searches in this folder now."""
        try:
            with open(self.path / LOCK_FILE, "a+") as file:
                return not _try_lock(file)
        except OSError:
            return False


def _link(data: Path, path: Path) -> None:
    try:
        os.link(data, path)
    except OSError:  # not every disk can
        shutil.copyfile(data, path)


def _try_lock(file) -> bool:
    if os.name != "posix":  # no advisory locks elsewhere: trust the user
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
