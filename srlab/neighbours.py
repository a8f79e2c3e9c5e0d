"""Neighbour pairs of any ASE cell: periodic, partly periodic, a cluster, smaller than the cutoff; and a list of them
that outlives small moves."""

import numpy as np
from matscipy.neighbours import neighbour_list

from srlab.errors import InputError

OVERLAP = 0.1
"""Two atoms nearer than this (angstrom) are the same atom twice, not a structure."""

FAR = 1e8
"""No atom is a centimetre (in angstrom) from the origin; a mistyped number is."""

SKIN = 0.5
"""Pairs so much farther apart than the cutoff (angstrom) are kept in a `VerletList`: in a relaxation it is then found
once or twice."""

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
    _check_finite(atoms)
    i, j, r, d = pairs_within(atoms, cutoff)
    _check_overlap(i, j, r)
    return i, j, r, d


class VerletList:
    """The pairs of structures that change little from one call to the next, as in a relaxation.

    Pairs up to the cutoff and a skin are kept; as long as none that is not among them can have come within the cutoff,
    only their distances are found anew (L. Verlet, Phys. Rev. 159, 98 (1967)). Any structure may follow any other.

    Parameters
    ----------
    cutoff : float
        Angstrom.
    skin : float
        Angstrom; 0 for structures that have nothing to do with each other.
    """

    def __init__(self, cutoff, skin=SKIN):
        self.cutoff, self.skin = float(cutoff), float(skin)
        self._positions = None  # none were found yet

    def half_pairs(self, atoms):
        """Every pair nearer than the cutoff once, in one of its two orders; an atom's own images among them.

        Parameters
        ----------
        atoms : ase.Atoms

        Returns
        -------
        i, j, r, d
            As of :func:`neighbour_pairs`, half as many.

        Raises
        ------
        InputError
            As :func:`neighbour_pairs` does.
        """
        if not self._holds(atoms):
            self._find(atoms)
        elif not np.array_equal(self._last_cell, atoms.cell.array):
            self._strain(atoms.cell.array)
        d = atoms.positions.take(self._j, axis=0)
        d -= atoms.positions.take(self._i, axis=0)
        d += self._offsets
        r = np.sqrt(np.einsum("pk,pk->p", d, d))
        near = np.flatnonzero(r < self.cutoff)
        i, j, r, d = self._i.take(near), self._j.take(near), r.take(near), d.take(near, axis=0)
        _check_overlap(i, j, r)
        return i, j, r, d

    def _holds(self, atoms):
        """Whether all pairs within the cutoff are surely among those that were kept."""
        if self._positions is None or len(atoms) != len(self._positions) or (atoms.pbc != self._pbc).any():
            return False
        if np.array_equal(self._cell, atoms.cell.array):
            shrinks, moves = 1.0, atoms.positions - self._positions
        elif self._pbc.all():
            # a homogeneous strain makes no vector shorter than by its least singular value; moves are beyond the strain
            strain = np.linalg.solve(self._cell, atoms.cell.array)
            if not np.isfinite(strain).all():
                return False
            shrinks = np.linalg.svd(strain, compute_uv=False).min()
            moves = atoms.positions - self._positions @ strain
        else:
            return False
        farthest = np.sqrt(np.einsum("nk,nk->n", moves, moves).max(initial=0.0))
        return bool(shrinks * (self.cutoff + self.skin) - 2.0 * farthest >= self.cutoff)  # not so for nan

    def _find(self, atoms):
        self._positions = None  # until they are found
        _check_finite(atoms)
        reach = self.cutoff + self.skin
        origin, cell = cell_with_room(atoms, reach)
        i, j, shifts = neighbour_list(
            "ijS", positions=atoms.positions, cell=cell, pbc=atoms.pbc, cell_origin=origin, cutoff=reach
        )
        first = np.where(shifts[:, 0] != 0, shifts[:, 0], np.where(shifts[:, 1] != 0, shifts[:, 1], shifts[:, 2]))
        once = (i < j) | ((i == j) & (first > 0))
        self._i, self._j, self._shifts = i[once], j[once], shifts[once].astype(float)
        self._strain(atoms.cell.array)
        self._cell, self._pbc, self._positions = self._last_cell, atoms.pbc.copy(), atoms.positions.copy()

    def _strain(self, cell):
        self._last_cell = cell.copy()
        self._offsets = self._shifts @ cell  # there are no shifts along a direction that is not periodic


def _check_finite(atoms):
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise InputError("a position or the cell of this structure is not finite: check the file it comes from")


def _check_overlap(i, j, r):
    if len(r) and r.min() < OVERLAP:
        k = int(r.argmin())
        raise InputError(f"atoms {i[k]} and {j[k]} are {r[k]:.3f} A apart, they overlap: remove one of them")


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
