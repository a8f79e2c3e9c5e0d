"""Neighbour pairs of any ASE cell: periodic, partly periodic, a cluster, smaller than the cutoff."""

import numpy as np
from matscipy.neighbours import neighbour_list

from srlab.errors import InputError

OVERLAP = 0.1
"""Two atoms nearer than this (angstrom) are the same atom twice, not a structure."""

FAR = 1e8
"""No atom is a centimetre (in angstrom) from the origin; a mistyped number is."""

BOXES = 10_000_000
"""Atoms are sorted into boxes as wide as the cutoff.

So many fill 40 MB; a cell that has room for more is nearly empty.
"""


def cell_with_room(atoms, cutoff):
    """As :func:`enclosing_cell`; InputError for an atom that is impossibly far away, and for a cell so empty that
    boxes as wide as the cutoff (angstrom) would fill the memory."""
    reach = np.abs(atoms.positions).max(initial=0.0)
    if not reach <= FAR:
        raise InputError(f"an atom of this structure is {reach:.1e} angstrom from the origin: correct its position")
    origin, cell = enclosing_cell(atoms)
    volume = abs(np.linalg.det(cell))
    if not volume <= max(BOXES, len(atoms)) * float(cutoff) ** 3:
        raise InputError(
            f"this structure is nearly empty, {len(atoms)} atom{'s' * (len(atoms) != 1)} in "
            f"{volume:.1e} cubic angstrom: correct a position, or make its cell smaller"
        )
    return origin, cell


def pairs_within(atoms, cutoff):
    """All ordered pairs nearer than the cutoff, an atom's own periodic images among them: i, j, r and d as
    :func:`neighbour_pairs` gives them, whatever r is.

    Raises InputError as :func:`cell_with_room` does.
    """
    origin, cell = cell_with_room(atoms, cutoff)
    return neighbour_list(
        "ijdD", positions=atoms.positions, cell=cell, pbc=atoms.pbc, cell_origin=origin, cutoff=float(cutoff)
    )


def neighbour_pairs(atoms, cutoff):
    """All ordered pairs nearer than the cutoff, an atom's own periodic images among them.

    Parameters
    ----------
    atoms : ase.Atoms
    cutoff : float
        Angstrom.

    Returns
    -------
    i, j : (pairs,) int arrays
    r : (pairs,) distances, angstrom
    d : (pairs, 3) vectors from i to the image of j, angstrom

    Raises
    ------
    InputError
        If a position or the cell is not finite, two atoms overlap (both are named), or the structure is nearly empty.
    """
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise InputError("a position or the cell of this structure is not finite: check the file it comes from")
    i, j, r, d = pairs_within(atoms, cutoff)
    if len(r) and r.min() < OVERLAP:
        k = int(r.argmin())
        raise InputError(f"atoms {i[k]} and {j[k]} are {r[k]:.3f} A apart, they overlap: remove one of them")
    return i, j, r, d


def enclosing_cell(atoms):
    """Origin (3,) and cell (3, 3), angstrom, that keep the periodic vectors and enclose all atoms in the others.

    The neighbour list needs three independent vectors and all atoms of a non-periodic direction inside them; a molecule
    has neither.
    """
    if atoms.pbc.all():
        if abs(np.linalg.det(atoms.cell.array)) < 1e-9:
            raise InputError("the cell of this periodic structure has no volume: set three independent cell vectors")
        return np.zeros(3), atoms.cell.array.copy()
    cell = atoms.cell.array.copy()
    kept = [k for k in range(3) if atoms.pbc[k]]
    if kept and np.linalg.matrix_rank(cell[kept]) < len(kept):
        raise InputError("a periodic direction of this structure has no cell vector: set it, or set pbc to False there")
    # an orthonormal basis whose first vectors span the periodic directions, so that the rest is orthogonal to them
    basis = np.linalg.qr(np.vstack([cell[kept], np.eye(3)]).T)[0].T if kept else np.eye(3)
    origin = np.zeros(3)
    for k, direction in zip([k for k in range(3) if not atoms.pbc[k]], basis[len(kept) :]):
        along = atoms.positions @ direction
        low, high = along.min() - 1.0, along.max() + 1.0
        cell[k] = (high - low) * direction
        origin += low * direction
    return origin, cell
