"""Refit a form with named constants on a data set: what `srlab fit` and the reference marks of a search do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srlab.fitting.forms import Form
from srlab.fitting.objective import Errors, Objective
from srlab.fitting.uncertainty import constant_deviations
from srlab.fitting.varpro import refine
from srlab.templates import Model

TOLERANCE = 1e-6  # relative fall of the loss at which the best is refined to the end
AGREEING = 4  # starts that have to come to the lowest loss
SAME = 1.001  # times the lowest loss, below which it is the same minimum
EXACT = 1e-9  # a loss below this leaves nothing to gain


@dataclass(frozen=True)
class Refit:
    """A form after its fit: model (with offset), constants and their standard deviations by name (see `uncertainty`),
    loss, and errors on training and test frames (None without)."""

    form: Form
    model: Model
    constants: dict
    loss: float
    train: Errors
    test: Errors | None
    deviations: dict


def refit(
    form: Form, train: Objective, test: Objective | None = None, starts: int | None = None, max_iterations: int = 400
) -> Refit:
    """Refit the constants of a form by least squares on the training objective.

    starts : at most so many, as many as the form says unless given; one from the form's own values, the others from
        those changed at random (always the same way): losses of potentials have many minima, and the published values
        of one data set often lead to a poor one on another. They end when `AGREEING` of them have come to the same
        lowest loss, or one leaves nothing. The first and the best are refined to the end, in at most `max_iterations`.
    """
    rng = np.random.default_rng(0)
    form = form.at_cutoff(train.table.cutoff)
    origin = form.model
    names = [name for formula in origin.functions.values() for name in formula.names]
    free = np.array([name not in form.fixed for name in names])
    best = refine(train, origin, max_iterations, TOLERANCE, frozen=form.frozen)
    losses, rough = [best.loss], False
    for _ in range((starts or form.starts) - 1):
        if best.loss < EXACT or sum(loss < SAME * best.loss for loss in losses) >= AGREEING:
            break
        values = origin.constants
        values = np.where(free, values * np.exp(rng.normal(0.0, 0.6, len(values))), values)
        trial = refine(
            train, origin.with_constants(values), 60, tolerance=1e-4, give_up_above=2.0 * best.loss, frozen=form.frozen
        )
        losses.append(trial.loss)
        if trial.loss < best.loss / SAME:
            best, rough = trial, True
    if rough:
        best = refine(train, best.model, max_iterations, TOLERANCE, frozen=form.frozen)
    deviations = form.by_name(best.model, constant_deviations(train, best.model, form.frozen))
    return Refit(
        form,
        best.model,
        form.constants(best.model),
        best.loss,
        train.errors(best.model),
        test.errors(best.model) if test else None,
        deviations,
    )
