"""The operators a formula may contain: one class each, with its numpy, torch, sympy and source form.

To add an operator, write a class here with the decorator `register` and a line in tests/expressions/test_operators.py.

Every class gives

- ``about``: what it is, in a few words;
- ``value(*u)``: numpy value, element by element;
- ``partials(*u)``: ``(gradient, hessian)``, a tuple with the first partial derivatives and a dict
  ``{(i, j): second partial}`` over i <= j from which zero entries are left out;
- ``gradient(value, needed, *u)``: the first partial derivatives alone, from the value already known, of the arguments
  marked in ``needed`` (anything for the others): what tables cost;
- ``allowed(*u)``: a boolean array, False where the operator is undefined or has a pole;
- ``torch(*u)``, ``sympy(*u)``: the same operator in those libraries.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

OPERATORS: dict[str, Operator] = {}


def register(cls: type[Operator]) -> type[Operator]:
    OPERATORS[cls.name] = cls()
    return cls


class Operator:
    """A function of one or two arguments; see the module's docstring for what a subclass gives."""

    name: ClassVar[str]
    about: ClassVar[str]
    arity: ClassVar[int] = 1
    infix: ClassVar[str | None] = None
    precedence: ClassVar[int] = 9
    complexity: ClassVar[int] = 1

    def value(self, *u):
        raise NotImplementedError

    def partials(self, *u):
        raise NotImplementedError

    def gradient(self, value, needed, *u):
        return self.partials(*u)[0]

    def allowed(self, *u):
        return np.isfinite(self.value(*u))

    def torch(self, *u):
        import torch

        return getattr(torch, self.name)(*u)

    def sympy(self, *u):
        import sympy

        return getattr(sympy, self.name)(*u)

    def __repr__(self):
        return f"<operator {self.name}>"


@register
class Add(Operator):
    name, arity, infix, precedence = "add", 2, "+", 1
    about = "a sum of two terms"

    def value(self, a, b):
        return a + b

    def partials(self, a, b):
        return (1.0, 1.0), {}

    def torch(self, a, b):
        return a + b

    def sympy(self, a, b):
        return a + b


@register
class Subtract(Operator):
    name, arity, infix, precedence = "sub", 2, "-", 1
    about = "a difference of two terms"

    def value(self, a, b):
        return a - b

    def partials(self, a, b):
        return (1.0, -1.0), {}

    def torch(self, a, b):
        return a - b

    def sympy(self, a, b):
        return a - b


@register
class Multiply(Operator):
    name, arity, infix, precedence = "mul", 2, "*", 2
    about = "a product, also of a constant and a term"

    def value(self, a, b):
        return a * b

    def partials(self, a, b):
        return (b, a), {(0, 1): 1.0}

    def torch(self, a, b):
        return a * b

    def sympy(self, a, b):
        return a * b


@register
class Divide(Operator):
    """a / b; a pole wherever the denominator vanishes or changes sign."""

    name, arity, infix, precedence = "div", 2, "/", 2
    about = "a quotient, as in exp(-a r)/r"

    def value(self, a, b):
        return np.divide(a, b)  # infinite where plain numbers, as in 1/(1 - 1), would raise

    def gradient(self, value, needed, a, b):
        return np.divide(1.0, b), np.divide(-value, b) if needed[1] else None

    def partials(self, a, b):
        inverse = np.divide(1.0, b)
        ratio = a * inverse
        return (inverse, -ratio * inverse), {(0, 1): -inverse * inverse, (1, 1): 2.0 * ratio * inverse * inverse}

    def allowed(self, a, b):
        b = np.asarray(b)
        good = np.isfinite(np.divide(a, b)) & (np.abs(b) > 1e-12)
        if b.ndim and b.size > 1:
            # a sign change between two grid points is a pole that no grid point shows
            flips = np.signbit(b[1:]) != np.signbit(b[:-1])
            good[1:] &= ~flips
        return good

    def torch(self, a, b):
        return a / b

    def sympy(self, a, b):
        return a / b


@register
class Negative(Operator):
    name, precedence = "neg", 3
    about = "a minus sign before a term"

    def value(self, a):
        return -a

    def partials(self, a):
        return (-1.0,), {}

    def torch(self, a):
        return -a

    def sympy(self, a):
        return -a


@register
class Power(Operator):
    """base ^ exponent; the base must be positive unless the exponent is a whole number."""

    name, arity, infix, precedence = "pow", 2, "^", 4
    about = "a power, r^-n between atoms and rho^n in the embedding"

    def value(self, a, b):
        return np.power(a, b)

    def gradient(self, value, needed, a, b):
        if np.min(a) <= 0:
            return self.partials(a, b)[0]
        return value * b / a if needed[0] else None, value * np.log(a) if needed[1] else None

    def partials(self, a, b):
        v = np.power(a, b)
        if np.ndim(b) == 0 and np.ndim(a) and np.all(a == 0):
            return (np.zeros_like(v), np.zeros_like(v)), {}
        if np.min(a) > 0:  # all others from the one power
            ratio, log = v / a, np.log(a)
            first = b * ratio
            second = (b - 1.0) * first / a
            return (first, v * log), {(0, 0): second, (0, 1): ratio * (1.0 + b * log), (1, 1): v * log * log}
        first = b * np.power(a, b - 1.0)
        second = b * (b - 1.0) * np.power(a, b - 2.0)
        if np.ndim(b) == 0 and float(b).is_integer() and np.any(np.asarray(a) <= 0):
            # a whole exponent of a base that is not positive: no derivative with respect to the exponent
            return (first, 0.0), {(0, 0): second}
        log = np.log(a)
        return (first, v * log), {(0, 0): second, (0, 1): np.power(a, b - 1.0) * (1.0 + b * log), (1, 1): v * log * log}

    def allowed(self, a, b):
        whole = np.ndim(b) == 0 and float(b).is_integer()
        positive = np.asarray(a) > 0
        if whole and float(b) < 0:
            return Divide().allowed(np.ones_like(a), a)
        return np.isfinite(np.power(a, b)) & (positive | whole)

    def torch(self, a, b):
        return a**b

    def sympy(self, a, b):
        return a**b


@register
class Exp(Operator):
    name = "exp"
    about = "the exponential function: decay with distance"

    def value(self, a):
        return np.exp(a)

    def gradient(self, value, needed, a):
        return (value,)

    def partials(self, a):
        v = np.exp(a)
        return (v,), {(0, 0): v}


@register
class Log(Operator):
    name = "log"
    about = "the natural logarithm"

    def value(self, a):
        return np.log(a)

    def partials(self, a):
        inverse = np.divide(1.0, a)  # infinite where a plain number, as in log(0.0), would raise
        return (inverse,), {(0, 0): -inverse * inverse}

    def allowed(self, a):
        return np.asarray(a) > 0


@register
class Sqrt(Operator):
    name = "sqrt"
    about = "the square root: bonds weaken as neighbours are added"

    def value(self, a):
        return np.sqrt(a)

    def gradient(self, value, needed, a):
        return (0.5 / value,)

    def partials(self, a):
        first = 0.5 / np.sqrt(a)
        return (first,), {(0, 0): -0.5 * first / a}

    def allowed(self, a):
        return np.asarray(a) >= 0


@register
class Cos(Operator):
    name = "cos"
    about = "the cosine: waves, as of electrons around an atom"

    def value(self, a):
        return np.cos(a)

    def gradient(self, value, needed, a):
        return (-np.sin(a),)

    def partials(self, a):
        return (-np.sin(a),), {(0, 0): -np.cos(a)}


@register
class Sin(Operator):
    name = "sin"
    about = "the sine: waves, as of electrons around an atom"

    def value(self, a):
        return np.sin(a)

    def partials(self, a):
        return (np.cos(a),), {(0, 0): -np.sin(a)}


@register
class Tanh(Operator):
    name = "tanh"
    about = "the hyperbolic tangent, which levels off"

    def value(self, a):
        return np.tanh(a)

    def partials(self, a):
        v = np.tanh(a)
        first = 1.0 - v * v
        return (first,), {(0, 0): -2.0 * v * first}


FUNCTIONS = {name: op for name, op in OPERATORS.items() if op.infix is None and name != "neg"}
INFIX = {op.infix: op for op in OPERATORS.values() if op.infix}
