"""Energies, forces and losses of blocks of candidates on a torch device: the CUDA path of `Objective.predict` and `Objective.losses`."""

from __future__ import annotations

import numpy as np

from srlab.errors import InputError
from srlab.fitting.objective import Objective
from srlab.harmonics import GRADIENTS, HARMONICS
from srlab.templates import Model

LANES = 64  # candidates in one pass; with 1e5 pairs each array of pairs then holds 25 MB in float32


class TorchObjective:
    """The frames, cutoff, taper and weights of an `Objective`, evaluated by torch.

    objective : what to evaluate; device : "cuda" where there is a GPU, else "cpu", unless said; dtype : torch.float32 or torch.float64.
    Radial functions are tables on the objective's grid, as on the processor, so results agree to the precision of dtype.
    Raises InputError for a device that torch does not have, or an objective with stresses, which stay on the processor.
    """

    def __init__(self, objective: Objective, device: str | None = None, dtype=None):
        import torch

        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise InputError(f"torch sees no GPU here, so the device {device!r} cannot be used: take 'cpu'")
        if objective.target_matrix is not None:
            raise InputError(
                "property targets are not implemented in torch: leave targets out or use the compiled objective"
            )
        if objective.stress_weight:
            raise InputError("the torch objective has energies and forces only: set the stress weight to zero")
        self.objective, self.device, self.dtype = objective, torch.device(device), dtype or torch.float32
        table = objective.table
        self._i, self._j, self._bin = (self._whole(part) for part in (table.i, table.j, table.bin))
        self._weight, self._unit = self._real(table.weight), self._real(table.unit)
        self._grid, self._taper, self._taper_slope = (
            self._real(part) for part in (table.grid, *objective.taper.derivatives(table.grid)[:2])
        )
        self._frame = self._whole(objective.atom_frame)
        self._pair_frame = self._frame[self._i]
        self._counts, self._energies, self._forces = (
            self._real(part) for part in (table.counts, objective.energies, objective.forces)
        )
        self._energy_shares, self._energy_scale, self._force_scale = (
            self._real(part)
            for part in (objective.energy_shares, objective.energy_scale, objective.force_scale[:, None])
        )

    def predict(self, models: list[Model]) -> tuple[np.ndarray, np.ndarray]:
        """Energies per atom (b, n_frames) in eV without offset, forces (b, n_atoms, 3) in eV/angstrom, of b candidates of one template."""
        blocks = [self._predict(models[start : start + LANES]) for start in range(0, len(models), LANES)]
        return tuple(np.concatenate([block[k].cpu().numpy() for block in blocks]) for k in (0, 1))

    def losses(self, models: list[Model]) -> np.ndarray:
        """Loss of each candidate with its best offset, (b,); inf where it is not finite."""
        import torch

        losses = []
        for start in range(0, len(models), LANES):
            energies, forces = self._predict(models[start : start + LANES])
            error = energies - self._energies
            error = (error - (error @ self._energy_shares)[:, None]) * self._energy_scale
            total = (error**2).sum(dim=1) + (((forces - self._forces) * self._force_scale) ** 2).sum(dim=(1, 2))
            losses.append(torch.where(torch.isfinite(total), total, torch.full_like(total, np.inf)).cpu().numpy())
        return np.concatenate(losses).astype(float)

    def _predict(self, models):
        import torch

        table, lanes = self.objective.table, len(models)
        energy = torch.zeros((lanes, table.n_frames), dtype=self.dtype, device=self.device)
        push = torch.zeros((lanes, table.n_pairs), dtype=self.dtype, device=self.device)
        for formulas in zip(*(model.pairs for model in models)):
            phi, dphi = self._radial(formulas)
            energy.index_add_(1, self._pair_frame, self._at_pairs(phi))
            push += self._at_pairs(dphi)
        tables = [self._radial([model.densities[k] for model in models]) for k in range(len(models[0].densities))]
        densities = []
        for f, _ in tables:
            density, rho = self._at_pairs(f), torch.zeros((lanes, table.n_atoms), dtype=self.dtype, device=self.device)
            densities.append(rho.index_add_(1, self._i, density).index_add_(1, self._j, density))
        if tables:
            values, *gains = zip(
                *(self._with_slopes(model.embedding, *rows) for model, rows in zip(models, zip(*densities)))
            )
            energy.index_add_(1, self._frame, torch.stack(values))
            for gain, (_, df) in zip(map(torch.stack, gains), tables):
                push = push + (gain[:, self._i] + gain[:, self._j]) * self._at_pairs(df)
        push = push[:, :, None] * self._unit
        functions = {each: None for model in models for each in model.present(model.template.moments)}
        for function in functions:
            push = push + self._angular(models, function, energy)
        forces = torch.zeros((lanes, table.n_atoms, 3), dtype=self.dtype, device=self.device)
        forces.index_add_(1, self._i, push).index_add_(1, self._j, -push)
        return energy / self._counts, forces

    def _angular(self, models, function, energy):
        """Slopes (lanes, p, 3) of an angular function by the vectors of the pairs; its energies are added to `energy` (lanes, n_frames)."""
        import torch

        nothing = function.parse("0*r")
        value, slope = self._radial([model.functions.get(function.name, nothing) for model in models])
        scale, rank, turned = function.factor * self._grid**function.power, function.rank, 1 - 2 * (function.rank % 2)
        a, da = scale * value, scale * (slope + function.power * value / self._grid)
        across = self._at_pairs(a / self._grid)[:, :, None]
        along = self._at_pairs(da / rank - a / self._grid)[:, :, None]
        at_pairs, unit = self._at_pairs(a), self._unit.T
        slopes = torch.zeros((len(models), self.objective.table.n_pairs, 3), dtype=self.dtype, device=self.device)
        for values, gradient in zip(HARMONICS[rank](*unit), GRADIENTS[rank](*unit)):
            moment = torch.zeros((len(models), len(self._frame)), dtype=self.dtype, device=self.device)
            moment.index_add_(1, self._i, at_pairs * values).index_add_(1, self._j, turned * at_pairs * values)
            energy.index_add_(1, self._frame, 0.5 * function.sign * moment**2)
            gain = function.sign * (moment[:, self._i] + turned * moment[:, self._j])
            slopes += gain[:, :, None] * torch.stack(gradient, dim=1)
        return across * slopes + along * (slopes * self._unit).sum(dim=2, keepdim=True) * self._unit

    def _radial(self, formulas):
        """Tapered values and slopes on the grid, each (lanes, k)."""
        import torch

        values, slopes = (
            torch.stack(rows) for rows in zip(*(self._with_slopes(formula, self._grid) for formula in formulas))
        )
        return values * self._taper, slopes * self._taper + values * self._taper_slope

    def _at_pairs(self, rows):
        """Tables (lanes, k) interpolated at the pairs, (lanes, p)."""
        lower = rows[:, self._bin]
        return lower + self._weight * (rows[:, self._bin + 1] - lower)

    @staticmethod
    def _with_slopes(formula, *variables):
        import torch

        variables = [x.detach().requires_grad_(True) for x in variables]
        value = formula.torch(*variables)
        return value.detach(), *torch.autograd.grad(value.sum(), variables, allow_unused=True, materialize_grads=True)

    def _whole(self, array):
        import torch

        return torch.as_tensor(np.asarray(array, np.int64), device=self.device)

    def _real(self, array):
        import torch

        return torch.as_tensor(np.asarray(array, float), dtype=self.dtype, device=self.device)
