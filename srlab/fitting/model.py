"""The functions of a potential: what a search changes and a fit refines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from srlab.expressions import Formula, TwoDensityFormula

PARTS = ("pair", "density", "embedding")
TWO_DENSITY_PARTS = ("pair", "density", "second_density", "embedding")
DENSITY_PARTS = ("density", "second_density")


@dataclass(frozen=True)
class Model:
    """An embedded-atom form with its constants. Immutable.

    pair, density : Formula of r (angstrom), without the taper; embedding : Formula of rho; offset : eV per atom;
    second_density : of a two-density form, whose embedding is a `TwoDensityFormula` of rho1 (density) and rho2 (second density).
    """

    pair: Formula
    density: Formula
    embedding: Formula
    offset: float = 0.0
    second_density: Formula | None = None

    @classmethod
    def parse(cls, formulas: dict[str, str], offset: float = 0.0) -> Model:
        """Model from the texts of pair, density, embedding and, if there, second_density. Raises FormulaError."""
        return cls(**{part: parse_function(formulas, part) for part in parts_of(formulas)}, offset=offset)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the functions, in the order in which constants count."""
        return PARTS if self.second_density is None else TWO_DENSITY_PARTS

    @property
    def functions(self) -> dict[str, Formula]:
        return {part: getattr(self, part) for part in self.parts}

    @property
    def densities(self) -> tuple[Formula, ...]:
        """The one or two density functions."""
        return tuple(getattr(self, part) for part in self.parts if part in DENSITY_PARTS)

    @property
    def formulas(self) -> dict[str, str]:
        return {part: formula.text for part, formula in self.functions.items()}

    @property
    def complexity(self) -> int:
        """Operators + variables + constants of all functions."""
        return sum(formula.complexity for formula in self.functions.values())

    @property
    def structure(self) -> str:
        """The formulas without their constants: one string for each form."""
        return " | ".join(formula.structure for formula in self.functions.values())

    @property
    def constants(self) -> np.ndarray:
        """All constants, function after function as in `parts`; shape (m,)."""
        return np.concatenate([formula.constants for formula in self.functions.values()])

    def with_constants(self, values, offset: float | None = None) -> Model:
        """The same form with other constants, shape (m,)."""
        parts, start = {}, 0
        for part, formula in self.functions.items():
            parts[part] = formula.with_constants(values[start : start + len(formula.values)])
            start += len(formula.values)
        return replace(self, **parts, offset=self.offset if offset is None else float(offset))


def variable_of(part: str) -> str:
    """The variable of a function of a one-density model: r for pair and densities, rho for the embedding."""
    return "rho" if part == "embedding" else "r"


def parts_of(formulas) -> tuple[str, ...]:
    """The functions that a model with these texts has, in the order of `Model.parts`."""
    return TWO_DENSITY_PARTS if formulas.get("second_density") else PARTS


def parse_function(formulas: dict[str, str], part: str, names=None) -> Formula:
    """One function from the texts of a model; names : values of named constants. Raises FormulaError, or KeyError where it is missing."""
    if part == "embedding" and formulas.get("second_density"):
        return TwoDensityFormula.parse(formulas[part], names=names)
    return (
        _parsed(formulas[part], variable_of(part))
        if names is None and isinstance(formulas[part], str)
        else Formula.parse(formulas[part], variable_of(part), names)
    )


@lru_cache(
    4096
)  # a search taken up again meets every formula several times: as a node, as a candidate, in its structure
def _parsed(text: str, variable: str) -> Formula:
    return Formula.parse(text, variable)
