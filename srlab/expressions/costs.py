"""What operators count in the complexity of a formula, where a person says otherwise than one node each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from srlab.expressions.formula import Formula
from srlab.expressions.own_operators import OwnOperator
from srlab.expressions.syntax import Call, Node, Parameter, Variable, nodes


@dataclass(frozen=True)
class Costs:
    """Nodes that each use of an operator counts.

    An operator of a person's own is written in those of the grammar: each place of a formula with its form counts the
    cost in place of the operators and numbers that the definition is made of. Its argument counts as anywhere.

    Attributes
    ----------
    operators : tuple of (str, int)
        Of the grammar; those that are not there count one.
    own : tuple of (OwnOperator, int)
        Of a person's own; those that are not there count what they are made of.
    """

    operators: tuple[tuple[str, int], ...] = ()
    own: tuple[tuple[OwnOperator, int], ...] = ()

    @classmethod
    def of(cls, costs: Iterable[tuple[str, int]], own: Iterable[OwnOperator] = ()) -> Costs:
        """Costs by name.

        Parameters
        ----------
        costs : iterable of (str, int)
            Of operators of the grammar, and of those in `own`.
        own : iterable of OwnOperator
        """
        given = dict(costs)
        mine = tuple((operator, given.pop(operator.name)) for operator in own if operator.name in given)
        return cls(tuple(sorted(given.items())), mine)

    def __bool__(self) -> bool:
        return bool(self.operators or self.own)

    def __getitem__(self, name: str) -> int:
        """Nodes of an operator of the grammar."""
        return dict(self.operators).get(name, 1)

    def complexity(self, formula: Formula) -> int:
        """Operators + variables + constants of a formula, with the costs."""
        variables = tuple(formula.variable.split(", "))
        forms = {}
        for operator, cost in self.own:
            argument = sum(self[name] for name in operator.argument_operators(variables))
            forms.update({form: cost + argument + leaves for form, leaves in _forms(operator, variables)})
        return _count(formula.root, dict(self.operators), forms)


def _count(node: Node, costs: dict[str, int], forms: dict[Node, int]) -> int:
    for form, count in forms.items():
        if _alike(node, form):
            return count
    if not isinstance(node, Call):
        return 1
    own = costs.get(node.operator.name, node.operator.complexity)
    return own + sum(_count(argument, costs, forms) for argument in node.arguments)


@lru_cache(maxsize=64)
def _forms(operator: OwnOperator, variables: tuple[str, ...]) -> tuple[tuple[Node, int], ...]:
    """What an operator looks like in a function of some variables, each with its number of variables and constants."""
    roots = [Formula.parse(term.text(term.low), ", ".join(variables)).root for term in operator.terms(variables)]
    return tuple((root, sum(isinstance(each, (Parameter, Variable)) for each in nodes(root))) for root in roots)


def _alike(node: Node, form: Node) -> bool:
    """Whether a node is of a form: the same but for the values of constants."""
    if isinstance(form, Parameter):
        return isinstance(node, Parameter)
    if not isinstance(form, Call):
        return node == form
    return (
        isinstance(node, Call)
        and node.operator is form.operator
        and all(_alike(a, b) for a, b in zip(node.arguments, form.arguments, strict=True))
    )
