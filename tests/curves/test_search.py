import numpy as np
import pytest

import srlab
from srlab.curves import fit_curve
from srlab.curves.objective import CurveObjective
from srlab.curves.snap import snap, with_whole_numbers
from srlab.errors import InputError
from srlab.expressions import Formula

X = np.random.default_rng(3).uniform(-1.0, 1.0, 20)


@pytest.mark.parametrize("truth", ["x^3 + x^2 + x", "exp(-x^2)", "sin(x) + sin(x + x^2)"])
def test_recovers_easy_curves_and_says_so(truth):
    formula = Formula.parse(truth, "x")
    result = fit_curve(X, formula.value(X), evaluations=30000, seed=1)
    wide = np.linspace(-2.0, 2.0, 50)
    assert result.exact and result.knee is result.best
    np.testing.assert_allclose(result.best.formula.value(wide), formula.value(wide), rtol=1e-9, atol=1e-9)


def test_noise_is_not_called_exact_and_the_front_is_ordered():
    y = 1.5 * np.exp(0.7 * X) + 0.05 * np.random.default_rng(0).normal(size=20)
    result = fit_curve(X, y, evaluations=3000)
    losses = [m.loss for m in result.front]
    assert not result.exact and losses == sorted(losses, reverse=True)
    assert [m.complexity for m in result.front] == sorted({m.complexity for m in result.front})
    assert all(m.formula.complexity == m.complexity <= 50 for m in result.front) and result.knee in result.front
    for m in result.front:
        assert m.error == pytest.approx(np.sqrt(np.mean((m.formula.value(X) - y) ** 2)))


def test_same_seed_and_evaluations_give_the_same_front():
    y = (
        np.sin(2.3 * X) + 0.2 * X**2 + 0.1 * np.random.default_rng(3).normal(size=len(X))
    )  # with noise there is no one front that all seeds end at
    fronts = [[(m.formula.text, m.loss) for m in fit_curve(X, y, evaluations=2500, seed=5).front] for _ in range(2)]
    assert fronts[0] == fronts[1]
    assert fronts[0] != [(m.formula.text, m.loss) for m in fit_curve(X, y, evaluations=2500, seed=6).front]


def test_complexity_limit_and_operators_are_kept():
    result = fit_curve(X, np.sin(3.1 * X), evaluations=1500, max_complexity=9, operators=("pow", "constant"))
    assert all(m.complexity <= 9 and not m.formula.operators & {"sin", "cos", "exp"} for m in result.front)


def test_snap_makes_fractions_and_whole_numbers():
    objective = CurveObjective(X, X / 3 + np.sin(2 * X))
    formula, loss = snap(objective, Formula.parse("0.3333333334*x + 1.0000000002*sin(2.0000000001*x)", "x"), 1e-19)
    assert loss < 1e-18 and formula.structure == "c*x + sin(2*x)"
    assert with_whole_numbers(Formula.parse("0.0*x + 1.0*x^2 - 1.0*exp(x)", "x")).text == "x^2 - exp(x)"


def test_formulas_export_and_the_function_is_at_the_top():
    result = srlab.fit_curve(X, X**2 + 1.0, evaluations=2000)
    formula = result.best.formula
    assert "x" in formula.latex() and "x**2" in formula.python() and str(formula.sympy(positive=False)).count("x") >= 1


@pytest.mark.parametrize(
    "x, y, keywords, words",
    [
        ([1, 2, 3, 4, float("nan")], [1, 2, 3, 4, 5], {}, "row 5"),
        ([1, 2, 3], [1, 2, 3], {}, "too few"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4], {}, "same length"),
        (["a", 2, 3, 4, 5], [1, 2, 3, 4, 5], {}, "numbers"),
        ([2] * 5, [1, 2, 3, 4, 5], {}, "same value"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], {"seconds": 0.0}, "seconds"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], {"operators": ("sinus",)}, "sinus"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], {"operators": ()}, "no operator"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], {"max_complexity": 0}, "max_complexity"),
    ],
)
def test_bad_input_is_one_sentence(x, y, keywords, words):
    with pytest.raises(InputError, match=words):
        fit_curve(x, y, **keywords)


def test_a_constant_column_is_fitted_by_a_constant():
    result = fit_curve(X, np.full(20, 2.5), evaluations=500)
    assert (
        result.exact and result.best.complexity == 1 and result.best.formula.value(np.array(0.3)) == pytest.approx(2.5)
    )
