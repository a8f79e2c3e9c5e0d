"""Energies that no other frame comes near: most often of a calculation that failed, or of other settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from srlab.datasets.composition import composition

ABOVE, BELOW = 5.0, 2.0
"""eV/atom: gaps that a highest and a lowest energy have to leave. Below the crystal there is nothing, so less tells."""
SPREAD = 3.0  # a highest energy has to be so many times further off than the others are spread, for some compress atoms
ENOUGH = 8  # frames of one composition, from which on one of them can be told from the rest


def outlying_energies(frames: Sequence, places: Sequence[str]) -> list[str]:
    """Sentences on frames whose energy lies far above or below those of all others of the same composition.

    Parameters
    ----------
    frames : list of ase.Atoms
        With energies, eV; lone atoms left out.
    places : list of str
        What to call each of them.

    Returns
    -------
    list of str
    """
    groups: dict[tuple, list[int]] = {}
    for index, atoms in enumerate(frames):
        groups.setdefault(composition(atoms), []).append(index)
    said = []
    for group in groups.values():
        energies = np.array([frames[index].calc.results["energy"] / len(frames[index]) for index in group])
        for place, gap, side in _gaps(energies):
            said.append(
                f"{places[group[place]]} has an energy {gap:.3g} eV/atom {side} all others: has its calculation "
                "failed, or is it of other settings? Correct it, remove it or give it weight=0"
            )
    return said


def _gaps(energies: np.ndarray) -> Iterator[tuple[int, float, str]]:
    """(place, eV/atom to the next energy, above or below) of a highest and a lowest energy that stand alone."""
    if len(energies) < ENOUGH:
        return
    order = np.argsort(energies, kind="stable")
    low, high = energies[order[1]] - energies[order[0]], energies[order[-1]] - energies[order[-2]]
    if low > BELOW:
        yield int(order[0]), float(low), "below"
    if high > max(ABOVE, SPREAD * (energies[order[-2]] - energies[order[1]])):
        yield int(order[-1]), float(high), "above"
