"""Reference values, thresholds and scores, all from data files: properties.json (units, labels, thresholds) and reference.json (PBE, experiment)."""

import json
from functools import lru_cache
from pathlib import Path

from srlab.errors import InputError

REFERENCES = ("pbe", "experiment")


@lru_cache(maxsize=1)
def properties():
    """name -> {group, label, unit[, good, acceptable]}; the thresholds are largest differences from the reference, in the property's unit."""
    return json.loads(Path(__file__).with_name("properties.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _reference_file():
    return json.loads(Path(__file__).with_name("reference.json").read_text(encoding="utf-8"))


def reference_values(element):
    """name -> {pbe, pbe_source, experiment, experiment_source} of an element; empty if there are none."""
    return _reference_file().get(element, {})


def sources():
    """Short name of a source -> full reference."""
    return _reference_file()["sources"]


def check_reference(reference):
    """Raise an InputError if there is no such reference column."""
    if reference not in REFERENCES:
        raise InputError(f"there is no reference {reference!r}: choose pbe or experiment")


def entry(name, value, element, reference="pbe", warning=None):
    """What `validate` says of one property.

    Parameters
    ----------
    name : str
    value : float or None
    element : str
    reference : "pbe" or "experiment"
    warning : str, optional

    Returns
    -------
    dict
        value, unit, error (value - reference, in that unit), pbe, experiment, reference (the column used: the other one where the wanted one is empty, None
        where both are), score ("good", "acceptable", "poor" or None) and, if there is one, warning.
    """
    about = properties()[name]
    known = reference_values(element).get(name, {})
    used = next((column for column in (reference, *REFERENCES) if known.get(column) is not None), None)
    target = known.get(used)
    error = None if value is None or target is None else value - target
    result = {
        "value": value,
        "unit": about["unit"],
        "error": error,
        "pbe": known.get("pbe"),
        "experiment": known.get("experiment"),
        "reference": used,
        "score": score(error, about),
    }
    return {**result, "warning": warning} if warning else result


def score(error, about):
    """ "good", "acceptable" or "poor" from an error and the thresholds of a property; None without one of them."""
    if error is None or "good" not in about:
        return None
    return "good" if abs(error) <= about["good"] else "acceptable" if abs(error) <= about["acceptable"] else "poor"
