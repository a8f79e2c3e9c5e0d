"""One playout: refine a starting model on the training frames, check it over its whole domain, round it, measure it.

A pure function of its task and the data, so that it can run here, in another process or on another machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from srlab.expressions.domain import DomainError, check_embedding, check_monotone, check_radial, check_repulsion
from srlab.fitting.objective import Objective
from srlab.fitting.pair_table import GRID_POINTS
from srlab.fitting.pursuit import pursue
from srlab.fitting.targets import TargetCrystal
from srlab.fitting.varpro import refine
from srlab.potentials.collapse import ColdCurves
from srlab.potentials.convexity import embedding_is_convex
from srlab.potentials.lattices import STRUCTURES
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.search.data_crystal import crystal_neighbour
from srlab.search.settings import SearchSettings, training_weights
from srlab.templates import Model, template_named
from srlab.templates.template import EMBEDDING, PAIR

DIGITS = 6  # significant digits a constant may need at most
EXACT = 1e-9  # a loss below this is no loss
DENSEST = 20.0  # the embedding is checked up to so many times the largest density of the data
NO_PART = 1e-3  # sqrt(eV); an angular function that is nowhere larger gives no atom more than some 0.1 meV
WALL = 0.4  # of the neighbour distance, from where on a pair function has to fall if it is asked to repel
COARSE_FROM = 30  # frames from which a third of them makes a data set
COARSE_GRID = 768


@dataclass(frozen=True)
class Task:
    """formulas, offset : the starting model; give_up_above : loss that must be beaten after a few iterations;
    round_below : loss below which constants are worth rounding; thorough : refine to the end, whatever it looks like;
    bounds : lower and upper bounds of the constants, two lists; typed : by a person, and to be taken as it is written,
    but for coefficients that are solved for, where its refinement leads to a formula that is refused."""

    formulas: dict
    offset: float = 0.0
    give_up_above: float = np.inf
    round_below: float = np.inf
    thorough: bool = False
    bounds: tuple | None = None
    operators: tuple[str, ...] = ()
    additions: tuple[Addition, ...] = ()
    typed: bool = False


@dataclass(frozen=True)
class Addition:
    """One way to grow the model of a task by a term.

    part, term : which function, and the term's text without coefficient; place, width : of its constants among those
    of the function it leads to, where a fit does not solve for its coefficient; known : loss of the front at the
    complexity it leads to; task : what is to be done if it is chosen.
    """

    part: str
    term: str
    place: int | None
    width: int
    known: float
    task: Task


@dataclass(frozen=True)
class Playout:
    """Outcome. `rejected` says why where the model is not fit to be a candidate; the errors are then missing.

    choice : which addition was taken, where the task offered some; converged : whether more steps of its refinement
    would hardly have lowered the loss.
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
    converged: bool = False


class Evaluator:
    """Holds the objectives of one process: training frames, a few of them on a coarse grid for the first steps, test
    frames."""

    def __init__(self, dataset, settings: SearchSettings):
        self.settings, self.template = settings, template_named(settings.template)
        self.train = make_objective(dataset, dataset.train, settings, targets=settings.targets)
        self.coarse = self._coarse(dataset, settings)
        self.test = make_unweighted_objective(dataset, dataset.test, settings) if dataset.test else None
        self.near = [dataset.near_equilibrium(frames) for frames in (dataset.train, dataset.test)]
        self.element, self.neighbour = dataset.element, crystal_neighbour(dataset)
        self.cold_curves = ColdCurves(STRUCTURES, self.neighbour, settings.cutoff)

    def _coarse(self, dataset, settings) -> Objective | None:
        """Every third of the training frames that count, by energy; None where these are few, or would have no
        stress."""
        weights = self.train.frame_weights
        counting = np.flatnonzero(weights.energies + weights.forces)
        order = counting[np.argsort(self.train.energies[counting], kind="stable")]
        chosen = np.sort(order[1::3])
        if len(counting) < COARSE_FROM or settings.stress_weight and not self.train.has_stress[chosen].any():
            return None
        frames = dataset.train
        return make_objective(dataset, [frames[k] for k in chosen], settings, COARSE_GRID, settings.targets)

    def __call__(self, task: Task) -> Playout:
        before, choice, errors = self.evaluations, None, None
        if task.additions:
            choice, task = self.grown(task)
        model, loss, rejected, converged = self.refined(task)
        if not rejected and loss < task.round_below:
            rejected = self.why_collapsing(model)
        if rejected and task.typed:
            model, loss, rejected = self.written(task, rejected)
        if not rejected:
            short = self.rounded(model, loss) if loss < task.round_below else (model, loss)
            if short is None:
                rejected = f"its constants cancel: {DIGITS} digits are not enough to write it down"
            else:
                model, loss = short
                errors = self.errors(model)
                if not all(value is None or np.isfinite(value) for value in (loss, model.offset, *errors.values())):
                    rejected, errors = "it has no finite energy or force on some frame", None
                elif rejected := why_idle(model) or self.why_misshapen(model):  # by rounding
                    errors = None
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
            converged,
        )

    @property
    def evaluations(self) -> int:
        return self.train.evaluations + (self.coarse.evaluations if self.coarse else 0)

    def grown(self, task: Task) -> tuple[int, Task]:
        """The addition that leads farthest below the front, to first order, and what to do with it."""
        objective = self.coarse or self.train
        model = Model.parse(task.formulas, task.offset, self.template)
        shares, coefficients = pursue(objective, model, [(addition.part, addition.term) for addition in task.additions])
        known = np.array([min(addition.known, 1e300) for addition in task.additions])
        choice = int(np.argmin(np.log(np.maximum(1.0 - shares, 1e-12)) - np.log(known)))
        addition = task.additions[choice]
        if self.template[addition.part].rank and addition.part in model.functions:
            model = refine(objective, model, 0).model  # the coefficient is to those of a model that is solved for
        return choice, _started(model, addition, float(coefficients[choice]))

    def refined(self, task: Task) -> tuple[Model, float, str, bool]:
        """Refined model, its loss, why it is not fit to be a candidate, if so, and whether the fit has converged."""
        model = Model.parse(task.formulas, task.offset, self.template)
        if self.coarse and not task.thorough:
            # most playouts end here: a third of the frames is enough to see that they lead nowhere
            fit = refine(self.coarse, model, 25, tolerance=1e-3, give_up_above=task.give_up_above, bounds=task.bounds)
            if not fit.loss < task.give_up_above:
                return fit.model, np.inf, "no better than what is known", False
            rejected = self.why_unfit(fit.model, task.operators)
            if rejected:
                return fit.model, np.inf, rejected, False
            model = fit.model
        iterations, tolerance = (100, 1e-6) if task.thorough else (30, 1e-4)
        fit = refine(self.train, model, iterations, tolerance, task.give_up_above, bounds=task.bounds)
        rejected = self.why_unfit(fit.model, task.operators) if np.isfinite(fit.loss) else "no finite loss"
        return fit.model, fit.loss, rejected, fit.converged

    def written(self, task: Task, refused: str) -> tuple[Model, float, str]:
        """The model of a task with its constants as they are, its loss, and why it is not fit to be a candidate: what
        its refinement was `refused` for, where it is no better itself."""
        model = Model.parse(task.formulas, task.offset, self.template)
        loss = float(self.train.losses([model])[0])
        unfit = not np.isfinite(loss) or self.why_unfit(model, task.operators) or self.why_collapsing(model)
        return replace(model, offset=self.train.best_offset(model)), loss, refused if unfit else ""

    def why_unfit(self, model: Model, operators) -> str:
        """Why a model must not become a candidate (a pole, a hole...), or an empty string."""
        if idle := why_idle(model):
            return idle
        try:
            for name, formula in model.functions.items():
                function = model.template[name]
                if function.role != EMBEDDING:
                    check_radial(formula, self.settings.cutoff, positive=function.positive)
                if function.role == PAIR:
                    check_repulsion(formula, self.settings.scale)
                if function.rank:
                    a = self.train.moment_tables(function, *formula.value_and_slope(self.train.table.grid))[0]
                    if abs(a).max() < NO_PART:
                        return f"its {function.title} takes no part in the energy"
            if model.embedding is not None:
                tables = [self.train.radial_tables(density)[0] for density in model.densities]
                largest = [DENSEST * max(float(self.train.densities(f[:, None]).max()), 1e-12) for f in tables]
                check_embedding(model.embedding, largest, allow_divergence="inverse" in operators)
        except DomainError as error:
            return str(error)
        return self.why_misshapen(model)

    def why_misshapen(self, model: Model) -> str:
        """Which constraint on shape that the settings ask for a model does not keep, or an empty string."""
        try:
            for formula in model.pairs if self.settings.repulsive else ():
                check_monotone(formula, WALL * self.neighbour, self.neighbour)
        except DomainError as error:
            return str(error)
        if self.settings.convex and embedding_is_convex(self._potential(model)) is False:
            return f"the embedding {model.embedding.short()} is not convex"
        return ""

    def _potential(self, model: Model) -> Potential:
        taper = Smoothstep(self.settings.taper_start, self.settings.cutoff)
        return Potential.of_model(
            model, "this model", self.element, self.settings.cutoff, taper, structure=self.settings.crystal
        )

    def why_collapsing(self, model: Model) -> str:
        """How one of the simple crystals falls below the best of them when it is compressed or stretched, or an empty
        string."""
        fall = self.cold_curves.fall(self._potential(model))
        return str(fall) if fall else ""

    def rounded(self, model: Model, loss: float) -> tuple[Model, float] | None:
        """Constants rounded to the fewest digits that cost less than a thousandth of the loss; linear ones are solved
        again.

        None where that takes too many digits: terms that nearly cancel make no formula a person could copy.
        """
        positions = {
            (part, index)
            for part, formula in model.functions.items()
            for index in range(len(formula.values))
            if not (model.template[part].linear and index in formula.linear)
        }
        for digits in range(3, DIGITS + 1):
            rough = model.map(
                lambda part, formula, digits=digits: _round(formula, digits, {i for p, i in positions if p == part})
            )
            again = refine(self.train, rough, 0, frozen=frozenset(positions)).model
            final = again.map(lambda _, formula, digits=digits: formula.rounded(digits + 2))
            cost = float(self.train.losses([final])[0])
            if cost < 1.001 * loss + EXACT:
                return replace(final, offset=self.train.best_offset(final)), cost
        return None

    def errors(self, model: Model) -> dict:
        """Mean absolute errors on both splits, of all frames and of those near to and far from the lowest.

        None where there are no such frames.
        """
        found = {}
        for split, objective, near in zip(("", "test_"), (self.train, self.test), self.near):
            parts = objective.errors_on(model, [near | True, near, ~near]) if objective else 3 * [None]
            for part, errors in zip(("", "near_", "far_"), parts):
                found[f"{split}{part}energy_mae"] = errors.energy_mae if errors else None
                found[f"{split}{part}force_mae"] = errors.force_mae if errors else None
        return found


def make_objective(dataset, frames, settings: SearchSettings, grid_points: int = GRID_POINTS, targets=()) -> Objective:
    """The loss on some training frames of a data set, with the settings' cutoff, taper and weights.

    targets : properties, if they are to count.

    Raises InputError where the weights leave nothing to fit, or the frames have not what they ask for.
    """
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
        TargetCrystal.of(targets, settings.target_crystal, dataset.train, dataset.energies(dataset.train))
        if targets
        else None,
        training_weights(dataset, frames, settings),
        settings.correlation_length,
        settings.device,
    )


def make_unweighted_objective(dataset, frames, settings: SearchSettings) -> Objective:
    """What measures errors on any frames of a data set, with the settings' cutoff and taper; all count the same."""
    return Objective(
        frames,
        dataset.energies(frames),
        settings.cutoff,
        Smoothstep(settings.taper_start, settings.cutoff),
        device=settings.device,
    )


def why_idle(model: Model) -> str:
    """Which function of a model has a term whose coefficient is zero, as where a bound holds it, or an empty string."""
    for name, formula in model.functions.items():
        if any(formula.values[index] == 0.0 for index in formula.linear):
            return f"a term of its {model.template[name].title} takes no part in the energy"
    return ""


def _started(model: Model, addition: Addition, coefficient: float) -> Task:
    """The task of an addition, its functions as the model it is added to has them: a vector does not say how the terms
    of an angular function are to each other. The new term gets the coefficient where no fit solves for it."""
    start = Model.parse(addition.task.formulas, template=model.template)
    functions = {
        **start.functions,
        **{name: model.functions[name] for name in model.functions if name != addition.part},
    }
    grown = start.functions[addition.part]
    if addition.place is not None:
        values = grown.constants
        new = slice(addition.place, addition.place + addition.width)
        if addition.part in model.functions:
            values = np.insert(model.functions[addition.part].constants, addition.place, values[new])
        if coefficient != 0.0 and (coefficient > 0.0 or not model.template[addition.part].positive):
            values[addition.place] = coefficient
        functions[addition.part] = grown.with_constants(values)
    started = replace(start, functions=functions)
    return replace(addition.task, formulas=started.formulas, offset=model.offset)


def _round(formula, digits, indices):
    values = [float(f"{v:.{digits}g}") if i in indices else v for i, v in enumerate(formula.values)]
    return formula.with_constants(values)
