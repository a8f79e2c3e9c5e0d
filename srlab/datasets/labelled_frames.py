"""Labelled frames as a data set keeps them: what they say of themselves, to how many digits, and which are left out of
fits.

A sum of pair and embedding terms cannot hold both a dimer and the crystal to within tenths of an eV, embeddings such as
1/rho diverge on the way, and a few such frames would decide every squared loss. So molecules in vacuum, and frames more
than `EXTREME` above the lowest, are kept apart: they test how far a potential carries.
"""

import numpy as np

from srlab.datasets.reader import family_of

EXTREME = 2.0  # eV/atom above the lowest frame; nested sampling from a random gas stays within 1.7
# What a frame of a bundled set says about itself; anything else a queue put into info is left behind.
_KEPT = (
    "family",
    "kind",
    "level",
    "seed",
    "sampler",
    "round",
    "energy_0K",
    "dft_kspacing",
    "dft_kpts",
    "dft_bands",
    "dft_iter",
    "dft_cpu",
    "dft_settings",
)
# The first frames were named by how they were made (source); "crystal" there meant strained and rattled.
_FAMILY_NAMES = {"crystal": "rattled"}


def compact(atoms):
    """A copy with only the info a data set keeps, and no more digits than the labels have.

    Cells and positions are rounded to 1e-8 angstrom, forces to 1e-8 eV/angstrom, energies to 1e-6 eV, stresses to
    1e-8 eV/angstrom^3.
    """
    from ase import Atoms
    from ase.calculators.singlepoint import SinglePointCalculator

    short = Atoms(
        numbers=atoms.numbers,
        positions=np.round(atoms.positions, 8) + 0.0,
        cell=np.round(np.asarray(atoms.cell), 8) + 0.0,
        pbc=atoms.pbc,
    )
    family = family_of(atoms)
    short.info["family"] = _FAMILY_NAMES.get(family, family)
    for key in _KEPT[1:]:
        if key in atoms.info:
            value = atoms.info[key]
            short.info[key] = " ".join(map(str, value)) if np.ndim(value) else value
    if "energy_0K" in short.info:
        short.info["energy_0K"] = round(float(short.info["energy_0K"]), 6)
    results = dict(
        energy=round(atoms.get_potential_energy(), 6),
        forces=np.round(atoms.get_forces(apply_constraint=False), 8) + 0.0,
    )
    if "stress" in atoms.calc.results:
        results["stress"] = np.round(atoms.get_stress(apply_constraint=False), 8) + 0.0
    short.calc = SinglePointCalculator(short, **results)
    return short


def is_extreme(lowest):
    """A test for frames that are periodic in no direction or more than EXTREME above `lowest`, eV/atom."""
    return lambda frame: not frame.pbc.any() or frame.get_potential_energy() / len(frame) > lowest + EXTREME
