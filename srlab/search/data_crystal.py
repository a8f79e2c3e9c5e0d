"""The crystal of a data set: its structure, volume and neighbour distance, and the length scale that follows, the one
place where ranges of constants, cutoff, taper, starting values of forms and checks of holes take theirs from."""

from __future__ import annotations

import math

import numpy as np

from srlab.errors import InputError
from srlab.fitting.targets import lowest_crystal
from srlab.neighbours import pairs_within
from srlab.potentials.lattices import ground_state, neighbour_distance, structure_of, touching_distance

COPPER = 2.5562
"""Distance (angstrom) of nearest neighbours in copper at room temperature, a0 = 3.615 A: terms of the equation learners
and published forms are written for it, so its scale is one."""
VACUUM = 1.3
"""Nearest neighbours closer than the volume allows by this factor are those of a slab or a cluster: it is 1.15 in melts
and 1.2 in crystals as open as gallium's."""
APART = 6.0  # angstrom; atoms farther apart than this are no crystal
STEP, SAME = 0.05, 0.02
"""Scales are whole numbers of steps, so that data sets of one element, at other temperatures or of other functionals,
have the same cutoff and ranges: the next step up, but for what is within `SAME` of one."""
CUTOFF, TAPER_WIDTH = 6.0, 1.5
"""Of copper, angstrom: in units of its neighbour distance the cutoff is 2.35, with the fifth shell of bcc and of fcc
inside, and the taper begins at 1.76, beyond the third."""


def cutoff_at(scale: float) -> float:
    """Where functions end by default, angstrom."""
    return round(CUTOFF * scale, 3)


def length_scale(dataset) -> float:
    """Nearest neighbours of the crystal of a data set, over those of copper, in steps of `STEP`.

    Never rounded down by more than `SAME`: a cutoff below 2.3 neighbour distances has the fifth shell of fcc in the end
    of its taper, and the best embedded atoms of nickel have a fifth less loss with one of 2.4
    (tests/benchmarks/cutoff.py).
    """
    return round(max(1, math.ceil((crystal_neighbour(dataset) / COPPER - SAME) / STEP)) * STEP, 6)


def crystal_structure(dataset) -> str | None:
    """The structure of the lowest periodic training frame where that is fcc, bcc, hcp or diamond, else the ground state
    of the element; None where that is none of them."""
    try:
        found = structure_of(lowest_crystal(dataset.train, dataset.energies(dataset.train)))
    except InputError:  # nothing is periodic
        found = None
    if found is not None:
        return found
    try:
        return ground_state(dataset.element)
    except InputError:
        return None


def crystal_volume(dataset) -> float:
    """Volume per atom (A^3) of the lowest periodic training frame, of the crystal with its distance of neighbours where
    there is vacuum in it; without one, of fcc with touching covalent radii."""
    try:
        lowest = lowest_crystal(dataset.train, dataset.energies(dataset.train))
    except InputError:
        return _touching_volume(dataset.element)
    volume = float(lowest.get_volume() / len(lowest))
    filled = neighbour_distance(crystal_structure(dataset) or "fcc", volume)
    nearest = _nearest(lowest, min(filled, APART))
    if filled < VACUUM * nearest and filled < APART:
        return volume
    return volume * (nearest / filled) ** 3 if np.isfinite(nearest) else _touching_volume(dataset.element)


def _touching_volume(element) -> float:
    return float(touching_distance(element) ** 3 / np.sqrt(2.0))


def _nearest(atoms, cutoff) -> float:
    """Median over the atoms of the distance (angstrom) of the nearest neighbour; infinite beyond the cutoff."""
    first, _, distances, _ = pairs_within(atoms, cutoff)
    nearest = np.full(len(atoms), np.inf)
    np.minimum.at(nearest, first, distances)
    return float(np.median(nearest))


def crystal_neighbour(dataset) -> float:
    """Distance (angstrom) of nearest neighbours in the structure of the data, fcc where none is known, at
    `crystal_volume`."""
    return neighbour_distance(crystal_structure(dataset) or "fcc", crystal_volume(dataset))
