"""Equation of state: lattice constants, cohesive energy, bulk modulus, the cold curve to strong compression, and holes
at short range.

Library: `ase.eos` (Birch-Murnaghan), scipy.
"""

import numpy as np
from ase import units
from scipy.optimize import minimize_scalar

from srlab.errors import InputError
from srlab.potentials.cohesion import cohesive_energy
from srlab.potentials.collapse import falls_below
from srlab.potentials.lattices import STRUCTURES, primitive_cell
from srlab.validation.crystal import energies_per_atom, isolated_pair, relax

REACHABLE = 0.47
"""Share of the neighbour distance (1.2 A in copper); no two atoms come nearer in anything srlab computes, so a hole
further in is not warned of."""


def eos_cells(cell, scales):
    """A cell (`ase.Atoms`) with its volume multiplied by each of `scales`."""
    cells = []
    for scale in scales:
        atoms = cell.copy()
        atoms.set_cell(scale ** (1.0 / 3.0) * atoms.cell.array, scale_atoms=True)
        cells.append(atoms)
    return cells


def relaxed_energies(crystal, scales):
    """Energies (eV/atom) at `scales` times the volume at rest, the shape relaxed that symmetry leaves free: c/a of hcp,
    the atoms in the cell of a file."""
    if crystal.structure == "hcp":
        return np.array([_hcp_energy(crystal, scale) for scale in scales])
    cells = eos_cells(crystal.primitive(), scales)
    if crystal.cell is not None:
        cells = [relax(atoms, crystal.calculator, fmax=1e-4)[0] for atoms in cells]
    return energies_per_atom(crystal.calculator, cells)


def _hcp_energy(crystal, scale):
    volume = scale * crystal.lattice_constant**3 * crystal.c_over_a

    def energy(c_over_a):
        a = (volume / c_over_a) ** (1.0 / 3.0)
        return float(energies_per_atom(crystal.calculator, [primitive_cell(crystal.element, "hcp", a, c_over_a)])[0])

    bounds = (0.95 * crystal.c_over_a, 1.05 * crystal.c_over_a)
    return float(minimize_scalar(energy, bounds=bounds, method="bounded", options={"xatol": 1e-4}).fun)


def fit_eos(volumes, energies):
    """Birch-Murnaghan fit.

    Parameters
    ----------
    volumes : (n,) A^3/atom
    energies : (n,) eV/atom

    Returns
    -------
    dict
        volume (A^3/atom), energy (eV/atom), bulk_modulus (GPa), residual (largest misfit, eV/atom).

    Raises
    ------
    InputError
        If there is no minimum within the volumes.
    """
    from ase.eos import EquationOfState, birchmurnaghan

    lowest = int(np.argmin(energies))
    if lowest in (0, len(energies) - 1):
        raise InputError(
            f"the energy has no minimum between {min(volumes):.2f} and {max(volumes):.2f} A^3/atom: the equation "
            "of state cannot be fitted"
        )
    fit = EquationOfState(volumes, energies, eos="birchmurnaghan")
    volume, energy, modulus = fit.fit(warn=False)
    misfit = birchmurnaghan(np.asarray(volumes), *fit.eos_parameters) - energies
    return {
        "volume": float(volume),
        "energy": float(energy),
        "bulk_modulus": float(modulus / units.GPa),
        "residual": float(np.abs(misfit).max()),
    }


def repulsive_down_to(distances, energies, outside=1.8):
    """Nearest distance (angstrom) down to which the energy keeps rising on compression.

    Parameters
    ----------
    distances : (n,) angstrom, increasing
    energies : (n,) eV
    outside : float
        Distance beyond which the minimum is looked for that compression starts from, angstrom.

    Returns
    -------
    float
        Where the energy has its inner maximum, or the first distance if it has none. Energies that are not finite count
        as a hole.
    """
    inward = np.asarray(energies, float)[::-1]
    start = int(
        np.nanargmin(
            np.where(np.isfinite(inward), inward, np.inf)[: max(1, np.argmax(np.asarray(distances)[::-1] < outside))]
        )
    )
    for k in range(start + 1, len(inward)):
        if not inward[k] > inward[k - 1] - 1e-9:  # false for nan, too
            return float(distances[len(inward) - k])
    return float(distances[0])


def eos(crystal, quick=False, tick=None):
    """Equation of state, cold curve and short-range repulsion of a crystal.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        A coarser cold curve.
    tick : callable, optional
        Called between the steps.

    Returns
    -------
    dict
        values {lattice_constant (angstrom; of hcp also lattice_constant_c and c_over_a; of a structure file
        atomic_volume (A^3) instead), cohesive_energy (eV/atom, positive for a bound crystal), bulk_modulus (GPa),
        repulsive_down_to and dimer_repulsive_down_to (angstrom)}, warnings {property: sentence}, and arrays: volume
        (A^3/atom), energy (eV/atom), pressure (GPa), dimer_distance (angstrom), dimer_energy (eV per pair); None where
        the potential is not defined. The cold curve keeps the shape of the cell at rest.
    """
    tick = tick or (lambda: None)
    fit_scales = np.linspace(0.94, 1.06, 13)
    fitted = fit_eos(fit_scales * crystal.volume, relaxed_energies(crystal, fit_scales))
    tick()
    scales = np.concatenate(
        [np.linspace(0.4, 1.0, 15 if quick else 40)[:-1], np.linspace(1.0, 2.2, 25 if quick else 60)]
    )
    energy = _energies(crystal, eos_cells(crystal.primitive(), scales))
    volume = scales * crystal.volume
    tick()
    distance = np.linspace(1.0, max(4.0, min(crystal.reach or 4.0, 7.0)), 61 if quick else 151)
    dimer = _energies(crystal, [isolated_pair(crystal.element, r) for r in distance]) * 2.0
    neighbour = crystal.neighbour_distance
    near = np.arange(1.0, neighbour, 0.02)
    crystal_wall = _energies(crystal, [crystal.primitive(r / neighbour) for r in near])
    walls = {
        "repulsive_down_to": repulsive_down_to(near, crystal_wall, 0.7 * neighbour),
        "dimer_repulsive_down_to": repulsive_down_to(distance, dimer, 0.7 * neighbour),
    }
    warnings = _hole_warnings(walls, near, crystal_wall, REACHABLE * neighbour)
    fall = crystal.potential and falls_below(crystal.potential, STRUCTURES, neighbour, crystal.energy)
    if fall and fall.stretched:
        warnings["bulk_modulus"] = f"the crystal flies apart: {fall}"
    elif fall and "repulsive_down_to" not in warnings:
        warnings["repulsive_down_to"] = f"hole at short range: {fall}"
    values = {
        **_lengths(crystal),
        "cohesive_energy": None,
        "bulk_modulus": fitted["bulk_modulus"],
        **walls,
    }
    values["cohesive_energy"], why = cohesive_energy(crystal.potential, crystal.energy)
    if why:
        warnings["cohesive_energy"] = why
    if fitted["residual"] > 2e-3 and "bulk_modulus" not in warnings:
        warnings["bulk_modulus"] = (
            f"the equation of state is not smooth: the fit misses an energy by {1e3 * fitted['residual']:.1f} meV/atom"
        )
    return {
        "values": values,
        "warnings": warnings,
        "volume": volume.tolist(),
        "energy": _plain(energy),
        "pressure": _plain(-np.gradient(energy, volume) / units.GPa),
        "dimer_distance": distance.tolist(),
        "dimer_energy": _plain(dimer),
    }


def _lengths(crystal):
    if crystal.cell is not None:
        return {"atomic_volume": crystal.volume}
    if crystal.structure == "hcp":
        c = crystal.lattice_constant * crystal.c_over_a
        return {"lattice_constant": crystal.lattice_constant, "lattice_constant_c": c, "c_over_a": crystal.c_over_a}
    return {"lattice_constant": crystal.lattice_constant}


def _plain(values):
    """A list with None where a number is not finite, which JSON does not have."""
    return [float(value) if np.isfinite(value) else None for value in values]


def _energies(crystal, cells):
    """eV/atom; nan where the potential is not defined, which is a finding and no reason to stop."""
    values = []
    for atoms in cells:
        atoms.calc = crystal.calculator
        try:
            values.append(atoms.get_potential_energy() / len(atoms))
        except InputError:
            values.append(np.nan)
    return np.array(values)


def _hole_warnings(walls, near, crystal_wall, reachable):
    warnings = {}
    inner = walls["repulsive_down_to"]
    if inner > reachable:
        barrier = crystal_wall[np.searchsorted(near, inner)] - np.nanmin(crystal_wall[near >= inner])
        warnings["repulsive_down_to"] = (
            f"hole at short range: the crystal collapses from neighbours {inner:.2f} A apart, {barrier:.1f} "
            "eV/atom above its minimum"
        )
    if walls["dimer_repulsive_down_to"] > reachable:
        warnings["dimer_repulsive_down_to"] = (
            f"hole at short range: two atoms alone attract each other from {walls['dimer_repulsive_down_to']:.2f} "
            "A inwards"
        )
    return warnings
