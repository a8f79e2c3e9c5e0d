"""Read potentials from setfl files, the `eam/alloy` format of LAMMPS."""

from pathlib import Path

import numpy as np

from srlab.errors import InputError
from srlab.potentials.potential import Potential
from srlab.potentials.table import CubicTable, ScaledPairTable


def read_setfl(path, element=None):
    """The potential of one element in a setfl (`*.eam.alloy`) file.

    The element is taken by its symbol in line 4; atomic numbers in the file are not trusted (Mishin's copper says 1). Interpolation is that of
    LAMMPS. The file's cutoff is kept, with no taper: the tables carry their own.

    Parameters
    ----------
    path : path-like
    element : str, optional
        Which element, if the file holds several.

    Raises
    ------
    InputError
        If the file is missing, empty, cut short or not setfl, its cutoff is longer than its tables, or it holds several elements and none was chosen.

    Source of the format: LAMMPS manual, pair_style eam/alloy.
    """
    path = Path(path)
    lines = _read_lines(path)
    elements, (n_rho, d_rho, n_r, d_r, cutoff) = _header(path, lines)
    if element is None and len(elements) > 1:
        raise InputError(f"{path} holds {', '.join(elements)}: say which element to use")
    element = element or elements[0]
    if element not in elements:
        raise InputError(f"{path} holds {', '.join(elements)} and not {element}: choose one of those")
    if cutoff > (n_r - 1) * d_r + 0.5 * d_r:
        raise InputError(
            f"{path} has a cutoff of {cutoff:g} A but its tables end at {(n_r - 1) * d_r:g} A: the file is damaged or not setfl"
        )
    index = elements.index(element)
    embedding, density, pair = _blocks(path, lines, elements, index, n_rho, n_r)
    return Potential(
        name=path.name,
        element=element,
        functions={
            "pair": ScaledPairTable(CubicTable(0.0, d_r, pair)),
            "density": CubicTable(0.0, d_r, density),
            "embedding": CubicTable(0.0, d_rho, embedding, linear_beyond=True),
        },
        cutoff=cutoff,
        source=" ".join(" ".join(lines[:3]).split()),
    )


def _read_lines(path):
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if not text.strip():
        raise InputError(f"{path} is empty: give a setfl file")
    return text.splitlines()


def _header(path, lines):
    """Element symbols of line 4 and the five numbers of line 5."""
    try:
        count, *elements = lines[3].split()
        n_rho, d_rho, n_r, d_r, cutoff = lines[4].split()
        numbers = int(n_rho), float(d_rho), int(n_r), float(d_r), float(cutoff)
        sound = (
            int(count) == len(elements) > 0
            and min(numbers[0], numbers[2]) >= 5
            and min(numbers[1], numbers[3], numbers[4]) > 0.0
        )
    except (IndexError, ValueError):
        sound = False
    if not sound:
        raise InputError(f"{path} is not a setfl file: line 4 must be 'count symbols', line 5 'Nrho drho Nr dr cutoff'")
    return elements, numbers


def _blocks(path, lines, elements, index, n_rho, n_r):
    """F (n_rho,), f (n_r,) and r phi (n_r,) of the element with this index."""
    rest = iter(lines[5:])
    functions = []
    for _ in elements:
        next(rest, None)  # atomic number, mass, lattice constant, structure: not needed
        functions.append((_numbers(path, rest, n_rho), _numbers(path, rest, n_r)))
    pair = None
    for row in range(index + 1):
        for _ in range(row + 1):
            pair = _numbers(path, rest, n_r)  # the last one read is (index, index)
    return *functions[index], pair


def _numbers(path, lines, count):
    values = []
    for line in lines:
        words = line.replace("D", "E").replace("d", "e").split()
        try:
            values.extend(map(float, words))
        except ValueError as error:
            raise InputError(
                f"{path} has {line.strip()[:40]!r} where a number should be: the file is damaged or not setfl"
            ) from error
        if len(values) >= count:
            break
    if len(values) != count:
        raise InputError(
            f"{path} is cut short or has lines of uneven length: {count} numbers expected, {len(values)} found"
        )
    if not np.isfinite(values).all():
        raise InputError(f"{path} has a number that is not finite: the file is damaged")
    return np.array(values)
