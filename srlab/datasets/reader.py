"""Labelled structures from files, checked before anything sees them."""

import os
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
    energy = next(
        (source[key] for source in (results, atoms.info) for key in ("energy", "free_energy") if key in source), None
    )
    forces = next(
        (source[key] for source in (results, atoms.arrays) for key in ("forces", "force") if key in source), None
    )
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
        raise InputError(
            f"{name}: every frame has atoms closer than {min_distance:g} angstrom; choose a smaller --min-distance"
        )
    return kept, dropped


def read_frames(path, min_distance=None):
    """All labelled frames of a file (extended XYZ, or any format ASE reads), checked; see :func:`screen` for what is checked."""
    return screen(read_raw(path), str(path), min_distance)[0]


def read_raw(path):
    """The frames of a file, unchecked; InputError when the file is absent, empty or cannot be parsed."""
    from ase.io import read

    path = Path(path)
    if not os.path.exists(path):  # unlike Path.exists, False for a name that is too long to be one
        raise InputError(f"{path}: no such file, and no bundled data set of that name")
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the extxyz file in it")
    if not path.is_file():
        raise InputError(f"{path} is no regular file: copy the frames into one first")
    with open(path, "rb") as file:
        if not file.read(4096).strip():
            raise InputError(f"{path} is empty: it holds no frames")
    extended = path.suffix in (".extxyz", ".xyz")
    if extended:
        check_counts(path)
    try:
        frames = read(path, ":", do_not_split_by_at_sign=True, **({"format": "extxyz"} if extended else {}))
    except KeyError as error:  # ASE looks the species up in its table
        raise InputError(f"{path} has an atom of an unknown element {error}: correct the species column") from None
    except Exception as error:
        said = " ".join(str(error).split())
        raise InputError(
            f"{path} cannot be read as structures: {type(error).__name__}: {said if len(said) < 300 else said[:297] + '...'}"
        ) from None
    return frames


def check_counts(path):
    """Raise InputError unless the frames of an XYZ file have as many lines as they say.

    ASE's reader looks for as many lines as a count says, a billion if need be, and leaves out without a word what follows a blank line.
    """
    with open(path, encoding="latin-1") as file:
        left = sum(1 for _ in file)
        file.seek(0)
        frame, line = 0, file.readline()
        while line.strip():
            left -= 1
            try:
                count = int(line)
            except ValueError:
                shown = line.strip()
                raise InputError(
                    f"{path} cannot be read as structures: frame {frame} begins with {shown[:40]!r}, not with its number of atoms"
                ) from None
            if not 0 <= count < left:
                raise InputError(
                    f"{path}, frame {frame} says that it has {count} atoms, but {max(left - 1, 0)} lines follow its comment: it is cut off or miscounted"
                )
            for _ in range(count + 1):
                file.readline()
            left, frame, line = left - count - 1, frame + 1, file.readline()
            while line.startswith("VEC"):
                left, line = left - 1, file.readline()
        if file.read().strip():
            raise InputError(
                f"{path} has a blank line before its end, after frame {frame - 1}: remove it, or what follows would be lost"
            )
