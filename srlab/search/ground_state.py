"""Which crystal a candidate makes: simple structures of an element in a pair table, asked in a few milliseconds.

The loss on frames does not say which structure is lowest: a few meV decide it. Validation (`srlab.validation`) relaxes
one structure after the other with a calculator; here all of them, at many volumes, are evaluated at once like frames.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.fitting.objective import Objective
from srlab.potentials.lattices import (
    IDEAL,
    STRUCTURES,
    lattice_constant_at,
    primitive_cell,
)
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model

VOLUMES = np.geomspace(0.5, 2.2, 31)  # of the data's lowest frame, per atom: silicon's fcc has 0.7 of its diamond's
STRETCHES = (0.97, 1.0, 1.03)  # c/a of hcp over the ideal one
UNSURE = 0.1  # meV/atom that the energies of structures are good to


class Crystals:
    """The structures of one element, ready for any of its models.

    element : chemical symbol; volume : A^3/atom, about that of the crystal; cutoff, taper_start : of models, angstrom.
    """

    def __init__(self, element: str, volume: float, cutoff: float, taper_start: float):
        frames = [
            cell
            for structure in STRUCTURES
            for stretch in _stretches(structure)
            for cell in _cells(element, structure, volume, stretch)
        ]
        for atoms in frames:  # only what a model predicts is asked for
            atoms.calc = SinglePointCalculator(atoms, energy=0.0, forces=np.zeros((len(atoms), 3)))
        self._objective = Objective(frames, np.zeros(len(frames)), cutoff, Smoothstep(taper_start, cutoff))

    def energies(self, model: Model) -> dict[str, float]:
        """Energy of each structure in meV/atom above the lowest, each at its own best volume (hcp: and c/a).

        A structure without a minimum is left out.
        """
        curves = self._objective.predict([model], np.float64)[0][0].reshape(-1, len(VOLUMES))
        lowest, row = {}, 0
        for structure in STRUCTURES:
            count = len(_stretches(structure))
            lowest[structure] = _least_by_stretch([_least(curve) for curve in curves[row : row + count]])
            row += count
        known = {structure: energy for structure, energy in lowest.items() if energy is not None}
        return {structure: 1e3 * (energy - min(known.values())) for structure, energy in known.items()}


@lru_cache(maxsize=8)
def crystals(element: str, volume: float, cutoff: float, taper_start: float) -> Crystals:
    """The `Crystals` of an element, made once for all searches of a process."""
    return Crystals(element, volume, cutoff, taper_start)


def is_right(structure: str | None, energies: dict[str, float]) -> bool | None:
    """Whether a structure is the lowest of `Crystals.energies`; None where it is not known."""
    return energies.get(structure, np.inf) <= UNSURE if structure and energies else None


def _stretches(structure) -> tuple[float, ...]:
    return STRETCHES if structure == "hcp" else (1.0,)


def _cells(element, structure, volume, stretch):
    """Primitive cells at all volumes."""
    axes = stretch * IDEAL
    return [
        primitive_cell(element, structure, lattice_constant_at(structure, volume * share, axes), axes)
        for share in VOLUMES
    ]


def _least(energies) -> float | None:
    """Energy at the lowest minimum between the first and the last volume, from a spline; None where there is none."""
    finite = np.where(np.isfinite(energies), energies, np.inf)
    minima = [k for k in range(1, len(finite) - 1) if finite[k] < finite[k - 1] and finite[k] <= finite[k + 1]]
    if not minima:
        return None
    k = min(minima, key=lambda index: finite[index])
    near = slice(max(0, k - 3), k + 4)
    if not np.isfinite(finite[near]).all():
        return float(finite[k])
    from scipy.interpolate import CubicSpline  # half of SciPy, which processes of a pool never need

    x, curve = np.log(VOLUMES), CubicSpline(np.log(VOLUMES[near]), finite[near])
    inside = [root for root in curve.derivative().roots(extrapolate=False) if x[k - 1] <= root <= x[k + 1]]
    return float(min(curve(inside), default=finite[k]))


def _least_by_stretch(energies) -> float | None:
    """Energy at the c/a of least energy, from a parabola where that lies within; None where nothing is known."""
    known = [energy for energy in energies if energy is not None]
    if len(known) < 3:
        return min(known, default=None)
    low, middle, high = energies
    slope, curvature = 0.5 * (high - low), high - 2.0 * middle + low
    if curvature <= 0.0 or abs(slope) > curvature:
        return min(known)
    return middle - 0.5 * slope**2 / curvature
