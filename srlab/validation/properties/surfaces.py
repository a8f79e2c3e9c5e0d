"""Surface energies of (111), (100) and (110), relaxed. Library: `ase.build` surfaces, L-BFGS."""

import numpy as np
from ase import units
from ase.build import fcc100, fcc110, fcc111

from srlab.validation.crystal import relax

JOULE = units.J / units.m**2
"""One J/m2 in eV/A^2."""
_BUILDERS = {"111": (fcc111, np.sqrt(3.0), 3), "100": (fcc100, 2.0, 2), "110": (fcc110, 2.0 * np.sqrt(2.0), 2)}
"""Face: builder, number of layers in a0, layers after which they repeat."""


def surface_cell(crystal, face, vacuum=8.0, layers=None):
    """A slab with one atom per layer, thick enough that its two surfaces do not reach each other.

    Parameters
    ----------
    crystal : Crystal
    face : str
        "111", "100" or "110".
    vacuum : float
        Angstrom on each side; the slab is not periodic across it.
    layers : int, optional
        For a thinner slab (DFT).
    """
    builder, per_lattice_constant, _ = _BUILDERS[face]
    thickness = 2.0 * max(crystal.reach, 6.0) + 10.0
    layers = layers or int(np.ceil(thickness * per_lattice_constant / crystal.lattice_constant))
    return builder(crystal.element, (1, 1, layers), a=crystal.lattice_constant, vacuum=vacuum, periodic=False)


def oriented_bulk(crystal, face):
    """The perfect crystal in a cell with the edges of the slab of that face: with DFT, k points in the surface are then the same in both."""
    builder, _, period = _BUILDERS[face]
    return builder(crystal.element, (1, 1, period), a=crystal.lattice_constant, periodic=True)


def surface_energy(atoms, energy, bulk_energy):
    """J/m2 from the energy of a slab (eV) and that of the crystal (eV/atom); the slab has two equal surfaces."""
    area = np.linalg.norm(np.cross(atoms.cell[0], atoms.cell[1]))
    return float((energy - len(atoms) * bulk_energy) / (2.0 * area) / JOULE)


def surfaces(crystal, quick=False, tick=None):
    """Surface energies of a crystal.

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
        values {surface_energy_111, surface_energy_100, surface_energy_110 (J/m2)}, warnings, unrelaxed {face: J/m2}, relaxation {face: change of the
        outermost layer spacing, per cent}.
    """
    values, warnings, unrelaxed, relaxation = {}, {}, {}, {}
    for face in _BUILDERS:
        name = f"surface_energy_{face}"
        slab = surface_cell(crystal, face)
        slab.calc = crystal.calculator
        unrelaxed[face] = surface_energy(slab, slab.get_potential_energy(), crystal.energy)
        relaxed, converged = relax(slab, crystal.calculator)
        values[name] = surface_energy(relaxed, relaxed.get_potential_energy(), crystal.energy)
        spacing = np.diff(np.sort(slab.positions[:, 2]))[-1]
        relaxation[face] = float(100.0 * (np.diff(np.sort(relaxed.positions[:, 2]))[-1] / spacing - 1.0))
        if values[name] <= 0.0:
            warnings[name] = "unstable crystal: it gains energy by making surfaces"
        elif not converged:
            warnings[name] = "the relaxation did not converge"
        if tick:
            tick()
    return {"values": values, "warnings": warnings, "unrelaxed": unrelaxed, "relaxation": relaxation}
