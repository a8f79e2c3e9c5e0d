"""The equation learners of a template as one vector: what the tree search moves through."""

from __future__ import annotations

import numpy as np

from srlab.expressions import Formula
from srlab.expressions.network import DEAD_ZONE, EquationLearner
from srlab.fitting.model import DENSITY_PARTS, PARTS, Model, variable_of

# the functions that a template searches for, and the networks they come from (keys of `BY_PART`); functions of `PARTS` that are not here are zero
TEMPLATES = {
    "eam": {part: part for part in PARTS},
    "pair": {"pair": "pair"},
    "two-density": {
        "pair": "pair",
        "density": "density",
        "second_density": "second_density",
        "embedding": "two-density embedding",
    },
}


class ModelNetwork:
    """Equation learners for the functions of a template, their vectors laid end to end.

    template : eam, E = sum of F(rho) + phi / 2 over pairs; pair, without density and embedding; two-density, with F(rho1, rho2).
    size : length of the vector; low, high : (size,) coordinates between which units that are switched on start.
    """

    def __init__(self, groups, template: str = "eam"):
        self.template = template
        self.learners = {part: EquationLearner(learner, tuple(groups)) for part, learner in TEMPLATES[template].items()}
        self._absent = {part: Formula.parse("0", variable_of(part)) for part in PARTS if part not in self.learners}
        self.spans, start = {}, 0
        for part, learner in self.learners.items():
            self.spans[part] = slice(start, start + learner.size)
            start += learner.size
        self.size = start
        self.low, self.high = (
            np.concatenate(parts) for parts in zip(*(learner.start_range for learner in self.learners.values()))
        )
        # (part, slot, position of its weight in the whole vector) of every unit
        self.slots = [
            (part, slot, self.spans[part].start + slot.start)
            for part, learner in self.learners.items()
            for slot in learner.slots
        ]
        self._shapes: dict[tuple, tuple[str, int]] = {}

    def active(self, vector) -> list[tuple[str, object, int]]:
        """As `slots`, those that are switched on."""
        return [
            (part, slot, self.spans[part].start + slot.start)
            for part, learner in self.learners.items()
            for slot in learner.active(vector[self.spans[part]])
        ]

    def switch_on(self, vector: np.ndarray, slot, position: int, rng: np.random.Generator) -> None:
        """Switch on a unit, in place, with random constants of its starting range."""
        vector[position] = rng.uniform(0.5 + 0.5 * DEAD_ZONE, 1.0)
        inner = slice(position + 1, position + 1 + len(slot.unit.low))
        vector[inner] = rng.uniform(self.low[inner], self.high[inner])

    def model(self, vector: np.ndarray) -> Model:
        """The model the vector stands for."""
        found = {part: learner.formula(vector[self.spans[part]]) for part, learner in self.learners.items()}
        return Model(**found, **self._absent)

    def formulas(self, vector: np.ndarray) -> dict[str, str]:
        """The texts of `model(vector)`, not yet parsed."""
        found = {part: learner.text(vector[self.spans[part]]) for part, learner in self.learners.items()}
        return {**found, **{part: formula.text for part, formula in self._absent.items()}}

    def term(self, vector: np.ndarray, part: str, slot) -> tuple[str, int | None]:
        """Text of one unit without its coefficient, and the coefficient's position among all constants if it is one of a density."""
        span, learner = self.spans[part], self.learners[part]
        text = slot.unit.text(learner.constants(slot, vector[span]))
        if part not in DENSITY_PARTS:
            return text, None
        before = list(self.learners)[: list(self.learners).index(part)]
        position = sum(len(self.learners[each].bounds(vector[self.spans[each]])[0]) for each in before)
        for number, other in enumerate(learner.active(vector[span])):
            if other is slot:
                return text, position if number else None
            position += len(other.unit.low) + (number > 0)
        raise ValueError("the unit is off")

    def shape(self, vector: np.ndarray) -> tuple[str, int]:
        """Structure and complexity of `model(vector)`; they depend on which units are on, and are remembered."""
        key = tuple(position for _, _, position in self.active(vector))
        if key not in self._shapes:
            model = self.model(vector)
            self._shapes[key] = model.structure, model.complexity
        return self._shapes[key]

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
            vector[self.spans[part]] = learner.absorb(vector[self.spans[part]], getattr(model, part))
        return vector
