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


def _add(total, term):
    return term if total is None else total + term


def _times(a, b):
    """a * b without a pass over an array that is multiplied with a plain 1.0, as sums and the variable have it."""
    if type(a) is float and a == 1.0:
        return b
    if type(b) is float and b == 1.0:
        return a
    return a * b


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
    if isinstance(root, Parameter):
        return constants[root.index], None
    if isinstance(root, Number):
        return root.value, None
    if not isinstance(root, Call):
        return x, 1.0
    operator = root.operator
    if len(root.arguments) == 1:
        u, slope = value_and_slope(root.arguments[0], constants, x)
        value = operator.value(u)
        return value, None if slope is None else _times(operator.gradient(value, (True,), u)[0], slope)
    (u, slope_u), (v, slope_v) = (value_and_slope(a, constants, x) for a in root.arguments)
    value, needed = operator.value(u, v), (slope_u is not None, slope_v is not None)
    if needed == (False, False):
        return value, None
    first, second = operator.gradient(value, needed, u, v)
    if slope_v is None:
        return value, _times(first, slope_u)
    if slope_u is None:
        return value, _times(second, slope_v)
    return value, _times(first, slope_u) + _times(second, slope_v)


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
            jet.x = _add(jet.x, _times(gradient[i], a.x))
        if second and a.xx is not None:
            jet.xx = _add(jet.xx, _times(gradient[i], a.xx))
        for k, derivative in a.c.items():
            jet.c[k] = _add(jet.c.get(k), _times(gradient[i], derivative))
        for k, derivative in a.xc.items():
            jet.xc[k] = _add(jet.xc.get(k), _times(gradient[i], derivative))
    for (i, j), h in hessian.items():
        for p, q in {(i, j), (j, i)}:
            a, b = arguments[p], arguments[q]
            if a.x is None:
                continue
            if second and b.x is not None:
                jet.xx = _add(jet.xx, _times(_times(h, a.x), b.x))
            for k, derivative in b.c.items():
                jet.xc[k] = _add(jet.xc.get(k), _times(_times(h, a.x), derivative))
    return jet
