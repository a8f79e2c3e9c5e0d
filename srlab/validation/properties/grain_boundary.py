"""Grain boundaries: symmetric tilt Sigma 3 (112), 5 (210), 5 (310) and 9 (221), the lowest energy over rigid shifts and
merged atoms.

The grains are slabs with free surfaces, so that the boundary expands as it likes; a single grain with the same surfaces
is taken off. Library: ASE (L-BFGS).
"""

from itertools import product

import numpy as np

from srlab.errors import InputError
from srlab.validation.crystal import relax
from srlab.validation.properties.bicrystal import BASIS, BOUNDARIES, bicrystal, grain, single_grain
from srlab.validation.properties.defects import require_stable
from srlab.validation.properties.surfaces import JOULE

CLOSEST = (0.45, 0.8)
"""Pairs across the boundary nearer than these shares of the neighbour distance are merged: two densities of the
boundary are tried."""


def grain_boundary_cells(crystal, boundary, shifts=(6, 2)):
    """All starting structures of a boundary, and the slab of one grain.

    Parameters
    ----------
    crystal : Crystal
    boundary : Boundary
    shifts : (2,) int
        Rigid shifts tried across and along the tilt axis; of two opposite ones, which give the same bicrystal upside
        down, one.

    Returns
    -------
    starts : list of ase.Atoms
    slab : ase.Atoms
    """
    height = max(
        20.0, crystal.reach + 10.0
    )  # Sigma 3 (112) dissociates over 10 A, and must not reach the surface by that
    cell, positions = grain(boundary, crystal.lattice_constant, height, crystal.structure)
    neighbour = crystal.neighbour_distance
    starts = []
    for x, y in product(range(shifts[0]), range(shifts[1])):
        if (-x % shifts[0], -y % shifts[1]) < (x, y):
            continue  # the mirror image of a bicrystal has the opposite shift
        sizes = set()
        for closest in CLOSEST:
            atoms = bicrystal(crystal.element, cell, positions, (x / shifts[0], y / shifts[1]), closest * neighbour)
            if len(atoms) not in sizes:  # the same atoms were merged: the same start
                sizes.add(len(atoms))
                starts.append(atoms)
    return starts, single_grain(crystal.element, cell, positions)


def boundary_energy(atoms, energy, slab, slab_energy, bulk_energy):
    """J/m2 from the energies (eV) of bicrystal and single slab, and of the crystal (eV/atom)."""
    area = atoms.cell.lengths()[0] * atoms.cell.lengths()[1]
    return float((energy - len(atoms) * bulk_energy - slab_energy + len(slab) * bulk_energy) / area / JOULE)


def lowest_boundary(crystal, boundary, shifts=(6, 2), kept=3, tick=None):
    """Lowest energy of a boundary: all starts are relaxed roughly, the `kept` best ones fully.

    Returns
    -------
    energy : float, J/m2
    relaxed : ase.Atoms
    converged : bool
    tried : list of float, J/m2, of the roughly relaxed starts, ascending

    Raises
    ------
    InputError
        If no start can be relaxed.
    """
    starts, slab = grain_boundary_cells(crystal, boundary, shifts)
    settled, _ = relax(slab, crystal.calculator, fmax=5e-3)
    outer = settled.get_potential_energy()

    def energy_of(atoms):
        return boundary_energy(atoms, atoms.get_potential_energy(), slab, outer, crystal.energy)

    rough = []
    for atoms in starts:
        try:
            relaxed, _ = relax(atoms, crystal.calculator, fmax=0.05, steps=25)
            rough.append((energy_of(relaxed), relaxed))
        except InputError:
            continue  # this start fell into a hole of the potential; others may not
        if tick:
            tick()
    rough = sorted((pair for pair in rough if np.isfinite(pair[0])), key=lambda pair: pair[0])
    best = None
    for _, atoms in rough[:kept]:
        try:
            relaxed, converged = relax(atoms, crystal.calculator, fmax=5e-3)
        except InputError:
            continue
        energy = energy_of(relaxed)
        if best is None or energy < best[0]:
            best = energy, relaxed, converged
        if tick:
            tick()
    if best is None:
        raise InputError(
            f"no start of the grain boundary {boundary.name} could be relaxed with {crystal.name}: it has a hole "
            "at short range"
        )
    return *best, [energy for energy, _ in rough]


def grain_boundary(crystal, quick=False, tick=None):
    """Energies of symmetric tilt boundaries.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        Sigma 5 (210) only, fewer shifts.
    tick : callable, optional
        Called after each relaxation.

    Returns
    -------
    dict
        values {grain_boundary_energy_sigma3_112 ... (J/m2)}, warnings, tried {name: [J/m2]}, structures {name:
        {positions (angstrom), cell}}.

    Raises
    ------
    InputError
        If the crystal is unstable, or neither fcc nor bcc.
    """
    if crystal.structure not in BASIS:
        raise InputError(f"grain boundaries are those of fcc and bcc crystals, none of {crystal.described}")
    require_stable(crystal)
    values, warnings, tried, structures = {}, {}, {}, {}
    for boundary in BOUNDARIES[1:2] if quick else BOUNDARIES:
        name = f"grain_boundary_energy_{boundary.name}"
        try:
            values[name], atoms, converged, tried[boundary.name] = lowest_boundary(
                crystal, boundary, (4, 2) if quick else (6, 2), 2 if quick else 3, tick
            )
        except InputError as error:
            values[name], warnings[name] = None, str(error)
            continue
        structures[boundary.name] = {"positions": atoms.positions.tolist(), "cell": atoms.cell.array.tolist()}
        if values[name] < 0.0:
            warnings[name] = "unstable crystal: it gains energy by making grain boundaries"
        elif not converged:
            warnings[name] = "the relaxation did not converge"
    return {"values": values, "warnings": warnings, "tried": tried, "structures": structures}
