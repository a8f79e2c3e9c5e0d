"""The two back ends of the sums over pairs, behind the same methods: loops compiled for the CPU, and torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srlab.fitting import kernels, moment_kernels
from srlab.fitting.devices import require_device
from srlab.fitting.lanes import WIDTHS, in_chunks
from srlab.fitting.pair_table import PairTable

if TYPE_CHECKING:
    from srlab.fitting.torch_kernels import TorchKernels


class CompiledKernels:
    """Sums over the pairs of a table by the loops of `srlab.fitting.kernels` and `srlab.fitting.moment_kernels`.

    What the methods give, and take as quantities of atoms, are arrays of the back end, numpy's here; tables of
    functions may also be numpy's elsewhere. Lanes (n), the last axis, are candidates or columns of a Jacobian; k is the
    number of grid points. Results have the dtype of the tables, sums for energies and densities float64.

    xp : the module whose functions take these arrays, numpy or torch.
    """

    xp = np

    def lanes(self, table: PairTable) -> int:
        """Most candidates that are worth taking at a time."""
        return WIDTHS[-1]

    def array(self, values, dtype=np.float64):
        """Numbers as a contiguous array of the back end, float32 or float64."""
        return np.ascontiguousarray(values, dtype)

    def numpy(self, array) -> np.ndarray:
        """An array of the back end as one of numpy's."""
        return array

    def functions(self, formulas, *x):
        """Value and slopes by each variable, each (m, n), of formulas, one a lane; zero where a formula is None.

        x : one array for each variable, (m,), or (m, n) with a column for each lane.
        """
        rows = np.zeros((1 + len(x), len(formulas), len(x[0])))
        x = [each if each.ndim == 1 else np.ascontiguousarray(each.T) for each in x]
        for lane, formula in enumerate(formulas):
            if formula is not None:
                found = formula.value_and_slopes(*(each if each.ndim == 1 else each[lane] for each in x))
                for row, values in zip(rows, found):
                    row[lane] = values
        return tuple(np.moveaxis(rows, 1, 2))

    def tables(self, formulas, x, shaped, dtype):
        """Tables and slopes, each (k, n) of float32 or float64, of formulas, one a lane; zero where a formula is None.

        shaped(value, slope) : what is made of the value and slope of a formula at x, (k,) here or (k, n) elsewhere.
        """
        rows = np.zeros((2, len(formulas), len(x)), dtype)
        for lane, formula in enumerate(formulas):  # one after the other: what belongs to one stays in the cache
            if formula is not None:
                rows[0, lane], rows[1, lane] = shaped(*formula.value_and_slope(x))
        return tuple(np.ascontiguousarray(row.T) for row in rows)

    def orthonormal(self, columns):
        """An orthonormal basis of columns (m, n), and the triangle (n, n), numpy's, that makes them of it."""
        return np.linalg.qr(columns)

    def per_frame(self, table, per_atom):
        """Sum over the atoms of each frame of (n_atoms, n): (n_frames, n)."""
        return np.add.reduceat(per_atom, table.atom_start[:-1], axis=0)

    def pair_energies(self, table, phi):
        """Pair energy of each frame, (n_frames, n), of tables phi (k, n), in which it is linear."""
        return (table.weights(phi.dtype) @ phi).astype(float)

    def densities(self, table, f):
        """Density of each atom, (n_atoms, n), of tables f (k, n)."""

        def kernel(f, width, out):
            kernels.densities(table.i, table.j, table.bin, table.typed(f.dtype)[0], f, width, out)

        return in_chunks(kernel, [f], [(table.n_atoms,)])[0].astype(float)

    def block_forces(self, table, dphi, df, slopes):
        """Forces (n_atoms, 3, n) of candidates: slopes dphi (k, n) of pair functions, and for each density df (k, n)
        and dF/drho (n_atoms, n)."""
        if not df:
            return self.pair_columns(table, dphi)
        forces = 0.0
        for number, (df_of, slope) in enumerate(zip(df, slopes)):  # pair forces go with the first density

            def kernel(dphi, df, slope, width, out):
                kernels.block_forces(*_pairs(table, df.dtype), dphi, df, slope, width, out)

            arrays = [0.0 * dphi if number else dphi, df_of, slope.astype(df_of.dtype)]
            forces = forces + in_chunks(kernel, arrays, [(table.n_atoms, 3)])[0]
        return forces

    def pair_columns(self, table, dphi):
        """Forces (n_atoms, 3, n) of pair functions with slopes dphi (k, n)."""

        def kernel(dphi, width, out):
            kernels.pair_columns(*_pairs(table, dphi.dtype), dphi, width, out)

        return in_chunks(kernel, [dphi], [(table.n_atoms, 3)])[0]

    def embedding_columns(self, table, df, slope_change):
        """Forces (n_atoms, 3, n) of changes of dF/drho, (n_atoms, n), at the density slopes df (k,)."""

        def kernel(change, width, out):
            kernels.embedding_columns(*_pairs(table, change.dtype), df, change, width, out)

        return in_chunks(kernel, [slope_change], [(table.n_atoms, 3)])[0]

    def density_columns(self, table, df, slope_change, dembedding, df_change):
        """Forces (n_atoms, 3, n) of changes of a density function: slope_change F'' drho (n_atoms, n) at the density
        slopes df (k,), and df_change (k, n) at the dF/drho dembedding (n_atoms,)."""

        def kernel(slope_change, df_change, width, out):
            kernels.density_columns(
                *_pairs(table, df_change.dtype), df, slope_change, dembedding, df_change, width, out
            )

        return in_chunks(kernel, [slope_change, df_change], [(table.n_atoms, 3)])[0]

    def moments(self, table, rank, a):
        """Moments (n_atoms, 2 rank + 1, n) of radial tables a (k, n)."""

        def kernel(a, width, out):
            kernel_pairs = table.i, table.j, table.bin, *table.typed(a.dtype)[:2]
            moment_kernels.moments(*kernel_pairs, a, rank, width, out)

        return in_chunks(kernel, [a], [(table.n_atoms, 2 * rank + 1)])[0]

    def moment_forces(self, table, rank, factors, gain, virials):
        """Forces (n_atoms, 3, n) and virials (n_frames, 6, n), or (0, 6, n) where they are not asked for.

        factors : the two radial factors (k, n) of `srlab.fitting.moment_kernels`; gain : (n_atoms, 2 rank + 1, n).
        """

        def kernel(across, along, gain, width, forces, virial):
            moment_kernels.moment_forces(
                *_frames_of_pairs(table, gain.dtype), across, along, gain, rank, width, forces, virial
            )

        return in_chunks(kernel, [*factors, gain], _forces_and_virials(table, virials))

    def moment_columns(self, table, rank, factors, gain, factor_changes, gain_change, virials):
        """As `moment_forces`, to first order, of changes of a radial function.

        factors (k,) and gain (n_atoms, 2 rank + 1) of the function itself, factor_changes (k, n) and gain_change
        (n_atoms, 2 rank + 1, n).
        """
        own = *(np.ascontiguousarray(factor) for factor in factors), np.ascontiguousarray(gain)

        def kernel(across_change, along_change, gain_change, width, forces, virial):
            moment_kernels.moment_columns(
                *_frames_of_pairs(table, gain_change.dtype),
                *(*own, across_change, along_change, gain_change),
                *(rank, width, forces, virial),
            )

        return in_chunks(kernel, [*factor_changes, gain_change], _forces_and_virials(table, virials))


def _pairs(table, dtype):
    return table.i, table.j, table.bin, *table.typed(dtype)[:2]


def _frames_of_pairs(table, dtype):
    return table.pair_start, table.i, table.j, table.bin, *table.typed(dtype)


def _forces_and_virials(table, virials):
    return [(table.n_atoms, 3), (table.n_frames if virials else 0, 6)]


COMPILED = CompiledKernels()


def kernels_on(device: str) -> CompiledKernels | TorchKernels:
    """The back end of a device, "cpu", "cuda" or "cuda:N". Raises as `srlab.fitting.devices.require_device`."""
    require_device(device)
    if device == "cpu":
        return COMPILED
    from srlab.fitting.torch_kernels import TorchKernels

    return TorchKernels(device)
