"""The journal: an append-only file of JSON objects, one a line. It is the only thing a search leaves behind.

Promise: one process appends; any number read. A line counts once its newline is written, so a reader never sees half an
event, and a writer that was killed loses at most the line it was writing. Lines reach the operating system at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from srlab.errors import InputError


class JournalWriter:
    """Appends events to a file; cuts off a half-written last line first.

    to_json : the JSON object of an event; without it, events are JSON objects.
    """

    def __init__(self, path: str | Path, to_json: Callable[[Any], dict] = lambda event: event):
        self.path, self.to_json = Path(path), to_json
        try:
            _cut_torn_line(self.path)
            self._file = open(self.path, "ab", buffering=0)
        except OSError as error:
            raise InputError(f"{self.path} cannot be written: {error.strerror}") from error

    def append(self, *events) -> bytes:
        """Write events, all or none; returns their lines. Raises InputError where the disk is full or the folder
        gone; earlier events are safe."""
        objects = map(self.to_json, events)
        lines = b"".join(json.dumps(each, separators=(",", ":"), allow_nan=False).encode() + b"\n" for each in objects)
        try:
            append(self._file, lines)
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be written ({error.strerror}): free some space and resume the run"
            ) from error
        return lines

    def close(self) -> None:
        self._file.close()


def append(file, data: bytes) -> None:
    """Write all of `data` at the end of an unbuffered file, or nothing of it: what a full disk took of it is cut off
    again.

    A disk with room for a part takes that part without an error, and the next line would go on in the middle of this
    one. An interrupt that comes once all of it is there takes nothing back.
    """
    end, written = file.seek(0, os.SEEK_END), 0
    try:
        while written < len(data):
            written += file.write(data[written:])
    except BaseException:
        with suppress(OSError):
            if file.seek(0, os.SEEK_END) < end + len(data):
                file.truncate(end)
        raise


def parse(line: bytes) -> dict | None:
    """The JSON object of one line; None for a line that is none."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


class JournalReader:
    """Reads the events of a file as it grows; remembers where it stopped.

    parse : what is made of a line; None passes it over.
    """

    def __init__(self, path: str | Path, parse: Callable[[bytes], Any] = parse):
        self.path, self.parse = Path(path), parse
        self._offset = 0

    def read(self) -> list:
        """Events written since the last call. A line that is no JSON object is passed over; a torn last line waits."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self._offset)
                data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return []
        end = data.rfind(b"\n") + 1
        self._offset += end
        return [event for event in map(self.parse, data[:end].splitlines()) if event is not None]


def _cut_torn_line(path: Path) -> None:
    if not path.exists():
        return
    with open(path, "rb+") as file:
        size = file.seek(0, os.SEEK_END)
        keep = size
        while keep > 0:
            start = max(0, keep - 4096)
            file.seek(start)
            newline = file.read(keep - start).rfind(b"\n")
            keep = start + newline + 1 if newline >= 0 else start
            if newline >= 0:
                break
        if keep < size:
            file.truncate(keep)
