"""A formula of one variable: text, constants, values and derivatives, and its forms in other languages."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter

import numpy as np

from srlab.expressions import jet as _jet
from srlab.expressions.latex import to_latex
from srlab.expressions.operators import INFIX
from srlab.expressions.parser import MAX_DEPTH, MAX_LENGTH, FormulaError, Parser, brief
from srlab.expressions.simplify import fold
from srlab.expressions.syntax import Call, Node, Number, Parameter, Variable, linear_parameters, nodes
from srlab.expressions.uncertain import with_deviation


@dataclass(frozen=True)
class Formula:
    """An expression of one variable with a vector of constants. Immutable.

    Attributes
    ----------
    root : srlab.expressions.syntax.Node
        The expression tree; its parameters index `values`.
    values : tuple of float
        The constants, finite.
    names : tuple of str
        A name for each constant, "" where it has none.
    variable : str
        "r" (angstrom) or "rho"; `TwoDensityFormula` has two.
    """

    root: Node
    values: tuple[float, ...]
    names: tuple[str, ...]
    variable: str = "r"

    @classmethod
    def parse(cls, text: str, variable: str = "r", names: dict[str, float] | None = None) -> Formula:
        """Read a formula in the grammar of `srlab.expressions.parser`.

        Parameters
        ----------
        text : str
            Such as "900.0*exp(-3.5*r)".
        variable : str
            Its variable.
        names : dict of str to float, optional
            Values of named constants; a name without a value is an error.

        Returns
        -------
        Formula

        Raises
        ------
        FormulaError
            With the position, where the text does not parse.
        """
        parser = Parser(text, variable, names)
        formula = cls._of(parser)
        missing = [name for name, value in zip(formula.names, formula.values) if math.isnan(value)]
        if missing:
            raise FormulaError(
                f"the constant {brief(missing[0])} of {brief(text, 200)!r} has no value: add for "
                f"example '{brief(missing[0])} = 1.0'"
            )
        formula = formula.canonical()
        if parser.deepest > MAX_DEPTH // 3 or len(text) > MAX_LENGTH // 8:
            Parser(
                formula.text, variable
            ).parse()  # the canonical text has more parentheses and blanks: it must be within the limits, too
        return formula

    @classmethod
    def parse_form(cls, text: str, variable: str = "r", names: dict[str, float] | None = None) -> Formula:
        """As `parse`, but constants without a value are left NaN, for a fit to find."""
        return cls._of(Parser(text, variable, names))

    @classmethod
    def _of(cls, parser: Parser) -> Formula:
        root = parser.parse()
        return cls(root, tuple(parser.constants), tuple(parser.names), ", ".join(parser.variables))

    # -- constants ---------------------------------------------------------------------------------------------------

    @property
    def constants(self) -> np.ndarray:
        """The constants, shape (m,), in order of first appearance."""
        return np.array(self.values, dtype=float)

    def canonical(self) -> Formula:
        """The same function without names and with the sign of a constant inside the constant."""
        root, values = fold(self.root, self.values)
        return replace(self, root=root, values=values, names=("",) * len(values))

    def with_constants(self, values) -> Formula:
        """Give the same formula other constants, shape (m,).

        Raises
        ------
        ValueError
            If the number differs.
        """
        values = tuple(float(v) for v in values)
        if len(values) != len(self.values):
            raise ValueError(f"{len(self.values)} constants expected, {len(values)} given")
        return replace(self, values=values)

    @cached_property
    def linear(self) -> frozenset[int]:
        """Indices of the constants in which the formula is jointly linear."""
        return linear_parameters(self.root)

    @cached_property
    def structure(self) -> str:
        """Text with every constant replaced by c: equal for formulas that differ in their constants only."""
        return _text(self.root, lambda node: "c" if isinstance(node, Parameter) else _number(node.value))

    @cached_property
    def complexity(self) -> int:
        """Operators + variables + constants."""
        return sum(node.operator.complexity if isinstance(node, Call) else 1 for node in nodes(self.root))

    @cached_property
    def operators(self) -> frozenset[str]:
        """Names of the operators in it."""
        return frozenset(node.operator.name for node in nodes(self.root) if isinstance(node, Call))

    # -- numbers -----------------------------------------------------------------------------------------------------

    def value(self, x) -> np.ndarray:
        """Value at x, shaped like x."""
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            return np.broadcast_to(_jet.evaluate(self.root, self.values, x), x.shape).astype(float)

    def derivatives(self, x) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Value, first and second derivative with respect to the variable, each shaped like x."""
        x = np.asarray(x, dtype=float)
        jet = self.jet(x)
        return tuple(full(part, x) for part in (jet.value, jet.x, jet.xx))

    def value_and_slope(self, x) -> tuple[np.ndarray, np.ndarray]:
        """Value and first derivative, each shaped like x: what tables need."""
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            value, slope = _jet.value_and_slope(self.root, self.values, x)
        return full(value, x), full(slope, x)

    def value_and_slopes(self, x) -> tuple[np.ndarray, ...]:
        """Value and the derivative by each variable, of which there is one here."""
        return self.value_and_slope(x)

    def jet(self, x: np.ndarray, wanted=frozenset(), second=True) -> _jet.Jet:
        """Derivatives with respect to the variable and to the constants `wanted`; see `srlab.expressions.jet`."""
        with np.errstate(all="ignore"):
            return _jet.differentiate(self.root, self.values, x, frozenset(wanted), second)

    def jets(self, variables, wanted=frozenset(), second=True) -> list[_jet.Jet]:
        """One jet for each variable, of which there is one here; `variables` holds an array for each."""
        return [self.jet(*variables, wanted, second)]

    def curvatures(self, x) -> list[list[np.ndarray]]:
        """Matrix of second derivatives by the variables, of which there is one here."""
        return [[self.derivatives(x)[2]]]

    # -- other languages ---------------------------------------------------------------------------------------------

    @cached_property
    def text(self) -> str:
        """Canonical text; parsing it gives the same formula (constants to the last digit)."""
        return _text(self.root, self._leaf)

    def _leaf(self, node: Number | Parameter) -> str:
        return _constant(self.values[node.index]) if isinstance(node, Parameter) else _number(node.value)

    def pattern(self, argument: str) -> str:
        """The text with {0}, {1}... in place of the constants and another text in place of the variable."""
        return _text(
            self.root,
            lambda node: f"{{{node.index}}}" if isinstance(node, Parameter) else _number(node.value),
            name=lambda _: argument,
        )

    def short(self, digits: int = 4) -> str:
        """Text with constants rounded to so many significant digits, for reading."""
        return self.rounded(digits).text

    def uncertain(self, deviations) -> str:
        """Write the text with the standard deviation of every constant in parentheses: 1.234(5)*exp(-2.10(2)*r).

        Parameters
        ----------
        deviations : array_like, (m,)
            In the units of the constants.
        """
        return _text(
            self.root,
            lambda node: (
                with_deviation(self.values[node.index], deviations[node.index])
                if isinstance(node, Parameter)
                else _number(node.value)
            ),
        )

    def rounded(self, digits: int) -> Formula:
        """Round every constant to so many significant digits."""
        return self.with_constants(float(f"{v:.{digits}g}") for v in self.values)

    def python(self, module: str = "np") -> str:
        """Source text of the expression, functions taken from `module`."""
        return _text(self.root, self._leaf, f"{module}.", "**")

    def sympy(self, positive: bool = True):
        """SymPy expression; the variable is a positive symbol."""
        import sympy

        def convert(node):
            if isinstance(node, Number):
                return sympy.Integer(int(node.value)) if float(node.value).is_integer() else sympy.Float(node.value)
            if isinstance(node, Parameter):
                return sympy.Float(self.values[node.index])
            if isinstance(node, Variable):
                return sympy.Symbol(node.name, positive=positive)
            return node.operator.sympy(*(convert(a) for a in node.arguments))

        return convert(self.root)

    def latex(self, digits: int = 4) -> str:
        """LaTeX with constants rounded to so many significant digits."""
        return to_latex(self.root, self.values, digits)

    def torch(self, x, constants=None):
        """Value as a torch tensor, differentiable in x and in `constants` (default: the formula's own)."""
        return self._torch({self.variable: x}, constants)

    def _torch(self, variables, constants):
        import torch

        values, x = self.values if constants is None else constants, next(iter(variables.values()))

        def convert(node):
            if isinstance(node, Number):
                return torch.as_tensor(node.value, dtype=x.dtype, device=x.device)
            if isinstance(node, Parameter):
                return torch.as_tensor(values[node.index], dtype=x.dtype, device=x.device)
            if isinstance(node, Variable):
                return variables[node.name]
            return node.operator.torch(*(convert(a) for a in node.arguments))

        return convert(self.root).expand_as(x)

    def __str__(self):
        return self.text

    def __repr__(self):
        return f"{type(self).__name__}({self.text!r})"


def full(part, x):
    """A part of a jet (None: zero) as an array shaped like x."""
    if part is None:
        return np.zeros_like(x)
    return part if np.shape(part) == x.shape else np.full(x.shape, part, dtype=float)


def _constant(value: float) -> str:
    return repr(float(value))


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def _text(node: Node, leaf, prefix: str = "", power: str = "^", parent: int = 0, name=attrgetter("name")) -> str:
    """Text of a tree; `leaf` prints numbers and parameters, `name` variables. Parentheses stand where they must."""
    if isinstance(node, Variable):
        return name(node)
    if not isinstance(node, Call):
        text = leaf(node)
        # (-2.0)^x and r^(-2.0): a sign next to a power would read otherwise, or badly
        return f"({text})" if text.startswith("-") and parent >= INFIX["^"].precedence else text
    operator = node.operator
    if operator.infix is None and operator.name != "neg":
        return f"{prefix}{operator.name}({_text(node.arguments[0], leaf, prefix, power, name=name)})"
    rank = operator.precedence
    if operator.name == "neg":
        text = f"-{_text(node.arguments[0], leaf, prefix, power, rank, name)}"
        return f"({text})" if parent >= INFIX["*"].precedence else text
    is_power = operator.name == "pow"
    symbol = power if is_power else f" {operator.infix} " if rank == 1 else operator.infix
    left = _text(node.arguments[0], leaf, prefix, power, rank + is_power, name)
    other = _text(node.arguments[1], leaf, prefix, power, rank + (not is_power), name)
    if operator.name == "add" and other.startswith("-"):
        symbol, other = " - ", other[1:]
    text = f"{left}{symbol}{other}"
    return f"({text})" if rank < parent else text
