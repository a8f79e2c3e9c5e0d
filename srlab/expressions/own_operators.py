"""Operators of a person's own, formulas of one argument such as ``bump(x) = exp(-x^2)``, as terms of the search.

The terms hold the formula itself, so that all that is found is written in the operators of the grammar, counts its
nodes, and is exported as any other formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from srlab.errors import InputError
from srlab.expressions.formula import Formula
from srlab.expressions.operators import OPERATORS
from srlab.expressions.parser import FormulaError
from srlab.expressions.syntax import Call, Variable, nodes
from srlab.expressions.terms import GROUPS, Term

MOST = 12  # operators of one's own in a search
LEEWAY = 3.0  # factor by which fits may move a constant from the value that was written
START = 1.5  # and within which new terms start


class Range(NamedTuple):
    """Of a constant: where new terms start, and what fits keep."""

    low: float
    high: float
    least: float
    most: float


# x = a (r + b) between atoms, the ranges of b being those of bumps (`srlab.expressions.terms`); x = a rho of a density
STEEPNESS, SHIFT, SCALE = Range(0.3, 3.0, 0.05, 8.0), Range(-4.5, -1.0, -6.0, 1.0), Range(0.1, 10.0, 1e-3, 1e3)
_DEFINITION = re.compile(r"\s*([A-Za-z]\w{0,23})\s*\(\s*([A-Za-z]\w*)\s*\)\s*=(.*)", re.DOTALL)


@dataclass(frozen=True)
class OwnOperator:
    """A formula of one argument with a name, by which a search may be allowed or forbidden to use it.

    Attributes
    ----------
    name : str
        Of its group of terms.
    body : Formula
        In its argument. Numbers with a point are constants that fits move, by a factor of `LEEWAY` at most; the
        argument is then the distance in angstrom, or a density, itself. Where there are none and the argument stands
        once, it is a*(r + b), or a*rho, with constants to be found.
    """

    name: str
    body: Formula

    @classmethod
    def parse(cls, text: str) -> OwnOperator:
        """Read a definition.

        Parameters
        ----------
        text : str
            Such as "bump(x) = exp(-x^2)" or "hill(x) = x*exp(-1.5*x)".

        Returns
        -------
        OwnOperator

        Raises
        ------
        InputError
            If it is no definition, the name is taken, a constant has no value, or constants cannot be told apart. A
            FormulaError shows where the formula does not parse.
        """
        if not isinstance(text, str) or not (found := _DEFINITION.fullmatch(text)):
            raise InputError(f"the operator {text!r} is no definition: write for example bump(x) = exp(-x^2)")
        name, argument, body = found.groups()
        if name in OPERATORS or name in GROUPS or name == argument:
            raise InputError(f"there is an operator {name!r} already: give yours another name")
        if argument in OPERATORS:
            raise InputError(f"the argument of {name} is called like the operator {argument!r}: call it x")
        try:
            form = Formula.parse_form(body, argument)
        except FormulaError as error:
            raise FormulaError(f"the operator {name}: {error}") from None
        if unknown := [each for each in form.names if each]:
            raise InputError(
                f"{unknown[0]!r} in the operator {name} has no value: write a number with a point, as 1.5, for a "
                "constant that fits may move"
            )
        form = form.canonical()
        if not any(isinstance(node, Variable) for node in nodes(form.root)):
            raise InputError(f"the operator {name} does not depend on its argument {argument}")
        operator = cls(name, form)
        operator.terms(("r",))  # or say here and now what is wrong with it
        return operator

    @property
    def text(self) -> str:
        """The definition, which `parse` reads."""
        return f"{self.name}({self.body.variable}) = {self.body.text}"

    def terms(self, variables: tuple[str, ...]) -> tuple[Term, ...]:
        """The terms of a function.

        Parameters
        ----------
        variables : tuple of str
            ("r",), or the densities of an embedding.

        Returns
        -------
        tuple of Term
            One for each variable. In an embedding there are none unless the operator vanishes at zero, or an isolated
            atom would have an energy.
        """
        if variables == ("r",):
            return (self._term("r", (STEEPNESS, SHIFT), "({0}*(r + {1}))", (-1, 1)),)
        value = float(self.body.value(0.0))
        if not abs(value) < 1e-12:
            return ()
        return tuple(self._term(variable, (SCALE,), f"({{0}}*{variable})", ()) for variable in variables)

    def argument_operators(self, variables: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the operators in the argument of its `terms`: of a*(r + b), or a*rho; none of a variable."""
        return () if not self._scaled else ("mul", "add") if variables == ("r",) else ("mul",)

    @cached_property
    def _scaled(self) -> bool:
        return not self.body.values and sum(isinstance(node, Variable) for node in nodes(self.body.root)) == 1

    def _term(self, variable, ranges, argument, lengths) -> Term:
        """The term in one variable, as the canonical form of its formula has it: there a sign can be part of a
        constant."""
        if not self._scaled:
            argument, lengths = variable, ()
            ranges = [Range(v / START, v * START, v / LEEWAY, v * LEEWAY) for v in self.body.values]
        low, high, least, most = np.array(ranges, float).reshape(-1, 4).T
        middle = 0.5 * (low + high)
        written = self.body.pattern(argument)
        form = Formula.parse(written.format(*map(repr, middle.tolist())), variable)
        with_factor = Formula.parse(f"0.5*({form.text})", variable)
        if (
            not np.array_equal(np.abs(form.constants), np.abs(middle))
            or not np.array_equal(with_factor.constants, [0.5, *form.constants])
            or not middle.all()
        ):
            raise InputError(
                f"the constants of the operator {self.name} cannot be told apart: leave out zeros and factors of the "
                "whole, which are fitted anyway"
            )
        signs = np.where(form.constants == middle, 1.0, -1.0)
        pattern = form.pattern(variable)
        summed = isinstance(form.root, Call) and form.root.operator.name in ("add", "sub", "neg")
        (low, high), (least, most) = (np.sort([signs * a, signs * b], axis=0) for a, b in ((low, high), (least, most)))
        return Term(
            self.name,
            f"({pattern})" if summed else pattern,
            tuple(low.tolist()),
            tuple(high.tolist()),
            tuple(least.tolist()),
            tuple(most.tolist()),
            lengths=lengths,
        )


def own_operators(texts: Iterable[str]) -> tuple[OwnOperator, ...]:
    """Read several definitions.

    Raises
    ------
    InputError
        As `OwnOperator.parse`; for the same name twice, or more than `MOST`.
    """
    try:
        found = tuple(OwnOperator.parse(text) for text in ((texts,) if isinstance(texts, str) else texts))
    except TypeError:
        raise InputError(f"operators of your own must be texts such as bump(x) = exp(-x^2), not {texts!r}") from None
    names = [operator.name for operator in found]
    if len(set(names)) < len(names):
        raise InputError(f"the operator {max(names, key=names.count)!r} is defined twice: keep one of them")
    if len(found) > MOST:
        raise InputError(f"{len(found)} operators of your own are too many: {MOST} is the limit")
    return found
