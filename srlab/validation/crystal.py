"""The relaxed crystal that every property starts from, and the two things done with any cell: single points and
relaxations.

A crystal is fcc, bcc, hcp, diamond, or that of a structure file; any ASE calculator serves: ours, LAMMPS through ASE,
or GPAW.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from srlab.datasets.reader import read_raw
from srlab.errors import InputError
from srlab.neighbours import neighbour_pairs, pairs_within
from srlab.potentials.equilibrium import lattice_constant as lowest_lattice_constant
from srlab.potentials.lattices import (
    IDEAL,
    STRUCTURES,
    conventional_cell,
    ground_state,
    neighbour_ratio,
    own_structure,
    primitive_cell,
    touching_distance,
)

COLLAPSED = 0.6
"""Atoms nearer than this share of twice the covalent radius have collapsed (1.58 A in copper)."""
FILE = "file"
"""Name of the structure of a crystal that comes from a file."""


@dataclass(frozen=True)
class Crystal:
    """The relaxed crystal of one potential.

    element : chemical symbol. lattice_constant : a, angstrom. energy : eV/atom. calculator : an ASE calculator.
    reach : distance (angstrom) at which two atoms still interact directly, 0.0 if unknown (DFT).
    potential : the `Potential` behind the calculator, or None.
    structure : fcc, bcc, hcp, diamond or file. c_over_a : of hcp.
    cell : the relaxed cell (`ase.Atoms`) of a structure file, and title : that file's name; None and "" otherwise.
    """

    element: str
    lattice_constant: float
    energy: float
    calculator: Any
    reach: float = 0.0
    potential: Any = None
    structure: str = "fcc"
    c_over_a: float = IDEAL
    cell: Any = None
    title: str = ""

    def primitive(self, scale=1.0):
        """The primitive cell (that of the file, for one), all lengths multiplied by `scale`."""
        return self._scaled(primitive_cell, scale)

    def conventional(self, repeat=1, scale=1.0):
        """The conventional cell (cubic, hexagonal, or that of the file) repeated, `repeat` times along each edge or as
        often as its three numbers say."""
        return self._scaled(conventional_cell, scale).repeat(repeat)

    def _scaled(self, make_cell, scale):
        if self.cell is None:
            return make_cell(self.element, self.structure, scale * self.lattice_constant, self.c_over_a)
        atoms = self.cell.copy()
        atoms.set_cell(scale * atoms.cell.array, scale_atoms=True)
        return atoms

    @property
    def volume(self):
        """A^3/atom"""
        atoms = self.primitive()
        return atoms.get_volume() / len(atoms)

    @property
    def neighbour_distance(self):
        """Distance of nearest neighbours, angstrom."""
        if self.cell is None:
            return self.lattice_constant * neighbour_ratio(self.structure, self.c_over_a)
        return float(neighbour_pairs(self.cell, 2.0 * (2.0 * self.volume) ** (1.0 / 3.0))[2].min())

    @property
    def atoms_move(self):
        """Whether atoms may move within a strained cell: not where each is a centre of symmetry, as in fcc and bcc."""
        return self.structure not in ("fcc", "bcc")

    def repeats(self, width):
        """The least three numbers of conventional cells whose opposite faces are `width` (angstrom) apart."""
        return tuple(int(n) for n in np.ceil(width / heights(self.conventional()) - 1e-9))

    @property
    def name(self):
        return getattr(self.potential, "name", type(self.calculator).__name__)

    @property
    def described(self):
        """The structure in words: fcc, or the name of its file."""
        return self.title or self.structure


def relaxed_crystal(subject, element=None, structure=None, guess=None):
    """Relax the crystal of a potential or a calculator to zero pressure.

    Parameters
    ----------
    subject : Potential, or an ASE calculator with stress
    element : str, optional
        For a calculator; a potential knows its own.
    structure : str, path-like or ase.Atoms, optional
        fcc, bcc, hcp, diamond, or a file with one periodic structure of the element. Default: the crystal
        of the data that a potential was fitted to, else the ground state of the element.
    guess : float, optional
        Lattice constant to start from, angstrom. Default: the lowest minimum of a potential's energy; for a calculator,
        from covalent radii.

    Returns
    -------
    Crystal

    Raises
    ------
    InputError
        If there is no such minimum, the structure is unknown, or its file cannot be used.
    """
    potential = subject if hasattr(subject, "phi") else None
    calculator = subject.calculator() if potential else subject
    element = potential.element if potential else element
    if element is None:
        raise InputError("a calculator does not know its element: give it, for example element='Cu'")
    if structure is None:
        structure = own_structure(potential) if potential else ground_state(element)
    reach = getattr(potential, "cutoff", 0.0)
    if isinstance(structure, Atoms) or structure not in STRUCTURES:
        return _relaxed_file(structure, element, calculator, reach, potential)
    crystal = Crystal(
        element,
        guess or _first_guess(potential, element, structure),
        np.nan,
        calculator,
        reach,
        potential,
        structure,
    )
    return _relaxed_hcp(crystal) if structure == "hcp" else _relaxed_cubic(crystal)


def _relaxed_cubic(crystal):
    from scipy.optimize import brentq  # SciPy and ASE's optimisers are slow to load: not for those who only look

    def pressure(scale):
        return -float(stresses(crystal.calculator, [crystal.primitive(scale)])[0][:3].mean())

    low, high = 0.995, 1.005
    for _ in range(20):  # a calculator's guess may be several per cent off
        if pressure(low) > 0.0 > pressure(high):
            break
        low, high = (low * 0.99, high) if pressure(low) < 0.0 else (low, high * 1.01)
    else:
        raise InputError(_no_minimum(crystal.name, crystal.structure, f"near {crystal.lattice_constant:.3f} A"))
    found = replace(crystal, lattice_constant=crystal.lattice_constant * float(brentq(pressure, low, high, xtol=2e-10)))
    return replace(found, energy=float(energies_per_atom(crystal.calculator, [found.primitive()])[0]))


def _relaxed_hcp(crystal):
    relaxed = _relaxed_cell(crystal.primitive(), crystal.calculator, f"the hcp crystal of {crystal.name}")
    a, _, c = relaxed.cell.lengths()
    if not 1.0 < c / a < 2.5:
        raise InputError(_no_minimum(crystal.name, "hcp", f"near the ideal axes: c/a goes to {c / a:.2f}"))
    energy = relaxed.get_potential_energy() / len(relaxed)
    return replace(crystal, lattice_constant=float(a), c_over_a=float(c / a), energy=float(energy))


def _relaxed_file(structure, element, calculator, reach, potential):
    start, title = (structure, "a given structure") if isinstance(structure, Atoms) else read_structure(structure)
    if not start.pbc.all() or start.cell.rank < 3:
        raise InputError(f"{title} is not periodic in three directions: give a crystal")
    others = sorted(set(start.symbols) - {element})
    if others:
        raise InputError(f"{title} holds {', '.join(others)}: give a structure of {element} only")
    bare = Atoms(start.symbols, cell=start.cell, scaled_positions=start.get_scaled_positions(), pbc=True)
    relaxed = _relaxed_cell(bare, calculator, f"the structure of {title}")
    cell = Atoms(relaxed.symbols, cell=relaxed.cell, scaled_positions=relaxed.get_scaled_positions(), pbc=True)
    energy = float(relaxed.get_potential_energy() / len(relaxed))
    a = float(relaxed.cell.lengths()[0])
    return Crystal(element, a, energy, calculator, reach, potential, FILE, cell=cell, title=title)


def read_structure(path):
    """The one structure of a file that ASE reads, and the file's name.

    Raises
    ------
    InputError
        If the file is absent or cannot be read, or holds no structure.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise InputError(
            f"there is no structure {str(path)!r}: give one of {', '.join(STRUCTURES)}, or a structure file"
        )
    frames = read_raw(path)
    if len(frames) != 1:
        raise InputError(f"{path} holds {len(frames)} structures: give a file with one")
    return frames[0], path.name


def _relaxed_cell(start, calculator, what):
    """Relax the cell and the atoms in it."""
    from ase.filters import FrechetCellFilter
    from ase.optimize import LBFGS

    relaxed = _attached(start, calculator)
    converged = LBFGS(FrechetCellFilter(relaxed), logfile=None, maxstep=0.1, memory=30).run(fmax=1e-5, steps=400)
    _check_distances(relaxed, f"{what} collapses")
    grown = relaxed.get_volume() / start.get_volume()
    if not converged or not 0.3 < grown < 3.0:
        raise InputError(f"{what} does not relax to a minimum: its volume goes to {grown:.2f} times that at the start")
    return relaxed


def _first_guess(potential, element, structure):
    if potential is None:
        return touching_distance(element) / neighbour_ratio(structure)
    a0 = lowest_lattice_constant(potential, structure)
    if a0 is None:
        raise InputError(_no_minimum(potential.name, structure, "between touching atoms and its cutoff"))
    return a0


def _no_minimum(name, structure, where):
    return f"{name} has no {structure} minimum {where}: it cannot be validated as a model of this crystal"


def heights(atoms):
    """Distances between the opposite faces of a cell, (3,) angstrom."""
    return 1.0 / np.linalg.norm(np.linalg.inv(atoms.cell.array), axis=0)


def energies_per_atom(calculator, cells):
    """Energies of a list of cells, eV/atom, (n,)."""
    return np.array([_attached(atoms, calculator).get_potential_energy() / len(atoms) for atoms in cells])


def energies(calculator, cells):
    """Energies of a list of cells, eV, (n,)."""
    return np.array([_attached(atoms, calculator).get_potential_energy() for atoms in cells])


def forces(calculator, cells):
    """Forces of a list of cells: a list of (atoms, 3) arrays, eV/A."""
    return [_attached(atoms, calculator).get_forces() for atoms in cells]


def stresses(calculator, cells):
    """Stresses of a list of cells, eV/A^3, (n, 6) in Voigt order and ASE's sign (tension positive)."""
    return np.array([_attached(atoms, calculator).get_stress() for atoms in cells])


def _attached(atoms, calculator):
    atoms = atoms.copy()
    atoms.calc = calculator
    return atoms


def relax(atoms, calculator, fmax=2e-3, steps=400):
    """Relax positions (constraints on the atoms are kept) with L-BFGS.

    Parameters
    ----------
    atoms : ase.Atoms, not changed
    calculator : ASE calculator
    fmax : float
        Largest force left, eV/A.
    steps : int

    Returns
    -------
    relaxed : ase.Atoms, with the calculator attached
    converged : bool

    Raises
    ------
    InputError
        If two atoms fall upon each other: the potential has a hole at short range.
    """
    from ase.optimize import LBFGS

    relaxed = _attached(atoms, calculator)
    optimizer = LBFGS(relaxed, logfile=None, maxstep=0.1, memory=30)
    hole = "hole at short range"
    try:
        converged = bool(optimizer.run(fmax=fmax, steps=steps))
    except InputError:  # the calculator's, which knows nothing of what was done to its atoms
        _check_distances(relaxed, hole)
        raise
    _check_distances(relaxed, hole)
    return relaxed, converged


def _check_distances(relaxed, what):
    touching = COLLAPSED * touching_distance(relaxed.symbols[0])
    i, j, r, _ = pairs_within(relaxed, touching)
    if len(r):
        k = int(r.argmin())
        raise InputError(
            f"{what}: atoms {i[k]} and {j[k]} fall to {r[k]:.2f} A of each other when this structure is relaxed"
        )


def check_supercell(crystal, repeats, needed):
    """Check that so many conventional cells keep the images of a defect apart.

    Parameters
    ----------
    crystal : Crystal
    repeats : int or three of them
    needed : float
        angstrom

    Raises
    ------
    InputError
        If images are within `needed` of each other; the remedy is named.
    """
    repeats = np.broadcast_to(repeats, 3)
    widths = repeats * heights(crystal.conventional())
    if not (widths > needed).all():
        enough = np.maximum(repeats, crystal.repeats(needed + 1e-6))
        raise InputError(
            f"a supercell of {'x'.join(map(str, repeats))} cells is too small: images {widths.min():.1f} A apart "
            "are within reach of each other"
            f" ({needed:.1f} A), use {'x'.join(map(str, enough))}"
        )


def isolated_pair(element, distance):
    """Two atoms at a distance (angstrom) and nothing else, in a box with room around them, which some calculators ask
    for."""
    room = 10.0
    positions = [[room, room, room], [room, room, room + distance]]
    return Atoms([element] * 2, positions=positions, cell=[2.0 * room, 2.0 * room, 2.0 * room + distance])
