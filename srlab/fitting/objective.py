"""Energies, forces and losses of many candidates at once, from tables of their three functions."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from srlab.errors import InputError
from srlab.fitting import kernels
from srlab.fitting.lanes import WIDTHS, in_chunks
from srlab.fitting.model import Model
from srlab.fitting.pair_table import GRID_POINTS, PairTable
from srlab.fitting.stress import at_pairs, reference_stresses, stresses
from srlab.fitting.targets import check_targets, ideal_frames, lattice_constant_of, target_rows


@dataclass(frozen=True)
class Errors:
    """Mean absolute and root-mean-square errors: energy in meV/atom, force components in meV/A."""

    energy_mae: float
    energy_rmse: float
    force_mae: float
    force_rmse: float


class Objective:
    """The loss of a model on a list of frames.

    loss = energy_weight * MSE(energy per atom) / var(energy per atom) + force_weight * MSE(force component) / var(force component)
           [+ stress_weight * MSE(stress component) / var(stress component)],

    the variances being those of the data. The constant energy per atom (offset) is found exactly for every candidate.

    Parameters
    ----------
    frames : list of ase.Atoms with energies and forces.
    energies : (n_frames,) eV, relative to isolated atoms.
    cutoff : angstrom; taper : object with ``derivatives(r)`` that multiplies the pair and density functions.
    energy_weight, force_weight, stress_weight : not negative, not all zero.
    grid_points : of the radial tables.
    targets : (name, value, weight) of `srlab.fitting.targets`; their squared rows are added to the loss. The ideal crystals they need follow the
        frames in the pair table and enter nothing else; lattice_constant (angstrom) is theirs where no target says it.

    Raises InputError for weights of zero or frames without what the weights ask for.
    """

    def __init__(
        self,
        frames,
        energies,
        cutoff: float,
        taper,
        energy_weight=1.0,
        force_weight=0.5,
        stress_weight=0.0,
        grid_points=GRID_POINTS,
        targets=(),
        lattice_constant=None,
    ):
        weights = (energy_weight, force_weight, stress_weight)
        if min(weights) < 0 or max(weights) <= 0:
            raise InputError(
                "the weights of energy, force and stress must not be negative, and one of them must be above zero"
            )
        targets, self.target_matrix, extra = check_targets(targets), None, []
        if targets:
            wanted = next((value for name, value, _ in targets if name == "lattice_constant"), None)
            lattice_constant = wanted or lattice_constant or lattice_constant_of(frames, energies)
            extra = ideal_frames(frames[0].get_chemical_symbols()[0], lattice_constant)
            self.target_matrix, self.target_values = target_rows(targets, lattice_constant)
        self.table = PairTable.build([*frames, *extra] if frames else frames, cutoff, grid_points)
        self.n_frames, self.n_atoms = len(frames), int(self.table.atom_start[len(frames)])
        self.taper = taper
        self.energies = np.asarray(energies, float) / self.table.counts[: self.n_frames]
        self.forces = np.concatenate([atoms.get_forces(apply_constraint=False) for atoms in frames])
        self.energy_weight, self.force_weight, self.stress_weight = map(float, weights)
        self.stresses = reference_stresses(frames) if stress_weight else None
        self.evaluations = 0
        self.atom_frame = np.repeat(np.arange(self.table.n_frames), self.table.counts)
        self._taper_grid = taper.derivatives(self.table.grid)[:2]

    def with_taper(self, taper) -> Objective:
        """The objective of the same frames, weights and pair table with another taper; arrays are shared."""
        other = copy(self)
        other.taper, other.evaluations, other._taper_grid = taper, 0, taper.derivatives(self.table.grid)[:2]
        return other

    # -- scales: residual rows are errors times these, so that the loss is their sum of squares --------------------------

    @cached_property
    def energy_scale(self) -> float:
        return np.sqrt(self.energy_weight / len(self.energies)) / (self.energies.std() or 1.0)

    @cached_property
    def force_scale(self) -> float:
        return np.sqrt(self.force_weight / self.forces.size) / (self.forces.std() or 1.0)

    @cached_property
    def stress_scale(self) -> float:
        return np.sqrt(self.stress_weight / self.stresses.size) / (self.stresses.std() or 1.0)

    @cached_property
    def target(self) -> np.ndarray:
        """Scaled data, shape (n_rows,): energies per atom, forces, stresses."""
        rows = [self.energies * self.energy_scale, self.forces.ravel() * self.force_scale]
        if self.stress_weight:
            rows.append(self.stresses.ravel() * self.stress_scale)
        if self.target_matrix is not None:
            rows.append(self.target_values)
        return np.concatenate(rows)

    @cached_property
    def offset_column(self) -> np.ndarray:
        """Derivative of the scaled energies with respect to the offset, shape (n_rows,)."""
        column = np.zeros(len(self.target))
        column[: self.n_frames] = self.energy_scale
        if self.target_matrix is not None:
            column[-len(self.target_matrix) :] = self.target_matrix.sum(axis=1)
        return column

    # -- tables ----------------------------------------------------------------------------------------------------------

    def tapered(self, value, slope):
        """Tapered value and slope on the grid, (k,) or (k, lanes), from the untapered ones."""
        t, dt = self._taper_grid
        if np.ndim(value) == 2:
            t, dt = t[:, None], dt[:, None]
        return value * t, slope * t + value * dt

    def radial_tables(self, formula) -> tuple[np.ndarray, np.ndarray]:
        """Tapered value and derivative of a radial formula on the grid, each (k,)."""
        return self.tapered(*formula.value_and_slope(self.table.grid))

    # -- blocks of candidates --------------------------------------------------------------------------------------------

    def predict(self, models: list[Model], dtype=np.float32) -> tuple[np.ndarray, np.ndarray]:
        """Energies per atom (b, n_frames) in eV without offset, forces (b, n_atoms, 3) in eV/A, of b candidates.

        Tables are kept in `dtype`; each block of 16 candidates costs two passes over the pair list.
        """
        energies, forces = self._predict(models, dtype)
        return energies[:, : self.n_frames], forces[:, : self.n_atoms]

    def _predict(self, models, dtype):
        table, blocks = self.table, [models[start : start + WIDTHS[-1]] for start in range(0, len(models), WIDTHS[-1])]
        energies = np.empty((len(models), table.n_frames))
        forces = np.empty((len(models), table.n_atoms, 3), dtype)
        for number, block in enumerate(blocks):
            span = slice(number * WIDTHS[-1], number * WIDTHS[-1] + len(block))
            energies[span], forces[span] = self._predict_block(block, np.dtype(dtype))
        return energies, forces

    def _predict_block(self, models, dtype):
        table, count = self.table, len(models)
        width = next(w for w in WIDTHS if w >= count)
        pair, *densities = np.zeros(
            (1 + max(len(model.densities) for model in models), 2, width, len(table.grid)), dtype
        )
        for lane, model in enumerate(models):
            pair[:, lane] = self.radial_tables(model.pair)
            for density, formula in zip(densities, model.densities):
                density[:, lane] = self.radial_tables(formula)
        phi, dphi = (np.ascontiguousarray(rows.T) for rows in pair)
        f, df = zip(*([np.ascontiguousarray(rows.T) for rows in density] for density in densities))
        energy, rho = self.pair_energies(phi), [self.densities(table_of) for table_of in f]
        slopes = np.zeros((len(rho), table.n_atoms, width), dtype)
        for lane, model in enumerate(models):
            embedding, *found = model.embedding.value_and_slopes(
                *(each[:, lane] for each, _ in zip(rho, model.densities))
            )
            slopes[: len(found), :, lane] = found
            energy[:, lane] += np.add.reduceat(embedding, table.atom_start[:-1])
        forces = np.zeros((table.n_atoms, 3, width), dtype)
        for number, (df_of, slope) in enumerate(zip(df, slopes)):  # the pair forces go with those of the first density
            kernels.block_forces(
                *self._pairs(dtype), 0.0 * dphi if number else dphi, df_of, slope, (0,) * width, forces
            )
        self.evaluations += count
        return (energy[:, :count] / table.counts[:, None]).T, np.moveaxis(forces[..., :count], 2, 0)

    def pair_energies(self, phi):
        """Pair energy per frame, (n_frames, lanes), of tables phi (k, lanes)."""
        table = self.table

        def kernel(phi, width, out):
            kernels.pair_energies(table.bin, table.typed(phi.dtype)[0], table.pair_start, phi, width, out)

        return in_chunks(kernel, [phi], [(table.n_frames,)])[0].astype(float)

    def densities(self, f):
        """Density per atom, (n_atoms, lanes), of tables f (k, lanes)."""
        table = self.table

        def kernel(f, width, out):
            kernels.densities(table.i, table.j, table.bin, table.typed(f.dtype)[0], f, width, out)

        return in_chunks(kernel, [f], [(table.n_atoms,)])[0].astype(float)

    def pair_columns(self, dphi):
        """Forces (n_atoms, 3, lanes) of pair functions with slopes dphi (k, lanes)."""

        def kernel(dphi, width, out):
            kernels.pair_columns(*self._pairs(dphi.dtype), dphi, width, out)

        return in_chunks(kernel, [dphi], [(self.table.n_atoms, 3)])[0]

    def embedding_columns(self, df, slope_change):
        """Forces (n_atoms, 3, lanes) of changes of dF/drho, (n_atoms, lanes), at the density slopes df (k,)."""

        def kernel(change, width, out):
            kernels.embedding_columns(*self._pairs(change.dtype), df, change, width, out)

        return in_chunks(kernel, [slope_change], [(self.table.n_atoms, 3)])[0]

    def density_columns(self, df, slope_change, dembedding, df_change):
        """Forces (n_atoms, 3, lanes) of changes of the density function; see `kernels.density_columns`."""

        def kernel(slope_change, df_change, width, out):
            kernels.density_columns(*self._pairs(df_change.dtype), df, slope_change, dembedding, df_change, width, out)

        return in_chunks(kernel, [slope_change, df_change], [(self.table.n_atoms, 3)])[0]

    def _pairs(self, dtype):
        table = self.table
        return table.i, table.j, table.bin, *table.typed(dtype)[:2]

    def rows(self, energy, forces, pair_slope=0.0, density_slope=None, atom_change=None):
        """Scaled rows (n_rows, lanes) of energies per frame (n_frames, lanes), forces (n_atoms, 3, lanes) and, if asked for, stresses.

        The stress comes from dE/dr of each pair: pair_slope (k, lanes) + (sum of atom_change (n_atoms, lanes) over both atoms) * density_slope.
        """
        per_atom = energy / self.table.counts[:, None]
        energy = per_atom[: self.n_frames] * self.energy_scale
        parts = [energy, forces[: self.n_atoms].reshape(-1, forces.shape[2]) * self.force_scale]
        if self.stress_weight:
            table = self.table
            g = at_pairs(table, pair_slope) if np.ndim(pair_slope) else 0.0
            if atom_change is not None:
                g = g + (atom_change[table.i] + atom_change[table.j]) * at_pairs(table, density_slope)
            parts.append(stresses(table, g)[: self.n_frames].reshape(-1, energy.shape[1]) * self.stress_scale)
        if self.target_matrix is not None:
            parts.append(self.target_matrix @ per_atom[self.n_frames :])
        return np.concatenate(parts)

    # -- losses ----------------------------------------------------------------------------------------------------------

    def losses(self, models: list[Model]) -> np.ndarray:
        """Loss of each candidate with its best offset, (b,); inf where it is not finite."""
        return np.concatenate(
            [self._losses(models[start : start + WIDTHS[-1]]) for start in range(0, len(models), WIDTHS[-1])]
        )

    def _losses(self, models):
        if self.target_matrix is not None:
            return self._losses_with_targets(models)
        energies, forces = self.predict(models, np.float64)
        error = energies - self.energies
        error -= error.mean(axis=1, keepdims=True)
        with np.errstate(all="ignore"):
            total = ((error * self.energy_scale) ** 2).sum(axis=1) + (
                ((forces - self.forces) * self.force_scale) ** 2
            ).sum(axis=(1, 2))
            if self.stress_weight:
                total += (((self.stress(models) - self.stresses[..., None]) * self.stress_scale) ** 2).sum(axis=(0, 1))
        return np.where(np.isfinite(total), total, np.inf)

    def _losses_with_targets(self, models):
        energies, forces = self._predict(models, np.float64)
        n = self.n_frames
        with np.errstate(all="ignore"):
            parts = [
                energies[:, :n] * self.energy_scale,
                (forces[:, : self.n_atoms] * self.force_scale).reshape(len(models), -1),
            ]
            if self.stress_weight:
                parts.append((np.moveaxis(self.stress(models), 2, 0) * self.stress_scale).reshape(len(models), -1))
            residual = np.concatenate([*parts, energies[:, n:] @ self.target_matrix.T], axis=1) - self.target
            column = self.offset_column  # the best offset: what is left is orthogonal to its column
            if column.any():
                residual -= np.outer(residual @ column / (column @ column), column)
            total = (residual**2).sum(axis=1)
        return np.where(np.isfinite(total), total, np.inf)

    def stress(self, models: list[Model]) -> np.ndarray:
        """Stress (n_frames, 6, b) in eV/A^3 of b candidates."""
        table, result = self.table, np.empty((self.table.n_frames, 6, len(models)))
        for lane, model in enumerate(models):
            f, df = zip(*(self.radial_tables(density) for density in model.densities))
            slopes = model.embedding.value_and_slopes(*self.densities(np.column_stack(f)).T)[1:]
            g = at_pairs(table, self.radial_tables(model.pair)[1][:, None])
            for df_of, slope in zip(df, slopes):
                g = g + (slope[table.i] + slope[table.j])[:, None] * at_pairs(table, df_of[:, None])
            result[:, :, lane : lane + 1] = stresses(table, g)
        return result[: self.n_frames]

    def errors(self, model: Model) -> Errors:
        """Errors of one model, its own offset included, in float64."""
        energies, forces = self.predict([model], np.float64)
        energy = 1e3 * (energies[0] + model.offset - self.energies)
        force = 1e3 * (forces[0] - self.forces)
        return Errors(
            float(np.abs(energy).mean()),
            float(np.sqrt((energy**2).mean())),
            float(np.abs(force).mean()),
            float(np.sqrt((force**2).mean())),
        )
