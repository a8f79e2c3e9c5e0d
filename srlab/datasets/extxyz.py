"""Extended XYZ as other codes write it, put into the words that ASE's reader knows.

Names of the cell, the periodicity and the columns count whatever their case and order; cells may be nine numbers, three
lengths, or lengths and angles; numbers may have D exponents or decimal commas. Nothing else of a comment line is
touched.
"""

import io
import re

import numpy as np

from srlab.errors import InputError

_CELL = ("lattice", "cell", "unit_cell", "unitcell", "lattice_vectors", "cell_vectors", "box")
_PBC = ("pbc", "periodic", "periodicity", "periodic_boundary_conditions")
_COLUMNS = {
    **dict.fromkeys(("species", "symbols", "symbol", "element", "elements", "atom"), "species"),
    **dict.fromkeys(("pos", "position", "positions", "coord", "coords", "coordinate", "coordinates", "xyz"), "pos"),
    **dict.fromkeys(("z", "numbers", "atomic_number", "atomic_numbers"), "Z"),
    "move_mask": "move_mask",
}
_TRUE, _FALSE = ("t", "true", ".true.", "1", "p", "yes"), ("f", "false", ".false.", "0", "n", "no")
_WORD = re.compile(r"""\s*("(?:\\.|[^"])*"|'(?:\\.|[^'])*'|[^\s="']+)(\s*=\s*)?""")
_KEY = re.compile(r"[A-Za-z]\w*\s*=")
_FORTRAN = re.compile(r"([+-]?(?:\d+\.\d*|\.\d+))[dD]([+-]?\d+)")
_COMMA = re.compile(r"(?<![\d,.])([+-]?\d+),(\d+(?:[eE][+-]?\d+)?)(?![\d,.])")


def read_extxyz(text, name):
    """The frames of an extended XYZ text as ASE reads them once the spellings are its own.

    Parameters
    ----------
    text : of the file.
    name : of the file, for a sentence.

    Returns
    -------
    list of ase.Atoms

    Raises
    ------
    InputError : a frame has not as many lines as it says, or a cell, periodicity or column list that cannot be
        understood. What ASE
        cannot read raises ASE's own errors.
    """
    from ase.io import read

    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    fortran = _FORTRAN.search(text) is not None
    for frame, (start, count) in enumerate(_frames(lines, name)):
        where = f"{name}, frame {frame}"
        lines[start] = lines[start].strip()
        lines[start + 1] = _comment(lines[start + 1], where)
        for k in range(start + 2, start + 2 + count):
            if fortran:
                lines[k] = re.sub(rf"(?<!\S){_FORTRAN.pattern}(?!\S)", r"\1e\2", lines[k])
            if "," in lines[k]:
                lines[k] = _COMMA.sub(r"\1.\2", lines[k])
    return read(io.StringIO("\n".join(lines) + "\n"), ":", format="extxyz")


def _frames(lines, name):
    """[(line of the count, number of atoms)] of all frames.

    ASE's reader looks for as many lines as a count says, a billion if need be, and leaves out without a word what
    follows a blank line.
    """
    found, k = [], 0
    while k < len(lines) and lines[k].strip():
        frame = len(found)
        try:
            count = int(lines[k])
        except ValueError:
            raise InputError(
                f"{name} cannot be read as structures: frame {frame} begins with {lines[k].strip()[:40]!r}, "
                "not with its number of atoms"
            ) from None
        left = len(lines) - k - 1
        if not 0 <= count < left:
            raise InputError(
                f"{name}, frame {frame} says that it has {count} atoms, but {max(left - 1, 0)} lines follow its "
                "comment: "
                "it is cut off or miscounted"
            )
        found.append((k, count))
        k += count + 2
        while k < len(lines) and lines[k].startswith("VEC"):
            k += 1
    if any(line.strip() for line in lines[k:]):
        raise InputError(
            f"{name} has a blank line before its end, after frame {len(found) - 1}: "
            "remove it, or what follows would be lost"
        )
    return found


def _entries(comment):
    """[(key, value or None)] of a comment line, values as they stand there, quotes and brackets included."""
    found, place = [], 0
    while place < len(comment):
        match = _WORD.match(comment, place)
        if match is None:  # not of the form that entries have: ASE may know better
            found.append((comment[place:].strip(), None))
            break
        key, place = match[1], match.end()
        if match[2] is None:
            found.append((key, None))
        elif match[2][-1].isspace() and _KEY.match(comment, place):
            found.append((key, ""))
        else:
            value, place = _value(comment, place)
            found.append((key, value))
    return found


def _value(comment, place):
    """A value that begins at `place`, and where it ends: to the closing quote or bracket, else to the next blank."""
    first = comment[place : place + 1]
    if first in "\"'" and first:
        match = re.compile(rf"{first}(?:\\.|[^{first}])*{first}?").match(comment, place)
        return match[0], match.end()
    if first in "[{(" and first:
        depth = 0
        for end in range(place, len(comment)):
            depth += (comment[end] in "[{(") - (comment[end] in "]})")
            if depth == 0:
                return comment[place : end + 1], end + 1
        return comment[place:], len(comment)
    match = re.compile(r"\S*").match(comment, place)
    return match[0], match.end()


def _comment(comment, where):
    """The comment line with cell, periodicity, columns and a stress of six numbers in ASE's words."""
    if "=" not in comment:
        return comment
    entries = _entries(comment)
    names = {
        key.strip("\"'").lower().replace("-", "_"): index
        for index, (key, value) in enumerate(entries)
        if value is not None
    }
    changed = {}
    for known, canonical, convert in (
        (_CELL, "Lattice", _cell),
        (_PBC, "pbc", _pbc),
        (("properties",), "Properties", _columns),
    ):
        there = [names[name] for name in known if name in names]
        values = [convert(entries[index][1], entries[index][0], where) for index in there]
        if any(value != values[0] for value in values[1:]):
            keys = ", ".join(entries[index][0] for index in there)
            raise InputError(f"{where} has several entries for {canonical} that differ, {keys}: keep one of them")
        for position, index in enumerate(there):
            changed[index] = f'{canonical}="{values[0]}"' if position == 0 else ""
    if "stress" in names and entries[names["stress"]][0] == "stress":
        numbers = _numbers(entries[names["stress"]][1])
        if numbers is not None and len(numbers) == 6:
            xx, yy, zz, yz, xz, xy = map(repr, numbers)
            changed[names["stress"]] = f'stress="{xx} {xy} {xz} {xy} {yy} {yz} {xz} {yz} {zz}"'
    for index, (key, value) in enumerate(entries):
        if value and index not in changed and _FORTRAN.search(value) and _numbers(value) is not None:
            changed[index] = key + "=" + _FORTRAN.sub(r"\1e\2", value)
    _refuse_unknown_cells(entries, names, where)
    if not changed:
        return comment
    whole = [changed.get(k, key if value is None else f"{key}={value}") for k, (key, value) in enumerate(entries)]
    return " ".join(entry for entry in whole if entry)


def _refuse_unknown_cells(entries, names, where):
    """A cell of an unknown name would make a crystal a cluster."""
    if any(name in names for name in _CELL):
        return
    for name, index in names.items():
        if re.search("latt|cell|basis|box", name) and len(_numbers(entries[index][1]) or ()) == 9:
            raise InputError(
                f"{where} has no Lattice, but nine numbers called {entries[index][0]}: if they are its cell, call "
                "them Lattice"
            )


def _numbers(value):
    """The numbers of a value, whatever quotes, brackets and commas are around them; None if there is anything else."""
    inside = re.sub(r"[\[\](){}\"']", " ", value)
    words = inside.split()
    if words and all(_COMMA.fullmatch(word) for word in words):
        words = [word.replace(",", ".") for word in words]
    else:
        words = inside.replace(",", " ").split()
    try:
        return [float(_FORTRAN.sub(r"\1e\2", word)) for word in words]
    except ValueError:
        return None


def _cell(value, key, where):
    from ase.cell import Cell

    numbers = _numbers(value)
    if numbers is not None and len(numbers) == 9:
        return " ".join(map(repr, numbers))
    if numbers is not None and len(numbers) == 3:
        return " ".join(map(repr, np.diag(numbers).ravel().tolist()))
    if numbers is not None and len(numbers) == 6 and all(20.0 < angle < 160.0 for angle in numbers[3:]):
        return " ".join(map(repr, np.asarray(Cell.fromcellpar(numbers)).ravel().tolist()))
    raise InputError(
        f"{where} has a cell that cannot be understood, {key}={value[:60]}: give nine numbers, three lengths, or "
        "lengths and angles"
    )


def _pbc(value, key, where):
    words = re.sub(r"[\[\](){}\"',]", " ", value).lower().split()
    if len(words) == 1 and len(words[0]) == 3 and set(words[0]) <= set("tfpn"):
        words = list(words[0])
    if len(words) not in (1, 3) or not all(word in _TRUE + _FALSE for word in words):
        raise InputError(
            f'{where} has a periodicity that cannot be understood, {key}={value[:40]}: write pbc="T T F", for example'
        )
    flags = ["T" if word in _TRUE else "F" for word in words]
    return " ".join(flags if len(flags) == 3 else flags * 3)


def _columns(value, key, where):
    """The column list, its names those of ASE where they mean species, positions, numbers or forces."""
    fields = value.strip("\"'").split(":")
    if len(fields) % 3 or not all(count.isdigit() for count in fields[2::3]):
        raise InputError(
            f"{where} has a list of columns that cannot be understood, {key}={value[:60]}: it must read "
            "name:type:number:..."
        )
    columns = [[name, kind.upper(), count] for name, kind, count in zip(fields[::3], fields[1::3], fields[2::3])]
    columns = _joined(_joined(columns, ("x", "y", "z"), "pos"), ("fx", "fy", "fz"), "forces")
    taken = {column[0] for column in columns}
    for column in columns:
        plain = column[0].lower()
        known = _COLUMNS.get(plain)
        if known and known not in taken and not (plain == "z" and column[1] != "I"):
            column[0] = known
            taken.add(known)
    return ":".join(part for column in columns for part in column)


def _joined(columns, parts, whole):
    """Three columns of one number each, side by side, as one of three."""
    names = [column[0].lower() for column in columns]
    for k in range(len(columns) - 2):
        if tuple(names[k : k + 3]) == parts and all(column[1:] == ["R", "1"] for column in columns[k : k + 3]):
            return [*columns[:k], [whole, "R", "3"], *columns[k + 3 :]]
    return columns
