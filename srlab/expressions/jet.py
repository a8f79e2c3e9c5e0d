"""Forward-mode differentiation of an expression tree: the variable to second order, constants to first."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from srlab.expressions.syntax import Call, Node, Number, Parameter


@dataclass(slots=True)
class Jet:
    """Value and derivatives of one node on an array of x; None stands for zero.

    x, xx : first and second derivative with respect to the variable;
    c, xc : {parameter index: derivative with respect to it} of the value and of x.
    """

    value: np.ndarray | float
    x: np.ndarray | float | None = None
    xx: np.ndarray | float | None = None
    c: dict = field(default_factory=dict)
    xc: dict = field(default_factory=dict)


ONE = np.float64(1.0)  # the derivative of the variable, recognised by identity


def _add(total, term):
    return term if total is None else total + term


def evaluate(root: Node, constants, x):
    """Value of the tree at x (numpy array), without derivatives."""
    if isinstance(root, Number):
        return root.value
    if isinstance(root, Parameter):
        return constants[root.index]
    if isinstance(root, Call):
        return root.operator.value(*(evaluate(a, constants, x) for a in root.arguments))
    return x


def value_and_slope(root: Node, constants, x):
    """Value and first derivative with respect to the variable (None for zero): the shortest way to a table."""
    if isinstance(root, Call):
        arguments = [value_and_slope(a, constants, x) for a in root.arguments]
        values = [value for value, _ in arguments]
        value = root.operator.value(*values)
        needed = [slope is not None for _, slope in arguments]
        if not any(needed):
            return value, None
        total = None
        for first, (_, slope) in zip(root.operator.gradient(value, needed, *values), arguments):
            if slope is not None:
                total = _add(total, first if slope is ONE else first * slope)
        return value, total
    if isinstance(root, Number):
        return root.value, None
    if isinstance(root, Parameter):
        return constants[root.index], None
    return x, ONE


def differentiate(root: Node, constants, x, wanted=frozenset(), second=True) -> Jet:
    """Jet of the tree at x.

    wanted : indices of the parameters with respect to which c and xc are computed.
    second : whether xx is computed.
    """
    if isinstance(root, Number):
        return Jet(root.value)
    if isinstance(root, Parameter):
        return Jet(constants[root.index], c={root.index: 1.0} if root.index in wanted else {})
    if not isinstance(root, Call):
        return Jet(x, x=1.0)
    arguments = [differentiate(a, constants, x, wanted, second) for a in root.arguments]
    operator = root.operator
    values = [a.value for a in arguments]
    jet = Jet(operator.value(*values))
    if not any(a.x is not None or a.c for a in arguments):
        return jet
    gradient, hessian = operator.partials(*values)
    for i, a in enumerate(arguments):
        if a.x is not None:
            jet.x = _add(jet.x, gradient[i] * a.x)
        if second and a.xx is not None:
            jet.xx = _add(jet.xx, gradient[i] * a.xx)
        for k, derivative in a.c.items():
            jet.c[k] = _add(jet.c.get(k), gradient[i] * derivative)
        for k, derivative in a.xc.items():
            jet.xc[k] = _add(jet.xc.get(k), gradient[i] * derivative)
    for (i, j), h in hessian.items():
        for p, q in {(i, j), (j, i)}:
            a, b = arguments[p], arguments[q]
            if a.x is None:
                continue
            if second and b.x is not None:
                jet.xx = _add(jet.xx, h * a.x * b.x)
            for k, derivative in b.c.items():
                jet.xc[k] = _add(jet.xc.get(k), h * a.x * derivative)
    return jet
