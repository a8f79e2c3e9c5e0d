"""Geometry of symmetric tilt grain boundaries of fcc and bcc crystals: two mirror grains with free surfaces, any rigid
shift between them."""

from dataclasses import dataclass

import numpy as np
from ase import Atoms


@dataclass(frozen=True)
class Boundary:
    """A symmetric tilt boundary: Sigma, boundary plane and tilt axis as Miller indices (perpendicular to each
    other)."""

    sigma: int
    plane: tuple
    axis: tuple

    @property
    def name(self):
        return f"sigma{self.sigma}_" + "".join(str(abs(k)) for k in self.plane)

    @property
    def across(self):
        """Miller indices of the in-plane direction perpendicular to the axis."""
        vector = np.cross(self.plane, self.axis)
        return tuple(int(k) for k in vector // np.gcd.reduce(vector))


BOUNDARIES = (
    Boundary(3, (1, 1, 2), (1, -1, 0)),
    Boundary(5, (2, 1, 0), (0, 0, 1)),
    Boundary(5, (3, 1, 0), (0, 0, 1)),
    Boundary(9, (2, 2, 1), (1, -1, 0)),
)


BASIS = {"fcc": [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]], "bcc": [[0, 0, 0], [0.5, 0.5, 0.5]]}
"""Atoms of the cubic cell."""


def shortest_period(direction, structure="fcc"):
    """Length, in lattice constants, of the shortest fcc or bcc lattice vector along Miller indices without common
    factor."""
    indices = np.asarray(direction)
    # half of it is a lattice vector too
    halved = indices.sum() % 2 == 0 if structure == "fcc" else (indices % 2 == 1).all()
    return float(np.linalg.norm(indices) * (0.5 if halved else 1.0))


def grain(boundary, lattice_constant, height, structure="fcc"):
    """One grain of a boundary, from the boundary plane (z = 0, atoms in it) down to z = -height.

    Returns
    -------
    cell : (2,) lengths along `across` and along the axis, angstrom
    positions : (n, 3) angstrom, x along `across`, y along the axis, z along the plane normal
    """
    frame = np.array([v / np.linalg.norm(v) for v in map(np.array, (boundary.across, boundary.axis, boundary.plane))])
    cell = lattice_constant * np.array(
        [shortest_period(boundary.across, structure), shortest_period(boundary.axis, structure)]
    )
    reach = int(np.ceil((np.hypot(*cell) + height) / lattice_constant)) + 1
    corners = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    points = lattice_constant * (corners[:, None] + np.array(BASIS[structure])).reshape(-1, 3) @ frame.T
    tolerance = 1e-6
    inside = ((points[:, :2] > -tolerance) & (points[:, :2] < cell - tolerance)).all(axis=1)
    inside &= (points[:, 2] < tolerance) & (points[:, 2] > -height)
    return cell, points[inside]


def bicrystal(element, cell, positions, shift=(0.0, 0.0), closest=0.0, vacuum=8.0):
    """A grain and its mirror image in the boundary plane, the image shifted.

    Parameters
    ----------
    element : str
    cell, positions : from `grain`
    shift : (2,) of the image along the cell's two edges, in units of them
    closest : float
        Of each pair of atoms nearer than this (angstrom) across the boundary one is removed and the other put in the
        middle.
    vacuum : float
        Angstrom on each side.

    Returns
    -------
    ase.Atoms, periodic in the plane only
    """
    mirrored = positions * [1.0, 1.0, -1.0]
    mirrored[:, :2] += np.asarray(shift) * cell
    both = np.vstack([positions, mirrored])
    height = both[:, 2].max() - both[:, 2].min() + 2.0 * vacuum
    both[:, 2] += 0.5 * height
    atoms = Atoms([element] * len(both), positions=both, cell=[*cell, height], pbc=(True, True, False))
    atoms.wrap()
    return merged(atoms, len(positions), closest)


def merged(atoms, first, closest):
    """Merge pairs of one atom below index `first` and one above that are nearer than `closest` (angstrom)."""
    distances = atoms.get_all_distances(mic=True)[:first, first:]
    lower, upper = set(), set()
    for k in np.argsort(distances, axis=None):
        i, j = map(int, np.unravel_index(k, distances.shape))
        if distances[i, j] >= closest:
            break
        if i not in lower and j not in upper:
            atoms.positions[i] += 0.5 * atoms.get_distance(i, first + j, mic=True, vector=True)
            lower.add(i)
            upper.add(j)
    del atoms[[first + j for j in upper]]
    return atoms


def single_grain(element, cell, positions, vacuum=8.0):
    """The grain alone, as a slab with the same outer surfaces."""
    atoms = Atoms(
        [element] * len(positions),
        positions=positions,
        cell=[*cell, np.ptp(positions[:, 2]) + 2.0 * vacuum],
        pbc=(True, True, False),
    )
    atoms.positions[:, 2] += vacuum - positions[:, 2].min()
    return atoms
