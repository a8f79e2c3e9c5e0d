"""Energies above the lowest of the same composition: of atoms in other shares they would say nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np


def lowest_energies(frames, energies) -> dict[tuple, float]:
    """Composition -> lowest energy (eV/atom) among frames with energies (n,) in eV."""
    lowest: dict[tuple, float] = {}
    for atoms, energy in zip(frames, energies):
        key = composition(atoms)
        lowest[key] = min(float(energy) / len(atoms), lowest.get(key, math.inf))
    return lowest


def energies_above(frames, energies, lowest: Mapping[tuple, float]) -> np.ndarray:
    """Energies (n,) in eV/atom above the lowest known of each composition; zero where that is unknown or higher."""
    per_atom = [(composition(atoms), float(energy) / len(atoms)) for atoms, energy in zip(frames, energies)]
    return np.array([max(0.0, energy - lowest.get(key, energy)) for key, energy in per_atom])


def composition(atoms) -> tuple[tuple[int, int], ...]:
    """(atomic number, count in the smallest formula unit) of each element: the same for a cell and its supercells."""
    numbers, counts = np.unique(atoms.numbers, return_counts=True)
    divisor = int(np.gcd.reduce(counts))
    return tuple((int(number), int(count) // divisor) for number, count in zip(numbers, counts))
