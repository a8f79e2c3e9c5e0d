"""How well the data determine the constants of a model."""

from __future__ import annotations

import numpy as np

from srlab.fitting.objective import Objective
from srlab.fitting.varpro import refine
from srlab.templates import Model


def constant_deviations(objective: Objective, model: Model, frozen=frozenset()) -> np.ndarray:
    """Standard deviations of the constants of a refined model, (m,), in the order of `Model.constants` and in their
    units.

    From the curvature of the loss and the scatter of the residuals from frame to frame (a sandwich estimator, see
    `varpro`): how far the constants would move if the frames were drawn again. Where the form itself is what limits the
    fit they say how sharp the minimum is, not how true the constant. Rounded constants are fitted ones; frozen ones,
    (part, index), are exact: zero. NaN where the data do not determine a constant, or at a model without finite
    energies. Costs about one evaluation per constant.
    """
    fit = refine(objective, model, 0, deviations=True, frozen=frozen)
    return np.full(len(model.constants), np.nan) if fit.deviations is None else fit.deviations


def uncertain_texts(model: Model, deviations) -> dict[str, str]:
    """Texts of the functions with every constant as value(deviation of its last digits), for reading; see
    `Formula.uncertain`."""
    texts, start = {}, 0
    for part, formula in model.functions.items():
        texts[part] = formula.uncertain(deviations[start : start + len(formula.values)])
        start += len(formula.values)
    return texts
