"""Least-squares refinement of a model: linear constants exactly, the others by Levenberg-Marquardt.

Pair and embedding functions are linear in the factors of their terms, and so are energies and forces. Those constants and
the offset are eliminated (variable projection with Kaufman's approximation of the Jacobian: Golub and Pereyra, SIAM J.
Numer. Anal. 10, 413 (1973); Kaufman, BIT 15, 49 (1975)); Levenberg-Marquardt sees the nonlinear constants only. All
derivatives are analytic: those of the tables with respect to the constants go through the same loops as the tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .model import PARTS, Model
from .objective import Objective

RACE = {4: 4.0, 8: 1.5, 15: 1.0}  # iteration: how many times `give_up_above` the loss may still be


@dataclass(frozen=True)
class Fit:
    """Outcome of a refinement.

    model : with refined constants and offset; loss : dimensionless; iterations : accepted and rejected steps;
    deviations : (m,) standard deviation of each constant from the curvature of the loss and the scatter of its frames, zero for frozen ones, NaN
    where the data do not determine it; converged : whether the last step was below the tolerance.
    """

    model: Model
    loss: float
    iterations: int
    converged: bool
    deviations: np.ndarray | None = None


class Split:
    """Which constants of a model are linear; positions count through pair, density and embedding."""

    def __init__(self, model: Model, frozen=frozenset()):
        self.linear, self.nonlinear = [], []
        position = 0
        for part in PARTS:
            formula = getattr(model, part)
            for index in range(len(formula.values)):
                if (part, index) in frozen:
                    pass
                elif part != "density" and index in formula.linear:
                    self.linear.append((position, part, index))
                else:
                    self.nonlinear.append((position, part, index))
                position += 1

    def of(self, which, part):
        return [index for _, p, index in which if p == part]


def refine(objective: Objective, model: Model, max_iterations: int = 50, tolerance: float = 1e-6, give_up_above: float = np.inf,
           deviations: bool = False, frozen=frozenset(), bounds=None) -> Fit:
    """Refine the constants of a model.

    tolerance : relative fall of the loss below which it is converged.
    give_up_above : stop as hopeless where the loss stays above this, checked after a few iterations (`RACE`).
    frozen : set of (part, index) of constants to leave alone.
    bounds : (lower, upper), each (m,), that nonlinear constants stay within; None is no bounds.
    Returns the best model found; its loss is inf if the starting point has no finite value.
    """
    with np.errstate(all="ignore"):
        return _refine(objective, model, max_iterations, tolerance, give_up_above, deviations, frozen, bounds)


def _refine(objective, model, max_iterations, tolerance, give_up_above, deviations, frozen, bounds) -> Fit:
    split = Split(model, frozen)
    positions = [position for position, _, _ in split.nonlinear]
    lower, upper = (np.full(len(positions), -np.inf), np.full(len(positions), np.inf)) if bounds is None else (np.asarray(b, float)[positions] for b in bounds)
    values = model.constants
    values[positions] = np.clip(values[positions], lower, upper)
    point = project(objective, model.with_constants(values), split)
    if point is None:
        return Fit(model, np.inf, 0, False)
    damping, iteration, converged, small = 1e-3, 0, not split.nonlinear, 0
    jacobian = None
    while not converged and iteration < max_iterations:
        if point.loss > RACE.get(iteration, np.inf) * give_up_above:
            break
        values = point.model.constants
        here = values[positions]
        if jacobian is None:
            jacobian = nonlinear_jacobian(objective, point, split)
            if not np.isfinite(jacobian).all():
                break
            projected = jacobian - point.basis @ (point.basis.T @ jacobian)
            normal, gradient = projected.T @ projected, projected.T @ point.residual
            scale = np.diag(normal).copy()
            scale[scale <= 0] = 1.0
            # a constant at its bound that wants to leave stays there for this step
            free = ~((here <= lower) & (gradient < 0) | (here >= upper) & (gradient > 0))
            if not free.any():
                converged = True
                break
        iteration += 1
        step = np.zeros(len(positions))
        try:
            step[free] = np.linalg.solve((normal + damping * np.diag(scale))[np.ix_(free, free)], gradient[free])
        except np.linalg.LinAlgError:
            break
        # no constant moves by more than half its size and a half at a time: exponents of tables overflow quickly
        step *= min(1.0, float(np.min((0.5 * np.abs(here) + 0.5) / np.maximum(np.abs(step), 1e-300))))
        values[positions] = np.clip(here + step, lower, upper)
        trial = project(objective, point.model.with_constants(values), split)
        if trial is not None and trial.loss < point.loss:
            small = small + 1 if point.loss - trial.loss < tolerance * point.loss else 0
            converged = small >= 2
            point, jacobian, damping = trial, None, max(damping * 0.2, 1e-12)
        else:
            damping *= 6.0
            converged = damping > 1e6
    spread = _deviations(objective, point, split) if deviations else None
    return Fit(point.model, point.loss, iteration, converged, spread)


@dataclass
class _Point:
    model: Model
    loss: float
    residual: np.ndarray
    basis: np.ndarray
    columns: np.ndarray
    rho: np.ndarray
    df: np.ndarray


def project(objective: Objective, model: Model, split: Split) -> _Point | None:
    """Solve the linear constants and the offset at the model's nonlinear ones; None if nothing finite comes out."""
    table = objective.table
    pair_linear, embedding_linear = split.of(split.linear, "pair"), split.of(split.linear, "embedding")
    # pair lanes: what is left with all linear constants at zero, then one lane for each of them
    pair_jet = model.pair.jet(table.grid, pair_linear, second=False)
    phi, dphi = _lanes(pair_jet, model.pair, pair_linear, len(table.grid))
    phi, dphi = objective.tapered(phi, dphi)
    f, df = objective.radial_tables(model.density)
    if not (np.isfinite(phi).all() and np.isfinite(dphi).all() and np.isfinite(f).all() and np.isfinite(df).all()):
        return None
    pair_energy, rho = objective.pair_energies(phi), objective.densities(f[:, None])[:, 0]
    embedding_jet = model.embedding.jet(rho, embedding_linear, second=False)
    energy, slope = _lanes(embedding_jet, model.embedding, embedding_linear, len(rho))
    if not (np.isfinite(energy).all() and np.isfinite(slope).all()):
        return None
    embedding_energy = np.add.reduceat(energy, table.atom_start[:-1], axis=0)
    pair_forces = objective.pair_columns(dphi)
    embedding_forces = objective.embedding_columns(df, slope)
    objective.evaluations += phi.shape[1] + energy.shape[1]
    pair_rows = objective.rows(pair_energy, pair_forces, pair_slope=dphi)
    embedding_rows = objective.rows(embedding_energy, embedding_forces, density_slope=df[:, None], atom_change=slope)
    rest = objective.target - pair_rows[:, 0] - embedding_rows[:, 0]
    columns = np.column_stack([pair_rows[:, 1:], embedding_rows[:, 1:], objective.offset_column])
    norms = np.sqrt((columns**2).sum(axis=0))
    norms[norms == 0] = 1.0
    try:
        basis, triangle = np.linalg.qr(columns / norms)
    except np.linalg.LinAlgError:
        return None
    diagonal = np.abs(np.diag(triangle))
    if diagonal.min() < 1e-7:  # two columns say the same: the shortest solution, and a basis of what they span
        u, s, vt = np.linalg.svd(columns / norms, full_matrices=False)
        keep = s > 1e-7 * s[0]
        basis = u[:, keep]
        solution = vt[keep].T @ ((basis.T @ rest) / s[keep]) / norms
    else:
        solution = np.linalg.solve(triangle, basis.T @ rest) / norms
    residual = rest - columns @ solution
    loss = float(residual @ residual)
    if not np.isfinite(loss):
        return None
    values = model.constants
    values[[position for position, _, _ in split.linear]] = solution[:-1]
    return _Point(model.with_constants(values, solution[-1]), loss, residual, basis, columns, rho, df)


def _lanes(jet, formula, linear, size):
    """Value and slope with the linear constants at zero (lane 0), and their derivatives by each linear constant."""
    value = np.zeros((size, 1 + len(linear)))
    slope = np.zeros_like(value)
    value[:, 0] = jet.value
    slope[:, 0] = 0.0 if jet.x is None else jet.x
    for lane, index in enumerate(linear, 1):
        value[:, lane] = jet.c[index]
        slope[:, lane] = jet.xc.get(index, 0.0)
        value[:, 0] -= formula.values[index] * value[:, lane]
        slope[:, 0] -= formula.values[index] * slope[:, lane]
    return value, slope


def nonlinear_jacobian(objective, point, split) -> np.ndarray:
    """Scaled derivatives (n_rows, n_nonlinear) of energies and forces by the nonlinear constants."""
    blocks = []
    for part in PARTS:
        indices = split.of(split.nonlinear, part)
        if indices:
            x = point.rho if part == "embedding" else objective.table.grid
            blocks.append(changes(objective, point, part, *_by_constant(getattr(point.model, part), x, indices)))
    objective.evaluations += len(split.nonlinear)
    return np.concatenate(blocks, axis=1)


def changes(objective, point, part, value, slope) -> np.ndarray:
    """Scaled rows (n_rows, lanes), to first order, of changes of one function.

    value, slope : change of the function and of its derivative, each (k, lanes) on the radial grid, untapered, or (n_atoms, lanes) at the
    densities of the point for the embedding.
    """
    table, model = objective.table, point.model
    if part == "embedding":
        energy = np.add.reduceat(value, table.atom_start[:-1], axis=0)
        return objective.rows(energy, objective.embedding_columns(point.df, slope), density_slope=point.df[:, None], atom_change=slope)
    value, slope = objective.tapered(value, slope)
    if part == "pair":
        return objective.rows(objective.pair_energies(value), objective.pair_columns(slope), pair_slope=slope)
    rho_change = objective.densities(value)
    _, gain, curvature = model.embedding.derivatives(point.rho)
    energy = np.add.reduceat(gain[:, None] * rho_change, table.atom_start[:-1], axis=0)
    gain_change = curvature[:, None] * rho_change
    forces = objective.density_columns(point.df, gain_change, gain, slope)
    rows = objective.rows(energy, forces, density_slope=point.df[:, None], atom_change=gain_change)
    if objective.stress_weight:  # the other half of dE/dr: dF/drho times the change of the density slope
        rows += objective.rows(0.0 * energy, 0.0 * forces, density_slope=slope, atom_change=gain[:, None])
    return rows


def _by_constant(formula, x, indices):
    """Derivatives of value and slope by the constants `indices`, each (len(x), lanes)."""
    jet = formula.jet(x, indices, second=False)
    value, slope = np.zeros((len(x), len(indices))), np.zeros((len(x), len(indices)))
    for lane, index in enumerate(indices):
        value[:, lane] = jet.c.get(index, 0.0)
        slope[:, lane] = jet.xc.get(index, 0.0)
    return value, slope


def _deviations(objective, point, split) -> np.ndarray:
    """Standard deviations (m,) of all constants; zero for frozen ones, NaN where the data do not determine one.

    The weights of energies and forces are a choice, not their variances, and the errors within a frame hang together; so the covariance is the
    sandwich A^-1 B A^-1 with A = J^T J and B the sum over frames of g g^T, g the gradient of the frame's rows (White, Econometrica 48, 817
    (1980); Liang and Zeger, Biometrika 73, 13 (1986)), times n / (n - constants) for n frames.
    """
    jacobian = point.columns
    positions = [position for position, _, _ in split.linear] + [-1]
    if split.nonlinear:
        jacobian = np.column_stack([jacobian, nonlinear_jacobian(objective, point, split)])
        positions += [position for position, _, _ in split.nonlinear]
    if not np.isfinite(jacobian).all():
        return np.full(len(point.model.constants), np.nan)
    norms = np.sqrt((jacobian**2).sum(axis=0))
    norms[norms == 0] = 1.0
    u, s, vt = np.linalg.svd(jacobian / norms, full_matrices=False)
    known = s > 1e-9 * s[0]
    gradients = np.zeros((len(objective.target), int(known.sum())))
    np.add.at(gradients, _frame_of_rows(objective), u[:, known] * point.residual[:, None])
    influence = gradients / s[known] @ vt[known]
    frames = int(gradients.any(axis=1).sum())
    spread = np.sqrt((influence**2).sum(axis=0) * frames / max(1, frames - len(positions))) / norms
    spread[(vt[~known] ** 2).sum(axis=0) > 1e-9] = np.nan  # it can be traded against others without changing any prediction
    result = np.zeros(len(point.model.constants))
    for position, value in zip(positions, spread):
        if position >= 0:
            result[position] = value
    return result


def _frame_of_rows(objective) -> np.ndarray:
    """The frame each row of the objective belongs to, (n_rows,); rows of no frame, property targets, count as frames of their own."""
    frames = np.arange(len(objective.energies))
    counts = objective.table.counts[: len(frames)]
    parts = [frames, np.repeat(frames, 3 * counts)] + ([np.repeat(frames, 6)] if objective.stress_weight else [])
    known = sum(map(len, parts))
    return np.concatenate([*parts, len(frames) + np.arange(len(objective.target) - known)])
