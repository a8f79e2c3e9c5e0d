"""Slabs of any crystal on any plane, cut where the planes of atoms are farthest apart, so that the fewest bonds are
broken. Library: `ase.build.surface`.

Miller indices refer to the conventional cell: cubic, hexagonal (three-index notation), or that of a structure file.
"""

from functools import reduce
from math import gcd

import numpy as np


def primitive_indices(crystal, indices):
    """Miller indices of a plane in terms of the primitive cell, three integers without common factor."""
    primitive, conventional = crystal.primitive().cell.array, crystal.conventional().cell.array
    # indices of a plane go like the cell vectors do
    scaled = np.rint(4.0 * np.linalg.solve(conventional.T, primitive.T).T @ np.array(indices)).astype(int)
    return scaled // reduce(gcd, map(int, np.abs(scaled)))


def plane_spacing(crystal, indices):
    """Distance (angstrom) after which the planes of atoms parallel to a plane repeat."""
    return float(
        1.0 / np.linalg.norm(primitive_indices(crystal, indices) @ crystal.primitive().cell.reciprocal().array)
    )


def slab(crystal, indices, thickness, vacuum=8.0):
    """A slab of the perfect crystal, not periodic across, z along the normal.

    Parameters
    ----------
    crystal : Crystal
    indices : three int
        Miller indices of the surface.
    thickness : float
        At least, angstrom.
    vacuum : float
        On each side, angstrom.

    Returns
    -------
    ase.Atoms
    """
    from ase.build import surface

    atoms, miller = crystal.primitive(), primitive_indices(crystal, indices)
    offsets = np.sort(np.mod(atoms.get_scaled_positions() @ miller, 1.0))
    gaps = np.diff(np.append(offsets, offsets[0] + 1.0))
    k = int(np.argmax(gaps))
    middle = offsets[k] + 0.5 * gaps[k]
    # move that gap to the plane through the origin, where `surface` cuts
    shift = middle * miller / (miller @ miller)
    atoms.set_scaled_positions(atoms.get_scaled_positions() - shift)
    layers = max(1, int(np.ceil(thickness / plane_spacing(crystal, indices))))
    return surface(atoms, tuple(map(int, miller)), layers, vacuum=vacuum)


def area(atoms):
    """Area (A^2) of one face of a slab."""
    return float(np.linalg.norm(np.cross(atoms.cell[0], atoms.cell[1])))


def planes(atoms, tolerance=0.05):
    """Heights (angstrom) of the planes of atoms of a slab, ascending."""
    z = np.sort(atoms.positions[:, 2])
    return np.array([group.mean() for group in np.split(z, np.flatnonzero(np.diff(z) > tolerance) + 1)])
