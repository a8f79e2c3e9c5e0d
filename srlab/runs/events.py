"""What the events of a search's journal look like, so that a line that is damaged, or written by hand, is passed over and not believed."""

from __future__ import annotations

import math
from dataclasses import MISSING, fields
from functools import cache
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

from srlab.errors import InputError
from srlab.runs.journal import JournalReader

TEXTS = dict[str, str]
LOSSES = dict[str, float]
FIELDS = {
    "start": {"settings": dict, "dataset": dict},
    "reference": {
        "name": str,
        "complexity": int,
        "formulas": TEXTS,
        "energy_mae": float,
        "force_mae": float,
        "test_energy_mae": float | None,
        "test_force_mae": float | None,
    },
    "node": {"id": int, "parent": int, "depth": int, "move": str, "loss": float | None, "playouts": int},
    "visit": {"node": int, "playouts": int},
    "candidate": {"candidate": dict},
    "front": {"ids": list[str]},
    "status": {"state": str, "evaluations": int, "rate": float, "nodes": int, "candidates": int},
    "finish": {"state": str, "evaluations": int},
    "command": {"command": dict},
    "checkpoint": {},
    "stretch": {"tree": int},
    "rescore": {"nodes": LOSSES, "candidates": LOSSES},
    "flag": {"node": int, "flag": str | None},
    "error": {"message": str},
}
# of a node, score is its parent's when that was selected, and explore the part of it that is exploration: see srlab.search.selection
OPTIONAL = {
    "t": float,
    "complexity": int,
    "formulas": TEXTS | None,
    "vector": list[float] | None,
    "candidate": str | None,
    "label": str,
    "score": float | None,
    "explore": float | None,
    "best": float | None,
    "window": float | None,
    "seconds": float | None,
    "playouts": int,
    "pending": int,
    "form": str,
    "round": int,
}
ROOT = {
    "id": 0,
    "parent": -1,
    "depth": 0,
    "move": "root",
    "loss": None,
    "score": None,
    "window": None,
    "playouts": 0,
    "candidate": None,
    "label": "",
}
DATASET = {"name": str, "fingerprint": str, "frames": int, "train": int, "test": int}
SPLIT = {"train_indices": list[int], "test_indices": list[int]}
LARGEST = 2**53  # whole numbers above are no counts


class EventReader(JournalReader):
    """Reads the events of a search as they are written; those that are not well formed are passed over."""

    def read(self) -> list[dict]:
        return [event for event in super().read() if well_formed(event)]


def conforms(value, hint) -> bool:
    """Whether a value read from JSON is of a type: int, float (whole numbers, too, all finite), str, dict, None, unions, and lists of them."""
    origin = get_origin(hint)
    if origin is UnionType:
        return any(conforms(value, each) for each in get_args(hint))
    if origin is dict:
        return isinstance(value, dict) and all(conforms(each, get_args(hint)[1]) for each in value.values())
    if origin in (list, tuple):
        inner = [each for each in get_args(hint) if each is not Ellipsis]
        return isinstance(value, (list, tuple)) and (
            all(conforms(each, inner[0]) for each in value)
            if origin is list or len(inner) == 1
            else len(value) == len(inner) and all(map(conforms, value, inner))
        )
    if hint in (int, float):
        return (
            not isinstance(value, bool)
            and isinstance(value, (int, hint))
            and abs(value) <= (LARGEST if isinstance(value, int) else math.inf)
            and math.isfinite(value)
        )
    return value is None if hint is NoneType else isinstance(value, hint)


@cache
def _hints(cls) -> dict:
    return get_type_hints(cls)


def check_fields(cls, data: dict, what: str) -> None:
    """Raise InputError unless a dict read from JSON has all fields of a dataclass that have no default, and those it has are of their types."""
    missing = [
        field.name
        for field in fields(cls)
        if field.default is MISSING and field.default_factory is MISSING and field.name not in data
    ]
    if missing:
        raise InputError(f"{what}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    for field in fields(cls):
        if field.name in data and not conforms(data[field.name], _hints(cls)[field.name]):
            raise InputError(f"{what}: {field.name} is of the wrong kind")


def has_fields(event: dict, wanted: dict) -> bool:
    """Whether a dict has all the wanted fields, each of its type."""
    return all(name in event and conforms(event[name], hint) for name, hint in wanted.items())


def well_formed(event: dict) -> bool:
    """Whether an event has the fields of its kind, of the right types. Kinds that are not known here are nobody's, and pass."""
    kind = event.get("event")
    if not isinstance(kind, str):
        return False
    if kind not in FIELDS:
        return True
    if not has_fields(event, FIELDS[kind]):
        return False
    if (
        not all(
            conforms(event[name], hint) for name, hint in OPTIONAL.items() if name in event and name not in FIELDS[kind]
        )
        or event.get("t", 0) < 0
    ):
        return False
    match kind:
        case "start":
            return has_fields(event["dataset"], DATASET)
        case "node":  # a parent comes before its children, or a walk to the root would not end
            return (
                event["id"] >= 0
                and -1 <= event["parent"] < event["id"]
                and event["playouts"] >= 0
                and event.get("complexity", 0) >= 0
                and (event["loss"] is None or event["loss"] > 0)
            )
        case "visit":
            return event["playouts"] >= 0
        case "command":
            command = event["command"]
            return isinstance(command.get("name"), str) and (
                command["name"] != "pin" or isinstance(command.get("candidate"), str)
            )
        case "rescore":
            return all(node.isdecimal() and len(node) < 16 for node in event["nodes"])
        case "reference":
            return _readable(event["formulas"])
    return True


def _readable(formulas: dict) -> bool:
    from srlab.templates import Model

    try:
        Model.parse(formulas)
    except InputError:
        return False
    return True
