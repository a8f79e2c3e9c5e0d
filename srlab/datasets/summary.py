"""What is in a collection of labelled frames, what is twice in it, and what a fit would miss."""

import hashlib
from collections import Counter

import numpy as np

from srlab.datasets.checks import closest_pair
from srlab.datasets.composition import energies_above, lowest_energies
from srlab.datasets.dataset import NEAR
from srlab.datasets.reader import family_of, is_isolated_atom

GPA = 160.21766208
"""GPa in one eV/angstrom^3."""
FEW_NEAR = 20
"""Frames near equilibrium that a fit should have at least."""
APART = 2.0
"""eV/atom: families whose lowest energies are further apart than this may have been measured from different zeros."""
REACH = 6.0  # angstrom, within which closest pairs are looked for


def structure_digest(atoms, digits=4):
    """Equal for two frames with the same atoms in the same order, positions and cells, to 10^-digits angstrom."""
    digest = hashlib.sha256(np.asarray(atoms.numbers, dtype="<i4").tobytes() + np.asarray(atoms.pbc, "u1").tobytes())
    for block in (np.asarray(atoms.cell), atoms.positions):
        digest.update((np.round(block, digits) + 0.0).tobytes())
    return digest.digest()


def without_duplicates(frames):
    """The frames, each structure once.

    Returns
    -------
    kept : indices of the first frame of each structure, ascending.
    different : how many of the others have another energy than the first, by more than 1 meV/atom.
    """
    first, kept, different = {}, [], 0
    for index, atoms in enumerate(frames):
        key = structure_digest(atoms)
        if key not in first:
            first[key] = atoms
            kept.append(index)
        else:
            change = first[key].get_potential_energy() - atoms.get_potential_energy()
            different += abs(change) > 1e-3 * len(atoms)
    return kept, different


def describe(frames):
    """Numbers on labelled frames, a JSON-ready dictionary.

    Parameters
    ----------
    frames : list of ase.Atoms with energies (eV), forces (eV/angstrom) and perhaps stresses, one or several elements.

    Returns
    -------
    dict
        frames, atoms; elements {symbol: atoms}; isolated_atoms {symbol: eV}; energy {min, median, max} in eV/atom as
        the data have it;
        above_lowest, eV/atom [0, 25, 50, 75, 100 %]; near_equilibrium, frames within `NEAR` of the lowest of their
        composition; force {median, max} of
        the force on an atom, eV/angstrom; closest_pair, angstrom [shortest, median over frames]; volume [min, max]
        angstrom^3/atom of
        periodic frames; stress {frames, pressure: [min, max] GPa}; families {name: {frames, atoms, energy: [min,
        max]}}; sizes {atoms: frames}.
    """
    atoms = {
        frame.get_chemical_symbols()[0]: frame.get_potential_energy() for frame in frames if is_isolated_atom(frame)
    }
    frames = [frame for frame in frames if not is_isolated_atom(frame)]
    totals = np.array([frame.get_potential_energy() for frame in frames])
    energies = totals / np.array([len(frame) for frame in frames])
    above = energies_above(frames, totals, lowest_energies(frames, totals))
    forces = [np.linalg.norm(frame.get_forces(apply_constraint=False), axis=1) for frame in frames]
    nearest = np.array([closest_pair(frame, REACH)[0] for frame in frames])
    volumes = [frame.get_volume() / len(frame) for frame in frames if frame.pbc.all()]
    stresses = [frame.get_stress(apply_constraint=False) for frame in frames if "stress" in frame.calc.results]
    families = {}
    names = np.array([family_of(frame) for frame in frames])
    for name in sorted(set(names.tolist())):
        chosen = names == name
        families[name] = {
            "frames": int(chosen.sum()),
            "atoms": sum(len(frame) for frame, own in zip(frames, chosen) if own),
            "energy": _range(energies[chosen]),
        }
    together = np.concatenate(forces) if forces else np.zeros(0)
    return {
        "frames": len(frames),
        "atoms": sum(map(len, frames)),
        "elements": dict(sorted(Counter(symbol for frame in frames for symbol in frame.symbols).items())),
        "isolated_atoms": {symbol: float(energy) for symbol, energy in sorted(atoms.items())},
        "energy": {"min": float(energies.min()), "median": float(np.median(energies)), "max": float(energies.max())}
        if frames
        else None,
        "above_lowest": [round(float(value), 4) for value in np.quantile(above, (0, 0.25, 0.5, 0.75, 1))]
        if frames
        else None,
        "near_equilibrium": int((above < NEAR).sum()),
        "force": {"median": float(np.median(together)), "max": float(together.max())} if frames else None,
        "closest_pair": [float(nearest.min()), float(np.median(nearest))] if np.isfinite(nearest).any() else None,
        "volume": _range(volumes) if volumes else None,
        "stress": {
            "frames": len(stresses),
            "pressure": _range([-GPA * stress[:3].mean() for stress in stresses]) if stresses else None,
        },
        "families": families,
        "sizes": {str(size): count for size, count in sorted(Counter(map(len, frames)).items())},
    }


def _range(values):
    return [round(float(np.min(values)), 4), round(float(np.max(values)), 4)]


def advice(found):
    """Sentences on what a fit to these data would miss, from what :func:`describe` gives."""
    said = []
    without = [symbol for symbol in found["elements"] if symbol not in found["isolated_atoms"]]
    if without:
        said.append(
            f"add an isolated atom of {', '.join(without)}, alone in a large cell and with the same settings: without "
            "it cohesive energies mean nothing"
        )
    if found["near_equilibrium"] < min(FEW_NEAR, max(found["frames"] // 4, 5)):
        said.append(
            f"add cells near equilibrium, strained and rattled: {found['near_equilibrium']} frames are within "
            f"{NEAR:g} eV/atom of the lowest"
        )
    if found["volume"] and len(found["elements"]) == 1 and found["volume"][1] < 1.05 * found["volume"][0]:
        said.append("add other volumes: all periodic frames have nearly the same, so nothing ties down the pressure")
    if not found["stress"]["frames"]:
        said.append("there are no stresses: elastic constants follow from energies and forces alone")
    lowest = [row["energy"][0] for row in found["families"].values()]
    if len(found["elements"]) == 1 and len(lowest) > 1 and max(lowest) - min(lowest) > APART:
        low, high = (
            choose(found["families"], key=lambda name: found["families"][name]["energy"][0]) for choose in (min, max)
        )
        said.append(
            f"the lowest energies of {low} and {high} are {max(lowest) - min(lowest):.1f} eV/atom apart: were they "
            "made with the same settings?"
        )
    return said
