"""The kernels in torch: the sums over pairs of `srlab.fitting.kernels` and `srlab.fitting.moment_kernels` on a GPU.

Signatures and meaning are those of the compiled loops: numpy arrays, lanes last, and a call adds to its last arguments.
Any number of lanes will do, so `width` says nothing here. Sums go by index_put_, whose order on a GPU is fixed, unlike
that of index_add_: the same call gives the same numbers.
"""

from __future__ import annotations

import numpy as np
import torch

from srlab.harmonics import GRADIENTS, HARMONICS

LANES = 64  # in one pass; with 1e6 pairs an array of pairs then takes 0.5 GB in float64, and a call holds a few of them


class TorchKernels:
    """The kernels on a torch device.

    What describes the pairs (i, j, bins, weight, unit, distance, pair_start) is taken to be constant and copied to the
    device once; all else with each call.

    Parameters
    ----------
    device : str
        As torch names it: "cuda", "cuda:1", or "cpu", which is slower than the compiled loops.
    """

    widths = tuple(range(1, LANES + 1))

    def __init__(self, device: str):
        self.device = torch.device(device)
        self._constants: dict = {}  # id -> (array, tensor); with the array kept no other can get its id

    def pair_energies(self, bins, weight, pair_start, phi, width, energy):
        """Sum of phi over the pairs of each frame; energy (frames, lanes)."""
        value = self._interpolated(phi, bins, weight)
        self._add(energy, (self._frames(pair_start), value))

    def densities(self, i, j, bins, weight, f, width, rho):
        """Sum of f over the neighbours of each atom; rho (atoms, lanes)."""
        value = self._interpolated(f, bins, weight)
        self._add(rho, (self._constant(i), value), (self._constant(j), value))

    def block_forces(self, i, j, bins, weight, unit, dphi, df, dembedding, width, forces):
        """Forces of a block of candidates: slopes dphi, df (grid, lanes), dF/drho at each atom (atoms, lanes)."""
        g = self._interpolated(dphi, bins, weight)
        g += self._of_both(dembedding, i, j) * self._interpolated(df, bins, weight)
        self._push(forces, i, j, self._along(g, unit))

    def pair_columns(self, i, j, bins, weight, unit, dphi, width, forces):
        """Forces of pair functions with the slopes dphi (grid, lanes)."""
        self._push(forces, i, j, self._along(self._interpolated(dphi, bins, weight), unit))

    def embedding_columns(self, i, j, bins, weight, unit, df, slope_change, width, forces):
        """Forces of changes of dF/drho, slope_change (atoms, lanes), at the density slope df (grid,)."""
        g = self._of_both(slope_change, i, j) * self._interpolated(df[:, None], bins, weight)
        self._push(forces, i, j, self._along(g, unit))

    def density_columns(self, i, j, bins, weight, unit, df, slope_change, dembedding, df_change, width, forces):
        """Forces of changes of the density function: slope_change F'' drho (atoms, lanes), df_change (grid, lanes)."""
        g = self._of_both(slope_change, i, j) * self._interpolated(df[:, None], bins, weight)
        g += self._of_both(dembedding[:, None], i, j) * self._interpolated(df_change, bins, weight)
        self._push(forces, i, j, self._along(g, unit))

    def moments(self, i, j, bins, weight, unit, a, rank, width, out):
        """Moments of the neighbours of each atom from the table a (grid, lanes); out (atoms, 2 rank + 1, lanes)."""
        value, turned = self._interpolated(a, bins, weight), _turned(rank)
        for m, harmonic in enumerate(HARMONICS[rank](*self._constant(unit).T)):
            part = value * harmonic[:, None]
            self._add(out[:, m], (self._constant(i), part), (self._constant(j), turned * part))

    def moment_forces(
        self, pair_start, i, j, bins, weight, unit, distance, across, along, gain, rank, width, forces, virial
    ):
        """Forces and virials of a block: across, along (grid, lanes); gain (atoms, 2 rank + 1, lanes)."""
        slopes = self._contracted(gain, i, j, unit, rank)
        radial = self._dot(slopes, unit) * self._interpolated(along, bins, weight)
        across = self._interpolated(across, bins, weight)
        slopes = [slope * across + part for slope, part in zip(slopes, self._along(radial, unit))]
        self._push(forces, i, j, slopes)
        self._strain(virial, pair_start, unit, distance, slopes)

    def moment_columns(
        self,
        pair_start,
        i,
        j,
        bins,
        weight,
        unit,
        distance,
        across,
        along,
        gain,
        across_change,
        along_change,
        gain_change,
        rank,
        width,
        forces,
        virial,
    ):
        """Forces and virials, to first order, of changes of a radial function.

        across, along (grid,) and gain (atoms, 2 rank + 1) of the function itself; across_change, along_change
        (grid, lanes) and gain_change (atoms, 2 rank + 1, lanes).
        """
        own = self._contracted(gain[:, :, None], i, j, unit, rank)
        changes = self._contracted(gain_change, i, j, unit, rank)
        radial = self._dot(changes, unit) * self._interpolated(along[:, None], bins, weight)
        radial += self._dot(own, unit) * self._interpolated(along_change, bins, weight)
        across = self._interpolated(across[:, None], bins, weight)
        across_change = self._interpolated(across_change, bins, weight)
        slopes = [
            change * across + slope * across_change + part
            for change, slope, part in zip(changes, own, self._along(radial, unit))
        ]
        self._push(forces, i, j, slopes)
        self._strain(virial, pair_start, unit, distance, slopes)

    # -- tensors of pairs (p, lanes); those that belong to the lanes of one function only, (p, 1) ----------------------

    def _interpolated(self, table, bins, weight):
        """A table (grid, lanes) at the pairs."""
        table, lower = self._tensor(table), self._constant(bins)
        return torch.lerp(table[lower], table[lower + 1], self._constant(weight)[:, None])

    def _of_both(self, per_atom, i, j):
        """Sum of (atoms, lanes) over both atoms of each pair."""
        per_atom = self._tensor(per_atom)
        return per_atom[self._constant(i)] + per_atom[self._constant(j)]

    def _contracted(self, gain, i, j, unit, rank):
        """X = sum over m of the gains of both atoms times the gradients of the harmonics: its three components."""
        gain, i, j = self._tensor(gain), self._constant(i), self._constant(j)
        slopes = [0.0, 0.0, 0.0]
        for m, gradient in enumerate(GRADIENTS[rank](*self._constant(unit).T)):
            both = gain[i, m] + _turned(rank) * gain[j, m]
            slopes = [slope + both * component[:, None] for slope, component in zip(slopes, gradient)]
        return slopes

    def _along(self, g, unit):
        """The three components of g along the unit vectors."""
        return [g * component[:, None] for component in self._constant(unit).T]

    def _dot(self, slopes, unit):
        return sum(slope * component[:, None] for slope, component in zip(slopes, self._constant(unit).T))

    # -- sums ----------------------------------------------------------------------------------------------------------

    def _push(self, forces, i, j, slopes):
        """Add forces, three components, on atoms i and their reactions on atoms j to forces (atoms, 3, lanes)."""
        for axis, slope in enumerate(slopes):
            self._add(forces[:, axis], (self._constant(i), slope), (self._constant(j), -slope))

    def _strain(self, virial, pair_start, unit, distance, slopes):
        """Add the virials of slopes by the vectors of the pairs to virial (frames, 6, lanes), if it has frames."""
        if not len(virial):
            return
        frames, vector = self._frames(pair_start), (self._constant(unit) * self._constant(distance)[:, None]).T
        for row, (a, b) in enumerate(((0, 0), (1, 1), (2, 2), (2, 1), (2, 0), (1, 0))):
            self._add(virial[:, row], (frames, slopes[a] * vector[b][:, None]))

    def _add(self, out, *parts):
        """Add values (p, lanes) to the rows of out (n, lanes) that their indices (p,) name; (indices, values) each."""
        total = torch.zeros(out.shape, dtype=parts[0][1].dtype, device=self.device)
        for indices, values in parts:
            total.index_put_((indices,), values, accumulate=True)
        out += total.cpu().numpy()

    # -- to the device -------------------------------------------------------------------------------------------------

    def _frames(self, pair_start):
        """The frame of each pair, (p,)."""
        return torch.repeat_interleave(self._constant(pair_start).diff())

    def _tensor(self, array):
        return torch.as_tensor(array, device=self.device)

    def _constant(self, array):
        """An array that describes the pairs, on the device; whole numbers as int64, which indices have to be."""
        if id(array) not in self._constants:
            whole = np.issubdtype(array.dtype, np.integer)
            self._constants[id(array)] = array, self._tensor(array.astype(np.int64) if whole else array)
        return self._constants[id(array)][1]


def _turned(rank: int) -> int:
    """Sign of a harmonic when its vector is turned round."""
    return 1 - 2 * (rank % 2)
