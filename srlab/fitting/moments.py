"""Angular energies, 1/2 s sum_jk a(r_ij) a(r_ik) P_l(cos theta_jik) for each atom i, of the frames of a pair table.

The sums run over all pairs of neighbours, j = k included. They are squares of moments (see `srlab.harmonics`), so
their cost grows with pairs of atoms and not with triplets. The radial functions come as tables on the grid of the
pair table, one candidate or one column of a Jacobian a lane.
"""

from __future__ import annotations

from srlab.fitting.backends import COMPILED
from srlab.fitting.pair_table import PairTable


class Moments:
    """The angular sums of rank `rank` (1 to 3) over the neighbours in a pair table.

    Below, n is the number of lanes, k that of grid points; `sign` s is a number or (n,), and also any other factor of
    the energy. Tables are float32 or float64, and results have their dtype; these and moments are arrays of the back
    end, `kernels` (`srlab.fitting.backends`).
    """

    def __init__(self, table: PairTable, rank: int, kernels=COMPILED):
        self.table, self.rank, self.kernels = table, rank, kernels

    def of(self, a):
        """Moments (n_atoms, 2 rank + 1, n) of radial tables a (k, n)."""
        return self.kernels.moments(self.table, self.rank, a)

    def energies(self, moments, sign=1.0):
        """Energy of each frame (n_frames, n) in eV of moments (n_atoms, 2 rank + 1, n)."""
        return self.kernels.per_frame(self.table, 0.5 * sign * (moments**2).sum(axis=1))

    def forces(self, a, da, moments, sign=1.0, virials=False):
        """Forces (n_atoms, 3, n) in eV/A and virials (n_frames, 6, n) in eV, Voigt order; (0, 6, n) if not asked for.

        a, da : (k, n) tables and their slopes by r; moments : those of a.
        """
        factors = self._factors(a, da)
        return tuple(self.kernels.moment_forces(self.table, self.rank, factors, sign * moments, virials))

    def columns(self, a, da, moments, a_change, da_change, sign=1.0, virials=False):
        """Changes, to first order, with the radial function: of energies (n_frames, n), and of forces and virials.

        a, da : (k,) table and slope of the function, moments (n_atoms, 2 rank + 1) its own; a_change, da_change :
        (k, n). Shapes as in `forces`.
        """
        factors = [factor[:, 0] for factor in self._factors(a[:, None], da[:, None])]
        gain, change = sign * moments, self.of(a_change)
        forces, virial = self.kernels.moment_columns(
            *(self.table, self.rank, factors, gain),
            *(self._factors(a_change, da_change), sign * change, virials),
        )
        return self.kernels.per_frame(self.table, (gain[..., None] * change).sum(axis=1)), forces, virial

    def _factors(self, a, da):
        """The tables a/r and a'/l - a/r of the kernels."""
        a, da = (self.kernels.array(each, each.dtype) for each in (a, da))
        across = a / self.kernels.array(self.table.grid, a.dtype)[:, None]
        return across, da / self.rank - across
