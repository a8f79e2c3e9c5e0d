"""Find a potential by what a user types: a name, a file, or a candidate of a run."""

import json
import os
import re
from pathlib import Path

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.potentials.published import published, published_names
from srlab.potentials.serialise import FORMAT, potential_from_json
from srlab.potentials.setfl import read_setfl
from srlab.runs import events

MODELS = Path(__file__).parent / "potentials" / "models"


def shipped_names():
    """Names of the models that come with srlab: the JSON files of `srlab/potentials/models`."""
    return sorted(path.stem for path in MODELS.glob("*.json"))


def potential_names():
    """All names `load_potential` knows."""
    return published_names() + shipped_names()


def load_potential(spec):
    """Find a potential by what a user types.

    Parameters
    ----------
    spec : str or path-like, or a Potential or Candidate
        A published name, the name of a shipped model, RUN#ID, a JSON file (a candidate or an exported potential) or a
        table file of LAMMPS (eam/alloy, eam/fs, eam/he, eam); of one that holds several elements, ``FILE:Cu`` takes
        one.
        A potential is returned as it is.

    Returns
    -------
    Potential

    Raises
    ------
    InputError
        If nothing of that name is there (the known names are listed) or the file cannot be used.
    """
    if hasattr(spec, "phi"):
        return spec
    if callable(getattr(spec, "potential", None)):
        return spec.potential()
    text = str(spec)
    if text in published_names():
        return published(text)
    if text in shipped_names():
        return _from_json_file(MODELS / f"{text}.json")
    path = Path(os.path.expanduser(text))
    if os.path.isfile(path):
        return _from_json_file(path) if _is_json(path) else read_setfl(path)
    table, element = re.fullmatch(r"(.*?)(?::([A-Z][a-z]?))?", text, re.DOTALL).groups()
    if element and os.path.isfile(os.path.expanduser(table)):
        return read_setfl(os.path.expanduser(table), element)
    if "#" in text:
        return load_candidate(text).potential()
    if os.path.isdir(path):
        raise InputError(f"{text} is a folder: for a candidate of a run write {text}#ID, for a potential name a file")
    raise InputError(
        f"there is no potential {text!r}: give one of {', '.join(potential_names())}, a candidate JSON file, RUN#ID, "
        "or a table file of LAMMPS"
    )


def load_candidate(spec):
    """Take a candidate from the journal of a run.

    Parameters
    ----------
    spec : str
        RUN#ID.

    Returns
    -------
    Candidate

    Raises
    ------
    InputError
        If there is no such run, or no such candidate in it.
    """
    folder, _, identity = str(spec).rpartition("#")
    journal = Path(os.path.expanduser(folder)) / "journal.jsonl"
    if not os.path.isfile(journal):
        raise InputError(
            f"{folder!r} is not the folder of a run, there is no journal.jsonl in it: give RUN#ID with the folder "
            "srlab search wrote"
        )
    records = {}  # a later entry of the same id replaces an earlier one
    for event in events.reader(journal).read():
        if isinstance(event, events.Candidate):
            records[event.candidate["id"]] = event.candidate
    if identity not in records:
        some = ", ".join(list(records)[-5:]) or "none yet"
        raise InputError(
            f"the run {folder} has no candidate {identity!r}: see 'srlab front {folder}' (the latest are {some})"
        )
    return Candidate.from_json(records[identity])


def _is_json(path):
    """By its name or, if that does not tell, by its first letter."""
    if path.suffix.lower() == ".json":
        return True
    with open(path, "rb") as file:
        return file.read(64).lstrip().startswith(b"{")


def _from_json_file(path):
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(data, dict) or "formulas" not in data:
        raise InputError(
            f"{path} holds no potential: expected a candidate or a potential exported by srlab, with its formulas"
        )
    try:
        if data.get("format") == FORMAT:
            return potential_from_json(data)
        return Candidate.from_json(data).potential()
    except (KeyError, TypeError) as error:
        raise InputError(f"{path} is not a complete candidate: {error}") from error
