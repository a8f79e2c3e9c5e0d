"""Constant folding: the fewest constants that give the same function."""

from __future__ import annotations

import math

import numpy as np

from srlab.expressions.operators import OPERATORS
from srlab.expressions.syntax import Call, Node, Number, Parameter, Variable, nodes


def fold(root: Node, values) -> tuple[Node, tuple[float, ...]]:
    """Evaluate what depends on constants only, move signs into constants, drop + 0, * 1 and ^ 1.

    Returns the new tree and its constants, numbered in order of appearance. A constant that occurs twice stays shared
    where it stands alone, so a fit of the folded formula has no more freedom than one of the original.
    """
    constants: list[float] = []
    shared: dict[int, Parameter] = {}
    counts: dict[int, int] = {}
    for node in nodes(root):
        if isinstance(node, Parameter):
            counts[node.index] = counts.get(node.index, 0) + 1

    def new(value: float) -> Parameter:
        constants.append(float(value))
        return Parameter(len(constants) - 1)

    def walk(node: Node):
        """A Node, or a float for a subtree that is a constant and belongs to nobody else."""
        if isinstance(node, Variable) or isinstance(node, Number):
            return node
        if isinstance(node, Parameter):
            if counts[node.index] == 1:
                return float(values[node.index])
            if node.index not in shared:
                shared[node.index] = new(values[node.index])
            return shared[node.index]
        arguments = [walk(a) for a in node.arguments]
        name = node.operator.name
        if all(isinstance(a, (float, Number)) for a in arguments) and any(isinstance(a, float) for a in arguments):
            value = node.operator.value(*(a if isinstance(a, float) else a.value for a in arguments))
            if math.isfinite(value):
                return float(value)
        if name == "neg":
            if isinstance(arguments[0], Number):
                return Number(0.0 - arguments[0].value)
            if flip(arguments[0]):
                return arguments[0]
        if name == "sub":
            # a - 2.0*u is a + (-2.0)*u, so that a form has one structure whatever the signs of its constants
            if isinstance(arguments[1], float):
                arguments[1], name = -arguments[1], "add"
            elif flip(arguments[1]):
                name = "add"
        if name == "add" and (positive := _without_sign(arguments[1])) is not None:
            arguments[1], name = positive, "sub"  # 1 + -2*u is 1 - 2*u, as its text says
        if name in ("add", "sub", "mul", "div", "pow"):
            left, right = arguments
            if _is(right, 0) and name in ("add", "sub"):
                return left
            if _is(left, 0) and name == "add":
                return right
            if _is(right, 1) and name in ("mul", "div", "pow"):
                return left
            if _is(left, 1) and name == "mul":
                return right
            if (
                isinstance(left, float)
                and isinstance(right, Call)
                and name == "mul"
                and right.operator.name == "mul"
                and isinstance(right.arguments[0], Parameter)
                and counts_once(right.arguments[0])
                and math.isfinite(left * constants[right.arguments[0].index])
            ):
                constants[right.arguments[0].index] *= left
                return right
        return Call(OPERATORS[name], tuple(new(a) if isinstance(a, float) else a for a in arguments))

    def counts_once(parameter: Parameter) -> bool:
        return parameter.index not in {p.index for p in shared.values()}

    def flip(node) -> bool:
        """Change the sign of a product or quotient through its leading constant, if it has one of its own."""
        if (
            isinstance(node, Call)
            and node.operator.name in ("mul", "div")
            and isinstance(node.arguments[0], Parameter)
            and counts_once(node.arguments[0])
        ):
            constants[node.arguments[0].index] *= -1.0
            return True
        return isinstance(node, Call) and node.operator.name in ("mul", "div") and flip(node.arguments[0])

    with np.errstate(all="ignore"):  # what is not finite is not folded
        result = walk(root)
    if isinstance(result, float):
        result = new(result)
    return _renumber(result, constants)


def _is(node, value) -> bool:
    return isinstance(node, Number) and node.value == value


def _without_sign(node) -> Node | None:
    """The node without the sign of its leading whole number; None where it has none."""
    if isinstance(node, Number):
        return Number(-node.value) if node.value < 0 else None
    if (
        isinstance(node, Call)
        and node.operator.name in ("mul", "div")
        and (first := _without_sign(node.arguments[0])) is not None
    ):
        return (
            node.arguments[1]
            if node.operator.name == "mul" and _is(first, 1)
            else Call(node.operator, (first, node.arguments[1]))
        )
    return None


def _renumber(root: Node, values) -> tuple[Node, tuple[float, ...]]:
    order: dict[int, int] = {}

    def walk(node: Node) -> Node:
        if isinstance(node, Parameter):
            return Parameter(order.setdefault(node.index, len(order)))
        if isinstance(node, Call):
            return Call(node.operator, tuple(walk(a) for a in node.arguments))
        return node

    return walk(root), tuple(float(values[index]) for index in sorted(order, key=order.get))
