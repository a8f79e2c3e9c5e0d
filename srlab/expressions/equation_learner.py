"""Equation-learner network of one function: a sum of weighted terms, steered by one vector of reduced coordinates.

Each term has a weight and inner constants, all coordinates in [0, 1]. A weight w = 2x - 1 within +-`DEAD_ZONE` of zero
counts as exactly zero: the edge is off, and moving through the vector continuously switches edges on and off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from srlab.expressions.formula import Formula
from srlab.expressions.terms import Term
from srlab.expressions.two_densities import TwoDensityFormula

DEAD_ZONE = 0.7
COEFFICIENTS = (
    -6.0,
    2.0,
)  # powers of ten that weights span, from the dead zone to one, of a positive or squared function's terms


@dataclass(frozen=True)
class Slot:
    """A term's place in the vector: its weight at `start`, its inner constants behind it."""

    term: Term
    start: int

    @property
    def inner(self) -> slice:
        return slice(self.start + 1, self.start + 1 + len(self.term.low))


@dataclass(frozen=True)
class EquationLearner:
    """The network of one function.

    terms : the terms it may have; variables : of the function;
    positive : a function that must not be negative and whose scale another one takes: the coefficient of its first term
        is one, those of further terms are positive, on a log scale; squared : a function that enters the energy
        squared, so that fits solve for its scale only: coefficients are on a log scale, with the sign of the weight;
        optional : it may have no term at all.
    """

    terms: tuple[Term, ...]
    variables: tuple[str, ...] = ("r",)
    positive: bool = False
    optional: bool = False
    squared: bool = False

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        slots, start = [], 0
        for term in self.terms:
            for _ in range(term.copies):
                slots.append(Slot(term, start))
                start += 1 + len(term.low)
        return tuple(slots)

    @cached_property
    def size(self) -> int:
        """Length of the vector."""
        return sum(1 + len(slot.term.low) for slot in self.slots)

    def parse(self, text: str) -> Formula:
        """A text in the variables of the network's function."""
        return (Formula if len(self.variables) == 1 else TwoDensityFormula).parse(text, ", ".join(self.variables))

    def weights(self, vector) -> np.ndarray:
        """Weights of the slots, (n_slots,), zero inside the dead zone."""
        w = 2.0 * np.asarray(vector)[[slot.start for slot in self.slots]] - 1.0
        return np.where(np.abs(w) > DEAD_ZONE, w, 0.0)

    def active(self, vector) -> list[Slot]:
        """Slots that are switched on; where the dead zone holds all, the one with the largest weight, or none of an
        optional function."""
        w = 2.0 * np.asarray(vector)[[slot.start for slot in self.slots]] - 1.0
        on = np.flatnonzero(np.abs(w) > DEAD_ZONE)
        if not len(on) and not self.optional:
            on = [int(np.argmax(np.abs(w)))]
        return [self.slots[k] for k in on]

    def constants(self, slot: Slot, vector) -> np.ndarray:
        """Inner constants of a slot; the coordinates 0 and 1 are their bounds."""
        least, most = np.array(slot.term.least), np.array(slot.term.most)
        return least + (most - least) * np.asarray(vector)[slot.inner]

    @cached_property
    def start_range(self) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates between which new terms start, two arrays (size,): narrower than the bounds for inner
        constants."""
        low, high = np.zeros(self.size), np.ones(self.size)
        for slot in self.slots:
            least, most = np.array(slot.term.least), np.array(slot.term.most)
            low[slot.inner] = (np.array(slot.term.low) - least) / (most - least)
            high[slot.inner] = (np.array(slot.term.high) - least) / (most - least)
        return low, high

    def coefficient(self, slot: Slot, vector) -> float:
        """Coefficient of a switched-on slot: its weight, or, for a further term of a positive function and for those of
        a squared one, on a log scale."""
        weight = 2.0 * float(np.asarray(vector)[slot.start]) - 1.0
        if not (self.positive or self.squared):
            return weight
        low, high = COEFFICIENTS
        size = float(10.0 ** (low + (high - low) * max(0.0, abs(weight) - DEAD_ZONE) / (1.0 - DEAD_ZONE)))
        return -size if self.squared and weight < 0.0 else size

    def coordinate(self, coefficient: float) -> float:
        """Coordinate of the weight for which a term of a positive or squared function has this coefficient, as near as
        the range allows."""
        low, high = COEFFICIENTS
        share = (np.log10(max(abs(coefficient), 1e-300)) - low) / (high - low)
        half = 0.5 * (DEAD_ZONE + (1.0 - DEAD_ZONE) * float(np.clip(share, 1e-6, 1.0)))
        return 0.5 - half if self.squared and coefficient < 0.0 else 0.5 + half

    def text(self, vector) -> str:
        """Text of the sparse formula the network stands for: active terms with coefficients and inner constants.

        The first term of a positive function has coefficient one.
        """
        terms = []
        for number, slot in enumerate(self.active(vector)):
            text = slot.term.text(self.constants(slot, vector))
            if self.positive and number == 0:
                terms.append(text)
            elif text.startswith("1/"):
                terms.append(f"{self.coefficient(slot, vector)!r}{text[1:]}")
            else:
                terms.append(f"{self.coefficient(slot, vector)!r}*{text}")
        return " + ".join(terms)

    def formula(self, vector) -> Formula:
        """The formula of `text`."""
        return self.parse(self.text(vector))

    def bounds(self, vector) -> tuple[list[float], list[float]]:
        """Lower and upper bounds of the constants of `formula(vector)`: coefficients of a positive function must not
        be negative."""
        lower, upper = [], []
        for number, slot in enumerate(self.active(vector)):
            if not self.positive:
                lower.append(-np.inf)
                upper.append(np.inf)
            elif number:
                lower.append(0.0)
                upper.append(np.inf)
            lower.extend(slot.term.least)
            upper.extend(slot.term.most)
        return lower, upper

    def absorb(self, vector, formula: Formula) -> np.ndarray:
        """The vector with the constants of a refined `formula` of the same structure written back, clipped to [0, 1].

        Factors of terms in which the energy is linear are not: fits solve for them exactly, wherever they start. Those
        of a squared function are over the first one.
        """
        vector, values, position = np.array(vector), formula.constants, 0
        for number, slot in enumerate(self.active(vector)):
            if not self.positive or number:
                if self.positive:
                    vector[slot.start] = self.coordinate(values[position])
                elif self.squared and values[0] != 0.0:
                    vector[slot.start] = self.coordinate(values[position] / values[0])
                position += 1
            count = len(slot.term.low)
            least, most = np.array(slot.term.least), np.array(slot.term.most)
            vector[slot.inner] = np.clip((values[position : position + count] - least) / (most - least), 0.0, 1.0)
            position += count
        return vector
