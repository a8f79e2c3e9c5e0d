"""The fcc crystal a potential makes: what exporters need to know about it."""

import numpy as np
from ase.build import bulk
from scipy.optimize import minimize_scalar

from srlab.errors import InputError
from srlab.potentials.calculator import energies_forces_virial


def fcc_lattice_constant(potential):
    """Lattice constant (angstrom) at the lowest minimum of the fcc energy, or None if there is none.

    Nearest-neighbour distances from 1.8 A to 0.9 of the cutoff are scanned first: an equation found by a search may have several minima, or collapse
    at short distances.
    """

    def energy(a):
        try:
            return float(energies_forces_virial(potential, bulk(potential.element, "fcc", a))[0][0])
        except InputError:
            return np.inf

    lengths = np.sqrt(2.0) * np.linspace(1.8, max(3.5, 0.9 * potential.cutoff), 80)
    energies = np.array([energy(a) for a in lengths])
    minima = [k for k in range(1, len(lengths) - 1) if energies[k] < energies[k - 1] and energies[k] <= energies[k + 1]]
    if not minima:
        return None
    k = min(minima, key=lambda index: energies[index])
    found = minimize_scalar(energy, bounds=(lengths[k - 1], lengths[k + 1]), method="bounded", options={"xatol": 1e-8})
    return float(found.x)
