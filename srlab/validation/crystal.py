"""The relaxed fcc crystal that every property starts from, and the two things done with any cell: single points and relaxations.

Any ASE calculator serves: ours, LAMMPS through ASE, or GPAW.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.data import atomic_numbers, covalent_radii
from ase.optimize import LBFGS
from scipy.optimize import brentq

from srlab.errors import InputError
from srlab.neighbours import neighbour_pairs

COLLAPSED = 0.6
"""Atoms nearer than this share of twice the covalent radius have collapsed (1.58 A in copper)."""


@dataclass(frozen=True)
class Crystal:
    """The fcc ground state of one potential.

    element : chemical symbol. lattice_constant : angstrom. energy : eV/atom. calculator : an ASE calculator.
    reach : distance (angstrom) at which two atoms still interact directly, 0.0 if unknown (DFT).
    potential : the `Potential` behind the calculator, or None.
    """

    element: str
    lattice_constant: float
    energy: float
    calculator: Any
    reach: float = 0.0
    potential: Any = None

    def conventional(self, repeat=1):
        """`repeat`^3 conventional cells of 4 atoms."""
        return bulk(self.element, "fcc", self.lattice_constant, cubic=True).repeat(repeat)

    @property
    def name(self):
        return getattr(self.potential, "name", type(self.calculator).__name__)


def fcc_crystal(subject, element="Cu", guess=None):
    """Relax the fcc crystal of a potential or a calculator to zero pressure.

    Parameters
    ----------
    subject : Potential, or an ASE calculator with stress
    element : str
        For a calculator; a potential knows its own.
    guess : float, optional
        Lattice constant to start from, angstrom. Default: the lowest minimum of a potential's energy; for a calculator, from covalent radii.

    Returns
    -------
    Crystal

    Raises
    ------
    InputError
        If there is no fcc minimum.
    """
    potential = subject if hasattr(subject, "phi") else None
    calculator = subject.calculator() if potential else subject
    element = potential.element if potential else element
    a0 = guess or _first_guess(potential, element)
    crystal = Crystal(element, a0, np.nan, calculator, getattr(potential, "cutoff", 0.0), potential)

    def pressure(a):
        cell = bulk(element, "fcc", a)
        return -float(stresses(calculator, [cell])[0][:3].mean())

    low, high = 0.995 * a0, 1.005 * a0
    for _ in range(20):  # a calculator's guess may be several per cent off
        if pressure(low) > 0.0 > pressure(high):
            break
        low, high = (low * 0.99, high) if pressure(low) < 0.0 else (low, high * 1.01)
    else:
        raise InputError(
            f"{crystal.name} has no fcc minimum near {a0:.3f} A: it cannot be validated as a model of an fcc metal"
        )
    a0 = float(brentq(pressure, low, high, xtol=1e-9))
    energy = energies_per_atom(calculator, [bulk(element, "fcc", a0)])[0]
    return Crystal(element, a0, float(energy), calculator, crystal.reach, potential)


def _first_guess(potential, element):
    if potential is None:
        return float(2.0 * np.sqrt(2.0) * covalent_radii[atomic_numbers[element]])
    from srlab.potentials.equilibrium import fcc_lattice_constant

    a0 = fcc_lattice_constant(potential)
    if a0 is None:
        raise InputError(
            f"{potential.name} has no fcc minimum between 1.8 A and its cutoff: it cannot be validated as a model of an fcc metal"
        )
    return a0


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
    relaxed = _attached(atoms, calculator)
    optimizer = LBFGS(relaxed, logfile=None, maxstep=0.1, memory=30)
    converged = bool(optimizer.run(fmax=fmax, steps=steps))
    touching = COLLAPSED * 2.0 * covalent_radii[relaxed.numbers[0]]
    i, j, r, _ = neighbour_pairs(relaxed, touching)
    if len(r):
        k = int(r.argmin())
        raise InputError(
            f"hole at short range: atoms {i[k]} and {j[k]} fall to {r[k]:.2f} A of each other when this structure is relaxed"
        )
    return relaxed, converged


def supercell_size(crystal, wanted, needed):
    """Check that `wanted`^3 conventional cells keep the images of a defect apart.

    Raises
    ------
    InputError
        If they are within `needed` angstrom of each other; the remedy is named.
    """
    width = wanted * crystal.lattice_constant
    if width <= needed:
        enough = int(needed / crystal.lattice_constant) + 1
        raise InputError(
            f"a supercell of {wanted}x{wanted}x{wanted} cells is too small: images {width:.1f} A apart are within reach of each other"
            f" ({needed:.1f} A), use {enough}x{enough}x{enough}"
        )
    return wanted


def isolated_pair(element, distance):
    """Two atoms at a distance (angstrom) and nothing else."""
    return Atoms([element] * 2, positions=[[0.0, 0.0, 0.0], [0.0, 0.0, distance]])
