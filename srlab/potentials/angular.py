"""Angular terms of a potential: energies of triplets of atoms, from sums over neighbours.

A term of rank l adds to the energy of atom i

    1/2 s sum_jk a(r_ij) a(r_ik) P_l(cos theta_jik),

over all pairs of neighbours, j = k included, P_l Legendre's polynomial: P_1 = c, P_2 = (3 c^2 - 1)/2, P_3 = (5 c^3 -
3 c)/2. The sum is a square of moments (see `srlab.harmonics`), so its cost grows with pairs and not with triplets.
The angular-dependent potential (ADP) of Mishin, Mehl and Papaconstantopoulos, Acta Mater. 53, 4029 (2005), 1/2 |mu|^2
+ 1/2 |lambda|^2 - 1/6 (tr lambda)^2 with mu = sum u(r) r_vec and lambda = sum w(r) r_vec r_vec, is such a pair of
terms: a_1 = u r, a_2 = sqrt(2/3) w r^2, both with s = 1.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from srlab.errors import InputError
from srlab.harmonics import GRADIENTS, HARMONICS, RANKS
from srlab.potentials.table import ScaledTable


@dataclass(frozen=True)
class AngularTerm:
    """One angular term.

    Parameters
    ----------
    rank : int
        1, 2 or 3.
    radial : object
        a, *without* the taper, in sqrt(eV): anything with `derivatives(r) -> (value, first, second)`, a `Formula` or
        a table.
    sign : int
        s, 1 or -1: whether the term costs energy or gives it.
    """

    rank: int
    radial: Any
    sign: int = 1

    def __post_init__(self):
        if self.rank not in RANKS or self.sign not in (1, -1):
            raise InputError(
                f"an angular term has a rank of 1, 2 or 3 and a sign of 1 or -1, not {self.rank!r} and {self.sign!r}"
            )

    @property
    def name(self):
        """What its radial function is called: angular_2, or angular_2_negative with s = -1."""
        return f"angular_{self.rank}" + ("_negative" if self.sign < 0 else "")


def dipole(u):
    """The term of rank 1 that the dipole function u of an ADP is; u : table in sqrt(eV)/A."""
    return AngularTerm(1, ScaledTable(u, 1))


def quadrupole(w):
    """The term of rank 2 that the quadrupole function w of an ADP is; w : table in sqrt(eV)/A^2."""
    return AngularTerm(2, ScaledTable(w, 2, sqrt(2.0 / 3.0)))


def energies_and_slopes(term, a, da, i, r, unit, n):
    """Energies of n atoms with one term, and their derivatives by the vectors to their neighbours.

    Parameters
    ----------
    term : AngularTerm
    a, da : (pairs,) its tapered radial function and the slope of it
    i, r, unit : (pairs,), (pairs,), (pairs, 3)
        All ordered pairs: first atom, distance (angstrom), unit vector to the second atom.

    Returns
    -------
    energies : (n,) eV
    slopes : (pairs, 3) eV/A, derivative of the energy of atom i by the vector from i to j
    """
    moments = np.array([np.bincount(i, a * values, n) for values in HARMONICS[term.rank](*unit.T)])
    slope = np.zeros_like(unit)  # sum over the components of s A_m grad C_m
    for moment, gradient in zip(moments, GRADIENTS[term.rank](*unit.T)):
        slope += (term.sign * moment[i] * np.array(gradient)).T
    radial = (slope * unit).sum(axis=1) / term.rank  # sum of s A_m C_m, by Euler's theorem
    slopes = (a / r)[:, None] * slope + ((da - term.rank * a / r) * radial)[:, None] * unit
    return 0.5 * term.sign * (moments**2).sum(axis=0), slopes
