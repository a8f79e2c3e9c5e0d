"""The repulsion of nuclei at short distance, joined to a potential that was never asked there: Ziegler, Biersack and
Littmark, The Stopping and Range of Ions in Matter (1985), with the constants of LAMMPS' pair style zbl."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from ase.data import atomic_numbers
from ase.units import Bohr, Hartree

from srlab.errors import InputError
from srlab.potentials.taper import Smoothstep

COULOMB = Hartree * Bohr
"""e^2/(4 pi eps0), eV A"""
SCREENING = 0.46850
"""angstrom; the screening length is this over Z1^0.23 + Z2^0.23"""
SHARES = np.array([0.18175, 0.50986, 0.28022, 0.02817])
DECAYS = np.array([3.19980, 0.94229, 0.40290, 0.20162])
RANGE = (0.4, 0.7)
"""Where the one goes over into the other by default, in units of the crystal's neighbour distance: in copper from 1.0
to 1.8 A, nearer than atoms come below some eV."""


def zbl(r, element):
    """Energy (eV) of two bare atoms of an element at `r` (any shape, angstrom), and its first and second derivative."""
    z = atomic_numbers[element]
    decays = DECAYS * 2.0 * z**0.23 / SCREENING
    r = np.asarray(r, float)
    terms = SHARES * np.exp(-decays * r[..., None])
    screen, first, second = terms.sum(-1), -(decays * terms).sum(-1), (decays**2 * terms).sum(-1)
    scale = COULOMB * z * z / r
    return (
        scale * screen,
        scale * (first - screen / r),
        scale * (second - 2.0 * first / r + 2.0 * screen / r**2),
    )


@dataclass(frozen=True)
class JoinedCore:
    """A pair function that is ZBL's below `inner` and its own beyond `outer` (angstrom), with two continuous
    derivatives.

    own : the pair function, without its taper.
    """

    own: Any
    element: str
    inner: float
    outer: float

    def derivatives(self, r):
        """Value (eV), first and second derivative at `r` (any shape, angstrom)."""
        r = np.asarray(r, float)
        core, own = zbl(r, self.element), self.own.derivatives(np.maximum(r, self.inner))
        share, slope, bend = Smoothstep(self.inner, self.outer).derivatives(r)
        difference = [a - b for a, b in zip(core, own)]
        return (
            own[0] + share * difference[0],
            np.where(r > self.inner, own[1] + share * difference[1] + slope * difference[0], core[1]),
            np.where(
                r > self.inner,
                own[2] + share * difference[2] + 2.0 * slope * difference[1] + bend * difference[0],
                core[2],
            ),
        )


def with_zbl(potential, inner, outer):
    """A potential whose pair function goes over into ZBL's between two distances; its other functions stay.

    Parameters
    ----------
    potential : Potential
    inner, outer : float
        Angstrom.

    Returns
    -------
    Potential

    Raises
    ------
    InputError
        If the range is none, reaches into the taper, or the joined function does not repel all the way.
    """
    start = getattr(potential.taper, "start", potential.cutoff)
    if not 0.0 < inner < outer <= start:
        raise InputError(
            f"the ZBL core cannot end between {inner:g} and {outer:g} A: give two distances, the nearer first, below "
            f"{start:g} A, where the taper of {potential.name} begins"
        )
    name = potential.template.pairs[0].name
    core = JoinedCore(potential.functions[name], potential.element, inner, outer)
    joined = potential.with_functions(**{name: core})
    r = np.linspace(0.5 * inner, outer, 400)
    slope = joined.phi(r)[1]
    if not (slope < 0.0).all():  # true of nan, too
        raise InputError(
            f"the pair function of {potential.name} joined to ZBL between {inner:g} and {outer:g} A does not repel at "
            f"{r[np.argmin(slope < 0.0)]:.2f} A: choose another range"
        )
    return joined
