"""Reads a table of numbers: columns separated by commas, semicolons, tabs or blanks, with or without a line of names."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from srlab.errors import InputError


def read_columns(
    path: Path, x: str | None = None, y: str | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, str]]:
    """Two columns of a file, each (n,), and their names. Lines that are empty or begin with # are left out.

    x, y : name or number (from 1) of a column; the first and the second one by default. Raises InputError naming file and line.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is no file: give a table with columns x and y")
    rows = [
        (number, _cells(line))
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not rows:
        raise InputError(f"{path} is empty: give a table with columns x and y")
    names = rows.pop(0)[1] if not any(_is_number(cell) for cell in rows[0][1]) else None
    width = len(names) if names else len(rows[0][1])
    picked = [_position(path, wanted, default, names, width) for wanted, default in ((x, 0), (y, 1))]
    values = np.empty((2, len(rows)))
    for k, (number, cells) in enumerate(rows):
        if len(cells) != width:
            raise InputError(f"{path}, line {number}: {len(cells)} columns where {width} are expected")
        for column, position in enumerate(picked):
            if not _is_number(cells[position]):
                raise InputError(f"{path}, line {number}: {cells[position]!r} is no number: correct or remove the line")
            values[column, k] = float(cells[position])
            if not np.isfinite(values[column, k]):
                raise InputError(f"{path}, line {number}: {cells[position]} is not finite: remove the line")
    labels = tuple(names[p] if names else f"column {p + 1}" for p in picked)
    return values[0], values[1], labels


def _cells(line: str) -> list[str]:
    line = line.strip()
    separator = next((s for s in (",", ";", "\t") if s in line), None)
    return [cell.strip().strip('"') for cell in line.split(separator)] if separator else re.split(r"\s+", line)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _position(path, wanted, default, names, width) -> int:
    if wanted is None:
        if width <= default:
            raise InputError(f"{path} has one column: x and y need two")
        return default
    if names and wanted in names:
        return names.index(wanted)
    if wanted.isdigit() and 1 <= int(wanted) <= width:
        return int(wanted) - 1
    raise InputError(
        f"{path} has no column {wanted!r}: choose "
        + (f"from {', '.join(names)}" if names else f"a number from 1 to {width}")
    )
