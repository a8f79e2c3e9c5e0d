"""Which term to add to a model: matching pursuit on the residual of its fit.

To first order, adding a small multiple of a term changes energies and forces along one column. What of that column the
constants of the model cannot make themselves, and how well it points along the residual, says how far the loss falls
(orthogonal matching pursuit: Pati, Rezaiifar and Krishnaprasad, Asilomar 1993, with the tangent space of the fit in
place of a fixed dictionary). A column costs one evaluation and no fit, so dozens of terms are compared for the price of
one refinement.
"""

from __future__ import annotations

import numpy as np

from srlab.fitting.objective import Objective
from srlab.fitting.varpro import Split, angular_rows, changes, nonlinear_jacobian, project, variables
from srlab.templates import Model

_NEW = 1e-6  # least share of a column, squared, that must lie outside of what the model's constants can do


def pursue(objective: Objective, model: Model, additions: list[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Compare terms that could be added to a refined model.

    additions : (part, text of the term without coefficient) of each.
    Returns the share of the loss that each would take away, to first order, (n,), and the coefficient it would have,
    (n,). The share is zero for terms that are not finite, that say nothing new, or that would make a positive function
    negative. Of an angular function that the model does not have yet, the energy goes with the square of the
    coefficient: the share is exact for what is linear, and zero where the square would be negative.
    """
    shares, coefficients = np.zeros(len(additions)), np.zeros(len(additions))
    with np.errstate(all="ignore"):
        split = Split(model)
        point = project(objective, model, split)
        if point is None:
            return shares, coefficients
        basis = point.basis
        if split.nonlinear:
            jacobian = nonlinear_jacobian(objective, point, split)
            lengths = objective.kernels.numpy((jacobian**2).sum(axis=0)) ** 0.5
            if not np.isfinite(lengths).all():
                return shares, coefficients
            scaled = jacobian / objective.kernels.array(np.maximum(lengths, 1e-300))
            basis = objective.kernels.orthonormal(objective.xp.column_stack([basis, scaled]))[0]
        residual = point.residual - basis @ (basis.T @ point.residual)
        for part in model.template.names:
            where = [k for k, (name, _) in enumerate(additions) if name == part]
            if not where:
                continue
            x = variables(objective, point, part)
            function = model.template[part]
            tables = [function.parse(additions[k][1]).value_and_slopes(*x) for k in where]
            values = [np.column_stack(each) for each in zip(*tables)]
            squared = function.rank > 0 and part not in model.functions
            if squared:
                columns = angular_rows(objective, function, *objective.moment_tables(function, *values))[1]
            else:
                columns = changes(objective, point, part, *values)
            objective.evaluations += len(where)
            beyond = columns - basis @ (basis.T @ columns)
            sums = (columns**2).sum(axis=0), (beyond**2).sum(axis=0), beyond.T @ residual
            length, new, along = map(objective.kernels.numpy, sums)
            usable = np.isfinite(new) & (new > _NEW * length) & ((along > 0) | (not (function.positive or squared)))
            shares[where] = np.where(usable, along**2 / new / point.loss, 0.0)
            found = np.where(usable, along / new, 0.0)
            coefficients[where] = np.sqrt(found) if squared else found
    return shares, coefficients
