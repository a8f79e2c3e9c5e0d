"""A potential made of formulas as a JSON object, both ways.

Formulas travel as text and come back through the project's own parser.
"""

from dataclasses import replace

from srlab.errors import InputError
from srlab.potentials.lattices import STRUCTURES
from srlab.potentials.potential import Potential
from srlab.potentials.taper import taper_from_json
from srlab.templates import Model

FORMAT = "srlab-potential"


def potential_to_json(potential):
    """Plain dict with everything needed to build the potential again.

    Raises
    ------
    InputError
        If the potential is made of tables: it has no formulas.
    """
    formulas = potential.formulas
    if formulas is None:
        raise InputError(f"{potential.name} is a table, it has no formulas to write: export it to lammps instead")
    return {
        "format": FORMAT,
        "name": potential.name,
        "element": potential.element,
        "formulas": formulas,
        "offset": potential.offset,
        "cutoff": potential.cutoff,
        "taper": potential.taper.to_json(),
        "complexity": potential.complexity,
        "source": potential.source,
        "atomic_scale": potential.atomic_scale,
        "structure": potential.structure,
        "notes": list(potential.notes),
        "units": f"eV, angstrom; {potential.template.energy_text(present=potential.functions)}; "
        "the functions of r times the taper",
    }


def potential_from_json(data):
    """The potential that `potential_to_json` wrote.

    Raises
    ------
    InputError
        If something is missing or a formula cannot be read.
    """
    try:
        potential = Potential.of_model(
            Model.parse(data["formulas"], float(data.get("offset", 0.0))),
            str(data["name"]),
            str(data["element"]),
            float(data["cutoff"]),
            taper_from_json(data["taper"]),
            str(data.get("source", "")),
            bool(data.get("atomic_scale", True)),
            _structure(data.get("structure")),
        )
        return replace(potential, notes=_notes(data.get("notes", [])))
    except (KeyError, TypeError) as error:
        raise InputError(f"this is not a complete srlab potential: {error} is missing or of the wrong kind") from error


def _notes(sentences):
    """Sentences that were written."""
    if not isinstance(sentences, list):
        raise InputError("this is not a complete srlab potential: its notes are no list of sentences")
    return tuple(map(str, sentences))


def _structure(name):
    """A structure that was written, or None."""
    if name is not None and name not in STRUCTURES:
        raise InputError(f"this is not a complete srlab potential: its structure is none of {', '.join(STRUCTURES)}")
    return name
