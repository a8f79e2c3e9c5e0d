"""A formula of two densities: the embedding F(rho1, rho2) of a two-density form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from srlab.expressions import jet as _jet
from srlab.expressions.formula import Formula, full
from srlab.expressions.syntax import Call, Node, Parameter, Variable

DENSITIES = ("rho1", "rho2")


@dataclass(frozen=True)
class TwoDensityFormula(Formula):
    """As `Formula`, in the variables rho1 and rho2: whatever takes numbers takes both densities, shaped alike."""

    variable: str = "rho1, rho2"

    @classmethod
    def parse(cls, text: str, variable: str = "rho1, rho2", names: dict[str, float] | None = None) -> TwoDensityFormula:
        """Formula from text such as ``(27.32 - rho1)/rho2``; see `Formula.parse`. Raises FormulaError with the
        position."""
        return super().parse(text, variable, names)

    @classmethod
    def parse_form(
        cls, text: str, variable: str = "rho1, rho2", names: dict[str, float] | None = None
    ) -> TwoDensityFormula:
        """As `parse`, but constants without a value are left NaN, for a fit to find."""
        return super().parse_form(text, variable, names)

    @cached_property
    def _seen(self) -> tuple[Node, Node]:
        """The tree seen from each density: the other one is one more parameter, the last."""
        other = Parameter(len(self.values))
        return tuple(_replace(self.root, name, other) for name in reversed(DENSITIES))

    def value(self, rho1, rho2) -> np.ndarray:
        """Value, shaped like the densities."""
        rho1, rho2 = np.asarray(rho1, float), np.asarray(rho2, float)
        with np.errstate(all="ignore"):
            return full(_jet.evaluate(self._seen[0], (*self.values, rho2), rho1), rho1)

    def value_and_slopes(self, rho1, rho2) -> tuple[np.ndarray, ...]:
        """Value and its derivatives with respect to rho1 and rho2, each shaped like the densities."""
        rho1, rho2 = np.asarray(rho1, float), np.asarray(rho2, float)
        found = []
        with np.errstate(all="ignore"):
            for root, active, other in zip(self._seen, (rho1, rho2), (rho2, rho1)):
                found.append(_jet.value_and_slope(root, (*self.values, other), active))
        return full(found[0][0], rho1), full(found[0][1], rho1), full(found[1][1], rho1)

    def jets(self, densities, wanted=frozenset(), second=True) -> list[_jet.Jet]:
        """One jet for each density as the variable; see `Formula.jets`."""
        jets = []
        with np.errstate(all="ignore"):
            for root, active, other in zip(self._seen, densities, reversed(densities)):
                asked = frozenset(wanted) | {len(self.values)} if second else frozenset(wanted)
                jets.append(_jet.differentiate(root, (*self.values, other), active, asked, second))
        return jets

    def curvatures(self, rho1, rho2) -> list[list[np.ndarray]]:
        """Second derivatives, [[d2/drho1^2, d2/drho1 drho2], [d2/drho2 drho1, d2/drho2^2]], each shaped like the
        densities."""
        rho1, rho2 = np.asarray(rho1, float), np.asarray(rho2, float)
        first, second = self.jets((rho1, rho2))
        mixed = full(first.xc.get(len(self.values)), rho1)
        return [[full(first.xx, rho1), mixed], [mixed, full(second.xx, rho1)]]

    def torch(self, rho1, rho2, constants=None):
        """Value as a torch tensor, differentiable in both densities and in `constants` (default: the formula's own)."""
        return self._torch({"rho1": rho1, "rho2": rho2}, constants)


def _replace(node: Node, name: str, by: Node) -> Node:
    if isinstance(node, Call):
        return Call(node.operator, tuple(_replace(a, name, by) for a in node.arguments))
    return by if isinstance(node, Variable) and node.name == name else node
