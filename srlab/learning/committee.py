"""From many sampled structures the few worth a DFT calculation: where models disagree, unlike anything known, at
every energy."""

import numpy as np

from srlab.errors import InputError
from srlab.neighbours import pairs_within

_CENTRES = np.linspace(1.8, 6.0, 15)  # angstrom
_WIDTH = 0.3  # angstrom


def descriptor(atoms):
    """A short description of a structure that does not depend on its cell: (30,) floats.

    Mean and standard deviation over atoms of the number of neighbours in Gaussian shells (width 0.3 angstrom, centres
    1.8 to 6.0), each divided by the shell's radius squared, so that near and far shells weigh alike.
    """
    first, _, distance, _ = pairs_within(atoms, _CENTRES[-1] + 3 * _WIDTH)
    shells = np.zeros((len(atoms), len(_CENTRES)))
    np.add.at(shells, first, np.exp(-0.5 * ((distance[:, None] - _CENTRES) / _WIDTH) ** 2))
    shells /= _CENTRES**2
    return np.concatenate([shells.mean(axis=0), shells.std(axis=0)])


def predictions(frames, potentials):
    """Energies (p, n) in eV/atom of n frames by p potentials, each potential's constant aligned by its median over
    the frames."""
    energies = []
    for potential in potentials:
        calculator = potential.calculator()
        row = []
        for frame in frames:
            work = frame.copy()
            work.calc = calculator
            row.append(work.get_potential_energy() / len(work))
        row = np.array(row)
        energies.append(row - np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else row)
    return np.array(energies)


def select(frames, potentials, count, known=(), strata=8):
    """The `count` frames that would teach most, best first.

    Frames are sorted into `strata` groups of equal size by energy, and the groups take turns, so that a selection of
    any length spans all energies. Within its group the frame wins for which the product of two numbers is largest: the
    standard deviation of the potentials' energies, and the distance (of descriptors) to the nearest frame already known
    or chosen. A structure equal to one of those has distance zero and is never chosen.

    Parameters
    ----------
    frames : list of ase.Atoms to choose from.
    potentials : two or more Potentials, usually members of a front fitted to the same data.
    count : how many; fewer come back when there are not as many different ones.
    known : frames that have labels already.

    Returns
    -------
    chosen : list of ase.Atoms, copies with info disagreement (eV/atom).

    Raises
    ------
    InputError : no frames, or fewer than two potentials.
    """
    if not frames:
        raise InputError("there is nothing to select from: no frames were sampled")
    if len(potentials) < 2:
        raise InputError(
            f"disagreement needs at least two potentials, not {len(potentials)}: give more members of the front"
        )
    energies = predictions(frames, potentials)
    spread, mean = np.std(energies, axis=0), np.mean(energies, axis=0)
    spread = np.where(np.isfinite(spread), spread, 0.0)
    described = np.array([descriptor(frame) for frame in frames])
    nearest = np.full(len(frames), np.inf)
    for frame in known:
        nearest = np.minimum(nearest, np.linalg.norm(described - descriptor(frame), axis=1))
    order = np.argsort(np.where(np.isfinite(mean), mean, np.inf), kind="stable")
    groups, chosen = [list(group) for group in np.array_split(order, min(strata, len(frames)))], []
    while len(chosen) < count and any(groups):
        for group in groups:
            if len(chosen) == count or not group:
                continue
            distance = nearest[group]
            # before anything is known every frame is equally new
            score = spread[group] * np.where(np.isfinite(distance), distance, 1.0)
            best = group[int(np.argmax(score))]
            if nearest[best] < 1e-6 or score.max() <= 0:
                group.clear()  # all that is left in it is known, or agreed upon
                continue
            group.remove(best)
            chosen.append(best)
            nearest = np.minimum(nearest, np.linalg.norm(described - described[best], axis=1))
    picked = []
    for index in chosen:
        frame = frames[index].copy()
        frame.info["disagreement"] = round(float(spread[index]), 6)
        picked.append(frame)
    return picked
