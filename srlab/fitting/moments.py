"""Angular energies, 1/2 s sum_jk a(r_ij) a(r_ik) P_l(cos theta_jik) for each atom i, of the frames of a pair table.

The sums run over all pairs of neighbours, j = k included. They are squares of moments (see `srlab.harmonics`), so
their cost grows with pairs of atoms and not with triplets. The radial functions come as tables on the grid of the
pair table, one candidate or one column of a Jacobian a lane.
"""

from __future__ import annotations

import numpy as np

from srlab.fitting.backends import COMPILED
from srlab.fitting.lanes import in_chunks
from srlab.fitting.pair_table import PairTable


class Moments:
    """The angular sums of rank `rank` (1 to 3) over the neighbours in a pair table.

    Below, n is the number of lanes, k that of grid points; `sign` s is a number or (n,), and also any other factor of
    the energy. All results have the dtype of the tables, float32 or float64. `kernels` is the back end, see
    `srlab.fitting.backends`.
    """

    def __init__(self, table: PairTable, rank: int, kernels=COMPILED):
        self.table, self.rank, self.kernels = table, rank, kernels

    def of(self, a):
        """Moments (n_atoms, 2 rank + 1, n) of radial tables a (k, n)."""
        table = self.table

        def kernel(chunk, width, out):
            weight, unit, _ = table.typed(chunk.dtype)
            self.kernels.moments(table.i, table.j, table.bin, weight, unit, chunk, self.rank, width, out)

        return in_chunks(kernel, [a], [(table.n_atoms, 2 * self.rank + 1)], self.kernels.widths)[0]

    def energies(self, moments, sign=1.0):
        """Energy of each frame (n_frames, n) in eV of moments (n_atoms, 2 rank + 1, n)."""
        return self._per_frame(np.asarray(0.5 * sign, moments.dtype) * (moments**2).sum(axis=1))

    def forces(self, a, da, moments, sign=1.0, virials=False):
        """Forces (n_atoms, 3, n) in eV/A and virials (n_frames, 6, n) in eV, Voigt order; (0, 6, n) if not asked for.

        a, da : (k, n) tables and their slopes by r; moments : those of a.
        """
        table = self.table

        def kernel(across, along, gain, width, forces, virial):
            self.kernels.moment_forces(*self._pairs(a.dtype), across, along, gain, self.rank, width, forces, virial)

        gain = moments * np.asarray(sign, a.dtype)
        shapes = [(table.n_atoms, 3), (table.n_frames if virials else 0, 6)]
        return tuple(in_chunks(kernel, [*self._factors(a, da), gain], shapes, self.kernels.widths))

    def columns(self, a, da, moments, a_change, da_change, sign=1.0, virials=False):
        """Changes, to first order, with the radial function: of energies (n_frames, n), and of forces and virials.

        a, da : (k,) table and slope of the function, moments (n_atoms, 2 rank + 1) its own; a_change, da_change :
        (k, n). Shapes as in `forces`.
        """
        table = self.table
        across, along = (np.ascontiguousarray(factor[:, 0]) for factor in self._factors(a[:, None], da[:, None]))
        gain, change = moments * np.asarray(sign, a.dtype), self.of(a_change)

        def kernel(across_change, along_change, gain_change, width, forces, virial):
            self.kernels.moment_columns(
                *self._pairs(a.dtype),
                *(across, along, gain),
                *(across_change, along_change, gain_change),
                *(self.rank, width, forces, virial),
            )

        shapes = [(table.n_atoms, 3), (table.n_frames if virials else 0, 6)]
        changes = [*self._factors(a_change, da_change), change * np.asarray(sign, a.dtype)]
        forces, virial = in_chunks(kernel, changes, shapes, self.kernels.widths)
        return self._per_frame((gain[..., None] * change).sum(axis=1)), forces, virial

    def _factors(self, a, da):
        """The tables a/r and a'/l - a/r of the kernels."""
        across = a / self.table.grid.astype(a.dtype)[:, None]
        return across, da / a.dtype.type(self.rank) - across

    def _pairs(self, dtype):
        table = self.table
        return table.pair_start, table.i, table.j, table.bin, *table.typed(dtype)

    def _per_frame(self, per_atom):
        return np.add.reduceat(per_atom, self.table.atom_start[:-1], axis=0)
