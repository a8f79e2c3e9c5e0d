"""One playout: refine a starting model on the training frames, check it over its whole domain, round it, measure it.

A pure function of its task and the data, so that it can run here, in another process or on another machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from srlab.expressions.domain import DomainError, check_embedding, check_radial, check_repulsion, check_two_densities
from srlab.fitting.model import DENSITY_PARTS, Model
from srlab.fitting.objective import Objective
from srlab.fitting.pair_table import GRID_POINTS
from srlab.fitting.pursuit import pursue
from srlab.fitting.targets import lattice_constant_of
from srlab.fitting.varpro import refine
from srlab.potentials.taper import Smoothstep
from srlab.search.settings import SearchSettings

DIGITS = 6  # significant digits a constant may need at most
EXACT = 1e-9  # a loss below this is no loss
DENSEST = 20.0  # the embedding is checked up to so many times the largest density of the data
COARSE_FROM = 30  # frames from which a third of them makes a data set
COARSE_GRID = 768


@dataclass(frozen=True)
class Task:
    """formulas, offset : the starting model; give_up_above : loss that must be beaten after a few iterations; round_below : loss
    below which constants are worth rounding; thorough : refine to the end, whatever it looks like; bounds : lower
    and upper bounds of the constants, two lists."""

    formulas: dict
    offset: float = 0.0
    give_up_above: float = np.inf
    round_below: float = np.inf
    thorough: bool = False
    bounds: tuple | None = None
    operators: tuple[str, ...] = ()
    additions: tuple[Addition, ...] = ()


@dataclass(frozen=True)
class Addition:
    """One way to grow the model of a task by a term.

    part, term : which function, and the term's text without coefficient; position : of the coefficient among all constants, where a
    fit does not solve for it; known : loss of the front at the complexity it leads to; task : what is to be done if it is chosen.
    """

    part: str
    term: str
    position: int | None
    known: float
    task: Task


@dataclass(frozen=True)
class Playout:
    """Outcome. `rejected` says why where the model is not fit to be a candidate; the errors are then missing.

    choice : which addition was taken, where the task offered some.
    """

    formulas: dict
    offset: float
    loss: float
    complexity: int
    n_constants: int
    structure: str
    evaluations: int
    rejected: str = ""
    errors: dict | None = None
    choice: int | None = None


class Evaluator:
    """Holds the objectives of one process: training frames, a few of them on a coarse grid for the first steps, test frames."""

    def __init__(self, dataset, settings: SearchSettings):
        self.settings = settings
        self.train = make_objective(dataset, dataset.train, settings, targets=settings.targets)
        self.coarse = self._coarse(dataset, settings)
        self.test = make_objective(dataset, dataset.test, settings) if dataset.test else None

    @staticmethod
    def _coarse(dataset, settings) -> Objective | None:
        frames = dataset.train
        if len(frames) < COARSE_FROM:
            return None
        order = np.argsort(
            [energy / len(atoms) for energy, atoms in zip(dataset.energies(frames), frames)], kind="stable"
        )
        return make_objective(
            dataset, [frames[k] for k in sorted(order[1::3])], settings, COARSE_GRID, settings.targets
        )

    def __call__(self, task: Task) -> Playout:
        before, choice = self.evaluations, None
        if task.additions:
            choice, task = self.grown(task)
        model, loss, rejected, errors = self.refined(task)
        if not rejected:
            short = self.rounded(model, loss) if loss < task.round_below else (model, loss)
            if short is None:
                rejected = f"its constants cancel: {DIGITS} digits are not enough to write it down"
            else:
                model, loss = short
                errors = self.errors(model)
        return Playout(
            model.formulas,
            model.offset,
            float(loss),
            model.complexity,
            len(model.constants),
            model.structure,
            self.evaluations - before,
            rejected,
            errors,
            choice,
        )

    @property
    def evaluations(self) -> int:
        return self.train.evaluations + (self.coarse.evaluations if self.coarse else 0)

    def grown(self, task: Task) -> tuple[int, Task]:
        """The addition that leads farthest below the front, to first order, and what to do with it."""
        objective = self.coarse or self.train
        model = Model.parse(task.formulas, task.offset)
        shares, coefficients = pursue(objective, model, [(addition.part, addition.term) for addition in task.additions])
        known = np.array([min(addition.known, 1e300) for addition in task.additions])
        choice = int(np.argmin(np.log(np.maximum(1.0 - shares, 1e-12)) - np.log(known)))
        addition = task.additions[choice]
        if addition.position is None or not coefficients[choice] > 0.0:
            return choice, addition.task
        start = Model.parse(addition.task.formulas, task.offset)
        values = start.constants
        values[addition.position] = coefficients[choice]
        return choice, replace(addition.task, formulas=start.with_constants(values).formulas)

    def refined(self, task: Task) -> tuple[Model, float, str, None]:
        """Refined model, its loss, and why it is not fit to be a candidate, if so."""
        model = Model.parse(task.formulas, task.offset)
        if self.coarse and not task.thorough:
            # most playouts end here: a third of the frames is enough to see that they lead nowhere
            fit = refine(self.coarse, model, 25, tolerance=1e-3, give_up_above=task.give_up_above, bounds=task.bounds)
            if not fit.loss < task.give_up_above:
                return fit.model, np.inf, "no better than what is known", None
            rejected = self.why_unfit(fit.model, task.operators)
            if rejected:
                return fit.model, np.inf, rejected, None
            model = fit.model
        iterations, tolerance = (100, 1e-6) if task.thorough else (30, 1e-4)
        fit = refine(self.train, model, iterations, tolerance, task.give_up_above, bounds=task.bounds)
        rejected = self.why_unfit(fit.model, task.operators) if np.isfinite(fit.loss) else "no finite loss"
        return fit.model, fit.loss, rejected, None

    def why_unfit(self, model: Model, operators) -> str:
        """Why a model must not become a candidate (a pole, a hole...), or an empty string."""
        try:
            check_radial(model.pair, self.settings.cutoff)
            check_repulsion(model.pair)
            if self.settings.template == "pair":
                return ""
            largest = []
            for density in model.densities:
                check_radial(density, self.settings.cutoff, positive=True)
                f, _ = self.train.radial_tables(density)
                largest.append(DENSEST * max(self.train.densities(f[:, None]).max(), 1e-12))
            if model.second_density is None:
                check_embedding(model.embedding, *largest, allow_divergence="inverse" in operators)
            else:
                check_two_densities(model.embedding, largest, allow_divergence="inverse" in operators)
        except DomainError as error:
            return str(error)
        return ""

    def rounded(self, model: Model, loss: float) -> tuple[Model, float] | None:
        """Constants rounded to the fewest digits that cost less than a thousandth of the loss; linear ones are solved again.

        None where that takes too many digits: terms that nearly cancel make no formula a person could copy.
        """
        positions = {
            (part, index)
            for part, formula in model.functions.items()
            for index in range(len(formula.values))
            if part in DENSITY_PARTS or index not in formula.linear
        }
        for digits in range(3, DIGITS + 1):
            rough = replace(
                model,
                **{
                    part: _round(formula, digits, {i for p, i in positions if p == part})
                    for part, formula in model.functions.items()
                },
            )
            again = refine(self.train, rough, 0, frozen=frozenset(positions)).model
            final = replace(again, **{part: formula.rounded(digits + 2) for part, formula in again.functions.items()})
            cost = float(self.train.losses([final])[0])
            if cost < 1.001 * loss + EXACT:
                return self.best_offset(final), cost
        return None

    def best_offset(self, model: Model) -> Model:
        energies, _ = self.train.predict([model], np.float64)
        return replace(model, offset=float((self.train.energies - energies[0]).mean()))

    def errors(self, model: Model) -> dict:
        """Mean absolute errors on both splits; None for the test split where there is none."""
        train, test = self.train.errors(model), self.test.errors(model) if self.test else None
        return dict(
            energy_mae=train.energy_mae,
            force_mae=train.force_mae,
            test_energy_mae=test.energy_mae if test else None,
            test_force_mae=test.force_mae if test else None,
        )


def make_objective(dataset, frames, settings: SearchSettings, grid_points: int = GRID_POINTS, targets=()) -> Objective:
    """The objective of some frames of a data set with the settings' cutoff, taper and weights, and with property targets if they are to count."""
    return Objective(
        frames,
        dataset.energies(frames),
        settings.cutoff,
        Smoothstep(settings.taper_start, settings.cutoff),
        settings.energy_weight,
        settings.force_weight,
        settings.stress_weight,
        grid_points,
        targets,
        lattice_constant_of(dataset.train, dataset.energies(dataset.train)) if targets else None,
    )


def _round(formula, digits, indices):
    values = [float(f"{v:.{digits}g}") if i in indices else v for i, v in enumerate(formula.values)]
    return formula.with_constants(values)
