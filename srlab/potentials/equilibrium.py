"""The crystal a potential makes: what exporters and validation need to know about it."""

import numpy as np
from scipy.optimize import minimize_scalar

from srlab.errors import InputError
from srlab.potentials.calculator import energies_forces_virial
from srlab.potentials.lattices import neighbour_ratio, primitive_cell, touching_distance

NEAREST = 0.68
"""The scan begins at this share of the distance at which covalent radii touch: 1.8 A in copper."""


def lattice_constant(potential, structure="fcc"):
    """Lattice constant a (angstrom) at the lowest minimum of the energy of a structure, or None if there is none.

    Nearest-neighbour distances from `NEAREST` to 0.9 of the cutoff are scanned first: an equation found by a search may have several minima, or collapse
    at short distances. An hcp crystal has its ideal axes.
    """

    def energy(a):
        try:
            return float(energies_forces_virial(potential, primitive_cell(potential.element, structure, a))[0].mean())
        except InputError:
            return np.inf

    nearest = NEAREST * touching_distance(potential.element)
    lengths = np.linspace(nearest, max(2.0 * nearest, 0.9 * potential.cutoff), 80) / neighbour_ratio(structure)
    energies = np.array([energy(a) for a in lengths])
    minima = [k for k in range(1, len(lengths) - 1) if energies[k] < energies[k - 1] and energies[k] <= energies[k + 1]]
    if not minima:
        return None
    k = min(minima, key=lambda index: energies[index])
    found = minimize_scalar(energy, bounds=(lengths[k - 1], lengths[k + 1]), method="bounded", options={"xatol": 1e-8})
    return float(found.x)


def fcc_lattice_constant(potential):
    """As `lattice_constant`, of fcc."""
    return lattice_constant(potential)
