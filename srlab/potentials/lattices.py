"""Perfect crystals of one element: fcc, bcc, hcp and diamond, and which of them is the element's ground state. Library:
ASE."""

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii, reference_states

from srlab.errors import InputError
from srlab.neighbours import neighbour_pairs

STRUCTURES = ("fcc", "bcc", "hcp", "diamond")
IDEAL = float(np.sqrt(8.0 / 3.0))
"""c/a of an hcp crystal of touching spheres."""
AXES = (IDEAL, *(float(x) for x in np.linspace(1.5, 1.9, 9)))
"""c/a of hcp crystals that are told from others: beryllium has 1.57, cadmium 1.89."""
SHELLS = 42
"""Neighbours of an atom that tell structures apart, the first three shells of fcc: of these, 18 are as far in hcp."""
ALIKE = 0.03
"""Root mean square of what their distances may differ by, in units of the nearest: strain and heat are in it."""
ATOMS = {"fcc": 4, "bcc": 2, "hcp": 2, "diamond": 8}
"""Atoms in the conventional cell: cubic, or hexagonal for hcp."""
_FACE = ((0.0, 0.5, 0.5), (0.5, 0.0, 0.5), (0.5, 0.5, 0.0))
_PRIMITIVE = {
    "fcc": (_FACE, ((0.0, 0.0, 0.0),)),
    "bcc": (((-0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0.5, 0.5, -0.5)), ((0.0, 0.0, 0.0),)),
    "hcp": (((1.0, 0.0, 0.0), (-0.5, np.sqrt(0.75), 0.0), (0.0, 0.0, 1.0)), ((0.0, 0.0, 0.0), (1 / 3, 2 / 3, 0.5))),
    "diamond": (_FACE, ((0.0, 0.0, 0.0), (0.25, 0.25, 0.25))),
}
"""Axes of the primitive cell in units of a, the third of hcp in units of c, and its atoms in units of the axes, as
`ase.build.bulk` has them, which takes half of SciPy to load and a millisecond a cell: a search asks for hundreds."""


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


def own_structure(potential):
    """The structure of a potential's own crystal: that of the data it was fitted to, else the ground state of its
    element, which says what is raised."""
    return potential.structure or ground_state(potential.element)


def structure_of(atoms):
    """Which of `STRUCTURES` a periodic crystal has, by the distances of each atom's nearest neighbours at its volume
    per atom; None where it has none of them, but a surface, many vacancies, or much strain or heat.

    Parameters
    ----------
    atoms : ase.Atoms
        Periodic in three directions.

    Returns
    -------
    str or None
    """
    found = _reduced_distances(atoms)
    if found is None:
        return None
    misfits = {
        (structure, axes): np.sqrt(
            ((found - _reduced_distances(primitive_cell("H", structure, 1.0, axes))) ** 2).mean()
        )
        for structure in STRUCTURES
        for axes in (AXES if structure == "hcp" else (IDEAL,))
    }
    structure, axes = best = min(misfits, key=misfits.get)
    return structure if misfits[best] < ALIKE * found[0] else None


def _reduced_distances(atoms):
    """Distances (SHELLS,) of an atom's nearest neighbours over the cube root of its volume, ascending, mean of all
    atoms; None where an atom has fewer near it than any of these crystals."""
    length = (atoms.get_volume() / len(atoms)) ** (1.0 / 3.0)
    i, _, r, _ = neighbour_pairs(atoms, 2.6 * length)
    counts = np.bincount(i, minlength=len(atoms))
    if counts.min() < SHELLS:
        return None
    order = np.lexsort((r, i))
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return r[order][first[:, None] + np.arange(SHELLS)].mean(axis=0) / length


def neighbour_ratio(structure, c_over_a=IDEAL):
    """Distance of nearest neighbours over the lattice constant a."""
    if structure == "hcp":
        return min(1.0, float(np.sqrt(1.0 / 3.0 + 0.25 * c_over_a**2)))
    return float({"fcc": np.sqrt(0.5), "bcc": np.sqrt(0.75), "diamond": np.sqrt(3.0) / 4.0}[structure])


def neighbour_distance(structure, volume):
    """Distance (angstrom) of nearest neighbours in a structure with `volume` A^3/atom; axes of hcp are ideal."""
    return lattice_constant_at(structure, volume) * neighbour_ratio(structure)


def lattice_constant_at(structure, volume, c_over_a=IDEAL):
    """Lattice constant a (angstrom) of a structure with `volume` A^3/atom."""
    per_cell = volume * ATOMS[structure]
    if structure == "hcp":  # the hexagonal cell has the volume sqrt(3)/2 a^2 c
        per_cell /= np.sqrt(0.75) * c_over_a
    return float(per_cell ** (1.0 / 3.0))


def touching_distance(element):
    """Distance (angstrom) of two atoms that touch at their covalent radii: the scale to go by where nothing else is
    known."""
    return float(2.0 * covalent_radii[atomic_numbers[element]])


def primitive_cell(element, structure, lattice_constant, c_over_a=IDEAL):
    """The primitive cell as `ase.Atoms`, lattice constant a in angstrom; c/a is that of hcp."""
    axes, places = _PRIMITIVE[structure]
    cell = lattice_constant * np.array(axes)
    if structure == "hcp":
        cell[2] *= c_over_a
    return Atoms(len(places) * [element], scaled_positions=places, cell=cell, pbc=True)


def conventional_cell(element, structure, lattice_constant, c_over_a=IDEAL, orthorhombic=False):
    """The cubic cell, or the hexagonal one of hcp; with `orthorhombic` that of hcp has right angles and four atoms."""
    from ase.build import bulk  # it loads half of SciPy

    if structure == "hcp":
        return bulk(element, "hcp", a=lattice_constant, c=c_over_a * lattice_constant, orthorhombic=orthorhombic)
    return bulk(element, structure, a=lattice_constant, cubic=True)
