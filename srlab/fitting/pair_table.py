"""Neighbours of a whole data set, found once and kept compact: what every candidate is evaluated on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from srlab.errors import InputError

GRID_POINTS = 2048
DENSE = 2**22  # numbers, 32 MB, up to which a matrix is three times faster with its zeros


@dataclass(frozen=True, eq=False)
class PairTable:
    """Half pairs of all frames, on a radial grid that is uniform in 1/r (dense where potentials are steep).

    A pair is stored once; an atom's own periodic images count, with i == j. Atoms and pairs are numbered through the
    data set, frame after frame, and sorted by atom i within a frame.

    i, j : (p,) int32 atom indices; bin : (p,) int32 lower grid point; weight : (p,) weight of the upper grid point;
    unit : (p, 3) unit vector from i to j; distance : (p,) in angstrom; pair_start, atom_start : (n_frames + 1,);
    grid : (k,) radii in angstrom, descending in 1/r, so ascending in r; counts : (n_frames,) atoms per frame;
    volumes : (n_frames,) angstrom^3 (NaN where the cell has none).
    """

    i: np.ndarray
    j: np.ndarray
    bin: np.ndarray
    weight: np.ndarray
    unit: np.ndarray
    distance: np.ndarray
    pair_start: np.ndarray
    atom_start: np.ndarray
    grid: np.ndarray
    counts: np.ndarray
    volumes: np.ndarray
    cutoff: float

    @property
    def n_atoms(self) -> int:
        return int(self.atom_start[-1])

    @property
    def n_frames(self) -> int:
        return len(self.counts)

    @property
    def n_pairs(self) -> int:
        return len(self.i)

    def typed(self, dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """weight, unit and distance in float32 or float64, as the kernels want them; the copies are kept."""
        dtype = np.dtype(dtype)
        if dtype not in self._typed:
            self._typed[dtype] = tuple(
                np.ascontiguousarray(array, dtype) for array in (self.weight, self.unit, self.distance)
            )
        return self._typed[dtype]

    @cached_property
    def _typed(self) -> dict:
        return {}

    def weights(self, dtype):
        """Matrix (n_frames, k) in float32 or float64: how much each grid point counts in the sum over the pairs of each
        frame of a function that is given on the grid. Sparse where it is large; the copies are kept."""
        dtype = np.dtype(dtype)
        if dtype not in self._weights:
            self._weights[dtype] = self._weights[np.dtype(float)].astype(dtype)
        return self._weights[dtype]

    @cached_property
    def _weights(self) -> dict:
        frame = np.repeat(np.arange(self.n_frames), np.diff(self.pair_start))
        points = np.concatenate([self.bin, self.bin + 1])
        values, rows = np.concatenate([1.0 - self.weight, self.weight]), np.concatenate([frame, frame])
        shape = self.n_frames, len(self.grid)
        if np.prod(shape) < DENSE:
            sums = np.bincount(rows * shape[1] + points, values, minlength=shape[0] * shape[1])
            return {np.dtype(float): sums.reshape(shape)}
        from scipy.sparse import csr_array  # slow to load

        return {np.dtype(float): csr_array((values, (rows, points)), shape)}

    @classmethod
    def build(cls, frames, cutoff: float, grid_points: int = GRID_POINTS) -> PairTable:
        """Table of the frames (list of ase.Atoms) with all pairs closer than `cutoff` (angstrom).

        Raises InputError for an empty list or atoms on top of each other.
        """
        from matscipy.neighbours import neighbour_list

        if not frames:
            raise InputError("there are no frames to fit: the training split is empty")
        if not cutoff > 0:
            raise InputError(f"the cutoff must be a positive number of angstrom, not {cutoff}")
        parts, pair_start, atom_start = [], [0], [0]
        for number, atoms in enumerate(frames):
            i, j, distance, vector = neighbour_list("ijdD", _with_cell(atoms, cutoff), float(cutoff))
            if len(distance) and distance.min() < 0.3:
                raise InputError(
                    f"frame {number} has atoms {distance.min():.2f} A apart: drop such frames with --min-distance"
                )
            half = _first_of_two(i, j, vector)
            parts.append(
                (
                    i[half] + atom_start[-1],
                    j[half] + atom_start[-1],
                    distance[half],
                    vector[half] / distance[half, None],
                )
            )
            pair_start.append(pair_start[-1] + int(half.sum()))
            atom_start.append(atom_start[-1] + len(atoms))
        i, j, distance, unit = (np.concatenate(part) for part in zip(*parts))
        shortest = distance.min() if len(distance) else 0.5 * cutoff
        inverse = np.linspace(1.0 / (0.999 * shortest), 1.0 / cutoff, grid_points)
        step = inverse[0] - inverse[1]
        position = (inverse[0] - 1.0 / distance) / step
        bins = np.clip(position.astype(np.int32), 0, grid_points - 2)
        return cls(
            i=i.astype(np.int32),
            j=j.astype(np.int32),
            bin=bins,
            weight=position - bins,
            unit=unit,
            distance=distance,
            pair_start=np.array(pair_start),
            atom_start=np.array(atom_start),
            grid=1.0 / inverse,
            counts=np.array([len(atoms) for atoms in frames]),
            volumes=np.array([_volume(atoms) for atoms in frames]),
            cutoff=float(cutoff),
        )


def _with_cell(atoms, cutoff):
    """matscipy needs a cell of finite volume, also along directions that are not periodic."""
    if atoms.cell.rank == 3:
        return atoms
    atoms = atoms.copy()
    atoms.center(vacuum=cutoff + 1.0, axis=[axis for axis in range(3) if not atoms.cell[axis].any()])
    return atoms


def _first_of_two(i, j, vector) -> np.ndarray:
    """Mask that keeps one of the two directions of each pair, also of an atom and its own image."""
    x, y, z = np.where(np.abs(vector) < 1e-9, 0.0, vector).T
    forward = (x > 0) | ((x == 0) & ((y > 0) | ((y == 0) & (z > 0))))
    return (i < j) | ((i == j) & forward)


def _volume(atoms) -> float:
    return float(atoms.get_volume()) if atoms.cell.rank == 3 and atoms.pbc.all() else np.nan
