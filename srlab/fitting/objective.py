"""Energies, forces and losses of many candidates at once, from tables of their functions."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import zip_longest

import numpy as np

from srlab.datasets.weights import FrameWeights
from srlab.errors import InputError
from srlab.fitting import lone_atoms
from srlab.fitting.backends import kernels_on
from srlab.fitting.energy_errors import EnergyErrors
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

    means and variances (those of the data) being weighted with the weights of the frames, those of energies also with
    what similar frames share of their errors (`srlab.fitting.energy_errors`), so that one is still the loss of a model
    that knows only the mean. The constant energy per atom (offset) is found exactly for every candidate.

    Parameters
    ----------
    frames : list of ase.Atoms whose calculators hold forces, and stresses where there are any.
    energies : (n_frames,) eV, relative to isolated atoms.
    cutoff : angstrom; taper : object with ``derivatives(r)`` that multiplies the functions of r.
    energy_weight, force_weight, stress_weight : not negative, not all zero. Stress counts on those frames that have it.
    grid_points : of the radial tables.
    targets : (name, value, weight) of `srlab.fitting.targets`; their squared rows are added to the loss. The ideal
        crystals they need follow the frames in the pair table and enter nothing else.
    crystal : what targets are of; None is fcc with the volume of the lowest frame.
    frame_weights : how much each frame counts (`srlab.datasets.weights`); None is the same for all.
    correlation_length : distance of frames over which errors of energies differ; zero: each has its own.
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
        correlation_length: float = 0.0,
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
        # labels as they are: ASE's own method first compares each frame with the one that was labelled
        self.forces = np.concatenate([atoms.calc.results["forces"] for atoms in frames])
        self.energy_weight, self.force_weight, self.stress_weight = map(float, weights)
        self.frame_weights = frame_weights or FrameWeights.equal(self.n_frames)
        self.energy_errors = EnergyErrors(
            self.energies, self.frame_weights, self.energy_weight, self.table, float(correlation_length)
        )
        self._energy_errors = self.energy_errors.on(self.kernels)
        if stress_weight:
            self.stresses, self.has_stress = reference_stresses(frames, self.table.volumes)
        self.evaluations = 0
        self.atom_frame = np.repeat(np.arange(self.table.n_frames), self.table.counts)
        self.grid = self.kernels.array(self.table.grid)
        self._taper_grid = self._tapers(taper)

    def with_taper(self, taper) -> Objective:
        """The objective of the same frames, weights and pair table with another taper; arrays are shared."""
        other = copy(self)
        other.taper, other.evaluations, other._taper_grid = taper, 0, self._tapers(taper)
        return other

    def _tapers(self, taper):
        return [self.kernels.array(each) for each in taper.derivatives(self.table.grid)[:2]]

    # -- scales: residual rows are errors times these, so that the loss is their sum of squares
    # --------------------------

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

    # -- arrays of the back end (`srlab.fitting.backends`), so that what fits do with rows is done where they are made

    @property
    def xp(self):
        """The module, numpy or torch, of tables, sums and rows."""
        return self.kernels.xp

    @cached_property
    def target(self):
        """Scaled data, shape (n_rows,): energies per atom, forces, stresses."""
        rows = [self.energy_errors.rows(self.energies), (self.forces * self.force_scale[:, None]).ravel()]
        if self.stress_weight:
            rows.append((self.stresses * self.stress_scale[:, None]).ravel())
        if self.target_matrix is not None:
            rows.append(self.target_values)
        return self.kernels.array(np.concatenate(rows))

    @cached_property
    def offset_column(self):
        """Derivative of the scaled energies with respect to the offset, shape (n_rows,)."""
        column = np.zeros(len(self.target))
        column[: self.n_frames] = self.energy_errors.rows(np.ones(self.n_frames))
        if self.target_matrix is not None:
            column[-len(self.target_matrix) :] = self.target_matrix.sum(axis=1)
        return self.kernels.array(column)

    @cached_property
    def _scales(self):
        """One over the atoms of each frame (n, 1), those of the crystals of the targets after the others, and the scale
        of forces (n_atoms, 1, 1)."""
        return [
            self.kernels.array(each) for each in (1.0 / self.table.counts[:, None], self.force_scale[:, None, None])
        ]

    @cached_property
    def _target_rows(self):
        return self.kernels.array(self.target_matrix)

    # -- tables
    # ----------------------------------------------------------------------------------------------------------

    def tapered(self, value, slope):
        """Tapered value and slope on the grid, (k,) or (k, lanes), from the untapered ones."""
        t, dt = self._taper_grid
        value, slope = self.kernels.array(value), self.kernels.array(slope)
        if value.ndim == 2:
            t, dt = t[:, None], dt[:, None]
        with np.errstate(invalid="ignore"):  # infinite times a slope of zero: such a function is refused by its losses
            return value * t, slope * t + value * dt

    def radial_tables(self, formula):
        """Tapered value and derivative of a radial formula on the grid, each (k,)."""
        return self.tapered(*formula.value_and_slope(self.table.grid))

    def moment_tables(self, function, value, slope):
        """a and its derivative on the grid, (k,) or (k, lanes), of an angular function whose untapered value and
        slope are given."""
        return function.radial(self.grid, *self.tapered(value, slope))

    # -- blocks of candidates
    # --------------------------------------------------------------------------------------------

    def predict(self, models: list[Model], dtype=np.float32) -> tuple[np.ndarray, np.ndarray]:
        """Energies per atom (b, n_frames) in eV without offset, forces (b, n_atoms, 3) in eV/A, of b candidates.

        Tables are kept in `dtype`; each block of candidates (16 on the CPU) costs two passes over the pair list.
        """
        start = 0
        energies = np.empty((len(models), self.n_frames))
        forces = np.empty((len(models), self.n_atoms, 3), dtype)
        for block in self._blocks(models):
            span = slice(start, start + len(block))
            energy, force = self._predict_block(block, dtype)
            energies[span] = self.kernels.numpy(energy[: self.n_frames].T) / self.table.counts[: self.n_frames]
            forces[span] = self.kernels.numpy(self.xp.moveaxis(force[: self.n_atoms], 2, 0))
            start += len(block)
        return energies, forces

    def _blocks(self, models):
        most = self.kernels.lanes(self.table)
        return [models[start : start + most] for start in range(0, len(models), most)]

    def _predict_block(self, models, dtype):
        """Energies of the frames (n_frames, b) and forces (n_atoms, 3, b) of a block of candidates."""
        kernels, table = self.kernels, self.table

        def tables(formulas, shaped=self.tapered):
            return kernels.tables(formulas, self.grid, shaped, dtype)

        pairs = [tables(formulas) for formulas in zip_longest(*(model.pairs for model in models))]
        phi, dphi = (sum(each) for each in zip(*pairs)) if pairs else 2 * [tables([None] * len(models))[0]]
        radial = [tables(formulas) for formulas in zip_longest(*(model.densities for model in models))]
        energy = self.pair_energies(phi)
        slopes = []
        if radial:
            embedding, *slopes = self._embeddings(models, [lone_atoms.with_floor(self.densities(f)) for f, _ in radial])
            energy = energy + kernels.per_frame(table, embedding)
        forces = kernels.block_forces(table, dphi, [df for _, df in radial], slopes)
        functions = {each: None for model in models for each in model.present(model.template.moments)}
        for function in functions:
            formulas = [model.functions.get(function.name) for model in models]
            a, da = tables(formulas, partial(self.moment_tables, function))
            sums = self.moments(function.rank)
            moments = sums.of(a)
            energy = energy + sums.energies(moments, function.sign)
            forces = forces + sums.forces(a, da, moments, function.sign)[0]
        self.evaluations += len(models)
        return energy, forces

    def _embeddings(self, models, rho):
        """Embedding energies of candidates and their slopes by each density, each (n_atoms, b), at such densities."""
        results: list = []
        for count in {len(model.densities) for model in models if model.embedding is not None}:
            formulas = [model.embedding if len(model.densities) == count else None for model in models]
            value, *found = self.kernels.functions(formulas, *rho[:count])
            lone = [each == lone_atoms.NO_DENSITY for each in rho[:count]]
            if any(bool(each.any()) for each in lone):
                for lane, formula in enumerate(formulas):
                    at = [self.kernels.numpy(each[:, lane]) for each in rho[:count]]
                    if formula is not None and lone_atoms.diverges(formula, *at):
                        value[:, lane] = np.inf
                for slope, here in zip(found, lone):
                    slope[here] = 0.0
            parts = [value, *found]
            results = [a + b for a, b in zip_longest(results, parts, fillvalue=0.0)] if results else parts
        return results

    def pair_energies(self, phi):
        """Pair energy per frame, (n_frames, lanes), of tables phi (k, lanes)."""
        return self.kernels.pair_energies(self.table, phi)

    def densities(self, f):
        """Density per atom, (n_atoms, lanes), of tables f (k, lanes)."""
        return self.kernels.densities(self.table, f)

    def pair_columns(self, dphi):
        """Forces (n_atoms, 3, lanes) of pair functions with slopes dphi (k, lanes)."""
        return self.kernels.pair_columns(self.table, dphi)

    def moments(self, rank: int) -> Moments:
        """The angular sums of a rank over the pair table."""
        return Moments(self.table, rank, self.kernels)

    def rows(self, energy, forces, pair_slope=0.0, density_slope=None, atom_change=None, virial=None):
        """Scaled rows (n_rows, lanes) of energies per frame (n_frames, lanes), forces (n_atoms, 3, lanes) and, if asked
        for, stresses.

        The stress comes from dE/dr of each pair: pair_slope (k, lanes) + (sum of atom_change (n_atoms, lanes) over both
        atoms) * density_slope; or from the virial (n_frames, 6, lanes) in eV.
        """
        per_atom, force_scale = self._scales
        lanes = energy.shape[1]
        energy = energy * per_atom
        parts = [
            self._energy_errors.rows(energy[: self.n_frames]),
            (forces[: self.n_atoms] * force_scale).reshape(-1, lanes),
        ]
        if self.stress_weight:
            table, numpy = self.table, self.kernels.numpy
            if virial is None:
                g = at_pairs(table, numpy(pair_slope)) if np.ndim(pair_slope) else 0.0
                if atom_change is not None:
                    change = numpy(atom_change)
                    g = g + (change[table.i] + change[table.j]) * at_pairs(table, numpy(density_slope))
                virial = self.kernels.array(virials(table, g))
            stress = stresses(table, numpy(virial))[: self.n_frames] * self.stress_scale[:, None, None]
            parts.append(self.kernels.array(stress.reshape(-1, lanes)))
        if self.target_matrix is not None:
            parts.append(self._target_rows @ energy[self.n_frames :])
        return self.xp.concatenate(parts)

    # -- losses
    # ----------------------------------------------------------------------------------------------------------

    def losses(self, models: list[Model]) -> np.ndarray:
        """Loss of each candidate with its best offset, (b,); inf where it is not finite."""
        blocks = [self._residuals(block)[0] for block in self._blocks(models)]
        with np.errstate(all="ignore"):
            total = np.concatenate([self.kernels.numpy((residual**2).sum(axis=0)) for residual in blocks])
        return np.where(np.isfinite(total), total, np.inf)

    def best_offset(self, model: Model) -> float:
        """The constant energy per atom (eV) that gives a model the lowest loss."""
        return float(self._residuals([model])[1][0])

    def _residuals(self, models):
        """What is left of the data, scaled rows (n_rows, b), with the best offset of each candidate, and offsets (b,).

        The loss is a parabola in the offset.
        """
        energy, forces = self._predict_block(models, np.float64)
        column = self.offset_column
        curvature = float(column @ column)
        with np.errstate(all="ignore"):
            virial = self.kernels.array(self.virials(models)) if self.stress_weight else None
            residual = self.target[:, None] - self.rows(energy, forces, virial=virial)
            if curvature:
                offsets = column @ residual / curvature
            else:  # no row depends on it: that of the energies' mean
                per_atom = self.kernels.numpy(energy[: self.n_frames]) / self.table.counts[: self.n_frames, None]
                shares = _shares(self.frame_weights.energies)
                offsets = self.kernels.array(shares @ (self.energies[:, None] - per_atom))
            return residual - column[:, None] * offsets, offsets

    def stress(self, models: list[Model]) -> np.ndarray:
        """Stress (n_frames, 6, b) in eV/A^3 of b candidates."""
        return stresses(self.table, self.virials(models))[: self.n_frames]

    def virials(self, models: list[Model]) -> np.ndarray:
        """Virials (n_frames, 6, b) in eV of b candidates, with those of the crystals of the targets."""
        table, numpy, found = self.table, self.kernels.numpy, []
        for model in models:
            radial = [self.radial_tables(density) for density in model.densities]
            g = np.zeros((table.n_pairs, 1))
            for formula in model.pairs:
                g = g + at_pairs(table, numpy(self.radial_tables(formula)[1][:, None]))
            if model.embedding is not None:
                rho = lone_atoms.with_floor(numpy(self.densities(self.xp.column_stack([f for f, _ in radial]))))
                slopes = lone_atoms.values_and_slopes(model.embedding, *rho.T)[1:]
                for (_, df_of), slope in zip(radial, slopes):
                    g = g + (slope[table.i] + slope[table.j])[:, None] * at_pairs(table, numpy(df_of[:, None]))
            virial = virials(table, g)
            for function in model.present(model.template.moments):
                formula, sums = model.functions[function.name], self.moments(function.rank)
                tables = self.moment_tables(function, *formula.value_and_slope(table.grid))
                a, da = (each[:, None] for each in tables)
                virial = virial + numpy(sums.forces(a, da, sums.of(a), function.sign, virials=True)[1])
            found.append(virial)
        return np.concatenate(found, axis=2)

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
