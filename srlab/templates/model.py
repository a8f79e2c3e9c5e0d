"""The functions of a potential: what a search changes and a fit refines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from srlab.errors import InputError
from srlab.expressions import Formula
from srlab.expressions.costs import Costs
from srlab.templates.registry import template_of
from srlab.templates.template import Function, Template


@dataclass(frozen=True)
class Model:
    """The functions of a template as formulas, with their constants. Immutable.

    Attributes
    ----------
    template : Template
    functions : dict of str to Formula
        By name, in the order of the template, without taper; optional ones may be missing. They are attributes, too:
        ``model.pair``.
    offset : float
        eV per atom.
    """

    template: Template
    functions: dict[str, Formula]
    offset: float = 0.0

    @classmethod
    def parse(
        cls,
        formulas: dict[str, str],
        offset: float = 0.0,
        template: Template | None = None,
        names: dict[str, float] | None = None,
    ) -> Model:
        """Read a model from the texts of its functions by name.

        Parameters
        ----------
        formulas : dict of str to str
        offset : float
            eV/atom.
        template : Template, optional
            By default the one that has just these functions. A function that it lacks may be there if its text is 0.
        names : dict of str to float, optional
            Values of named constants in the texts.

        Raises
        ------
        FormulaError
            Where a text does not parse.
        InputError
            Where a function is missing or one too many.
        """
        template = template or template_of(formulas)
        template.check_names([name for name in formulas if name in template or formulas[name] != "0"])
        return cls(
            template,
            {
                each.name: _parsed(formulas[each.name], each, names)
                for each in template.functions
                if each.name in formulas
            },
            offset,
        )

    def __getattr__(self, name: str) -> Formula:
        functions = self.__dict__.get("functions", {})  # empty while a copy of it is being made
        if name not in functions:
            raise AttributeError(f"this model has no function {name!r}: it has {', '.join(functions)}")
        return functions[name]

    @cached_property
    def pairs(self) -> tuple[Formula, ...]:
        """The pair functions that it has."""
        return self._those(self.template.pairs)

    @cached_property
    def densities(self) -> tuple[Formula, ...]:
        """The functions whose sums the embedding takes, in the order of its variables."""
        return self._those(self.template.densities)

    @cached_property
    def moments(self) -> tuple[Formula, ...]:
        """The functions with sums of rank 1 and more that it has."""
        return self._those(self.template.moments)

    @property
    def embedding(self) -> Formula | None:
        """The embedding, if the template has one."""
        return self.functions[self.template.embedding.name] if self.template.embedding else None

    def present(self, functions) -> list[Function]:
        """Those of some functions of the template that it has: optional ones may be missing."""
        return [each for each in functions if each.name in self.functions]

    def _those(self, functions) -> tuple[Formula, ...]:
        return tuple(self.functions[each.name] for each in self.present(functions))

    @property
    def formulas(self) -> dict[str, str]:
        """Texts of the functions by name; `parse` gives the same model again."""
        return {name: formula.text for name, formula in self.functions.items()}

    @property
    def text(self) -> str:
        """The functions as one line that people type: ``phi = ...; f = ...; F = ...``.

        `srlab.fitting.forms.parse_form` reads it.
        """
        return "; ".join(f"{self.template[name].symbol} = {text}" for name, text in self.formulas.items())

    def __repr__(self) -> str:
        return f"<{self.template.name} model: {self.text}>"

    @property
    def complexity(self) -> int:
        """Operators + variables + constants of all functions."""
        return sum(formula.complexity for formula in self.functions.values())

    def weighed(self, costs: Costs) -> int:
        """The complexity with other costs of some operators."""
        return sum(map(costs.complexity, self.functions.values())) if costs else self.complexity

    @property
    def structure(self) -> str:
        """The formulas without their constants: one string for each form."""
        return " | ".join(formula.structure for formula in self.functions.values())

    @property
    def constants(self) -> np.ndarray:
        """All constants, function after function; shape (m,)."""
        return np.concatenate([formula.constants for formula in self.functions.values()])

    def with_constants(self, values, offset: float | None = None) -> Model:
        """The same form with other constants, shape (m,)."""
        functions, start = {}, 0
        for name, formula in self.functions.items():
            functions[name] = formula.with_constants(values[start : start + len(formula.values)])
            start += len(formula.values)
        return replace(self, functions=functions, offset=self.offset if offset is None else float(offset))

    def map(self, change) -> Model:
        """The model with every function replaced by ``change(name, formula)``."""
        return replace(self, functions={name: change(name, formula) for name, formula in self.functions.items()})


# a search taken up again meets every formula several times: as a node, as a candidate, in its structure
@lru_cache(4096)
def _cached(text: str, function: Function) -> Formula:
    return function.parse(text)


def _parsed(text, function: Function, names) -> Formula:
    if not isinstance(text, str):
        raise InputError(f"the {function.title} must be a text, not {text!r}")
    return _cached(text, function) if names is None else function.parse(text, names)
