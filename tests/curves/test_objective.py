import numpy as np
import pytest

from srlab.curves.learner import CurveNetwork
from srlab.curves.objective import CurveObjective
from srlab.expressions import Formula

X = np.linspace(0.2, 1.8, 30)


@pytest.mark.parametrize(
    "slot", [slot for _, slot, _ in CurveNetwork().slots if slot.unit.low], ids=lambda slot: slot.unit.template
)
def test_derivatives_by_inner_constants_against_finite_differences(slot):
    network = CurveNetwork()
    formula = network.model(
        network.switched(network.silent, slot, [0.6 * a + 0.4 * b for a, b in zip(slot.unit.low, slot.unit.high)])
    )
    formula = formula.with_constants(formula.constants + 0.05)
    wanted = range(len(formula.values))
    jet = formula.jet(X, wanted, second=False)
    for k in wanted:
        up, down = (
            formula.with_constants(formula.constants + step * np.eye(len(formula.values))[k]).value(X)
            for step in (1e-6, -1e-6)
        )
        np.testing.assert_allclose(np.broadcast_to(jet.c[k], X.shape), (up - down) / 2e-6, rtol=1e-5, atol=1e-6)


def test_refine_finds_linear_and_inner_constants():
    y = 2.5 * np.exp(-1.3 * X) + 0.7
    fit = CurveObjective(X, y).refine(Formula.parse("1.0*exp(-0.5*x) + 0.1", "x"))
    assert fit.loss < 1e-20
    np.testing.assert_allclose(fit.formula.constants, [2.5, -1.3, 0.7], rtol=1e-7)


def test_refine_keeps_frozen_constants_and_bounds():
    objective = CurveObjective(X, np.exp(-1.3 * X))
    start = Formula.parse("1.0*exp(-0.5*x)", "x")
    assert objective.refine(start, frozen=frozenset([1])).formula.constants[1] == -0.5
    assert objective.refine(start, bounds=([-np.inf, -1.0], [np.inf, 0.0])).formula.constants[1] == pytest.approx(-1.0)


def test_a_formula_that_is_not_finite_has_infinite_loss():
    objective = CurveObjective(X, X)
    assert objective.refine(Formula.parse("1.0*log(x - 1.0)", "x")).loss == np.inf
    assert objective.loss(Formula.parse("log(x - 1.0)", "x")) == np.inf


def test_loss_of_the_mean_is_one():
    y = X**2
    assert CurveObjective(X, y).loss(Formula.parse(repr(float(y.mean())), "x")) == pytest.approx(1.0)
