"""Surface energies of the usual faces, relaxed and not reconstructed. Library: `ase.build` (see `slabs`), L-BFGS."""

import numpy as np
from ase import units

from srlab.validation.crystal import FILE, relax
from srlab.validation.properties.slabs import area, planes, slab

JOULE = units.J / units.m**2
"""One J/m2 in eV/A^2."""
FACES = {
    "fcc": {"111": (1, 1, 1), "100": (1, 0, 0), "110": (1, 1, 0)},
    "bcc": {"110": (1, 1, 0), "100": (1, 0, 0), "111": (1, 1, 1), "112": (1, 1, 2)},
    "hcp": {"0001": (0, 0, 1), "1010": (1, 0, 0)},
    "diamond": {
        "111_unreconstructed": (1, 1, 1),
        "100_unreconstructed": (1, 0, 0),
        "110_unreconstructed": (1, 1, 0),
    },
    FILE: {"100": (1, 0, 0), "010": (0, 1, 0), "001": (0, 0, 1)},
}
"""Face: Miller indices in the conventional cell (three indices of hcp); 1010 of hcp is (10-10), cut where its planes
are farther apart."""


def surface_energy(atoms, energy, bulk_energy):
    """J/m2 from the energy of a slab (eV) and that of the crystal (eV/atom); the slab has two equal surfaces."""
    return float((energy - len(atoms) * bulk_energy) / (2.0 * area(atoms)) / JOULE)


def surfaces(crystal, quick=False, tick=None):
    """Surface energies of a crystal.

    Faces that nature reconstructs, (100) of diamond before all, are left as they are cut: these are energies of
    unreconstructed surfaces.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        Changes nothing, slabs are cheap.
    tick : callable, optional
        Called after each face.

    Returns
    -------
    dict
        values {surface_energy_111 ... (J/m2), the faces of `FACES`}, warnings, unrelaxed {face: J/m2}, relaxation
        {face: change of the outermost layer spacing, per cent}.
    """
    values, warnings, unrelaxed, relaxation = {}, {}, {}, {}
    for face, indices in FACES[crystal.structure].items():
        name = f"surface_energy_{face}"
        cut = slab(crystal, indices, 2.0 * max(crystal.reach, 6.0) + 10.0)
        cut.calc = crystal.calculator
        unrelaxed[face] = surface_energy(cut, cut.get_potential_energy(), crystal.energy)
        relaxed, converged = relax(cut, crystal.calculator)
        values[name] = surface_energy(relaxed, relaxed.get_potential_energy(), crystal.energy)
        spacing = np.diff(planes(cut))[-1]
        relaxation[face] = float(100.0 * (np.diff(planes(relaxed))[-1] / spacing - 1.0))
        if values[name] <= 0.0:
            warnings[name] = "unstable crystal: it gains energy by making surfaces"
        elif not converged:
            warnings[name] = "the relaxation did not converge"
        if tick:
            tick()
    return {"values": values, "warnings": warnings, "unrelaxed": unrelaxed, "relaxation": relaxation}
