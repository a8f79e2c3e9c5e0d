"""Dataclasses out of JSON that a person may have written, or a kill have damaged: what does not fit is one sentence."""

from __future__ import annotations

import math
import re

import msgspec

from srlab.errors import InputError

LARGEST = 2**53  # whole numbers above are not exact in JSON's floats, and no counts
_PLACE = re.compile(r"(.*?)(?: - at `\$\.?([^`]*)`)?")


def decode(cls, data, what: str):
    """The dataclass `cls` of an object read from JSON. Fields it does not know are left to newer versions.

    Parameters
    ----------
    cls : dataclass whose fields have types.
    data : what `json.loads` gave.
    what : the beginning of the sentence for what does not fit, such as "the settings of the run are damaged".

    Raises
    ------
    InputError : a field is missing, of another type, not finite, or one that the class itself refuses.
    """
    try:
        made = msgspec.convert(data, cls)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, InputError):
            raise error.__cause__ from None
        problem, place = _PLACE.fullmatch(str(error)).groups()
        raise InputError(f"{what}: {f'{place} is of the wrong kind, ' if place else ''}{_lower(problem)}") from error
    for name in cls.__dataclass_fields__:
        if name in data and not _finite(data[name]):
            raise InputError(f"{what}: {name} is no finite number")
    return made


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].replace("`", "")


def _finite(value) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_finite, value))
    if isinstance(value, int):
        return abs(value) <= LARGEST
    return not isinstance(value, float) or math.isfinite(value)
