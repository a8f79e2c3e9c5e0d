"""The crystal a potential makes: what exporters and validation need to know about it."""

from dataclasses import dataclass

import numpy as np

from srlab.errors import InputError
from srlab.potentials.calculator import energies_forces_virial
from srlab.potentials.lattices import neighbour_ratio, own_structure, primitive_cell, touching_distance

NEAREST = 0.68
"""The scan begins at this share of the distance at which covalent radii touch: 1.8 A in copper."""
FARTHEST = 1.35
"""Neighbours of metals and semiconductors are nearer than this, in the same units: 0.85 in tungsten, 1.2 in lead."""

WALL = 1e6
"""eV/atom, in place of an energy that is not finite: a minimiser takes differences of energies."""
BARRIER = 0.3
"""eV/atom; behind a wall as high as this a compressed crystal has left its own minimum."""


def outer_minimum(energies, barrier=BARRIER):
    """Index of the lowest energy on the way in from the largest distance, up to a barrier.

    What lies further in is a hole of the potential or of its table, however deep it is. Atoms far apart may repel each
    other: a rise at the beginning of the way is passed over.

    Parameters
    ----------
    energies : (n,) eV/atom
        By increasing distance. A value that is not finite is a barrier.
    barrier : float
        eV/atom
    """
    lowest = len(energies) - 1
    while lowest > 0 and not energies[lowest - 1] < energies[lowest]:
        lowest -= 1
    for k in range(lowest - 1, -1, -1):
        if not energies[k] <= energies[lowest] + barrier:  # true of nan, too
            break
        if energies[k] < energies[lowest]:
            lowest = k
    return lowest


def lattice_constant(potential, structure="fcc"):
    """Lattice constant a (angstrom) at the lowest minimum of the energy of a structure outside of a hole, or None.

    Nearest-neighbour distances from `NEAREST` to 0.9 of the cutoff are scanned first: an equation found by a search may
    have several minima, or collapse at short distances. One that lies beyond `FARTHEST` is taken only where there is no
    other. An hcp crystal has its ideal axes.
    """

    def energy(a):
        try:
            value = float(energies_forces_virial(potential, primitive_cell(potential.element, structure, a))[0].mean())
        except InputError:
            return WALL
        return value if np.isfinite(value) else WALL

    nearest = NEAREST * touching_distance(potential.element)
    lengths = np.linspace(nearest, max(2.0 * nearest, 0.9 * potential.cutoff), 80) / neighbour_ratio(structure)
    energies = np.array([energy(a) for a in lengths])
    farthest = FARTHEST * touching_distance(potential.element) / neighbour_ratio(structure)
    for count in (int(np.searchsorted(lengths, farthest)), len(lengths)):
        k = outer_minimum(energies[:count])
        if 0 < k < count - 1 and energies[k] < energies[k + 1]:
            break
    else:
        return None
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(energy, bounds=(lengths[k - 1], lengths[k + 1]), method="bounded", options={"xatol": 1e-8})
    return float(found.x)


@dataclass(frozen=True)
class Equilibrium:
    """The crystal of a potential, as exports need it.

    structure : fcc, bcc, hcp or diamond. lattice_constant : a, angstrom; axes of hcp are ideal.
    found : whether the potential has that minimum; if not, its neighbours are as far apart as covalent radii say.
    """

    structure: str
    lattice_constant: float
    found: bool

    @property
    def close_packed(self):
        """Lattice constant (angstrom) of fcc with the same distance of nearest neighbours: the scale of the densest
        crystals."""
        return float(np.sqrt(2.0) * neighbour_ratio(self.structure) * self.lattice_constant)


def equilibrium(potential):
    """The `Equilibrium` of a potential in the crystal of its data or else the ground state of its element, in fcc where
    that is another one or not known."""
    try:
        structure = own_structure(potential)
    except InputError:
        structure = "fcc"
    found = lattice_constant(potential, structure)
    return Equilibrium(
        structure, found or touching_distance(potential.element) / neighbour_ratio(structure), found is not None
    )
