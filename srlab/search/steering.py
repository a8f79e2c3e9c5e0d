"""Commands to a running search: a file the user's side appends to and the worker reads, checked at both ends."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from .journal import JournalWriter

COMMANDS_FILE = "commands.jsonl"
NAMES = ("pause", "resume", "stop", "step", "set", "boost", "prune", "release", "pin", "inject")


def send(run: Path, name: str, **arguments) -> None:
    """Append a command for the worker of a run folder."""
    if name not in NAMES:
        raise InputError(f"unknown command {name!r}: choose from {', '.join(NAMES)}")
    writer = JournalWriter(Path(run) / COMMANDS_FILE)
    writer.append({"name": name, **arguments})
    writer.close()
