"""Phonons of the fcc crystal: frequencies at X, L and K, dispersion along the standard path, density of states, instabilities.

Library: phonopy (one displacement of a 4x4x4 conventional supercell). X, L and K fit that supercell exactly, whatever the reach of the potential.
"""

import numpy as np
from ase import Atoms, units
from ase.build import bulk

from srlab.errors import InputError, MissingExtra
from srlab.validation.crystal import forces, stresses, supercell_size

POINTS = {
    "G": (0.0, 0.0, 0.0),
    "X": (0.5, 0.0, 0.5),
    "K": (0.375, 0.375, 0.75),
    "L": (0.5, 0.5, 0.5),
    "U": (0.625, 0.25, 0.625),
    "W": (0.5, 0.25, 0.75),
}
"""In units of the reciprocal vectors of the primitive cell."""
PATH = (("G", "X", "U"), ("K", "G", "L"))
DISPLACEMENT = 0.01
"""angstrom"""
UNSTABLE = -0.05
"""THz; imaginary frequencies are negative, smaller ones are noise"""


def phonon_model(element, lattice_constant, repeat=4, symmetry=True, displacement=DISPLACEMENT):
    """A phonopy object of the fcc crystal with its displacements made.

    With `symmetry` there is one displacement; without it there are six, but phonopy need not find the 12288 symmetries of the supercell, which takes
    longer than the forces of a potential.

    Raises
    ------
    MissingExtra
        If phonopy is not installed.
    """
    try:
        from phonopy import Phonopy
        from phonopy.structure.atoms import PhonopyAtoms
    except ImportError as error:
        raise MissingExtra("phonopy", "validation", "compute phonons") from error
    unit = bulk(element, "fcc", lattice_constant, cubic=True)
    cell = PhonopyAtoms(
        symbols=unit.get_chemical_symbols(), cell=unit.cell.array, scaled_positions=unit.get_scaled_positions()
    )
    model = Phonopy(
        cell, supercell_matrix=np.diag([repeat] * 3), primitive_matrix="F", is_symmetry=symmetry, log_level=0
    )
    model.generate_displacements(distance=displacement, is_plusminus="auto" if symmetry else True, is_diagonal=symmetry)
    return model


def phonon_cells(model):
    """The displaced supercells as ase.Atoms. They are periodic; without that flag the result would be quietly wrong."""
    return [
        Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
        for cell in model.supercells_with_displacements
    ]


def set_forces(model, cell_forces):
    """Give the model the forces of `phonon_cells`, eV/A; drift is taken off and the force constants are made symmetric."""
    model.forces = [f - f.mean(axis=0) for f in cell_forces]
    model.produce_force_constants()
    model.symmetrize_force_constants()
    return model


def frequencies_at(model, points):
    """Frequencies in THz at points (n, 3) in primitive reciprocal units, ascending, (n, 3); negative where imaginary."""
    model.run_qpoints(points)
    return np.sort(model.qpoints.frequencies, axis=1)


def solved_model(crystal, lattice_constant=None, repeat=4, displacement=DISPLACEMENT):
    """Phonopy model of a crystal with its force constants, at its own lattice constant or another; lengths in angstrom."""
    supercell_size(crystal, repeat, crystal.reach)
    model = phonon_model(
        crystal.element, lattice_constant or crystal.lattice_constant, repeat, crystal.potential is None, displacement
    )
    return set_forces(model, forces(crystal.calculator, phonon_cells(model)))


def check_relaxed(crystal):
    """Raise an InputError if the crystal is under pressure: its phonons would not be those of the ground state."""
    pressure = (
        -stresses(crystal.calculator, [bulk(crystal.element, "fcc", crystal.lattice_constant)])[0][:3].mean()
        / units.GPa
    )
    if abs(pressure) > 0.5:
        raise InputError(
            f"the crystal at {crystal.lattice_constant:.4f} A is not relaxed, its pressure is {pressure:.2f} GPa: relax it first (fcc_crystal)"
        )


def phonons(crystal, quick=False, repeat=4, tick=None):
    """Phonon frequencies, dispersion and density of states.

    Parameters
    ----------
    crystal : Crystal, relaxed
    quick : bool
        Fewer points along the path and a coarser mesh.
    repeat : int
        Conventional cells along each edge of the supercell.
    tick : callable, optional
        Called between the steps.

    Returns
    -------
    dict
        values {phonon_x_transverse ... (THz)}, warnings, segments [{labels, x (1/A), frequencies (n, 3) THz}], dos_frequency (THz), dos (1/THz per
        atom), lowest (THz).

    Raises
    ------
    InputError
        If the crystal is not relaxed or the supercell is too small.
    """
    tick = tick or (lambda: None)
    check_relaxed(crystal)
    model = solved_model(crystal, repeat=repeat)
    tick()
    x, l, k = frequencies_at(model, [POINTS["X"], POINTS["L"], POINTS["K"]])
    values = {
        "phonon_x_transverse": x[0],
        "phonon_x_longitudinal": x[2],
        "phonon_l_transverse": l[0],
        "phonon_l_longitudinal": l[2],
        "phonon_k_transverse_1": k[0],
        "phonon_k_transverse_2": k[1],
        "phonon_k_longitudinal": k[2],
    }
    segments = _dispersion(model, crystal.lattice_constant, 15 if quick else 40)
    tick()
    mesh = 12 if quick else 24
    model.run_mesh([mesh] * 3, is_gamma_center=True)
    model.run_total_dos(sigma=0.12)
    density = model.total_dos
    lowest = min(float(np.min(s["frequencies"])) for s in segments)
    lowest = min(lowest, float(np.min(model.mesh.frequencies)))
    warnings = {}
    if lowest < UNSTABLE:
        text = f"unstable crystal: imaginary phonons down to {abs(lowest):.2f}i THz"
        warnings = {name: text for name in values}
    return {
        "values": {name: float(value) for name, value in values.items()},
        "warnings": warnings,
        "segments": segments,
        "dos_frequency": np.asarray(density.frequency_points).tolist(),
        "dos": np.asarray(density.dos).tolist(),
        "lowest": lowest,
        "supercell": repeat,
    }


def _dispersion(model, lattice_constant, points):
    """Frequencies along each leg of `PATH`, with distances in 1/A (2 pi not included), continued from leg to leg."""
    reciprocal = np.array([[-1, 1, 1], [1, -1, 1], [1, 1, -1]]) / lattice_constant  # rows, of the primitive cell
    segments, start = [], 0.0
    for stretch in PATH:
        for first, last in zip(stretch[:-1], stretch[1:]):
            ends = np.array([POINTS[first], POINTS[last]])
            length = float(np.linalg.norm((ends[1] - ends[0]) @ reciprocal))
            share = np.linspace(0.0, 1.0, max(2, int(round(points * length * lattice_constant))))
            frequencies = frequencies_at(model, ends[0] + share[:, None] * (ends[1] - ends[0]))
            segments.append(
                {"labels": [first, last], "x": (start + share * length).tolist(), "frequencies": frequencies.tolist()}
            )
            start += length
    return segments
