"""Formulas of two densities: derivatives against finite differences, and what does not parse."""

import numpy as np
import pytest
import torch

from srlab.expressions import FormulaError, TwoDensityFormula
from srlab.expressions.domain import DomainError, check_embedding

RHO1, RHO2 = np.array([3.0, 0.4, 7.0]), np.array([2.0, 5.0, 0.3])
TEXTS = [
    "(27.32 - rho1)/rho2",
    "-2.1*sqrt(rho1) + 0.3*rho2*rho1^(-0.4) + 1.5*log(1 + 2.0*rho2)",
    "0.4*rho1*rho2 - 3.0*rho2^0.45",
    "2.0*rho2",
]


@pytest.mark.parametrize("text", TEXTS)
def test_derivatives_are_those_of_finite_differences(text):
    formula, step = TwoDensityFormula.parse(text), 1e-5
    _, *slopes = formula.value_and_slopes(RHO1, RHO2)
    curvatures = formula.curvatures(RHO1, RHO2)
    for k, (e1, e2) in enumerate([(step, 0.0), (0.0, step)]):
        up, down = formula.value_and_slopes(RHO1 + e1, RHO2 + e2), formula.value_and_slopes(RHO1 - e1, RHO2 - e2)
        np.testing.assert_allclose(slopes[k], (up[0] - down[0]) / (2 * step), rtol=1e-6, atol=1e-7)
        for other in (0, 1):
            np.testing.assert_allclose(
                curvatures[other][k], (up[1 + other] - down[1 + other]) / (2 * step), rtol=1e-6, atol=1e-7
            )
    np.testing.assert_allclose(formula.torch(torch.tensor(RHO1), torch.tensor(RHO2)).numpy(), formula.value(RHO1, RHO2))


@pytest.mark.parametrize("text", TEXTS)
def test_other_languages_say_the_same(text):
    import sympy

    formula = TwoDensityFormula.parse(text)
    assert TwoDensityFormula.parse(formula.text) == formula
    symbols = sympy.symbols("rho1 rho2", positive=True)
    assert float(formula.sympy().subs(dict(zip(symbols, (3.0, 2.0))))) == pytest.approx(formula.value(3.0, 2.0).item())
    assert r"\rho_2" in formula.latex()


def test_a_density_without_a_number_is_an_error():
    with pytest.raises(FormulaError, match="variables here are rho1 and rho2, not rho"):
        TwoDensityFormula.parse("-1.0*sqrt(rho)")


def test_poles_and_energies_of_isolated_atoms_are_found():
    with pytest.raises(DomainError, match=r"rho1 = .*, rho2 = "):
        check_embedding(TwoDensityFormula.parse("1.0/(rho1 - rho2)"), (10.0, 10.0), allow_divergence=True)
    with pytest.raises(DomainError, match="isolated atom"):
        check_embedding(TwoDensityFormula.parse("(27.0 - rho1)/rho2"), (10.0, 10.0))
    check_embedding(TwoDensityFormula.parse("(27.0 - rho1)/rho2"), (10.0, 10.0), allow_divergence=True)
    check_embedding(TwoDensityFormula.parse("-1.0*sqrt(rho1) + 0.1*rho2*rho1^(-0.4)"), (10.0, 10.0))
