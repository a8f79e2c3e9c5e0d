"""Operators of one's own: definitions, and the terms they become."""

import numpy as np
import pytest

from srlab.errors import InputError
from srlab.expressions import Formula
from srlab.expressions.equation_learner import EquationLearner
from srlab.expressions.own_operators import OwnOperator, own_operators


def test_an_operator_without_constants_gets_a_scale_and_between_atoms_a_place():
    (term,) = OwnOperator.parse("bump(x) = exp(-x^2)").terms(("r",))
    assert term.group == "bump" and term.lengths == (-1, 1)
    formula = Formula.parse(term.text((2.0, -3.0)))
    assert formula.value(3.0) == 1.0 and formula.value(3.5) == pytest.approx(np.exp(-1.0))
    assert term.scaled(2.0).low[0] == pytest.approx(0.5 * term.low[0])  # steepness is 1/A


def test_constants_of_its_own_are_what_fits_move():
    operator = OwnOperator.parse("hill(u) = u*exp(-1.5*u)")
    (term,) = operator.terms(("r",))
    assert term.pattern == "r*exp({0}*r)" and term.least[0] == -4.5 and term.most[0] == -0.5
    assert term.least[0] < term.low[0] < -1.5 < term.high[0] < term.most[0]
    assert OwnOperator.parse(operator.text) == operator


def test_in_an_embedding_it_stands_where_a_lone_atom_has_no_energy():
    assert OwnOperator.parse("bump(x) = exp(-x^2)").terms(("rho",)) == ()
    first, second = OwnOperator.parse("level(x) = tanh(x)").terms(("rho1", "rho2"))
    assert first.pattern == "tanh({0}*rho1)" and second.pattern == "tanh({0}*rho2)"


@pytest.mark.parametrize(
    "text",
    ["bump(x) = exp(-x^2)", "fall(x) = exp(-x)", "morse(x) = (1 - exp(-1.5*(x - 2.5)))^2", "lor(x) = 1/(1 + x^2)"],
)
def test_a_network_writes_it_and_takes_refined_constants_back(text):
    """What a fit changes comes back into the vector, so that the next move starts from it."""
    learner = EquationLearner(OwnOperator.parse(text).terms(("r",)))
    vector = np.full(learner.size, 0.5)
    vector[0] = 0.95
    formula = learner.formula(vector)
    assert len(formula.values) == learner.size and formula.values[0] == pytest.approx(0.9)
    lower, upper = learner.bounds(vector)
    moved = formula.with_constants([0.9, *(low + 0.3 * (up - low) for low, up in zip(lower[1:], upper[1:]))])
    assert learner.formula(learner.absorb(vector, moved)).values == pytest.approx(moved.values)


@pytest.mark.parametrize(
    "text, words",
    [
        ("exp(-x^2)", "no definition"),
        ("bump = exp(-x^2)", "no definition"),
        ("exp(x) = x", "give yours another name"),
        ("wave(x) = cos(x)", "give yours another name"),
        ("mine(exp) = exp", "call it x"),
        ("mine(x) = exp(", "mine: the formula ends too early"),
        ("mine(x) = a*x", "'a' in the operator mine has no value"),
        ("mine(x) = r^2", "variable here is x"),
        ("mine(x) = 3.0", "does not depend on its argument"),
        ("mine(x) = 2.0*exp(-x)", "cannot be told apart"),
        ("mine(x) = exp(0.0*x)", "cannot be told apart"),
        (5, "no definition"),
    ],
)
def test_what_cannot_be_is_one_sentence(text, words):
    with pytest.raises(InputError, match=words):
        OwnOperator.parse(text)


def test_several_have_different_names():
    with pytest.raises(InputError, match="'a' is defined twice"):
        own_operators(["a(x) = tanh(x)", "a(x) = x^2"])
    with pytest.raises(InputError, match="12 is the limit"):
        own_operators([f"a{k}(x) = x^2" for k in range(13)])
    with pytest.raises(InputError, match="must be texts"):
        own_operators(3)
