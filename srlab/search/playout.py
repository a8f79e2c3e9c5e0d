"""One playout: refine a starting model on the training frames, check it over its whole domain, round it, measure it.

A pure function of its task and the data, so that it can run here, in another process or on another machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..expressions.domain import DomainError, check_embedding, check_radial, check_repulsion
from ..fitting.model import PARTS, Model
from ..fitting.objective import Objective
from ..fitting.varpro import refine
from ..potentials.taper import Smoothstep
from .settings import SearchSettings

DIGITS = 5
DENSEST = 20.0


@dataclass(frozen=True)
class Task:
    """formulas, offset : the starting model; give_up_above : loss that must be beaten after a few iterations."""

    formulas: dict
    offset: float = 0.0
    give_up_above: float = np.inf
    max_iterations: int = 40
    operators: tuple[str, ...] = ()


@dataclass(frozen=True)
class Playout:
    """Outcome. `rejected` says why where the model is not fit to be a candidate; the errors are then missing."""

    formulas: dict
    offset: float
    loss: float
    complexity: int
    n_constants: int
    structure: str
    evaluations: int
    rejected: str = ""
    errors: dict | None = None


class Evaluator:
    """Holds the training and test objectives of one process."""

    def __init__(self, dataset, settings: SearchSettings):
        self.settings = settings
        self.train = make_objective(dataset, dataset.train, settings)
        self.test = make_objective(dataset, dataset.test, settings) if dataset.test else None

    def __call__(self, task: Task) -> Playout:
        before = self.train.evaluations
        start = Model.parse(task.formulas, task.offset)
        fit = refine(self.train, start, task.max_iterations, tolerance=1e-4 if task.max_iterations <= 40 else 1e-7, give_up_above=task.give_up_above)
        model, rejected, errors = fit.model, "", None
        if not np.isfinite(fit.loss):
            rejected = "no finite loss"
        else:
            rejected = self.why_unfit(model, task.operators)
        loss = fit.loss
        if not rejected:
            model, loss = self.rounded(model, fit.loss)
            errors = self.errors(model)
        return Playout(model.formulas, model.offset, float(loss), model.complexity, len(model.constants), model.structure,
                       self.train.evaluations - before, rejected, errors)

    def why_unfit(self, model: Model, operators) -> str:
        """Why a model must not become a candidate (a pole, a hole...), or an empty string."""
        try:
            check_radial(model.pair, self.settings.cutoff)
            check_repulsion(model.pair)
            check_radial(model.density, self.settings.cutoff, positive=True)
            f, _ = self.train.radial_tables(model.density)
            densest = self.train.densities(f[:, None]).max()
            check_embedding(model.embedding, DENSEST * max(densest, 1e-12), allow_divergence="inverse" in operators)
        except DomainError as error:
            return str(error)
        return ""

    def rounded(self, model: Model, loss: float) -> tuple[Model, float]:
        """Constants rounded to a few digits where that costs less than a thousandth of the loss; linear ones are solved again."""
        positions, start = set(), 0
        for part in PARTS:
            formula = getattr(model, part)
            positions |= {(part, index) for index in range(len(formula.values)) if part == "density" or index not in formula.linear}
            start += len(formula.values)
        for digits in range(3, DIGITS + 1):
            rough = Model(*(_round(getattr(model, part), digits, {i for p, i in positions if p == part}) for part in PARTS), model.offset)
            again = refine(self.train, rough, 0, frozen=frozenset(positions)).model
            final = Model(*(getattr(again, part).rounded(digits + 2) for part in PARTS), again.offset)
            cost = self.loss(final)
            if cost < 1.001 * loss:
                return self.best_offset(final), cost
        return model, loss

    def loss(self, model: Model) -> float:
        """Loss in float64 with the best offset."""
        energies, forces = self.train.predict([model], np.float64)
        error = energies[0] - self.train.energies
        total = (((error - error.mean()) * self.train.energy_scale) ** 2).sum() + (((forces[0] - self.train.forces) * self.train.force_scale) ** 2).sum()
        return float(total)

    def best_offset(self, model: Model) -> Model:
        energies, _ = self.train.predict([model], np.float64)
        return Model(model.pair, model.density, model.embedding, float((self.train.energies - energies[0]).mean()))

    def errors(self, model: Model) -> dict:
        """Mean absolute errors on both splits; None for the test split where there is none."""
        train, test = self.train.errors(model), self.test.errors(model) if self.test else None
        return dict(energy_mae=train.energy_mae, force_mae=train.force_mae,
                    test_energy_mae=test.energy_mae if test else None, test_force_mae=test.force_mae if test else None)


def make_objective(dataset, frames, settings: SearchSettings) -> Objective:
    """The objective of some frames of a data set with the settings' cutoff, taper and weights."""
    return Objective(frames, dataset.energies(frames), settings.cutoff, Smoothstep(settings.taper_start, settings.cutoff),
                     settings.energy_weight, settings.force_weight, settings.stress_weight)


def _round(formula, digits, indices):
    values = [float(f"{v:.{digits}g}") if i in indices else v for i, v in enumerate(formula.values)]
    return formula.with_constants(values)


