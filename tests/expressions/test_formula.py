"""Formulas: values and derivatives against torch and finite differences, constants, complexity, other languages."""

import numpy as np
import pytest
import sympy
import torch

from srlab.expressions import Formula

R = np.linspace(1.5, 5.0, 40)
TEXTS = [
    "785.0*r^(-5.56) + 0.079*exp(-1.32*(r - 2.95)^2)",
    "2.0*r^(10.21 - 5.47*r) - 0.21^r",
    "1.3*exp(-2.0*r)*cos(3.0*r + 1.0)",
    "2.0*(1.0 - exp(-1.3*(r - 2.5)))^2",
    "-(2.0*r)^2 - 3.0/(r + 1)^2*-2.0",
    "tanh(0.3*r)/(1 + r^2) + log(r)*sqrt(r)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_derivatives_agree_with_torch(text):
    formula = Formula.parse(text)
    x = torch.tensor(R, requires_grad=True)
    (first,) = torch.autograd.grad(formula.torch(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    value, dx, dxx = formula.derivatives(R)
    np.testing.assert_allclose(value, formula.torch(x).detach(), rtol=1e-13)
    np.testing.assert_allclose(dx, first.detach(), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(dxx, second, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("text", [*TEXTS, "3.0", "r", "2.0*r^2 - (r - 3.0)^3", "sqrt(2.0*r)^3/(1 - 4.0*r)"])
def test_the_short_way_to_value_and_slope(text):
    formula = Formula.parse(text)
    for got, expected in zip(formula.value_and_slope(R), formula.derivatives(R)):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("text", TEXTS)
def test_derivatives_by_constants_agree_with_finite_differences(text):
    formula = Formula.parse(text)
    jet = formula.jet(R, range(len(formula.values)))
    for k, c in enumerate(formula.constants):
        step = 1e-6 * max(1.0, abs(c))
        up, down = (
            formula.with_constants(np.where(np.arange(len(formula.values)) == k, c + s, formula.constants))
            for s in (step, -step)
        )
        for got, which in ((jet.c[k], 0), (jet.xc.get(k, 0.0), 1)):
            expected = (up.derivatives(R)[which] - down.derivatives(R)[which]) / (2 * step)
            np.testing.assert_allclose(
                np.broadcast_to(got, R.shape), expected, rtol=2e-5, atol=1e-6 * (1 + np.abs(expected).max())
            )


@pytest.mark.parametrize("text", TEXTS)
def test_sympy_and_python_mean_the_same(text):
    formula = Formula.parse(text)
    r = sympy.Symbol("r", positive=True)
    np.testing.assert_allclose(sympy.lambdify(r, formula.sympy(), "numpy")(R), formula.value(R), rtol=1e-10)
    function = compile(formula.python(), "formula", "eval")  # our own output, not a user's
    assert set(function.co_names) <= {"np", "r", "exp", "cos", "tanh", "log", "sqrt"}


@pytest.mark.parametrize(
    ("text", "complexity", "linear"),
    [
        ("785.0*r^(-5.56)", 5, {0}),
        ("exp(-1.55*r)", 4, set()),
        ("-3.58*sqrt(rho)", 4, {0}),
        ("1.5*exp(-2.0*r) + 0.3*r", 10, {0, 2}),
        ("0.97/rho", 3, {0}),
        ("r^(10.2 - 5.4*r)", 7, set()),
        ("2.0*exp(-(r - 1.0)^2)", 9, {0}),
        ("2.0*(1.0 + r)", 5, {0}),
    ],
)
def test_complexity_and_linear_constants(text, complexity, linear):
    formula = Formula.parse(text, "rho" if "rho" in text else "r")
    assert formula.complexity == complexity
    assert set(formula.linear) == linear


def test_signs_do_not_make_new_structures():
    plus, minus = Formula.parse("1.0*exp(-2.0*r) + 3.0*r^2"), Formula.parse("1.0*exp(2.0*r) - 3.0*r^2")
    assert plus.structure == minus.structure
    assert minus.text == "1.0*exp(2.0*r) - 3.0*r^2"


def test_whole_numbers_are_structure_and_decimals_are_constants():
    formula = Formula.parse("2.0*(r - 3)^2")
    assert formula.values == (2.0,)
    assert formula.with_constants([5.0]).value(4.0) == 5.0
    with pytest.raises(ValueError, match="1 constants expected"):
        formula.with_constants([1.0, 2.0])


def test_a_named_constant_is_one_constant_wherever_it_stands():
    form = Formula.parse_form("A*exp(-p*(r/r0 - 1)) + A*r", names={"A": 1.0, "p": 2.0, "r0": 2.5})
    assert form.names == ("A", "p", "r0")
    assert len(form.canonical().values) == 3


def test_latex_is_readable():
    assert Formula.parse("785.0*r^(-5.56)").latex() == r"785\,r^{-5.56}"
    assert Formula.parse("-3.58*sqrt(rho)", "rho").latex() == r"-3.58\,\sqrt{\rho}"
    assert Formula.parse("1.0e-7*exp(-1.5*r)").latex() == r"1.000 \times 10^{-7}\,e^{-1.5\,r}"
    assert Formula.parse("0.97/rho", "rho").latex() == r"\frac{0.97}{\rho}"


def test_rounding():
    assert Formula.parse("1.23456*exp(-9.87654*r)").short(3) == "1.23*exp(-9.88*r)"
