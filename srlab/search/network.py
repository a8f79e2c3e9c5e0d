"""The three equation learners of a template as one vector: what the tree search moves through."""

from __future__ import annotations

import numpy as np

from ..expressions.network import EquationLearner
from ..fitting.model import PARTS, Model


class ModelNetwork:
    """Equation learners for pair, density and embedding, their vectors laid end to end."""

    def __init__(self, groups):
        self.learners = {part: EquationLearner(part, tuple(groups)) for part in PARTS}
        self.spans, start = {}, 0
        for part, learner in self.learners.items():
            self.spans[part] = slice(start, start + learner.size)
            start += learner.size
        self.size = start

    @property
    def slots(self) -> list[tuple[str, object, int]]:
        """(part, slot, position of its weight in the whole vector) of every unit."""
        return [(part, slot, self.spans[part].start + slot.start) for part, learner in self.learners.items() for slot in learner.slots]

    def active(self, vector) -> list[tuple[str, object, int]]:
        """As `slots`, those that are switched on."""
        return [(part, slot, self.spans[part].start + slot.start)
                for part, learner in self.learners.items() for slot in learner.active(vector[self.spans[part]])]

    def model(self, vector: np.ndarray) -> Model:
        """The model the vector stands for."""
        return Model(*(learner.formula(vector[self.spans[part]]) for part, learner in self.learners.items()))

    def bounds(self, vector: np.ndarray) -> tuple[list[float], list[float]]:
        """Lower and upper bounds of the constants of `model(vector)`, pair first."""
        parts = [learner.bounds(vector[self.spans[part]]) for part, learner in self.learners.items()]
        return [b for lower, _ in parts for b in lower], [b for _, upper in parts for b in upper]

    def absorb(self, vector: np.ndarray, model: Model) -> np.ndarray:
        """The vector with the constants of its own refined model written back."""
        vector = vector.copy()
        for part, learner in self.learners.items():
            vector[self.spans[part]] = learner.absorb(vector[self.spans[part]], getattr(model, part))
        return vector
