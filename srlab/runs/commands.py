"""Commands to a running search: a file the user's side appends to and the worker reads, checked at both ends."""

from __future__ import annotations

import json
from pathlib import Path

from srlab.errors import InputError
from srlab.runs.journal import JournalWriter

COMMANDS_FILE = "commands.jsonl"
NAMES = ("pause", "resume", "stop", "step", "set", "boost", "prune", "release", "pin", "inject")


def send(run: Path, name: str, **arguments) -> None:
    """Append a command for the worker of a run folder."""
    if name not in NAMES:
        raise InputError(f"unknown command {name!r}: choose from {', '.join(NAMES)}")
    writer = JournalWriter(Path(run) / COMMANDS_FILE)
    writer.append({"name": name, **arguments})
    writer.close()


def check_recordable(command: dict) -> None:
    """Raise InputError for a command that no journal could hold, before it is obeyed: JSON knows no numbers that are
    not finite, though files may have them."""
    try:
        json.dumps(command, allow_nan=False)
    except ValueError:
        raise InputError(
            f"the command {command.get('name')!r} holds a number that is not finite: give another"
        ) from None
