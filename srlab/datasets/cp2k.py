"""Trajectories of CP2K: PROJECT-pos-1.xyz with the energies in its comment lines, PROJECT-frc-1.xyz and PROJECT-1.cell
beside it.

Formats: CP2K manual, MOTION/PRINT. Energies are in hartree, forces in hartree/bohr, positions and cells in angstrom.
"""

import re
from pathlib import Path

import numpy as np

from srlab.datasets.codes import CodeSteps
from srlab.errors import InputError
from srlab.filetext import decode, read_text

_STEP = re.compile(r"\s*i\s*=\s*(\d+)\s*,.*\bE\s*=\s*([-+\d.Ee]+)")
_NAME = re.compile(r"(.*)-pos-(\d+)\.xyz(\.gz|\.xz|\.bz2)?$")


def is_cp2k_positions(path, data):
    """Whether a file is a trajectory of positions that CP2K wrote."""
    lines = data[:2000].split(b"\n", 2)
    return bool(_NAME.match(Path(path).name)) and len(lines) > 1 and bool(_STEP.match(decode(lines[1])))


def read_cp2k(path, data):
    """The steps for which there are positions, forces and a cell, as a `CodeSteps`.

    Parameters
    ----------
    path : PROJECT-pos-1.xyz
    data : its bytes

    Raises
    ------
    InputError : the forces or the cells are not there, or are of other steps.
    """
    from ase import Atoms, units
    from ase.calculators.singlepoint import SinglePointCalculator

    path = Path(path)
    project, run = _NAME.match(path.name)[1], _NAME.match(path.name)[2]
    positions = _blocks(decode(data))
    forces = _blocks(_beside(path, f"{project}-frc-{run}.xyz", "forces (MOTION/PRINT/FORCES)"))
    cells = {}
    for line in _beside(path, f"{project}-{run}.cell", "cells (MOTION/PRINT/CELL)").splitlines():
        words = line.split()
        if len(words) >= 11 and not line.lstrip().startswith("#"):
            cells[int(words[0])] = np.array(words[2:11], dtype=float).reshape(3, 3)
    frames, places = [], []
    for place, (step, (energy, symbols, numbers)) in enumerate(positions.items()):
        if step not in forces or step not in cells or forces[step][1] != symbols:
            continue
        atoms = Atoms(symbols, positions=numbers, cell=cells[step], pbc=True)
        atoms.calc = SinglePointCalculator(
            atoms, energy=energy * units.Hartree, forces=forces[step][2] * units.Hartree / units.Bohr
        )
        frames.append(atoms)
        places.append(place)
    if not frames:
        raise InputError(
            f"{path} has no step whose forces and cell are in the files beside it: they belong to other runs"
        )
    return CodeSteps(frames, places, "cp2k", incomplete=int(len(frames) < len(positions)))


def _beside(path, name, what):
    for ending in ("", ".gz", ".xz"):
        if (path.parent / (name + ending)).is_file():
            return read_text(path.parent / (name + ending))
    raise InputError(f"{path} is a trajectory of CP2K without its {what}: put {name} beside it")


def _blocks(text):
    """step -> (hartree, symbols, (n, 3)) of the whole blocks of a trajectory."""
    lines, found, k = text.splitlines(), {}, 0
    while k + 1 < len(lines):
        count, step = int(lines[k]), _STEP.match(lines[k + 1])
        rows = [line.split() for line in lines[k + 2 : k + 2 + count]]
        if step is None or len(rows) < count or any(len(row) < 4 for row in rows):
            break
        found[int(step[1])] = (
            float(step[2]),
            [row[0].capitalize() for row in rows],
            np.array([row[1:4] for row in rows], dtype=float),
        )
        k += 2 + count
    return found
