"""What a person writes about a run: a note, and a tag for any of its candidates. They lie beside the journal, which
only the search writes."""

from __future__ import annotations

import json
import os
from pathlib import Path

from srlab.errors import InputError

NOTES_FILE = "notes.json"
LONGEST = 2000  # characters of a note or a tag


def read_notes(run: str | Path) -> dict:
    """{"note": text, "tags": {candidate id: text}} of a run folder, empty where nothing was written, or what was
    written is damaged."""
    try:
        found = json.loads((Path(run) / NOTES_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    found = found if isinstance(found, dict) else {}
    note, tags = found.get("note"), found.get("tags")
    tags = tags if isinstance(tags, dict) else {}
    return {
        "note": note if isinstance(note, str) else "",
        "tags": {identity: text for identity, text in tags.items() if isinstance(text, str)},
    }


def write_note(run: str | Path, text: str) -> None:
    """Replace the note of a run; "" removes it. Raises InputError where it is too long or cannot be written."""
    _write(run, {**read_notes(run), "note": _checked(text)})


def write_tag(run: str | Path, candidate: str, text: str) -> None:
    """Replace the tag of a candidate of a run; "" removes it. Raises InputError where it is too long or cannot be
    written."""
    notes, text = read_notes(run), _checked(text)
    notes["tags"].pop(str(candidate), None)
    if text:
        notes["tags"][str(candidate)] = text
    _write(run, notes)


def _checked(text: str) -> str:
    text = " ".join(str(text).split())
    if len(text) > LONGEST:
        raise InputError(f"a note may have {LONGEST} characters, not {len(text)}: shorten it")
    return text


def _write(run: str | Path, notes: dict) -> None:
    """Write beside, then rename: a reader never sees half of it."""
    path = Path(run) / NOTES_FILE
    beside = path.with_name(f".{NOTES_FILE}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(notes, indent=1), encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
