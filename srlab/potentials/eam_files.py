"""Tables of embedded-atom potentials in the five file formats of LAMMPS: funcfl (`eam`), setfl (`eam/alloy`), `eam/fs`,
`eam/he` and `adp`.

They are read the way LAMMPS reads them: three lines (one in funcfl) that may say anything, then numbers in any number
of lines. What follows a `#` is left out, and so is the rest of the line on which a table has got its last number. Where
this would give other numbers than the author meant, and LAMMPS says nothing, an `InputError` says it here. Sources:
LAMMPS manual, pair_style eam and adp; `PairEAM::read_file`, `PairEAM::file2array` and `TextFileReader` of LAMMPS.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from srlab.errors import InputError
from srlab.filetext import read_text

KCAL_MOL = 1.0 / 23.060549
"""eV, the factor by which LAMMPS converts files that say UNITS: real."""
HARTREE_BOHR = 27.2 * 0.529
"""eV A; effective charges Z(r) of funcfl files give r phi = 27.2 * 0.529 * Z^2, in these digits."""
LONGEST_LINE = 1023
"""LAMMPS cuts longer lines in two, in the middle of a number if need be, and does not say so."""
_FEWEST = 5  # points that a table needs to be interpolated
_NOT_EAM = "srlab reads eam/alloy (setfl), eam/fs, eam/he, adp and eam (funcfl)"


@dataclass(frozen=True)
class EamFile:
    """The tables of a file.

    Attributes
    ----------
    path : pathlib.Path
    kind : "eam", "eam/alloy", "eam/fs", "eam/he" or "adp", the pair_style of LAMMPS.
    comment : the lines at the top that may say anything, as one.
    elements : chemical symbols as the file has them; of funcfl, which has none, the symbol of the atomic number.
    d_rho, d_r : steps of the tables; d_r and `cutoff` in angstrom.
    rho_min, rho_max : where the embedding tables begin, and from where LAMMPS goes on linearly.
    embedding : (elements, n_rho) eV.
    density : (elements, n_r) what an atom contributes to the density of a neighbour of its own kind.
    r_phi : (elements, n_r) eV A, between atoms of the same kind.
    notes : sentences on what LAMMPS leaves out.
    dipole, quadrupole : (elements, n_r) sqrt(eV)/A and sqrt(eV)/A^2, u and w between atoms of the same kind; None but
        in adp.
    """

    path: Path
    kind: str
    comment: str
    elements: tuple
    d_rho: float
    d_r: float
    cutoff: float
    rho_min: float
    rho_max: float
    embedding: np.ndarray
    density: np.ndarray
    r_phi: np.ndarray
    notes: tuple = ()
    dipole: np.ndarray | None = None
    quadrupole: np.ndarray | None = None


def read_eam_file(path):
    """The tables of a file, in whichever of the formats it is.

    Raises
    ------
    InputError
        If the file is missing, empty, cut short or in none of the formats; if it has more numbers than the format has a
        place for; if its cutoff is beyond tables that do not end at zero, or a line is so long that LAMMPS cuts it.
    """
    path = Path(path)
    text = read_text(path)
    if not text.strip():
        raise InputError(f"{path} is empty: give a table file of LAMMPS; {_NOT_EAM}")
    lines = _Lines(path, text)
    return _read_funcfl(path, lines) if _is_funcfl(lines.lines) else _read_setfl(path, lines)


class _Lines:
    """The lines of a file, and LAMMPS' way of taking numbers from them."""

    def __init__(self, path, text):
        self.path, self.lines, self.place = path, text.splitlines(), 0
        self.surplus = 0  # numbers left out at the ends of tables

    def header(self, count):
        """The next lines, whatever they say."""
        found = self.lines[self.place : self.place + count]
        self.place += count
        for line in found:
            self._check_length(line)
        return " ".join(" ".join(found).split())

    def words(self, count):
        """The next words, and all that stand on the line of the last of them."""
        found = []
        while len(found) < count and self.place < len(self.lines):
            found += self._line().split("#")[0].split()
        return found

    def numbers(self, count, what):
        """The next numbers, as many as asked for; the rest of the last line is left out, as LAMMPS does."""
        found = []
        while len(found) < count:
            if self.place >= len(self.lines):
                raise InputError(
                    f"{self.path} is cut short: {count} numbers of {what} expected, {len(found)} found before its end"
                )
            line = self._line()
            for word in line.split("#")[0].split():
                value = _number(word)
                if len(found) == count:
                    self.surplus += value is not None
                elif value is None:
                    raise InputError(
                        f"{self.path}, line {self.place} has {word[:40]!r} where a number of {what} should be: the "
                        "file is damaged or in another format"
                    )
                elif not np.isfinite(value):
                    raise InputError(
                        f"{self.path}, line {self.place} has a number that is not finite: the file is damaged"
                    )
                else:
                    found.append(value)
        return np.array(found)

    def rest(self):
        """How many numbers follow."""
        return sum(
            _number(word) is not None for line in self.lines[self.place :] for word in line.split("#")[0].split()
        )

    def _line(self):
        line = self.lines[self.place]
        self._check_length(line)
        self.place += 1
        return line

    def _check_length(self, line):
        if len(line) > LONGEST_LINE:
            raise InputError(
                f"{self.path} has a line of {len(line)} letters, which LAMMPS cuts in two after {LONGEST_LINE} "
                "without a word: break it into shorter lines"
            )


def _number(word):
    """The value of a word, a D for the exponent allowed; None if it is no number."""
    if not re.match(r"[+-]?(\d|\.\d|inf|nan)", word, re.IGNORECASE) or "_" in word:
        return None
    try:
        return float(word)
    except ValueError:
        try:
            return float(re.sub("[dD]", "e", word))
        except ValueError:
            return None


def _grid(words):
    """Nrho, drho, Nr, dr and cutoff from the words of a header line; None if they are not there."""
    try:
        n_rho, n_r = int(words[0]), int(words[2])
        d_rho, d_r, cutoff = (_number(words[k]) for k in (1, 3, 4))
    except (IndexError, ValueError):
        return None
    steps = (d_rho, d_r, cutoff)
    if min(n_rho, n_r) < _FEWEST or None in steps or not (np.isfinite(steps).all() and min(steps) > 0.0):
        return None
    return n_rho, d_rho, n_r, d_r, cutoff


def _is_funcfl(lines):
    """Whether the second line has an atomic number and a mass, and the third one the grid."""
    atom, grid = (" ".join(lines[k : k + 1]).split("#")[0].split() for k in (1, 2))
    return len(atom) >= 2 and atom[0].isdigit() and _number(atom[1]) is not None and _grid(grid) is not None


def _units(path, lines):
    """Factor from the file's unit of energy, which its first line may name, to eV."""
    found = re.search(r"UNITS:\s*(\S+)", lines.lines[0])
    if found is None or found[1] == "metal":
        return 1.0
    if found[1] == "real":
        return KCAL_MOL
    raise InputError(
        f"{path} says UNITS: {found[1]}, which LAMMPS does not read into eV and angstrom: convert it to metal units "
        "first"
    )


def _read_funcfl(path, lines):
    from ase.data import atomic_masses, chemical_symbols

    comment = lines.header(1)
    number, mass = lines.words(2)[:2]
    number, mass = int(number), _number(mass)
    if not (0 < number < len(chemical_symbols) and abs(atomic_masses[number] - mass) < 0.02 * mass):
        raise InputError(
            f"{path} has atomic number {number} and mass {mass:g}, which belong to no one element: correct its second "
            "line"
        )
    n_rho, d_rho, n_r, d_r, cutoff = _grid(lines.words(5))
    factor = _units(path, lines)
    embedding = factor * lines.numbers(n_rho, "F")
    charge = np.sqrt(factor) * lines.numbers(n_r, "Z")
    density = lines.numbers(n_r, "f")
    # LAMMPS brings funcfl tables onto a common grid that ends one point earlier than theirs, but counts the largest
    # density from their own end
    return _checked(
        lines,
        EamFile(
            path,
            "eam",
            comment,
            (chemical_symbols[number],),
            d_rho,
            d_r,
            cutoff,
            0.0,
            (n_rho - 1) * d_rho,
            embedding[None, :-1],
            density[None, :-1],
            HARTREE_BOHR * charge[None, :-1] ** 2,
        ),
    )


def _read_setfl(path, lines):
    comment = lines.header(3)
    count, *elements = lines.words(1) or [""]
    words = lines.words(5)
    grid = _grid(words)
    if not count.isdigit() or int(count) != len(elements) or not elements or grid is None:
        raise InputError(
            f"{path} is not a table file of LAMMPS: line 4 must be 'count symbols', line 5 'Nrho drho Nr dr cutoff'; "
            f"{_NOT_EAM}"
        )
    factor = _units(path, lines)
    start, n = lines.place, len(elements)
    rho_max = _number(words[5]) if len(words) > 5 else None
    if rho_max is not None and path.name.endswith((".alloy", ".fs")):
        rho_max = None  # a sixth number means nothing to eam/alloy and eam/fs
    kinds = ("eam/he",) if rho_max is not None else ("eam/alloy",) if n == 1 else ("eam/alloy", "eam/fs")
    errors = []
    for kind in kinds:  # which of them it is, the lines between the tables tell
        lines.place, lines.surplus = start, 0
        try:
            embedding, density, r_phi = _blocks(lines, n, grid, 1 if kind == "eam/alloy" else n)
            break
        except _NoElement as error:
            errors.append(error)
    else:
        raise InputError(f"{errors[0]}: the file is damaged or in another format; {_NOT_EAM}")
    n_rho, d_rho, n_r, d_r, cutoff = grid
    dipole = quadrupole = None
    if kind == "eam/alloy" and lines.rest() == n * (n + 1) * n_r:  # as many numbers as an adp file has more
        if factor != 1.0:
            raise InputError(f"{path} is an adp file in UNITS: real: convert it to metal units first")
        kind = "adp"
        dipole, quadrupole = _pair_tables(lines, n, n_r, "u"), _pair_tables(lines, n, n_r, "w")
    rho_min = 0.0 if rho_max is None else rho_max - (n_rho - 1) * d_rho
    return _checked(
        lines,
        EamFile(
            path,
            kind,
            comment,
            tuple(elements),
            d_rho,
            d_r,
            cutoff,
            rho_min,
            rho_min + (n_rho - 1) * d_rho,
            factor * embedding,
            density,
            factor * r_phi,
            dipole=dipole,
            quadrupole=quadrupole,
        ),
    )


class _NoElement(InputError):
    """There is no line with an atomic number, a mass, a lattice constant and a structure where one should be."""


def _blocks(lines, n, grid, densities):
    """F, f and r phi of each of n elements, with so many density tables an element."""
    n_rho, _, n_r, *_ = grid
    embedding, density = [], []
    for k in range(n):
        words = lines.words(2)
        # the fourth word is the name of a structure; a table line has a number there
        if not (len(words) >= 2 and words[0].isdigit() and _number(words[1]) is not None) or (
            len(words) > 3 and _number(words[3]) is not None
        ):
            raise _NoElement(
                f"{lines.path}, line {lines.place} should give number, mass, lattice constant and structure of "
                f"element {k + 1}"
            )
        embedding.append(lines.numbers(n_rho, "F"))
        tables = [lines.numbers(n_r, "f") for _ in range(densities)]
        density.append(tables[k if densities > 1 else 0])
    return np.array(embedding), np.array(density), _pair_tables(lines, n, n_r, "r phi")


def _pair_tables(lines, n, n_r, what):
    """Tables (n, n_r) of a function of two of n elements, between atoms of the same kind."""
    tables = []
    for row in range(n):
        for _ in range(row + 1):
            table = lines.numbers(n_r, what)
        tables.append(table)  # the last of a row is of the element with itself
    return np.array(tables)


def _checked(lines, file):
    """The file, with what was left out said."""
    left = lines.rest()
    n_r = file.density.shape[1]
    if left:
        raise InputError(
            f"{file.path} has {left} numbers left over after its tables, which LAMMPS would pass over without a word: "
            f"its header does not fit it, or it is in another format; {_NOT_EAM}"
        )
    end = (n_r - 1) * file.d_r
    if (
        file.cutoff > (end + 2.0 * file.d_r) * (1.0 + 1e-9)
        and max(np.abs(table[:, -1]).max() / max(np.abs(table).max(), 1e-300) for table in (file.density, file.r_phi))
        > 1e-8
    ):
        raise InputError(
            f"{file.path} has a cutoff of {file.cutoff:g} A but its tables end at {end:g} A and not at zero, so "
            "LAMMPS would keep their last values up to the cutoff without a word: correct the header"
        )
    notes = list(file.notes)
    if lines.surplus:
        notes.append(
            f"{file.path.name}: {lines.surplus} numbers at the ends of lines belong to no table and are left out, as "
            "LAMMPS does"
        )
    return replace(file, notes=tuple(notes))
