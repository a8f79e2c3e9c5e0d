"""Perfect crystals of one element: fcc, bcc, hcp and diamond, and which of them is the element's ground state. Library:
ASE."""

import numpy as np
from ase.build import bulk
from ase.data import atomic_numbers, covalent_radii, reference_states

from srlab.errors import InputError

STRUCTURES = ("fcc", "bcc", "hcp", "diamond")
IDEAL = float(np.sqrt(8.0 / 3.0))
"""c/a of an hcp crystal of touching spheres."""
ATOMS = {"fcc": 4, "bcc": 2, "hcp": 2, "diamond": 8}
"""Atoms in the conventional cell: cubic, or hexagonal for hcp."""


def ground_state(element):
    """The structure of an element at ordinary conditions, one of `STRUCTURES`, from the table of ASE.

    Raises
    ------
    InputError
        If it is another one, or not known.
    """
    state = reference_states[atomic_numbers[element]]
    found = state and state["symmetry"]
    if found not in STRUCTURES:
        raise InputError(
            f"the ground state of {element} is {found or 'not known'}, none of {', '.join(STRUCTURES)}: "
            "give a structure, one of those or a file"
        )
    return found


def neighbour_ratio(structure, c_over_a=IDEAL):
    """Distance of nearest neighbours over the lattice constant a."""
    if structure == "hcp":
        return min(1.0, float(np.sqrt(1.0 / 3.0 + 0.25 * c_over_a**2)))
    return float({"fcc": np.sqrt(0.5), "bcc": np.sqrt(0.75), "diamond": np.sqrt(3.0) / 4.0}[structure])


def neighbour_distance(structure, volume):
    """Distance (angstrom) of nearest neighbours in a structure with `volume` A^3/atom; axes of hcp are ideal."""
    unit = primitive_cell("H", structure, 1.0)
    return float((volume * len(unit) / unit.get_volume()) ** (1.0 / 3.0) * neighbour_ratio(structure))


def touching_distance(element):
    """Distance (angstrom) of two atoms that touch at their covalent radii: the scale to go by where nothing else is
    known."""
    return float(2.0 * covalent_radii[atomic_numbers[element]])


def primitive_cell(element, structure, lattice_constant, c_over_a=IDEAL):
    """The primitive cell as `ase.Atoms`, lattice constant a in angstrom; c/a is that of hcp."""
    if structure == "hcp":
        return bulk(element, "hcp", a=lattice_constant, c=c_over_a * lattice_constant)
    return bulk(element, structure, a=lattice_constant)


def conventional_cell(element, structure, lattice_constant, c_over_a=IDEAL, orthorhombic=False):
    """The cubic cell, or the hexagonal one of hcp; with `orthorhombic` that of hcp has right angles and four atoms."""
    if structure == "hcp":
        return bulk(element, "hcp", a=lattice_constant, c=c_over_a * lattice_constant, orthorhombic=orthorhombic)
    return bulk(element, structure, a=lattice_constant, cubic=True)
