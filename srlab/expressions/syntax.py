"""Expression trees: numbers, parameters, the variable, and operators applied to them. Immutable and hashable."""

from __future__ import annotations

from dataclasses import dataclass

from srlab.expressions.operators import OPERATORS, Operator


@dataclass(frozen=True, slots=True)
class Number:
    """A number that belongs to the structure (the 2 in r^2); fitting leaves it alone."""

    value: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """The index of a fitted constant in the formula's list of constants."""

    index: int


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    operator: Operator
    arguments: tuple[Node, ...]


Node = Number | Parameter | Variable | Call


def call(name: str, *arguments: Node) -> Call:
    """The operator of that name applied to its arguments."""
    return Call(OPERATORS[name], arguments)


def nodes(root: Node):
    """All nodes, depth first, left to right."""
    yield root
    if isinstance(root, Call):
        for argument in root.arguments:
            yield from nodes(argument)


def depth(root: Node) -> int:
    """Operators on the longest way from the root to a leaf."""
    deepest, level = 0, [root]
    while level := [argument for node in level if isinstance(node, Call) for argument in node.arguments]:
        deepest += 1
    return deepest


def terms(root: Node) -> list[Node]:
    """The summands of a sum; a node that is no sum is its only term."""
    if isinstance(root, Call) and root.operator.name in ("add", "sub"):
        return [term for argument in root.arguments for term in terms(argument)]
    return [root]


def linear_parameters(root: Node) -> frozenset[int]:
    """Parameters in which the value is jointly linear (plus a part that has none of them).

    ``a*exp(-b*r) + c*r`` is linear in a and c together. Of a product only one side can be taken: of ``a*(b + r)``, a.
    """
    counts: dict[int, int] = {}
    for node in nodes(root):
        if isinstance(node, Parameter):
            counts[node.index] = counts.get(node.index, 0) + 1
    return frozenset(index for index in _linear(root) if counts[index] == 1)


def _linear(node: Node) -> frozenset[int]:
    if isinstance(node, Parameter):
        return frozenset((node.index,))
    if isinstance(node, Call):
        sides = [_linear(argument) for argument in node.arguments]
        match node.operator.name:
            case "add" | "sub" | "neg":
                return frozenset().union(*sides)
            case "mul":
                return max(sides, key=len)
            case "div":
                return sides[0]
    return frozenset()
