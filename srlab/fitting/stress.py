"""Stress rows of an objective. Used only where stress has a weight, so plain numpy over all pairs is quick enough.

A change of energy dE/dr = g in every pair gives the virial sum g r_a r_b / r, and stress = virial / volume (sign of
ASE).
"""

from __future__ import annotations

import numpy as np

from srlab.errors import InputError

VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))


def reference_stresses(frames, volumes) -> tuple[np.ndarray, np.ndarray]:
    """Stress of every frame, (n_frames, 6) in eV/A^3 in Voigt order, and which frames have one, (n_frames,).

    volumes : (n_frames, or more) angstrom^3, NaN where the cell has none and a stress says nothing.
    Frames without stress have zeros. Raises InputError where no frame has a stress.
    """
    known = np.array(["stress" in (atoms.calc.results if atoms.calc else {}) for atoms in frames], bool) & np.isfinite(
        volumes[: len(frames)]
    )
    if not known.any():
        raise InputError("no frame has a stress: set the stress weight to zero or label frames with stress")
    return np.array(
        [atoms.get_stress(apply_constraint=False) if has else np.zeros(6) for atoms, has in zip(frames, known)]
    ), known


def at_pairs(table, rows) -> np.ndarray:
    """Values of grid tables (k, lanes) at the distances of all pairs: (p, lanes)."""
    weight = table.weight[:, None]
    return rows[table.bin] * (1.0 - weight) + rows[table.bin + 1] * weight


def virials(table, g) -> np.ndarray:
    """Virial (n_frames, 6, lanes) in eV of slopes g (p, lanes) in eV/A along the pairs."""
    result = np.zeros((table.n_frames, len(VOIGT), g.shape[1]))
    some = np.flatnonzero(np.diff(table.pair_start) > 0)  # reduceat takes no empty slices
    for row, (a, b) in enumerate(VOIGT):
        moment = table.distance * table.unit[:, a] * table.unit[:, b]
        result[some, row] = np.add.reduceat(moment[:, None] * g, table.pair_start[some], axis=0)
    return result


def stresses(table, virial) -> np.ndarray:
    """Stress (n_frames, 6, lanes) in eV/A^3 of a virial (n_frames, 6, lanes) in eV; zero for frames without a cell."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(virial / table.volumes[:, None, None])
