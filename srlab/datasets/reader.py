"""Labelled structures from files, checked before anything sees them."""

from collections import Counter
from numbers import Real
from typing import NamedTuple

import numpy as np

from srlab.datasets.checks import check_distance, check_labels, check_structure, closest_pair
from srlab.datasets.keys import find_labels, is_label_name
from srlab.datasets.outliers import outlying_energies
from srlab.datasets.sources import FAMILY_KEYS, read_source
from srlab.errors import InputError

_ISOLATED = {"isolatedatom", "isolated-atom", "isolated_atom"}
ALONE = 8.0  # angstrom: an atom whose images are all further away is a free atom, whatever it is called


class Screened(NamedTuple):
    """Frames that can be used.

    kept : list of ase.Atoms with a SinglePointCalculator holding energy (eV), forces (eV/angstrom) and, where known,
        stress. Without constraints. A weight other than 1 is info["weight"], an error of the energy, eV/atom, is
        info["energy_sigma"].
    dropped : indices of the frames left out because atoms are too close.
    notes : sentences on what was found under other names, what is not used, and what is doubtful.
    """

    kept: list
    dropped: list
    notes: list


def family_of(atoms):
    """Which part of its data set a frame belongs to: info family, source, config_type or group, else "all"."""
    for key in FAMILY_KEYS:
        if key in atoms.info:
            return str(atoms.info[key])
    return "all"


def is_isolated_atom(atoms):
    """Whether the frame is the free atom that energies are measured from.

    That is one atom whose family or config_type is "isolated-atom", or which has nothing within 8 angstrom, its own
    images included.
    """
    if len(atoms) != 1:
        return False
    return family_of(atoms).lower() in _ISOLATED or closest_pair(atoms, ALONE)[0] > ALONE


def screen(frames, name, min_distance=None, energy_key=None, forces_key=None, places=None):
    """Check frames and give each a calculator that holds its labels.

    Parameters
    ----------
    frames : list of ase.Atoms.
    name : what to call the source in an error, usually the file.
    min_distance : leave out frames in which two atoms are closer than this, angstrom; None leaves out none, and
        overlapping atoms are an error.
    energy_key, forces_key : names of the labels, where those that are known will not do; see `srlab.datasets.keys`.
    places : what to call each frame in an error; default "name, frame 0" and so on.

    Returns
    -------
    Screened

    Raises
    ------
    InputError : no frames, or a frame that cannot be used; the sentence names source, frame and remedy.
    """
    from ase.calculators.singlepoint import SinglePointCalculator

    if not frames:
        raise InputError(f"{name} is empty: it holds no frames")
    if min_distance is not None and not (isinstance(min_distance, Real) and min_distance >= 0.0):
        raise InputError(f"min_distance must be a number of angstrom, not {min_distance!r}")
    kept, dropped, bound, said = [], [], [], Counter()  # bound: those of the kept that are no lone atoms
    places = places or [f"{name}, frame {index}" for index in range(len(frames))]
    for index, (atoms, where) in enumerate(zip(frames, places)):
        check_structure(atoms, where)
        labels = find_labels(atoms, where, energy_key, forces_key)
        check_labels(atoms, labels.energy, labels.forces, where, labels.found)
        if min_distance is not None and closest_pair(atoms, min_distance)[0] < min_distance:
            dropped.append(index)
            continue
        check_distance(atoms, where)
        said.update(_remarks(atoms, labels))
        clean = atoms.copy()
        clean.set_constraint()  # a fixed atom's force is a label like any other
        for held in (clean.arrays, clean.info):  # a saved frame has its labels once, under the names ASE gives them
            for key in [key for key in held if key in labels.names.values() or is_label_name(key)]:
                del held[key]
        if labels.weight != 1.0:
            clean.info["weight"] = labels.weight
        if labels.energy_sigma is not None:
            clean.info["energy_sigma"] = labels.energy_sigma
        results = dict(energy=float(labels.energy), forces=np.array(labels.forces, dtype=float))
        if labels.stress is not None:
            results["stress"] = np.array(labels.stress)
        clean.calc = SinglePointCalculator(clean, **results)
        kept.append(clean)
        if not is_isolated_atom(clean):
            bound.append((clean, where))
    if not kept:
        raise InputError(
            f"{name}: every frame has atoms closer than {min_distance:g} angstrom; choose a smaller --min-distance"
        )
    notes = [f"{what} ({_times(count, len(frames))})" for what, count in said.items()]
    return Screened(kept, dropped, notes + outlying_energies(*zip(*bound)) if bound else notes)


def _times(count, total):
    return "all frames" if count == total and total > 1 else f"{count} frame{'s' * (count != 1)}"


def _remarks(atoms, labels):
    """What a user may want to know of a frame's labels, without the frame."""
    for what, usual in (("energy", ("energy", "free_energy")), ("forces", ("forces",)), ("stress", ("stress",))):
        key = labels.names[what]
        if key is not None and key not in usual:
            turned = ", -virial/volume" if what == "stress" and "virial" in key.lower() else ""
            yield f"{what} from {key}{turned}"
    if labels.names["forces"] is None:
        yield "forces of a lone atom, which the file does not give, are zero"
    if labels.names["weight"] not in (None, "weight"):
        yield f"weight from {labels.names['weight']}"
    if atoms.constraints:
        yield "constraints are not kept, the forces on fixed atoms count"
    yield from labels.notes


def read_frames(source, min_distance=None, energy_key=None, forces_key=None):
    """All labelled frames of a file, a folder or several, checked; see :func:`screen` and
    `srlab.datasets.sources.read_source`."""
    reading = read_source(source)
    return screen(reading.frames, str(source), min_distance, energy_key, forces_key, reading.places).kept


def read_raw(source):
    """The frames of a file, a folder or several, unchecked; InputError when they are absent, empty or cannot be
    parsed."""
    return read_source(source).frames
