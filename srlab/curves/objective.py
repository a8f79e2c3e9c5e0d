"""Least squares of one formula on a table y(x), and its refinement: variable projection with Levenberg-Marquardt.

The algorithm is that of `srlab.fitting.varpro` (Golub and Pereyra 1973, Kaufman 1975) without a pair table: linear constants are
solved exactly at every step, derivatives by the others are analytic through `Formula.jet`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srlab.expressions.formula import Formula

FLOOR = 1e-32  # no loss is smaller: rewards are logarithms


@dataclass(frozen=True)
class CurveFit:
    """formula : with refined constants; loss : mean squared residual over the variance of y; inf where it is not finite."""

    formula: Formula
    loss: float


class CurveObjective:
    """Loss of formulas on a table. x, y : (n,) finite numbers; `evaluations` counts formulas evaluated, Jacobians included."""

    def __init__(self, x, y):
        self.x, self.y = np.asarray(x, float), np.asarray(y, float)
        spread = float(np.var(self.y))
        self.scale = 1.0 / np.sqrt(len(self.y) * (spread if spread > 0 else max(1.0, float(self.y[0] ** 2))))
        self.evaluations = 0

    def loss(self, formula: Formula) -> float:
        """Mean squared residual over the variance of y."""
        self.evaluations += 1
        with np.errstate(all="ignore"):
            residual = (formula.value(self.x) - self.y) * self.scale
            total = float(residual @ residual)
        return max(total, FLOOR) if np.isfinite(total) else np.inf

    def refine(
        self,
        formula: Formula,
        max_iterations: int = 30,
        tolerance: float = 1e-4,
        give_up_above: float = np.inf,
        frozen=frozenset(),
        bounds=None,
    ) -> CurveFit:
        """Refine constants; `frozen` : indices to leave alone; bounds : (lower, upper) of all constants, two lists."""
        with np.errstate(all="ignore"):
            return self._refine(formula, max_iterations, tolerance, give_up_above, frozen, bounds)

    def _refine(self, formula, max_iterations, tolerance, give_up_above, frozen, bounds) -> CurveFit:
        linear = [k for k in sorted(formula.linear) if k not in frozen]
        inner = [k for k in range(len(formula.values)) if k not in formula.linear and k not in frozen]
        lower, upper = (
            (np.full(len(inner), s * np.inf) for s in (-1, 1))
            if bounds is None
            else (np.asarray(b, float)[inner] for b in bounds)
        )
        values = formula.constants
        values[inner] = np.clip(values[inner], lower, upper)
        point = self._project(formula.with_constants(values), linear)
        if point is None:
            return CurveFit(formula, np.inf)
        damping, small, change, changed = 1e-3, 0, None, True
        for iteration in range(max_iterations if inner else 0):
            best, loss, residual, basis = point
            if loss <= 1e-30 or iteration in (4, 10) and loss > (100.0, 10.0)[iteration == 10] * give_up_above:
                break
            if changed:
                change = self._change(best, inner)
            changed = False
            jacobian = change - basis @ (basis.T @ change)
            if not np.isfinite(jacobian).all():
                break
            normal, gradient = jacobian.T @ jacobian, jacobian.T @ residual
            scale = np.maximum(np.diag(normal), 1e-300)
            here = best.constants[inner]
            try:
                step = np.linalg.solve(normal + damping * np.diag(scale), gradient)
            except np.linalg.LinAlgError:
                break
            step *= min(1.0, float(np.min((0.5 * np.abs(here) + 0.5) / np.maximum(np.abs(step), 1e-300))))
            values = best.constants
            values[inner] = np.clip(here + step, lower, upper)
            trial = self._project(best.with_constants(values), linear)
            if trial is not None and trial[1] < loss:
                small = small + 1 if loss - trial[1] < tolerance * loss else 0
                point, damping, changed = trial, max(damping * 0.1, 1e-14), True
                if small >= 2:
                    break
            else:
                damping *= 8.0
                if damping > 1e6:
                    break
        return CurveFit(point[0], max(point[1], FLOOR))

    def _project(self, formula: Formula, linear):
        """(formula, loss, residual, basis of the linear columns) at exact linear constants; None where it is not finite."""
        self.evaluations += 1
        jet = formula.jet(self.x, linear, second=False)
        n = len(self.x)
        columns = np.empty((n, len(linear)))
        for k, index in enumerate(linear):
            columns[:, k] = jet.c.get(index, 0.0)
        values = formula.constants
        rest = self.y - (np.broadcast_to(jet.value, (n,)) - columns @ values[linear])
        columns, rest = columns * self.scale, rest * self.scale
        norms = np.sqrt((columns**2).sum(axis=0))
        norms[norms == 0] = 1.0
        if not (np.isfinite(columns).all() and np.isfinite(rest).all()):
            return None
        try:
            basis, singular, right = np.linalg.svd(columns / norms, full_matrices=False)
        except np.linalg.LinAlgError:
            return None
        keep = singular > 1e-11 * (singular[0] if len(singular) else 1.0)
        basis = basis[:, keep]
        solution = (right[keep].T @ ((basis.T @ rest) / singular[keep])) / norms
        residual = rest - columns @ solution
        loss = float(residual @ residual)
        if not np.isfinite(loss):
            return None
        values[linear] = solution
        return formula.with_constants(values), loss, residual, basis

    def _change(self, formula: Formula, inner) -> np.ndarray:
        """Scaled derivatives (n, len(inner)) by inner constants."""
        self.evaluations += 1
        jet = formula.jet(self.x, inner, second=False)
        return self.scale * np.column_stack([np.broadcast_to(jet.c.get(k, 0.0), self.x.shape) for k in inner])
