"""Whether a potential's crystals fall below its own crystal when they are compressed, the holes that molecular dynamics
falls into, or when they are stretched, and fly apart.

Cold curves are sums over shells of neighbours of perfect structures, scaled as a whole; a check of the usual lattices
takes a few milliseconds, so that a search can make it of every promising candidate.
"""

from dataclasses import dataclass

import numpy as np

from srlab.errors import InputError
from srlab.neighbours import neighbour_pairs
from srlab.potentials.lattices import neighbour_ratio, primitive_cell

SCALES = np.geomspace(2.4, 0.4, 110)
"""Neighbour distances that are tried, in units of that of the crystal, inwards."""
WINDOW = (0.8, 1.25)
"""Where the minimum of a structure lies, in the same units."""
DIGITS = 8
"""Decimals to which distances, in units of the nearest, are the same shell."""
BELOW = 2e-3
"""eV/atom by which a compressed structure must be below the crystal to have fallen."""


@dataclass(frozen=True)
class Fall:
    """structure : which one falls. stretched : whether outwards, or compressed. distance : of its nearest neighbours
    where it is below the crystal, angstrom. barrier : eV/atom over which it gets there."""

    structure: str
    stretched: bool
    distance: float
    barrier: float

    def __str__(self):
        return (
            f"{'stretched' if self.stretched else 'compressed'} {self.structure} falls below the crystal with "
            f"neighbours {self.distance:.2f} A apart, over {self.barrier:.2f} eV/atom"
        )


class ColdCurves:
    """Cold curves of several structures against the distance of nearest neighbours.

    Parameters
    ----------
    structures : list of str or ase.Atoms
        fcc, bcc, hcp (ideal axes), diamond, or periodic frames of the data, which are scaled as they are.
    neighbour : float
        Distance of nearest neighbours in the crystal, angstrom.
    cutoff : float
        Of the potentials, angstrom.
    """

    def __init__(self, structures, neighbour, cutoff):
        if not (neighbour > 0.0 and cutoff > 0.0):
            raise InputError(f"distances must be positive, not {neighbour:g} and {cutoff:g} A")
        self.distances = neighbour * SCALES
        reach = cutoff / self.distances[-1]
        self.structures = [_shells(structure, k, reach) for k, structure in enumerate(structures)]
        self._known = {}  # sums over angles, made when a potential first asks for them

    def energies(self, potential):
        """Energies (eV/atom) of each structure at `distances`: a list of (n,) arrays; not finite where the potential is
        not defined."""
        return [self._curve(potential, k) for k in range(len(self.structures))]

    def _curve(self, potential, k):
        _, _, radii, counts = self.structures[k]
        r = self.distances[:, None] * radii
        with np.errstate(all="ignore"):
            energy = potential.offset + 0.5 * (potential.phi(r)[0] @ counts)
            energy = energy + potential.F(*(density @ counts for density, _ in potential.densities(r)))[0]
            for function, a, _ in potential.moments(r):
                energy += 0.5 * function.sign * np.einsum("sk,akl,sl->sa", a, self._angles(k, function.rank), a)
            return energy.mean(axis=1)

    def _angles(self, k, rank):
        if (k, rank) not in self._known:
            _, atoms, radii, _ = self.structures[k]
            self._known[k, rank] = _legendre_sums(atoms, radii, rank)
        return self._known[k, rank]

    def fall(self, potential, energy=None, ceiling=3.0):
        """The lowest way down, or None.

        Parameters
        ----------
        potential : Potential
        energy : float, optional
            Of the crystal, eV/atom. Default: the lowest of these structures near the crystal's neighbour distance.
        ceiling : float
            eV/atom; what happens behind a higher barrier does not matter.

        Returns
        -------
        Fall or None
        """
        curves = self.energies(potential)
        near = (SCALES >= WINDOW[0]) & (SCALES <= WINDOW[1])
        starts = [int(np.argmin(np.where(near & np.isfinite(curve), curve, np.inf))) for curve in curves]
        ground = min([curve[start] for curve, start in zip(curves, starts)] + ([] if energy is None else [energy]))
        falls = []
        for (name, *_), curve, start in zip(self.structures, curves, starts):
            for step in (1, -1):
                way = curve[start::step]
                barriers = np.maximum.accumulate(np.where(np.isnan(way), -np.inf, way)) - way[0]
                # no energy is a fall inwards; outwards it is a lone atom for which the potential is not defined
                fallen = (way < ground - BELOW) | (np.isnan(way) & (step == 1))
                fallen &= ~(barriers > ceiling)
                if fallen.any():
                    k = int(np.argmax(fallen))
                    falls.append(Fall(name, step == -1, float(self.distances[start + step * k]), float(barriers[k])))
        return min(falls, key=lambda fall: fall.barrier, default=None)


def falls_below(potential, structures, neighbour, energy=None, ceiling=3.0):
    """Whether one of some structures, compressed or stretched, falls below the crystal of a potential; for many
    potentials of one cutoff make `ColdCurves` once.

    Parameters
    ----------
    potential : Potential
    structures, neighbour : see `ColdCurves`
    energy, ceiling : see `ColdCurves.fall`

    Returns
    -------
    Fall or None
    """
    return ColdCurves(structures, neighbour, potential.cutoff).fall(potential, energy, ceiling)


def _shells(structure, index, reach):
    """Name, atoms scaled to a nearest distance of 1, distances (k,) up to `reach`, and how many of each an atom has,
    (k, atoms)."""
    if isinstance(structure, str):
        name, atoms = structure, primitive_cell("H", structure, 1.0 / neighbour_ratio(structure))
    else:
        name, atoms = f"structure {index + 1}", structure.copy()
        if not atoms.pbc.all():
            raise InputError(f"{name} is not periodic in three directions: only crystals are compressed")
    nearest = neighbour_pairs(atoms, 1.5 * (2.0 * atoms.get_volume() / len(atoms)) ** (1.0 / 3.0))[2].min()
    atoms.set_cell(atoms.cell.array / nearest, scale_atoms=True)
    i, _, r, _ = neighbour_pairs(atoms, reach)
    radii, shell = np.unique(np.round(r, DIGITS), return_inverse=True)
    counts = np.zeros((len(radii), len(atoms)))
    np.add.at(counts, (shell, i), 1.0)
    return name, atoms, radii, counts


def _legendre_sums(atoms, radii, rank):
    """Sums of P_l(cos theta_jik) over the neighbours j in one shell of atom i and k in another, (atoms, k, k)."""
    from scipy.special import eval_legendre  # for angular functions only, and slow to load

    i, _, r, d = neighbour_pairs(atoms, radii[-1] + 10.0**-DIGITS)
    shell = np.searchsorted(radii, np.round(r, DIGITS))
    sums = np.zeros((len(atoms), len(radii), len(radii)))
    for atom in range(len(atoms)):
        own = i == atom
        directions = d[own] / r[own, None]
        member = np.zeros((len(directions), len(radii)))
        member[np.arange(len(directions)), shell[own]] = 1.0
        sums[atom] = member.T @ eval_legendre(rank, directions @ directions.T) @ member
    return sums
