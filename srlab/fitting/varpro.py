"""Least-squares refinement of a model: linear constants exactly, the others by Levenberg-Marquardt.

Pair functions and embedding are linear in the factors of their terms, and so are energies and forces. Angular functions
enter squared: energies and forces are linear in the square of the factor that a whole one of them may be multiplied
with, its strength, which must not be negative. Those constants, the strengths and the offset are eliminated (variable
projection with Kaufman's approximation of the Jacobian: Golub and Pereyra, SIAM J. Numer. Anal. 10, 413 (1973);
Kaufman, BIT 15, 49 (1975)); Levenberg-Marquardt sees the nonlinear constants only. All derivatives are analytic: those
of the tables with respect to the constants go through the same loops as the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from srlab.fitting import lone_atoms
from srlab.fitting.objective import Objective
from srlab.templates import Model
from srlab.templates.template import EMBEDDING, PAIR, SUM

EARLY_STOPPING = {4: 4.0, 8: 1.5, 15: 1.0}  # iteration: how many times `give_up_above` the loss may still be
SILENT = 1e-14  # share of a squared column outside of what the linear constants can do, below which it is rounding
WEAKEST = 1e-8  # least strength of an angular function in one step: one that would be negative waits there


@dataclass(frozen=True)
class Fit:
    """Outcome of a refinement.

    model : with refined constants and offset; loss : dimensionless; iterations : accepted and rejected steps;
    deviations : (m,) standard deviation of each constant from the curvature of the loss and the scatter of its frames,
        zero for frozen ones, NaN where the data do not determine it; converged : whether the last step was below the
        tolerance.
    """

    model: Model
    loss: float
    iterations: int
    converged: bool
    deviations: np.ndarray | None = None


class Split:
    """Which constants of a model are linear; positions count through its functions, as in `Model.constants`.

    linear, nonlinear : lists of (position, part, index); scaled : angular functions whose strength is solved for, part
        -> positions of the factors of its terms. The first of those factors is in neither list: the strength stands for
        it.
    """

    def __init__(self, model: Model, frozen=frozenset()):
        self.linear, self.nonlinear, self.scaled = [], [], {}
        position = 0
        for part, formula in model.functions.items():
            factors = _factors(model.template[part], formula, {index for p, index in frozen if p == part})
            if factors:
                self.scaled[part] = [position + index for index in factors]
            for index in range(len(formula.values)):
                if (part, index) in frozen or index in factors[:1]:
                    pass
                elif model.template[part].linear and index in formula.linear:
                    self.linear.append((position, part, index))
                else:
                    self.nonlinear.append((position, part, index))
                position += 1

    def of(self, which, part):
        return [index for _, p, index in which if p == part]

    def varied(self, model: Model) -> list:
        """The nonlinear constants and the factors that strengths stand for, as in `nonlinear`."""
        starts = dict(zip(model.functions, np.cumsum([0, *(len(each.values) for each in model.functions.values())])))
        firsts = [(positions[0], part, positions[0] - starts[part]) for part, positions in self.scaled.items()]
        return sorted(self.nonlinear + firsts)


def _factors(function, formula, frozen) -> list[int]:
    """Indices of the constants that multiply an angular function when all are multiplied; none where one is frozen
    or a term has no factor."""
    if function.role != SUM or function.rank == 0 or not formula.linear or frozen & formula.linear:
        return []
    factors = sorted(formula.linear)
    values = np.array(formula.values)
    values[factors] = 0.0
    with np.errstate(all="ignore"):
        rest = formula.with_constants(values).value(np.array([1.3, 2.1, 3.7]))
    return factors if not rest.any() else []


def refine(
    objective: Objective,
    model: Model,
    max_iterations: int = 50,
    tolerance: float = 1e-6,
    give_up_above: float = np.inf,
    deviations: bool = False,
    frozen=frozenset(),
    bounds=None,
) -> Fit:
    """Refine the constants of a model.

    tolerance : relative fall of the loss below which it is converged.
    give_up_above : stop as hopeless where the loss stays above this, checked after a few iterations (`EARLY_STOPPING`).
    frozen : set of (part, index) of constants to leave alone.
    bounds : (lower, upper), each (m,), that nonlinear constants stay within; None is no bounds.
    Returns the best model found; its loss is inf if the starting point has no finite value.
    """
    with np.errstate(all="ignore"):
        return _refine(objective, model, max_iterations, tolerance, give_up_above, deviations, frozen, bounds)


def _refine(objective, model, max_iterations, tolerance, give_up_above, deviations, frozen, bounds) -> Fit:
    split = Split(model, frozen)
    positions = [position for position, _, _ in split.nonlinear]
    lower, upper = (
        (np.full(len(positions), -np.inf), np.full(len(positions), np.inf))
        if bounds is None
        else (np.asarray(b, float)[positions] for b in bounds)
    )
    values = model.constants
    values[positions] = np.clip(values[positions], lower, upper)
    point = project(objective, model.with_constants(values), split)
    if point is None:
        return Fit(model, np.inf, 0, False)
    damping, iteration, converged, small = 1e-3, 0, not split.nonlinear, 0
    jacobian = None
    while not converged and iteration < max_iterations:
        if point.loss > EARLY_STOPPING.get(iteration, np.inf) * give_up_above:
            break
        values = point.model.constants
        here = values[positions]
        if jacobian is None:
            jacobian = nonlinear_jacobian(objective, point, split)
            if not objective.xp.isfinite(jacobian).all():
                break
            projected = jacobian - point.basis @ (point.basis.T @ jacobian)
            products = projected.T @ projected, projected.T @ point.residual, (jacobian**2).sum(axis=0)
            normal, gradient, lengths = map(objective.kernels.numpy, products)
            scale = np.diag(normal).copy()
            # a constant that the linear ones make up for says nothing: what is left of its column are rounding errors
            told = scale > SILENT * lengths
            scale[~told] = 1.0
            # a constant at its bound that wants to leave stays there for this step
            free = told & ~((here <= lower) & (gradient < 0) | (here >= upper) & (gradient > 0))
            if not free.any():
                converged = True
                break
        iteration += 1
        try:
            # no constant moves by more than half its size and a half at a time: exponents of tables overflow quickly
            step = limited_step(normal + damping * np.diag(scale), gradient, 0.5 * np.abs(here) + 0.5, free)
        except np.linalg.LinAlgError:
            break
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


def limited_step(normal, gradient, limit, free) -> np.ndarray:
    """Solve normal @ step = gradient for the free constants, none of which may move by more than its limit.

    The one that would go farthest beyond is set to its limit and the others are solved for anew, until none is beyond:
    a constant that the data hardly determine must not hold up all.

    normal : (m, m); gradient, limit, free : (m,). Raises LinAlgError where the matrix is singular.
    """
    step, open_ = np.zeros(len(gradient)), free.copy()
    while open_.any():
        step[open_] = 0.0
        rest = gradient - normal @ step
        step[open_] = np.linalg.solve(normal[np.ix_(open_, open_)], rest[open_])
        worst = int(np.argmax(np.where(open_, np.abs(step) / limit, 0.0)))
        if np.abs(step[worst]) <= limit[worst]:
            break
        step[worst] = np.copysign(limit[worst], step[worst])
        open_[worst] = False
    return step


@dataclass
class _Point:
    """A model with its linear constants solved for. Arrays are those of the objective's back end, but for `rho`."""

    model: Model
    loss: float
    residual: Any
    basis: Any
    columns: Any
    rho: tuple[np.ndarray, ...]  # (n_atoms,) of each density
    df: tuple  # (k,), slope of each tapered density function
    moments: dict  # part -> (a (k, 1), da/dr (k, 1), moments (n_atoms, 2 rank + 1, 1)) of each angular function


def project(objective: Objective, model: Model, split: Split) -> _Point | None:
    """Solve the linear constants and the offset at the model's nonlinear ones; None if nothing finite comes out."""
    grid, template, xp = objective.table.grid, model.template, objective.xp
    radial = [objective.radial_tables(density) for density in model.densities]
    if not all(xp.isfinite(each).all() for tables in radial for each in tables):
        return None
    rho = ()
    if radial:
        densities = objective.densities(xp.column_stack([f for f, _ in radial]))
        rho = tuple(lone_atoms.with_floor(objective.kernels.numpy(densities)).T)
    df = tuple(slope for _, slope in radial)
    # lanes of each function: what is left with all linear constants at zero, then one lane for each of them
    lanes = {}
    for part, formula in model.functions.items():
        function, linear = template[part], split.of(split.linear, part)
        if function.role == PAIR:
            value, (slope,) = _lanes(formula.jets((grid,), linear, second=False), formula, linear, len(grid))
            lanes[part] = objective.tapered(value, slope)
        elif function.role == EMBEDDING:
            value, slopes = _lanes(formula.jets(rho, linear, second=False), formula, linear, objective.table.n_atoms)
            if lone_atoms.diverges(formula, *rho):
                return None
            lanes[part] = tuple(map(objective.kernels.array, (value, *lone_atoms.quiet(rho, slopes))))
    if not all(xp.isfinite(each).all() for tables in lanes.values() for each in tables):
        return None
    rest, columns = objective.target, []
    for part, (value, *slopes) in lanes.items():
        objective.evaluations += value.shape[1]
        if template[part].role == PAIR:
            rows = objective.rows(objective.pair_energies(value), objective.pair_columns(*slopes), pair_slope=slopes[0])
        else:
            rows = _embedding_rows(objective, df, value, *slopes)
        rest = rest - rows[:, 0]
        columns.append(rows[:, 1:])
    moments = {}
    for function in model.present(template.moments):
        value, slope = model.functions[function.name].value_and_slope(grid)
        a, da = objective.moment_tables(function, value[:, None], slope[:, None])
        if not (xp.isfinite(a).all() and xp.isfinite(da).all()):
            return None
        found, rows = angular_rows(objective, function, a, da)
        objective.evaluations += 1
        moments[function.name] = a, da, found
        if function.name in split.scaled:
            columns.append(rows)
        else:
            rest = rest - rows[:, 0]
    matrix = xp.column_stack([*columns, objective.offset_column])
    try:
        basis, solution, residual = _solve(objective, matrix, rest, range(len(split.linear), matrix.shape[1] - 1))
    except np.linalg.LinAlgError:
        return None
    loss = float(residual @ residual)
    if not np.isfinite(loss):
        return None
    linear, strengths, offset = np.split(solution, [len(split.linear), matrix.shape[1] - 1])
    values = model.constants
    values[[position for position, _, _ in split.linear]] = linear
    for (part, positions), strength in zip(split.scaled.items(), strengths):
        values[positions] *= np.sqrt(strength)
        moments[part] = tuple(float(np.sqrt(strength)) * each for each in moments[part])
    solved = matrix[:, [*range(len(linear)), matrix.shape[1] - 1]]
    return _Point(model.with_constants(values, offset[0]), loss, residual, basis, solved, rho, df, moments)


def _solve(objective, columns, rest, strengths) -> tuple[Any, np.ndarray, Any]:
    """Least squares of columns (n_rows, m) with some unknowns, the strengths, that stay at `WEAKEST` where they would
    be below.

    Returns an orthonormal basis of what the columns of the other unknowns span, the solution (m,), and the residual
    (n_rows,). Raises LinAlgError.
    """
    solution = np.full(columns.shape[1], np.nan)
    while True:
        free = np.flatnonzero(np.isnan(solution))
        open_ = columns[:, free] if len(free) < len(solution) else columns
        basis, found = _least_squares(objective.kernels, open_, rest)
        weak = [k for k, value in zip(free, found) if k in strengths and value < WEAKEST]
        if not weak:
            solution[free] = found
            return basis, solution, rest - open_ @ objective.kernels.array(found)
        solution[weak] = WEAKEST
        rest = rest - WEAKEST * columns[:, weak].sum(axis=1)


def _least_squares(kernels, columns, rest) -> tuple[Any, np.ndarray]:
    """An orthonormal basis of what columns (n_rows, m) span, and the solution (m,). Raises LinAlgError."""
    norms = kernels.numpy((columns**2).sum(axis=0)) ** 0.5
    norms[norms == 0] = 1.0
    scaled = columns / kernels.array(norms)
    basis, triangle = kernels.orthonormal(scaled)
    if np.abs(np.diag(triangle)).min() >= 1e-7:
        return basis, np.linalg.solve(triangle, kernels.numpy(basis.T @ rest)) / norms
    # two columns say the same: the shortest solution, and a basis of what they span
    u, s, vt = np.linalg.svd(kernels.numpy(scaled), full_matrices=False)
    keep = s > 1e-7 * s[0]
    basis = kernels.array(u[:, keep])
    return basis, vt[keep].T @ (kernels.numpy(basis.T @ rest) / s[keep]) / norms


def _lanes(jets, formula, linear, size):
    """Value with the linear constants at zero (lane 0) and its derivatives by each of them, and the slopes of both
    by each variable."""
    values, slopes = np.zeros((size, 1 + len(linear))), [np.zeros((size, 1 + len(linear))) for _ in jets]
    values[:, 0] = jets[0].value
    for lane, index in enumerate(linear, 1):
        values[:, lane] = jets[0].c[index]
        values[:, 0] -= formula.values[index] * values[:, lane]
    for jet, slope in zip(jets, slopes):
        slope[:, 0] = 0.0 if jet.x is None else jet.x
        for lane, index in enumerate(linear, 1):
            slope[:, lane] = jet.xc.get(index, 0.0)
            slope[:, 0] -= formula.values[index] * slope[:, lane]
    return values, slopes


def nonlinear_jacobian(objective, point, split, which=None):
    """Scaled derivatives (n_rows, n) of energies and forces by the nonlinear constants, or others given as `which`
    (position, part, index)."""
    blocks, which = [], split.nonlinear if which is None else which
    for part, formula in point.model.functions.items():
        indices = split.of(which, part)
        if indices:
            x = variables(objective, point, part)
            value, *slopes = _by_constant(formula, x, indices)
            if point.model.template[part].role == EMBEDDING:
                slopes = lone_atoms.quiet(x, slopes)
            blocks.append(changes(objective, point, part, value, *slopes))
    objective.evaluations += len(which)
    return objective.xp.column_stack(blocks)


def variables(objective, point, part) -> tuple[np.ndarray, ...]:
    """Where a function of the point's model is evaluated: the radial grid, or the densities of all atoms."""
    return point.rho if point.model.template[part].role == EMBEDDING else (objective.table.grid,)


def changes(objective, point, part, value, *slopes):
    """Scaled rows (n_rows, lanes), to first order, of changes of one function.

    value, slopes : change of the function and of its derivative by each variable, each (k, lanes) on the radial grid,
        untapered, or (n_atoms, lanes) at the densities of the point for the embedding.
    """
    template, array = point.model.template, objective.kernels.array
    if template[part].role == EMBEDDING:
        return _embedding_rows(objective, point.df, *map(array, (value, *slopes)))
    if template[part].rank:
        return _moment_rows(objective, point, template[part], *objective.moment_tables(template[part], value, *slopes))
    value, slope = objective.tapered(value, *slopes)
    if template[part].role == PAIR:
        return objective.rows(objective.pair_energies(value), objective.pair_columns(slope), pair_slope=slope)
    which = template.densities.index(template[part])
    change, embedding = objective.densities(value), point.model.embedding
    gain = array(lone_atoms.values_and_slopes(embedding, *point.rho)[1 + which])
    gain_changes = [  # no change is none, whatever the curvature at a density of zero
        objective.xp.where(change == 0.0, 0.0, array(curvature)[:, None] * change)
        for curvature in embedding.curvatures(*point.rho)[which]
    ]
    energy = objective.kernels.per_frame(objective.table, gain[:, None] * change)
    forces = objective.kernels.density_columns(objective.table, point.df[which], gain_changes[which], gain, slope)
    rows = objective.rows(energy, forces, density_slope=point.df[which][:, None], atom_change=gain_changes[which])
    if objective.stress_weight:  # the other half of dE/dr: dF/drho times the change of the density slope
        rows += objective.rows(0.0 * energy, 0.0 * forces, density_slope=slope, atom_change=gain[:, None])
    for df, gain_change in [pair for k, pair in enumerate(zip(point.df, gain_changes)) if k != which]:
        rows += objective.rows(
            0.0 * energy,
            objective.kernels.embedding_columns(objective.table, df, gain_change),
            density_slope=df[:, None],
            atom_change=gain_change,
        )
    return rows


def angular_rows(objective, function, a, da):
    """Moments (n_atoms, 2 rank + 1, lanes) and scaled rows (n_rows, lanes) of what an angular function gives, for
    tables a, da (k, lanes)."""
    sums = objective.moments(function.rank)
    moments = sums.of(a)
    forces, virial = sums.forces(a, da, moments, function.sign, virials=bool(objective.stress_weight))
    return moments, objective.rows(sums.energies(moments, function.sign), forces, virial=virial)


def _moment_rows(objective, point, function, a_change, da_change):
    """Rows of changes (k, lanes) of an angular function of the point and its slope."""
    a, da, moments = (each[..., 0] for each in point.moments[function.name])
    energy, forces, virial = objective.moments(function.rank).columns(
        a, da, moments, a_change, da_change, function.sign, virials=bool(objective.stress_weight)
    )
    return objective.rows(energy, forces, virial=virial)


def _embedding_rows(objective, df, energy, *slopes):
    """Rows of embedding energies (n_atoms, lanes) whose slopes by each density are given, each (n_atoms, lanes)."""
    energy, rows = objective.kernels.per_frame(objective.table, energy), 0.0
    for slope_of_density, slope in zip(df, slopes):
        forces = objective.kernels.embedding_columns(objective.table, slope_of_density, slope)
        rows = rows + objective.rows(energy, forces, density_slope=slope_of_density[:, None], atom_change=slope)
        energy = 0.0 * energy  # counted once
    return rows


def _by_constant(formula, x, indices):
    """Derivatives of value and slopes by the constants `indices`, each (n, lanes), at the variables x."""
    jets = formula.jets(x, indices, second=False)
    parts = [np.zeros((len(x[0]), len(indices))) for _ in range(1 + len(jets))]
    for lane, index in enumerate(indices):
        parts[0][:, lane] = jets[0].c.get(index, 0.0)
        for part, jet in zip(parts[1:], jets):
            part[:, lane] = jet.xc.get(index, 0.0)
    return parts


def _deviations(objective, point, split) -> np.ndarray:
    """Standard deviations (m,) of all constants; zero for frozen ones, NaN where the data do not determine one.

    The weights of energies and forces are a choice, not their variances, and the errors within a frame hang together;
    so the covariance is the sandwich A^-1 B A^-1 with A = J^T J and B the sum over frames of g g^T, g the gradient of
    the frame's rows (White, Econometrica 48, 817 (1980); Liang and Zeger, Biometrika 73, 13 (1986)), times n / (n -
    constants) for n frames.
    """
    jacobian = point.columns
    positions = [position for position, _, _ in split.linear] + [-1]
    varied = split.varied(point.model)
    if varied:
        jacobian = objective.xp.column_stack([jacobian, nonlinear_jacobian(objective, point, split, varied)])
        positions += [position for position, _, _ in varied]
    jacobian, residual = map(objective.kernels.numpy, (jacobian, point.residual))
    if not np.isfinite(jacobian).all():
        return np.full(len(point.model.constants), np.nan)
    norms = np.sqrt((jacobian**2).sum(axis=0))
    norms[norms == 0] = 1.0
    u, s, vt = np.linalg.svd(jacobian / norms, full_matrices=False)
    known = s > 1e-9 * s[0]
    gradients = np.zeros((len(objective.target), int(known.sum())))
    np.add.at(gradients, _frame_of_rows(objective), u[:, known] * residual[:, None])
    influence = gradients / s[known] @ vt[known]
    frames = int(gradients.any(axis=1).sum())
    spread = np.sqrt((influence**2).sum(axis=0) * frames / max(1, frames - len(positions))) / norms
    spread[(vt[~known] ** 2).sum(axis=0) > 1e-9] = (
        np.nan
    )  # it can be traded against others without changing any prediction
    result = np.zeros(len(point.model.constants))
    for position, value in zip(positions, spread):
        if position >= 0:
            result[position] = value
    return result


def _frame_of_rows(objective) -> np.ndarray:
    """The frame each row of the objective belongs to, (n_rows,); rows of no frame, property targets, count as frames
    of their own."""
    frames = np.arange(len(objective.energies))
    counts = objective.table.counts[: len(frames)]
    parts = [frames, np.repeat(frames, 3 * counts)] + ([np.repeat(frames, 6)] if objective.stress_weight else [])
    known = sum(map(len, parts))
    return np.concatenate([*parts, len(frames) + np.arange(len(objective.target) - known)])
