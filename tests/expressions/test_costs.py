"""What operators count in the complexity of a formula."""

import pytest

from srlab.expressions import Formula
from srlab.expressions.costs import Costs
from srlab.expressions.own_operators import own_operators
from srlab.expressions.two_densities import TwoDensityFormula


def test_a_formula_counts_its_operators_as_often_as_they_occur():
    formula = Formula.parse("2.5*exp(-1.5*r) + 0.5*exp(-0.5*r)")
    plain = formula.complexity
    count = lambda **costs: Costs.of(costs.items()).complexity(formula)  # noqa: E731
    assert count() == plain == count(exp=1)
    assert count(exp=3) == plain + 2 * 2  # two of them, each two more
    assert count(mul=2, add=5) == plain + 4 + 4
    assert count(sqrt=9) == plain


@pytest.mark.parametrize(
    "definition, text, places, made_of",
    [  # bump: exp, neg, ^ and 2; its argument a*(r + b) counts as anywhere
        ("bump(x) = exp(-x^2)", "0.5*exp(-(2.0*(r - 3.0))^2) + 0.1*exp(-1.5*r)", 1, 4),
        ("bump(x) = exp(-x^2)", "0.5*exp(-(2.0*(r - 3.0))^2) + exp(-(1.0*(r + 0.5))^2)", 2, 4),
        ("bump(x) = exp(-x^2)", "0.5*exp(-2.0*(r - 3.0)^2)", 0, 4),  # another form of the same function
        ("fall(x) = exp(-x)", "3.0*exp(-1.5*(r - 2.5))", 1, 1),  # the sign is in the constant
        ("hill(x) = x*exp(-1.5*x)", "0.5*(r*exp(-1.2*r))", 1, 3),  # its argument is r; two products
        ("hill(x) = x*exp(-1.5*x)", "0.5*exp(-1.2*r)", 0, 3),
    ],
)
def test_an_operator_of_ones_own_counts_its_cost_for_what_it_is_made_of(definition, text, places, made_of):
    own, formula = own_operators([definition]), Formula.parse(text)
    for cost in (1, 2, 9):
        counted = Costs.of([(own[0].name, cost)], own).complexity(formula)
        assert counted == formula.complexity + places * (cost - made_of)
    assert Costs.of([], own).complexity(formula) == formula.complexity


def test_the_cost_of_what_it_is_made_of_does_not_count_but_that_of_its_argument_does():
    own, formula = own_operators(["bump(x) = exp(-x^2)"]), Formula.parse("0.5*exp(-(2.0*(r - 3.0))^2)")
    free = Costs.of([("bump", 2)], own).complexity(formula)
    assert Costs.of([("bump", 2), ("exp", 9)], own).complexity(formula) == free
    assert Costs.of([("bump", 2), ("add", 4)], own).complexity(formula) == free + 3
    assert Costs.of([("bump", 2), ("mul", 2)], own).complexity(formula) == free + 2  # the factor, and the argument's


def test_it_counts_in_an_embedding_of_two_densities_whichever_it_is_of():
    own = own_operators(["level(x) = tanh(x)"])
    formula = TwoDensityFormula.parse("-2.0*tanh(0.3*rho1) + 0.5*tanh(0.2*rho2) + 0.1*rho1")
    assert Costs.of([("level", 5)], own).complexity(formula) == formula.complexity + 2 * 4
