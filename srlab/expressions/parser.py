"""The grammar of formulas: text in, expression tree out, and nothing evaluated on the way.

    sum     = product (("+" | "-") product)*
    product = signed (("*" | "/") signed)*
    signed  = ("-" | "+") signed | power
    power   = atom (("^" | "**") signed)?
    atom    = number | name | function "(" sum ")" | "(" sum ")"

A number with a point or an exponent (``2.0``, ``1e3``) is a constant that fitting may change; a whole number (``2``) is
part of the structure. A name that is neither the variable nor a function is a named constant.
"""

from __future__ import annotations

import math
import re

from srlab.errors import InputError
from srlab.expressions.operators import FUNCTIONS, OPERATORS
from srlab.expressions.syntax import Call, Node, Number, Parameter, Variable, depth

MAX_LENGTH = 4000
MAX_DEPTH = 60  # of parentheses, functions and exponents
MAX_HEIGHT = 150  # of the tree: a sum of so many terms; what walks a tree calls itself twice for each step down
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|(?P<symbol>\*\*|[-+*/^()]))"
)
_GREEK = {"ρ": "rho", "ρ1": "rho1", "ρ2": "rho2", "ln": "log"}


class FormulaError(InputError):
    """A formula that does not parse, with the position shown under the text."""

    def __init__(self, message: str, text: str = "", position: int | None = None):
        self.position = position
        if position is not None:
            start = max(0, position - 50)
            message = (
                f"{message} at character {position + 1}:\n  {text[start : position + 30]}\n  "
                f"{' ' * (position - start)}^"
            )
        super().__init__(message)


class Parser:
    """One pass over one text; `constants` collects the values and `names` the names of its parameters.

    variable : the name of the variable, or of several, as in "rho1, rho2".
    """

    def __init__(self, text: str, variable: str, values: dict[str, float] | None = None):
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"the formula has {len(text)} characters; {MAX_LENGTH} is the limit")
        self.text, self.variables, self.values = text, tuple(variable.split(", ")), values or {}
        self.constants: list[float] = []
        self.names: list[str] = []
        self._tokens = self._tokenise()
        self._next = 0
        self._depth = 0
        self.deepest = 0

    def parse(self) -> Node:
        if not self._tokens[:-1]:
            raise FormulaError("the formula is empty: write for example 0.1*exp(-1.5*r)")
        root = self._sum()
        kind, token, position = self._peek()
        if kind != "end":
            raise FormulaError(f"unexpected {brief(token)!r}", self.text, position)
        if depth(root) > MAX_HEIGHT:
            raise FormulaError(f"the formula is too long: operators may follow one another {MAX_HEIGHT} times")
        return root

    def _tokenise(self):
        tokens, position = [], 0
        text = self.text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if not match:
                blank = len(text[position:]) - len(text[position:].lstrip())
                raise FormulaError(f"unexpected {text[position + blank]!r}", self.text, position + blank)
            kind = match.lastgroup
            tokens.append((kind, match.group(kind), match.start(kind)))
            position = match.end()
        tokens.append(("end", "end of the formula", len(text)))
        return tokens

    def _peek(self):
        return self._tokens[self._next]

    def _take(self):
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _accept(self, *symbols: str) -> str | None:
        kind, token, _ = self._peek()
        if kind == "symbol" and token in symbols:
            self._next += 1
            return token
        return None

    def _descend(self) -> None:
        self._depth += 1
        self.deepest = max(self.deepest, self._depth)
        if self._depth > MAX_DEPTH:
            raise FormulaError(f"the formula is nested more than {MAX_DEPTH} deep", self.text, self._peek()[2])

    def _sum(self) -> Node:
        self._descend()
        node = self._product()
        while symbol := self._accept("+", "-"):
            node = Call(OPERATORS["add" if symbol == "+" else "sub"], (node, self._product()))
        self._depth -= 1
        return node

    def _product(self) -> Node:
        node = self._signed()
        while symbol := self._accept("*", "/"):
            node = Call(OPERATORS["mul" if symbol == "*" else "div"], (node, self._signed()))
        return node

    def _signed(self) -> Node:
        sign = 1
        while symbol := self._accept("-", "+"):
            sign = -sign if symbol == "-" else sign
        before = self._next
        node = self._power()
        if sign < 0:
            only_a_number = self._next == before + 1 and self._tokens[before][0] == "number"
            if only_a_number and isinstance(node, Number):
                return Number(0.0 - node.value)
            if only_a_number and isinstance(node, Parameter):
                self.constants[node.index] = -self.constants[node.index]
                return node
            node = Call(OPERATORS["neg"], (node,))
        return node

    def _power(self) -> Node:
        base = self._atom()
        if self._accept("^", "**"):
            self._descend()
            base = Call(OPERATORS["pow"], (base, self._signed()))
            self._depth -= 1
        return base

    def _atom(self) -> Node:
        kind, token, position = self._take()
        if kind == "number":
            return self._number(token, position)
        if kind == "name":
            return self._name(token, position)
        if kind == "symbol" and token == "(":
            node = self._sum()
            self._close(position)
            return node
        raise FormulaError(
            f"expected a number, a name or '(' but found {brief(token)!r}"
            if kind != "end"
            else "the formula ends too early",
            self.text,
            position,
        )

    def _close(self, opened: int) -> None:
        if not self._accept(")"):
            raise FormulaError(f"the '(' of character {opened + 1} is not closed", self.text, self._peek()[2])

    def _number(self, token: str, position: int) -> Node:
        value = float(token)
        if not math.isfinite(value):
            raise FormulaError(f"the number {brief(token)} is too large", self.text, position)
        if token.isdigit():
            return Number(value)
        return self._parameter(value, "")

    def _parameter(self, value: float, name: str) -> Parameter:
        self.constants.append(value)
        self.names.append(name)
        return Parameter(len(self.constants) - 1)

    def _name(self, token: str, position: int) -> Node:
        token = _GREEK.get(token, token)
        if token in self.variables:
            return Variable(token)
        if token in FUNCTIONS:
            kind, symbol, opened = self._take()
            if symbol != "(":
                raise FormulaError(f"the function {token} needs '(' after it", self.text, opened)
            node = self._sum()
            self._close(opened)
            return Call(FUNCTIONS[token], (node,))
        if self._peek()[1] == "(":
            raise FormulaError(
                f"unknown function {brief(token)!r} (known: {', '.join(sorted(FUNCTIONS))})", self.text, position
            )
        if token in ("r", "rho", "rho1", "rho2"):
            here = (
                f"variable here is {self.variables[0]}"
                if len(self.variables) == 1
                else f"variables here are {' and '.join(self.variables)}"
            )
            raise FormulaError(f"the {here}, not {token}", self.text, position)
        if token in self.names:
            return Parameter(self.names.index(token))
        return self._parameter(float(self.values.get(token, math.nan)), token)


def with_fitted_factors(text: str) -> tuple[str, list[str]]:
    """A formula as a person means it who types ``900*exp(-3*r)``: whole numbers that multiply or divide become
    constants.

    Exponents, the 1 of ``1/r``, zero and whole numbers that are added stay part of the structure.

    Returns
    -------
    text : with ``.0`` behind the numbers that are constants now.
    kept : the whole numbers that are not, in order.

    Raises FormulaError for characters that are in no formula.
    """
    tokens = Parser(text, "r")._tokens
    result, position, kept = [], 0, []
    for index, (kind, token, start) in enumerate(tokens):
        if kind != "number" or not token.isdigit():
            continue
        before, after = _before(tokens, index), tokens[index + 1][1]
        factor = before in ("*", "/") or after in ("*", "/") and before not in ("^", "**")
        if not factor or after in ("^", "**") or int(token) == 0 or token == "1" and after == "/":
            kept.append(token)
            continue
        end = start + len(token)
        result.append(f"{text[position:end]}.0")
        position = end
    return "".join(result) + text[position:], kept


def _before(tokens, index: int) -> str:
    """The token before a number, its own signs passed over; "" at the beginning."""
    while index and tokens[index - 1][1] in ("-", "+"):
        index -= 1
        if index and (tokens[index - 1][0] in ("number", "name") or tokens[index - 1][1] == ")"):
            return tokens[index][1]  # no sign, but a difference or a sum
    return tokens[index - 1][1] if index else ""


def brief(text: str, most: int = 40) -> str:
    """A text as an error shows it, however long it is."""
    return text if len(text) <= most else f"{text[: most - 3]}..."
