"""Energies, forces and losses of many candidates at once, from tables of their functions."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from srlab.datasets.weights import FrameWeights
from srlab.errors import InputError
from srlab.fitting import lone_atoms
from srlab.fitting.backends import kernels_on
from srlab.fitting.lanes import in_chunks
from srlab.fitting.moments import Moments
from srlab.fitting.pair_table import GRID_POINTS, PairTable
from srlab.fitting.stress import at_pairs, reference_stresses, stresses, virials
from srlab.fitting.targets import TargetCrystal, check_targets
from srlab.templates import Model


@dataclass(frozen=True)
class Errors:
    """Mean absolute and root-mean-square errors: energy in meV/atom, force components in meV/A."""

    energy_mae: float
    energy_rmse: float
    force_mae: float
    force_rmse: float

    @classmethod
    def of(cls, energy, force) -> Errors:
        """From the errors of all energies and of all force components."""
        return cls(
            float(np.abs(energy).mean()),
            float(np.sqrt((energy**2).mean())),
            float(np.abs(force).mean()),
            float(np.sqrt((force**2).mean())),
        )


class Objective:
    """The loss of a model on a list of frames.

    loss = energy_weight * MSE(energy per atom) / var(energy per atom) + force_weight * MSE(force component) / var(force
    component)
           [+ stress_weight * MSE(stress component) / var(stress component)],

    means and variances (those of the data) being weighted with the weights of the frames, so that one is still the loss
    of a model that knows only the mean. The constant energy per atom (offset) is found exactly for every candidate.

    Parameters
    ----------
    frames : list of ase.Atoms with energies and forces.
    energies : (n_frames,) eV, relative to isolated atoms.
    cutoff : angstrom; taper : object with ``derivatives(r)`` that multiplies the functions of r.
    energy_weight, force_weight, stress_weight : not negative, not all zero. Stress counts on those frames that have it.
    grid_points : of the radial tables.
    targets : (name, value, weight) of `srlab.fitting.targets`; their squared rows are added to the loss. The ideal
        crystals they need follow the frames in the pair table and enter nothing else.
    crystal : what targets are of; None is fcc with the volume of the lowest frame.
    frame_weights : how much each frame counts (`srlab.datasets.weights`); None is the same for all.
    device : where the sums over pairs are made, "cpu", "cuda" or "cuda:N" (`srlab.fitting.devices`).
    kernels : a back end (`srlab.fitting.backends`) to be taken instead of the one of the device.

    Raises InputError for weights of zero, frames of which none has what the weights ask for, or a device that is not
    there; MissingExtra for a GPU without torch.
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
        crystal: TargetCrystal | None = None,
        frame_weights: FrameWeights | None = None,
        device: str = "cpu",
        kernels=None,
    ):
        self.kernels = kernels or kernels_on(device)
        weights = (energy_weight, force_weight, stress_weight)
        if min(weights) < 0 or max(weights) <= 0:
            raise InputError(
                "the weights of energy, force and stress must not be negative, and one of them must be above zero"
            )
        self.target_matrix, extra = None, []
        if targets:
            crystal = crystal or TargetCrystal.of(targets, "fcc", frames, energies)
            extra = crystal.frames()
            self.target_matrix, self.target_values = crystal.rows(check_targets(targets, crystal.structure))
        self.table = PairTable.build([*frames, *extra] if frames else frames, cutoff, grid_points)
        self.n_frames, self.n_atoms = len(frames), int(self.table.atom_start[len(frames)])
        self.taper = taper
        self.energies = np.asarray(energies, float) / self.table.counts[: self.n_frames]
        self.forces = np.concatenate([atoms.get_forces(apply_constraint=False) for atoms in frames])
        self.energy_weight, self.force_weight, self.stress_weight = map(float, weights)
        self.frame_weights = frame_weights or FrameWeights.equal(self.n_frames)
        if stress_weight:
            self.stresses, self.has_stress = reference_stresses(frames, self.table.volumes)
        self.evaluations = 0
        self.atom_frame = np.repeat(np.arange(self.table.n_frames), self.table.counts)
        self._taper_grid = taper.derivatives(self.table.grid)[:2]

    def with_taper(self, taper) -> Objective:
        """The objective of the same frames, weights and pair table with another taper; arrays are shared."""
        other = copy(self)
        other.taper, other.evaluations, other._taper_grid = taper, 0, taper.derivatives(self.table.grid)[:2]
        return other

    # -- scales: residual rows are errors times these, so that the loss is their sum of squares
    # --------------------------

    @cached_property
    def energy_shares(self) -> np.ndarray:
        """Weights of the energies, (n_frames,), whose sum is one."""
        return _shares(self.frame_weights.energies)

    @cached_property
    def energy_scale(self) -> np.ndarray:
        """Of the energy per atom of each frame, (n_frames,), 1/eV."""
        return np.sqrt(self.energy_weight * self.energy_shares) / _deviation(self.energies, self.energy_shares)

    @cached_property
    def force_scale(self) -> np.ndarray:
        """Of the force components of each atom, (n_atoms,), A/eV."""
        shares = _shares(self.frame_weights.forces[self.atom_frame[: self.n_atoms]]) / 3.0
        return np.sqrt(self.force_weight * shares) / _deviation(self.forces, shares[:, None])

    @cached_property
    def stress_scale(self) -> np.ndarray:
        """Of the stress components of each frame, (n_frames,), A^3/eV; zero for frames without stress."""
        shares = _shares(self.frame_weights.forces * self.has_stress) / 6.0
        return np.sqrt(self.stress_weight * shares) / _deviation(self.stresses, shares[:, None])

    @cached_property
    def target(self) -> np.ndarray:
        """Scaled data, shape (n_rows,): energies per atom, forces, stresses."""
        rows = [self.energies * self.energy_scale, (self.forces * self.force_scale[:, None]).ravel()]
        if self.stress_weight:
            rows.append((self.stresses * self.stress_scale[:, None]).ravel())
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

    # -- tables
    # ----------------------------------------------------------------------------------------------------------

    def tapered(self, value, slope):
        """Tapered value and slope on the grid, (k,) or (k, lanes), from the untapered ones."""
        t, dt = self._taper_grid
        if np.ndim(value) == 2:
            t, dt = t[:, None], dt[:, None]
        with np.errstate(invalid="ignore"):  # infinite times a slope of zero: such a function is refused by its losses
            return value * t, slope * t + value * dt

    def radial_tables(self, formula) -> tuple[np.ndarray, np.ndarray]:
        """Tapered value and derivative of a radial formula on the grid, each (k,)."""
        return self.tapered(*formula.value_and_slope(self.table.grid))

    def moment_tables(self, function, value, slope):
        """a and its derivative on the grid, (k,) or (k, lanes), of an angular function whose untapered value and
        slope are given."""
        return function.radial(self.table.grid, *self.tapered(value, slope))

    # -- blocks of candidates
    # --------------------------------------------------------------------------------------------

    def predict(self, models: list[Model], dtype=np.float32) -> tuple[np.ndarray, np.ndarray]:
        """Energies per atom (b, n_frames) in eV without offset, forces (b, n_atoms, 3) in eV/A, of b candidates.

        Tables are kept in `dtype`; each block of candidates (16 on the CPU) costs two passes over the pair list.
        """
        energies, forces = self._predict(models, dtype)
        return energies[:, : self.n_frames], forces[:, : self.n_atoms]

    def _predict(self, models, dtype):
        table, start = self.table, 0
        energies = np.empty((len(models), table.n_frames))
        forces = np.empty((len(models), table.n_atoms, 3), dtype)
        for block in self._blocks(models):
            span = slice(start, start + len(block))
            energies[span], forces[span] = self._predict_block(block, np.dtype(dtype))
            start += len(block)
        return energies, forces

    def _blocks(self, models):
        most = self.kernels.widths[-1]
        return [models[start : start + most] for start in range(0, len(models), most)]

    def _predict_block(self, models, dtype):
        table, count = self.table, len(models)
        width = next(w for w in self.kernels.widths if w >= count)
        pair, *densities = np.zeros(
            (1 + max(len(model.densities) for model in models), 2, width, len(table.grid)), dtype
        )
        for lane, model in enumerate(models):
            for formula in model.pairs:
                pair[:, lane] += self.radial_tables(formula)
            for density, formula in zip(densities, model.densities):
                density[:, lane] = self.radial_tables(formula)
        phi, dphi = (np.ascontiguousarray(rows.T) for rows in pair)
        radial = [[np.ascontiguousarray(rows.T) for rows in density] for density in densities]
        energy, rho = self.pair_energies(phi), [lone_atoms.with_floor(self.densities(f)) for f, _ in radial]
        slopes = np.zeros((len(rho), table.n_atoms, width), dtype)
        for lane, model in enumerate(models):
            if model.embedding is None:
                continue
            embedding, *found = lone_atoms.values_and_slopes(
                model.embedding, *(each[:, lane] for each, _ in zip(rho, model.densities))
            )
            slopes[: len(found), :, lane] = found
            energy[:, lane] += np.add.reduceat(embedding, table.atom_start[:-1])
        forces = np.zeros((table.n_atoms, 3, width), dtype)
        if not radial:
            self.kernels.pair_columns(*self._pairs(dtype), dphi, (0,) * width, forces)
        for number, ((_, df_of), slope) in enumerate(zip(radial, slopes)):  # pair forces go with the first density
            self.kernels.block_forces(
                *self._pairs(dtype), 0.0 * dphi if number else dphi, df_of, slope, (0,) * width, forces
            )
        self._add_moments(models, energy, forces)
        self.evaluations += count
        return (energy[:, :count] / table.counts[:, None]).T, np.moveaxis(forces[..., :count], 2, 0)

    def _add_moments(self, models, energy, forces):
        """Add what the angular functions of a block give to its energies (n_frames, width) and forces (n_atoms, 3,
        width)."""
        functions = {each: None for model in models for each in model.present(model.template.moments)}
        for function in functions:
            tables = np.zeros((2, len(self.table.grid), forces.shape[2]), forces.dtype)
            for lane, model in enumerate(models):
                if function in model.present(model.template.moments):
                    formula = model.functions[function.name]
                    tables[:, :, lane] = self.moment_tables(function, *formula.value_and_slope(self.table.grid))
            sums = self.moments(function.rank)
            moments = sums.of(tables[0])
            energy += sums.energies(moments, function.sign)
            forces += sums.forces(*tables, moments, function.sign)[0]

    def pair_energies(self, phi):
        """Pair energy per frame, (n_frames, lanes), of tables phi (k, lanes)."""
        table = self.table

        def kernel(phi, width, out):
            self.kernels.pair_energies(table.bin, table.typed(phi.dtype)[0], table.pair_start, phi, width, out)

        return in_chunks(kernel, [phi], [(table.n_frames,)], self.kernels.widths)[0].astype(float)

    def densities(self, f):
        """Density per atom, (n_atoms, lanes), of tables f (k, lanes)."""
        table = self.table

        def kernel(f, width, out):
            self.kernels.densities(table.i, table.j, table.bin, table.typed(f.dtype)[0], f, width, out)

        return in_chunks(kernel, [f], [(table.n_atoms,)], self.kernels.widths)[0].astype(float)

    def pair_columns(self, dphi):
        """Forces (n_atoms, 3, lanes) of pair functions with slopes dphi (k, lanes)."""

        def kernel(dphi, width, out):
            self.kernels.pair_columns(*self._pairs(dphi.dtype), dphi, width, out)

        return in_chunks(kernel, [dphi], [(self.table.n_atoms, 3)], self.kernels.widths)[0]

    def embedding_columns(self, df, slope_change):
        """Forces (n_atoms, 3, lanes) of changes of dF/drho, (n_atoms, lanes), at the density slopes df (k,)."""

        def kernel(change, width, out):
            self.kernels.embedding_columns(*self._pairs(change.dtype), df, change, width, out)

        return in_chunks(kernel, [slope_change], [(self.table.n_atoms, 3)], self.kernels.widths)[0]

    def density_columns(self, df, slope_change, dembedding, df_change):
        """Forces (n_atoms, 3, lanes) of changes of the density function; see `kernels.density_columns`."""

        def kernel(slope_change, df_change, width, out):
            self.kernels.density_columns(
                *self._pairs(df_change.dtype), df, slope_change, dembedding, df_change, width, out
            )

        return in_chunks(kernel, [slope_change, df_change], [(self.table.n_atoms, 3)], self.kernels.widths)[0]

    def moments(self, rank: int) -> Moments:
        """The angular sums of a rank over the pair table."""
        return Moments(self.table, rank, self.kernels)

    def _pairs(self, dtype):
        table = self.table
        return table.i, table.j, table.bin, *table.typed(dtype)[:2]

    def rows(self, energy, forces, pair_slope=0.0, density_slope=None, atom_change=None, virial=None):
        """Scaled rows (n_rows, lanes) of energies per frame (n_frames, lanes), forces (n_atoms, 3, lanes) and, if asked
        for, stresses.

        The stress comes from dE/dr of each pair: pair_slope (k, lanes) + (sum of atom_change (n_atoms, lanes) over both
        atoms) * density_slope; or from the virial (n_frames, 6, lanes) in eV.
        """
        per_atom = energy / self.table.counts[:, None]
        energy = per_atom[: self.n_frames] * self.energy_scale[:, None]
        parts = [energy, (forces[: self.n_atoms] * self.force_scale[:, None, None]).reshape(-1, forces.shape[2])]
        if self.stress_weight:
            table = self.table
            if virial is None:
                g = at_pairs(table, pair_slope) if np.ndim(pair_slope) else 0.0
                if atom_change is not None:
                    g = g + (atom_change[table.i] + atom_change[table.j]) * at_pairs(table, density_slope)
                virial = virials(table, g)
            stress = stresses(table, virial)[: self.n_frames] * self.stress_scale[:, None, None]
            parts.append(stress.reshape(-1, energy.shape[1]))
        if self.target_matrix is not None:
            parts.append(self.target_matrix @ per_atom[self.n_frames :])
        return np.concatenate(parts)

    # -- losses
    # ----------------------------------------------------------------------------------------------------------

    def losses(self, models: list[Model]) -> np.ndarray:
        """Loss of each candidate with its best offset, (b,); inf where it is not finite."""
        return np.concatenate([self._losses(block) for block in self._blocks(models)])

    def _losses(self, models):
        energies, forces = self._predict(models, np.float64)
        with np.errstate(all="ignore"):
            energies += self._best_offsets(energies)[:, None]
            total = ((energies[:, : self.n_frames] - self.energies) ** 2) @ self.energy_scale**2
            total += ((forces[:, : self.n_atoms] - self.forces) ** 2).sum(axis=2) @ self.force_scale**2
            if self.stress_weight:
                error = (self.stress(models) - self.stresses[..., None]) * self.stress_scale[:, None, None]
                total += (error**2).sum(axis=(0, 1))
            if self.target_matrix is not None:
                total += ((energies[:, self.n_frames :] @ self.target_matrix.T - self.target_values) ** 2).sum(axis=1)
        return np.where(np.isfinite(total), total, np.inf)

    def best_offset(self, model: Model) -> float:
        """The constant energy per atom (eV) that gives a model the lowest loss."""
        return float(self._best_offsets(self._predict([model], np.float64)[0])[0])

    def _best_offsets(self, energies):
        """Best offset (b,) of energies per atom (b, frames and crystals of the targets); the loss is a parabola in
        it."""
        weights = self.energy_scale**2
        slope, curvature = (self.energies - energies[:, : self.n_frames]) @ weights, weights.sum()
        if self.target_matrix is not None:
            column = self.target_matrix.sum(axis=1)
            slope = slope + (self.target_values - energies[:, self.n_frames :] @ self.target_matrix.T) @ column
            curvature += column @ column
        if not curvature:  # no row depends on it: that of the energies' mean
            return (self.energies - energies[:, : self.n_frames]) @ self.energy_shares
        return slope / curvature

    def stress(self, models: list[Model]) -> np.ndarray:
        """Stress (n_frames, 6, b) in eV/A^3 of b candidates."""
        table, result = self.table, np.empty((self.table.n_frames, 6, len(models)))
        for lane, model in enumerate(models):
            radial = [self.radial_tables(density) for density in model.densities]
            g = np.zeros((table.n_pairs, 1))
            for formula in model.pairs:
                g = g + at_pairs(table, self.radial_tables(formula)[1][:, None])
            if model.embedding is not None:
                rho = lone_atoms.with_floor(self.densities(np.column_stack([f for f, _ in radial])))
                slopes = lone_atoms.values_and_slopes(model.embedding, *rho.T)[1:]
                for (_, df_of), slope in zip(radial, slopes):
                    g = g + (slope[table.i] + slope[table.j])[:, None] * at_pairs(table, df_of[:, None])
            virial = virials(table, g)
            for function in model.present(model.template.moments):
                formula, sums = model.functions[function.name], self.moments(function.rank)
                tables = self.moment_tables(function, *formula.value_and_slope(table.grid))
                a, da = (each[:, None] for each in tables)
                virial = virial + sums.forces(a, da, sums.of(a), function.sign, virials=True)[1]
            result[:, :, lane : lane + 1] = stresses(table, virial)
        return result[: self.n_frames]

    def errors(self, model: Model) -> Errors:
        """Errors of one model, its own offset included, in float64; all frames count the same."""
        return self.errors_on(model, [np.ones(self.n_frames, bool)])[0]

    def errors_on(self, model: Model, parts) -> list[Errors | None]:
        """Errors of one model on parts of the frames, each a mask (n_frames,); None where a part is empty."""
        energies, forces = self.predict([model], np.float64)
        energy = 1e3 * (energies[0] + model.offset - self.energies)
        force = 1e3 * (forces[0] - self.forces)
        return [
            Errors.of(energy[part], force[part[self.atom_frame[: self.n_atoms]]]) if part.any() else None
            for part in parts
        ]


def _shares(weights) -> np.ndarray:
    """Weights whose sum is one."""
    return weights / (weights.sum() or 1.0)


def _deviation(values, shares) -> float:
    """Weighted standard deviation, one where all values are the same; the shares of all values sum to one."""
    mean = (values * shares).sum()
    return float(np.sqrt(((values - mean) ** 2 * shares).sum())) or 1.0
