"""Published potentials, read from `published.json`: formulas, constants, cutoff, taper and source."""

import json
from functools import lru_cache
from pathlib import Path

from srlab.errors import InputError
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep, taper_from_json
from srlab.templates import Model, functions_in


@lru_cache(maxsize=1)
def published_table():
    """The table as it stands in the file: name -> {pair, density, embedding, constants, units, cutoff, taper,
    source}."""
    return json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))


def published_names():
    """Names that `published` knows."""
    return list(published_table())


def published(name, cutoff=None, taper_start=None):
    """A published potential by name.

    Parameters
    ----------
    name : str
        One of `published_names()`.
    cutoff, taper_start : float, optional
        Angstrom; together they replace the published or default taper by a quintic smoothstep. The defaults stand in
        the table: Sutton-Chen and quantum Sutton-Chen 9 A tapered from 7 A, Cleri-Rosato 7 A from 5.5 A, GP1-3 the
        taper of the paper, 3 to 5 A.

    Raises
    ------
    InputError
        If the name is unknown (the known ones are listed), or only one of cutoff and taper_start is given.
    """
    table = published_table()
    if name not in table:
        raise InputError(f"{name!r} is not a published potential: choose one of {', '.join(table)}")
    if (cutoff is None) != (taper_start is None):
        raise InputError("cutoff and taper_start belong together: give both or neither")
    entry = table[name]
    return Potential.of_model(
        Model.parse(functions_in(entry), names=entry["constants"]),
        name,
        entry["element"],
        float(cutoff or entry["cutoff"]),
        taper_from_json(entry["taper"]) if cutoff is None else Smoothstep(float(taper_start), float(cutoff)),
        entry["source"],
    )
