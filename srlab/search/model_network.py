"""The equation learners of a template as one vector: what the tree search moves through."""

from __future__ import annotations

import numpy as np

from srlab.expressions.costs import Costs
from srlab.expressions.equation_learner import DEAD_ZONE, EquationLearner, Slot
from srlab.expressions.own_operators import OwnOperator
from srlab.templates import Model, Template

NO_COSTS = Costs()


class ModelNetwork:
    """Equation learners for the functions of a template, their vectors laid end to end.

    groups : groups of terms that may be used; template : `srlab.templates.Template`; scale : length that the ranges of
        constants are made for, copper's is 1 (`srlab.search.data_crystal`); costs : what the
        operators count in the complexity; own : operators of a person's own
        (`srlab.expressions.own_operators`), whose names may be among the groups.
    size : length of the vector; low, high : (size,) coordinates between which terms that are switched on start.
    """

    def __init__(
        self,
        groups,
        template: Template,
        scale: float = 1.0,
        costs: Costs = NO_COSTS,
        own: tuple[OwnOperator, ...] = (),
    ):
        self.template, self.scale, self.costs = template, scale, costs
        self.learners = {
            function.name: EquationLearner(
                tuple(term.scaled(scale) for term in function.terms_with(own) if term.group in groups),
                function.variables,
                function.positive,
                function.optional,
                function.rank > 0,
            )
            for function in template.functions
        }
        self.spans, start = {}, 0
        for part, learner in self.learners.items():
            self.spans[part] = slice(start, start + learner.size)
            start += learner.size
        self.size = start
        self.low, self.high = (
            np.concatenate(parts) for parts in zip(*(learner.start_range for learner in self.learners.values()))
        )
        # (part, slot, position of its weight in the whole vector) of every term
        self.slots = [
            (part, slot, self.spans[part].start + slot.start)
            for part, learner in self.learners.items()
            for slot in learner.slots
        ]
        self._shapes: dict[tuple, tuple[str, int]] = {}

    def active(self, vector) -> list[tuple[str, Slot, int]]:
        """As `slots`, those that are switched on."""
        return [
            (part, slot, self.spans[part].start + slot.start)
            for part, learner in self.learners.items()
            for slot in learner.active(vector[self.spans[part]])
        ]

    def switch_on(self, vector: np.ndarray, slot: Slot, position: int, rng: np.random.Generator) -> None:
        """Switch on a term, in place, with random constants of its starting range."""
        vector[position] = rng.uniform(0.5 + 0.5 * DEAD_ZONE, 1.0)
        inner = slice(position + 1, position + 1 + len(slot.term.low))
        vector[inner] = rng.uniform(self.low[inner], self.high[inner])

    def model(self, vector: np.ndarray) -> Model:
        """The model the vector stands for."""
        return Model(
            self.template,
            {part: learner.parse(learner.text(vector[self.spans[part]])) for part, learner in self._used(vector)},
        )

    def formulas(self, vector: np.ndarray) -> dict[str, str]:
        """The texts of `model(vector)`, not yet parsed."""
        return {part: learner.text(vector[self.spans[part]]) for part, learner in self._used(vector)}

    def _used(self, vector):
        """Names and learners of the functions that are not left out."""
        return [
            (part, learner)
            for part, learner in self.learners.items()
            if not learner.optional or learner.active(vector[self.spans[part]])
        ]

    def term(self, vector: np.ndarray, part: str, slot) -> tuple[str, int | None]:
        """Text of one term without its coefficient, and the coefficient's place among the constants of its function if
        no fit solves for it exactly."""
        learner, place = self.learners[part], 0
        for number, other in enumerate(learner.active(vector[self.spans[part]])):
            has_coefficient = number > 0 or not learner.positive
            if other is slot:
                text = slot.term.text(learner.constants(slot, vector[self.spans[part]]))
                return text, place if has_coefficient and not self.template[part].linear else None
            place += len(other.term.low) + has_coefficient
        raise ValueError("the term is off")

    def shape(self, vector: np.ndarray) -> tuple[str, int]:
        """Structure and complexity of `model(vector)`; they depend on which terms are on, and are remembered."""
        key = tuple(position for _, _, position in self.active(vector))
        if key not in self._shapes:
            model = self.model(vector)
            self._shapes[key] = model.structure, self.complexity(model)
        return self._shapes[key]

    def complexity(self, model: Model) -> int:
        """Nodes of a model, with the costs of its operators."""
        return model.weighed(self.costs)

    def change_costs(self, costs: Costs) -> None:
        """Take other costs of operators."""
        self.costs, self._shapes = costs, {}

    def bounds(self, vector: np.ndarray) -> tuple[list[float], list[float]]:
        """Lower and upper bounds of the constants of `model(vector)`, in the order of `Model.constants`."""
        parts = [learner.bounds(vector[self.spans[part]]) for part, learner in self.learners.items()]
        return [b for lower, _ in parts for b in lower], [b for _, upper in parts for b in upper]

    def vector_of(self, model: Model, values) -> np.ndarray | None:
        """Values (size,) in [0, 1] as a vector, where they stand for the form of the model; None for anything else."""
        try:
            vector = np.array(values, float)
        except (TypeError, ValueError):
            return None
        if (
            vector.shape != (self.size,)
            or not ((vector >= 0.0) & (vector <= 1.0)).all()
            or self.model(vector).structure != model.structure
        ):
            return None
        return self.absorb(vector, model)

    def absorb(self, vector: np.ndarray, model: Model) -> np.ndarray:
        """The vector with the constants of its own refined model written back."""
        vector = vector.copy()
        for part, learner in self.learners.items():
            if part in model.functions:
                vector[self.spans[part]] = learner.absorb(vector[self.spans[part]], model.functions[part])
        return vector
