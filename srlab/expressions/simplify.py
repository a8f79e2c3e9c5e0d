"""Constant folding: the fewest constants that give the same function."""

from __future__ import annotations

import math

from .tree import Call, Node, Number, Parameter, Variable, nodes


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
                return Number(-arguments[0].value)
            # -(a*u) is (-a)*u: the product was made just before, its constant is the last but those of u
            if isinstance(arguments[0], Call) and arguments[0].operator.name in ("mul", "div") and isinstance(arguments[0].arguments[0], Parameter):
                index = arguments[0].arguments[0].index
                if index not in {p.index for p in shared.values()}:
                    constants[index] = -constants[index]
                    return arguments[0]
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
            if isinstance(left, float) and isinstance(right, Call) and name == "mul" and right.operator.name == "mul" \
                    and isinstance(right.arguments[0], Parameter) and counts_once(right.arguments[0]):
                constants[right.arguments[0].index] *= left
                return right
        return Call(node.operator, tuple(new(a) if isinstance(a, float) else a for a in arguments))

    def counts_once(parameter: Parameter) -> bool:
        return parameter.index not in {p.index for p in shared.values()}

    result = walk(root)
    if isinstance(result, float):
        result = new(result)
    return _renumber(result, constants)


def _is(node, value) -> bool:
    return isinstance(node, Number) and node.value == value


def _renumber(root: Node, values) -> tuple[Node, tuple[float, ...]]:
    order: dict[int, int] = {}

    def walk(node: Node) -> Node:
        if isinstance(node, Parameter):
            return Parameter(order.setdefault(node.index, len(order)))
        if isinstance(node, Call):
            return Call(node.operator, tuple(walk(a) for a in node.arguments))
        return node

    return walk(root), tuple(float(values[index]) for index in sorted(order, key=order.get))
