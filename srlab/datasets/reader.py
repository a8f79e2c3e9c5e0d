"""Labelled structures from files, checked before anything sees them."""
from pathlib import Path

import numpy as np

from srlab.datasets.checks import check_distance, check_labels, check_structure, closest_pair
from srlab.errors import InputError

_FAMILY_KEYS = ("family", "source", "config_type", "group")
_ISOLATED = {"isolatedatom", "isolated-atom", "isolated_atom"}


def family_of(atoms):
    """Which part of its data set a frame belongs to: info family, source, config_type or group, else "all"."""
    for key in _FAMILY_KEYS:
        if key in atoms.info:
            return str(atoms.info[key])
    return "all"


def is_isolated_atom(atoms):
    """Whether the frame is the free atom that energies are measured from (one atom, family or config_type "isolated-atom")."""
    return len(atoms) == 1 and family_of(atoms).lower() in _ISOLATED


def labels(atoms):
    """Energy (eV or None), forces ((n, 3) eV/angstrom or None) and stress ((6,) eV/angstrom^3 or None) a frame carries.

    They are looked for where ASE's readers put them, and in info and arrays, where load-atoms does.
    """
    results = dict(getattr(atoms.calc, "results", None) or {})
    energy = next((source[key] for source in (results, atoms.info) for key in ("energy", "free_energy") if key in source), None)
    forces = next((source[key] for source in (results, atoms.arrays) for key in ("forces", "force") if key in source), None)
    stress = results.get("stress", atoms.info.get("stress"))
    if stress is not None:
        stress = np.asarray(stress, dtype=float)
        if stress.size == 9:
            stress = stress.reshape(3, 3)[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
        stress = stress if stress.size == 6 and np.isfinite(stress).all() else None
    return energy, forces, stress


def screen(frames, name, min_distance=None):
    """Check frames and give each a calculator that holds its labels.

    Parameters
    ----------
    frames : list of ase.Atoms.
    name : what to call the source in an error, usually the file.
    min_distance : leave out frames in which two atoms are closer than this, angstrom; None leaves out none, and overlapping
        atoms are an error.

    Returns
    -------
    kept : list of ase.Atoms with a SinglePointCalculator holding energy (eV), forces (eV/angstrom) and, where known, stress.
    dropped : indices of the frames left out by `min_distance`.

    Raises
    ------
    InputError : no frames, or a frame that cannot be used; the sentence names source, frame and remedy.
    """
    from ase.calculators.singlepoint import SinglePointCalculator
    if not frames:
        raise InputError(f"{name} is empty: it holds no frames")
    kept, dropped = [], []
    for index, atoms in enumerate(frames):
        where = f"{name}, frame {index}"
        check_structure(atoms, where)
        energy, forces, stress = labels(atoms)
        check_labels(atoms, energy, forces, where)
        if min_distance is not None and closest_pair(atoms, min_distance)[0] < min_distance:
            dropped.append(index)
            continue
        check_distance(atoms, where)
        clean = atoms.copy()
        for key in ("forces", "force"):
            clean.arrays.pop(key, None)
        results = dict(energy=float(energy), forces=np.array(forces, dtype=float))
        if stress is not None:
            results["stress"] = np.array(stress)
        clean.calc = SinglePointCalculator(clean, **results)
        kept.append(clean)
    if not kept:
        raise InputError(f"{name}: every frame has atoms closer than {min_distance:g} angstrom; choose a smaller --min-distance")
    return kept, dropped


def read_frames(path, min_distance=None):
    """All labelled frames of a file (extended XYZ, or any format ASE reads), checked; see :func:`screen` for what is checked."""
    return screen(read_raw(path), str(path), min_distance)[0]


def read_raw(path):
    """The frames of a file, unchecked; InputError when the file is absent, empty or cannot be parsed."""
    from ase.io import read
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such file, and no bundled data set of that name")
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the extxyz file in it")
    if not path.read_bytes()[:4096].strip():
        raise InputError(f"{path} is empty: it holds no frames")
    try:
        frames = read(path, ":", **({"format": "extxyz"} if path.suffix in (".extxyz", ".xyz") else {}))
    except KeyError as error:           # ASE looks the species up in its table
        raise InputError(f"{path} has an atom of an unknown element {error}: correct the species column") from None
    except Exception as error:
        raise InputError(f"{path} cannot be read as structures: {type(error).__name__}: {error}") from None
    return frames
