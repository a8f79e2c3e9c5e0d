"""The equation learner of a curve: a weighted sum of terms, each one unit or the product of two.

The vector, its dead zone and its constants work as in `srlab.expressions.network`; only the list of units differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations

import numpy as np

from srlab.expressions.formula import Formula
from srlab.expressions.network import DEAD_ZONE, EquationLearner, Slot
from srlab.expressions.units import Unit

PART = "curve"
SIMPLE = np.array([-3.0, -2.0, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0])
HIGHEST_POWER = 9


def _unit(group, template, *ranges):
    """A unit whose inner constants start in (low, high) and stay in (least, most)."""
    low, high, least, most = zip(*ranges) if ranges else ((), (), (), ())
    return Unit(group, template, low, high, least, most)


_FACTOR, _PHASE = (-3.0, 3.0, -30.0, 30.0), (0.1, 3.0, -30.0, 30.0)
_SHIFT = (0.0, 4.0, -100.0, 100.0)
_INNER = ("{0}*x", "{0}*x^2", "{0}*x^3", "{0}*x + {1}*x^2")

POWERS = tuple(_unit("pow", "x" if n == 1 else f"x^{n}") for n in range(1, HIGHEST_POWER + 1))
FACTORS = (
    *(
        _unit(name, f"{name}({inner})", *([_PHASE] * (2 if "{1}" in inner else 1)))
        for name in ("sin", "cos")
        for inner in _INNER
    ),
    _unit("exp", "exp({0}*x)", _FACTOR),
    _unit("exp", "exp({0}*x^2)", _FACTOR),
    _unit("log", "log(x + {0})", _SHIFT),
    _unit("log", "log(x^2 + {0})", _SHIFT),
    _unit("sqrt", "sqrt(x + {0})", _SHIFT),
    _unit("quotient", "1/(x + {0})", _SHIFT),
    _unit("quotient", "1/(x^2 + {0})", _SHIFT),
    _unit("tanh", "tanh({0}*x)", _PHASE),
    _unit("rpow", "x^({0})", (-2.0, 3.0, -12.0, 12.0)),
)
ALONE = (
    _unit("constant", "1"),
    _unit("log", "log(x)"),
    _unit("sqrt", "sqrt(x)"),
    _unit("log", "log(x^2 + {0}*x + {1})", _FACTOR, _SHIFT),
    _unit("sqrt", "sqrt(x^2 + {0})", _SHIFT),
    _unit("quotient", "1/(x^2 + {0}*x + {1})", _FACTOR, _SHIFT),
)
GROUPS = tuple(dict.fromkeys(unit.group for unit in (*POWERS, *FACTORS, *ALONE)))


def product(first: Unit, second: Unit) -> Unit:
    """The term that multiplies two units; it belongs to both their groups."""
    shifted = second.template
    for k in reversed(range(len(second.low))):
        shifted = shifted.replace(f"{{{k}}}", f"{{{k + len(first.low)}}}")
    text = f"{first.template}*{shifted}" if not shifted.startswith("1/") else f"{first.template}/{shifted[2:]}"
    return Unit(
        f"{first.group} {second.group}",
        text,
        first.low + second.low,
        first.high + second.high,
        first.least + second.least,
        first.most + second.most,
    )


@lru_cache
def all_units(groups: tuple[str, ...]) -> tuple[Unit, ...]:
    """Every term the allowed groups can make; those with inner constants twice, for sums such as exp(x) - exp(-x)."""
    powers, factors, alone = ([unit for unit in units if unit.group in groups] for units in (POWERS, FACTORS, ALONE))
    twice = [unit for unit in (*factors, *(a for a in alone if a.low)) for _ in range(2)]
    products = [product(p, f) for p in powers[:3] for f in factors if f.group != "rpow"]
    products += [
        product(f, g)
        for f, g in combinations(factors, 2)
        if not (f.template.startswith("1/") and g.template.startswith("1/"))
    ]
    return (*powers, *(a for a in alone if not a.low), *twice, *products)


@dataclass(frozen=True)
class CurveLearner(EquationLearner):
    """Equation learner of y(x); `vector` has a weight and the inner constants of every term."""

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        slots, start = [], 0
        for unit in all_units(self.groups):
            slots.append(Slot(unit, start))
            start += 1 + len(unit.low)
        return tuple(slots)

    @property
    def variable(self) -> str:
        return "x"

    def formula(self, vector) -> Formula:
        """Sum of the active terms with coefficients; a term 1/u is written as c/u."""
        terms = []
        for slot in self.active(vector):
            weight, text = float(2.0 * vector[slot.start] - 1.0), slot.unit.text(self.constants(slot, vector))
            terms.append(
                f"{weight!r}/{text[2:]}"
                if text.startswith("1/")
                else repr(weight)
                if text == "1"
                else f"{weight!r}*{text}"
            )
        return Formula.parse(" + ".join(terms), "x")

    def constants(self, slot: Slot, vector) -> np.ndarray:
        low, high = np.array(slot.unit.least), np.array(slot.unit.most)
        return low + (high - low) * np.asarray(vector)[slot.inner]

    def coordinates(self, slot: Slot, constants) -> np.ndarray:
        """Coordinates in [0, 1] of inner constants."""
        low, high = np.array(slot.unit.least), np.array(slot.unit.most)
        return np.clip((np.asarray(constants) - low) / (high - low), 0.0, 1.0)

    def absorb(self, vector, formula: Formula) -> np.ndarray:
        """The vector with the inner constants of a refined formula of the same form."""
        vector, values, position = np.array(vector), formula.constants, 0
        for slot in self.active(vector):
            count = len(slot.unit.low)
            vector[slot.inner] = self.coordinates(slot, values[position + 1 : position + 1 + count])
            position += 1 + count
        return vector

    def simple(self, slot: Slot, rng: np.random.Generator) -> np.ndarray:
        """Simple numbers for a slot's inner constants, within their ranges; every other one is 1 or -1, where the range has it."""
        values = []
        for low, high in zip(slot.unit.low, slot.unit.high):
            units = [u for u in (1.0, -1.0) if low <= u <= high]
            within = SIMPLE[(SIMPLE >= low) & (SIMPLE <= high)]
            values.append(
                units[rng.integers(len(units))] if units and rng.random() < 0.5 else within[rng.integers(len(within))]
            )
        return np.array(values)

    def start(self, slot: Slot, rng: np.random.Generator) -> np.ndarray:
        """Starting values of a slot's inner constants: half of the time simple numbers within the range, else uniform ones."""
        low, high = np.array(slot.unit.low), np.array(slot.unit.high)
        if len(low) == 0:
            return low
        if rng.random() < 0.5:
            return self.simple(slot, rng)
        return rng.uniform(low, high)


class CurveNetwork:
    """The learner in the shape the moves of `srlab.search.moves` work on."""

    def __init__(self, groups=GROUPS):
        self.learner = CurveLearner(PART, tuple(groups))
        self.size, self.spans, self.learners = (
            self.learner.size,
            {PART: slice(0, self.learner.size)},
            {PART: self.learner},
        )
        self.slots = [(PART, slot, slot.start) for slot in self.learner.slots]
        self.absorb, self.bounds, self.model = self.learner.absorb, self.learner.bounds, self.learner.formula

    def active(self, vector):
        return [(PART, slot, slot.start) for slot in self.learner.active(vector)]

    @cached_property
    def _sizes(self) -> dict[int, int]:
        return {
            slot.start: Formula.parse(slot.unit.text(slot.unit.low), "x").complexity + 2 * (slot.unit.template != "1")
            for _, slot, _ in self.slots
        }

    def size_of(self, slot: Slot) -> int:
        """Complexity of a unit with its coefficient."""
        return self._sizes[slot.start]

    def switched(self, vector, slot: Slot, constants, on: bool = True) -> np.ndarray:
        """A vector with one slot switched on with these constants, or off."""
        new = np.array(vector)
        new[slot.start] = 0.95 if on else 0.5
        if on:
            new[slot.inner] = self.learner.coordinates(slot, constants)
        return new

    @property
    def silent(self) -> np.ndarray:
        """The vector with every weight in the middle of its dead zone, of width 2 * DEAD_ZONE."""
        assert DEAD_ZONE < 0.9
        return np.full(self.size, 0.5)
