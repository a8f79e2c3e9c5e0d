"""Reference values, thresholds and scores, all from data files: properties.json (units, labels, thresholds) and
reference.json (PBE, experiment)."""

import json
import math
from functools import lru_cache
from pathlib import Path

from ase.data import atomic_numbers

from srlab.errors import InputError
from srlab.potentials.lattices import ground_state

REFERENCES = ("pbe", "experiment")
NO_REFERENCE = "no reference"
SAME_FOR_ALL = ("melting_point", "latent_heat", "liquid_density", "liquid_diffusion", "solid_amorphous_melting")
"""Properties whose references hold whatever crystal a computation starts from."""


@lru_cache(maxsize=1)
def properties():
    """name -> {group, label, unit[, good, acceptable[, typical]][, structures]}.

    The thresholds are largest differences from the reference, in the property's unit; with `typical` they are meant for
    a reference of that size and grow and shrink with it. A property with `structures` belongs to crystals of these
    only.
    """
    return json.loads(Path(__file__).with_name("properties.json").read_text(encoding="utf-8"))


def names_of(group, structure):
    """Names of the properties of a group that a crystal of a structure has."""
    return [
        name
        for name, about in properties().items()
        if about["group"] == group and structure in about.get("structures", (structure,))
    ]


@lru_cache(maxsize=1)
def _reference_file():
    return json.loads(Path(__file__).with_name("reference.json").read_text(encoding="utf-8"))


def reference_values(element, structure=None, references=None):
    """name -> {pbe, pbe_source, experiment, experiment_source} of an element; empty if there are none.

    Parameters
    ----------
    element : str
    structure : str, optional
        Of the crystal they are compared with. References are those of the element's own ground state: of another
        structure only `SAME_FOR_ALL` is left.
    references : dict, optional
        From `load_references`: a user's own, which go before the bundled ones.
    """
    found = {}
    for source in (_reference_file(), references or {}):
        record = dict(source.get(element, {}))
        own = record.pop("structure", None)
        for name, known in record.items():
            if structure is None or name in SAME_FOR_ALL or structure == (own or ground_state(element)):
                found[name] = {**found.get(name, {}), **known}
    return found


def melting_point(element):
    """K, that of PBE where it is known, else experiment's; None where neither is."""
    known = reference_values(element).get("melting_point", {})
    return next((known[column] for column in REFERENCES if known.get(column) is not None), None)


def load_references(path):
    """References of a user's own, checked.

    Parameters
    ----------
    path : path-like
        A JSON file {element: {property: {"pbe": number, "pbe_source": text, "experiment": number, "experiment_source":
        text}, "structure": "bcc"}}: for each property at least one of the two numbers, sources as one likes; the
        structure is the element's ground state unless it is said.

    Returns
    -------
    dict
        Of that shape, every number with a source.

    Raises
    ------
    InputError
        If the file cannot be read, or an element, a property, a column or a number in it is none; it is named.
    """
    path = Path(path).expanduser()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}") from None
    if not isinstance(data, dict) or not data:
        raise InputError(
            f"{path} holds no references: expected {{element: {{property: {{pbe or experiment: number}}}}}}"
        )
    found = {}
    for element, record in data.items():
        if element == "sources":
            continue
        if element not in atomic_numbers or not isinstance(record, dict):
            raise InputError(f"{path}: {element!r} is no element with properties")
        found[element] = {
            name: _checked(path, element, name, known) if name != "structure" else str(known)
            for name, known in record.items()
        }
    return found


def _checked(path, element, name, known):
    where = f"{path}: {element}, {name}"
    if name not in properties():
        raise InputError(f"{where}: there is no such property; its name is that in the output of srlab validate --json")
    if not isinstance(known, dict) or not any(column in known for column in REFERENCES):
        raise InputError(f"{where}: expected pbe or experiment with a number")
    unknown = set(known) - {*REFERENCES, *(f"{column}_source" for column in REFERENCES)}
    if unknown:
        raise InputError(
            f"{where}: {sorted(unknown)[0]!r} is not known; there are pbe, experiment, pbe_source and experiment_source"
        )
    checked = {}
    for column in REFERENCES:
        if column not in known:
            continue
        value = known[column]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise InputError(f"{where}: {column} is {value!r}, not a finite number")
        checked |= {column: float(value), f"{column}_source": str(known.get(f"{column}_source", f"from {path.name}"))}
    return checked


def sources():
    """Short name of a source -> full reference."""
    return _reference_file()["sources"]


def check_reference(reference):
    """Raise an InputError if there is no such reference column."""
    if reference not in REFERENCES:
        raise InputError(f"there is no reference {reference!r}: choose pbe or experiment")


def entry(name, value, known, reference="pbe", warning=None):
    """What `validate` says of one property.

    Parameters
    ----------
    name : str
    value : float or None
    known : dict
        References of that property: pbe, experiment; see `reference_values`.
    reference : "pbe" or "experiment"
    warning : str, optional

    Returns
    -------
    dict
        value, unit, error (value - reference, in that unit), pbe, experiment, reference (the column used: the other one
        where the wanted one is empty, None where both are), score ("good", "acceptable", "poor" or None) and, if there
        is one, warning.
    """
    about = properties()[name]
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
        "score": score(error, about, target),
    }
    return {**result, "warning": warning} if warning else result


def structure_entry(described, structure, element):
    """The line of a scorecard that says which crystal it is of, in words, with the keys of the others; a warning where
    nature has another one."""
    row = dict.fromkeys(("value", "unit", "error", "pbe", "experiment", "reference", "score"))
    row |= {"value": described, "unit": ""}
    try:
        own = ground_state(element)
    except InputError:
        return row
    if structure != own:
        row["warning"] = f"the ground state of {element} is {own}: references of that are not compared with {structure}"
    return row


def thresholds(about, target):
    """Largest good and largest acceptable error of a property with a reference value `target`; None where it has
    none."""
    if "good" not in about or target is None:
        return None
    size = abs(target) / about["typical"] if "typical" in about else 1.0
    return about["good"] * size, about["acceptable"] * size


def score(error, about, target):
    """ "good", "acceptable" or "poor" from an error and the thresholds of a property; None without one of them."""
    limits = thresholds(about, target)
    if error is None or limits is None:
        return None
    return "good" if abs(error) <= limits[0] else "acceptable" if abs(error) <= limits[1] else "poor"
