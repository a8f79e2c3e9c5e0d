"""Compare LAMMPS, reading the exported file, with our own calculator."""

from dataclasses import dataclass

import numpy as np

from srlab.potentials.calculator import energies_forces_virial
from srlab.potentials.lammps_session import lammps, pair_commands, single_point

ENERGY_LIMIT = 1e-6
"""eV/atom"""
FORCE_LIMIT = 1e-5
"""eV/A, largest component"""


@dataclass(frozen=True)
class LammpsCheck:
    """Largest differences between LAMMPS and srlab.

    energy_error : eV/atom. force_error : eV/A, over components. frames : number of structures.
    """

    energy_error: float
    force_error: float
    frames: int

    @property
    def passed(self):
        return self.energy_error <= ENERGY_LIMIT and self.force_error <= FORCE_LIMIT  # false for nan

    def __str__(self):
        return (
            f"LAMMPS self-check on {self.frames} frames "
            f"{'passed' if self.passed else 'FAILED'}: energies agree to "
            f"{self.energy_error:.1e} eV/atom"
            f" (limit {ENERGY_LIMIT:.0e}), forces to {self.force_error:.1e} eV/A (limit {FORCE_LIMIT:.0e})"
        )


def check_with_lammps(potential, path, pair_style, frames, splines=()):
    """Run single points in LAMMPS and compare.

    Parameters
    ----------
    potential : Potential
    path : path-like
        The exported table.
    pair_style : str
        "eam/alloy", "eam/he" or "adp".
    frames : list of ase.Atoms
    splines : list of path-like
        Files of further angular functions, for `meam/spline`.

    Returns
    -------
    LammpsCheck

    Raises
    ------
    MissingExtra
        If LAMMPS is not installed.
    """
    energy_errors, force_errors = [], []
    commands = pair_commands(pair_style, path, potential.element, splines)
    with lammps() as session:
        for atoms in frames:
            energy, forces = single_point(session, atoms, *commands, potential.cutoff)
            energies, ours, _ = energies_forces_virial(potential, atoms)
            energy_errors.append(abs(energy - energies.sum()) / len(atoms))
            force_errors.append(np.abs(forces - ours).max())
    return LammpsCheck(float(np.max(energy_errors)), float(np.max(force_errors)), len(frames))
