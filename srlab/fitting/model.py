"""Three formulas and a taper: what a search changes and a fit refines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..expressions import Formula

PARTS = ("pair", "density", "embedding")


@dataclass(frozen=True)
class Model:
    """An embedded-atom form with its constants. Immutable.

    pair, density : Formula of r (angstrom), without the taper; embedding : Formula of rho; offset : eV per atom.
    """

    pair: Formula
    density: Formula
    embedding: Formula
    offset: float = 0.0

    @classmethod
    def parse(cls, formulas: dict[str, str], offset: float = 0.0) -> "Model":
        """Model from the texts of pair, density and embedding. Raises FormulaError."""
        return cls(*(Formula.parse(formulas[part], variable_of(part)) for part in PARTS), offset)

    @property
    def formulas(self) -> dict[str, str]:
        return {part: getattr(self, part).text for part in PARTS}

    @property
    def complexity(self) -> int:
        """Operators + variables + constants of the three functions."""
        return sum(getattr(self, part).complexity for part in PARTS)

    @property
    def structure(self) -> str:
        """The three formulas without their constants: one string for each form."""
        return " | ".join(getattr(self, part).structure for part in PARTS)

    @property
    def constants(self) -> np.ndarray:
        """All constants, pair first, then density, then embedding; shape (m,)."""
        return np.concatenate([getattr(self, part).constants for part in PARTS])

    def with_constants(self, values, offset: float | None = None) -> "Model":
        """The same form with other constants, shape (m,)."""
        parts, start = {}, 0
        for part in PARTS:
            formula = getattr(self, part)
            parts[part] = formula.with_constants(values[start : start + len(formula.values)])
            start += len(formula.values)
        return replace(self, **parts, offset=self.offset if offset is None else float(offset))


def variable_of(part: str) -> str:
    """The variable of a function of the model: r for pair and density, rho for the embedding."""
    return "rho" if part == "embedding" else "r"
