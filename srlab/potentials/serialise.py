"""A potential made of formulas as a JSON object, both ways. Formulas travel as text and come back through the project's own parser."""

from srlab.errors import InputError
from srlab.potentials.potential import Potential
from srlab.potentials.taper import taper_from_json

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
        "units": "eV, angstrom; energy = sum_i [offset + F(rho_i) + 1/2 sum_j phi(r_ij)], phi and the densities times the taper",
    }


def potential_from_json(data):
    """The potential that `potential_to_json` wrote.

    Raises
    ------
    InputError
        If something is missing or a formula cannot be read.
    """
    try:
        return Potential(
            name=str(data["name"]),
            element=str(data["element"]),
            **functions_from_texts(data["formulas"]),
            cutoff=float(data["cutoff"]),
            taper=taper_from_json(data["taper"]),
            offset=float(data.get("offset", 0.0)),
            source=str(data.get("source", "")),
            atomic_scale=bool(data.get("atomic_scale", True)),
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"this is not a complete srlab potential: {error} is missing or of the wrong kind") from error


def functions_from_texts(texts, constants=None):
    """The functions of a `Potential` from their texts, as keyword arguments: pair, density, embedding and, if there, second_density."""
    from srlab.fitting.model import parse_function, parts_of

    return {part: parse_function(texts, part, constants) for part in parts_of(texts)}
