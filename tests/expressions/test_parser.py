"""The grammar: what it takes, what it refuses and where it points."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srlab.errors import InputError
from srlab.expressions import Formula, FormulaError
from srlab.expressions.parser import with_fitted_factors


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.0 + 2*3", 7.0),
        ("2^3^2", 512.0),
        ("-2^2", -4.0),
        ("(-2.0)^2", 4.0),
        ("8/4/2", 1.0),
        ("1 - 2 - 3", -4.0),
        ("2**-1", 0.5),
        ("exp(0.0) + sqrt(4)", 3.0),
        ("--3.0", 3.0),
        ("+1.5e1", 15.0),
        (".5", 0.5),
    ],
)
def test_arithmetic(text, value):
    assert Formula.parse(text).value(1.0) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("2*", 3, "too early"),
        ("foo(r)", 1, "unknown function"),
        ("2.5 r", 5, "unexpected 'r'"),
        ("(r + 1", 7, "not closed"),
        ("rho + 1", 1, "the variable here is r"),
        ("exp r", 5, "needs '('"),
        ("1e999*r", 1, "too large"),
        ("r; import os", 2, "unexpected ';'"),
        ("__import__('os')", 12, "unexpected"),
        ("r.real", 2, "unexpected '.'"),
        ("r[0]", 2, "unexpected '['"),
        ("lambda r", 8, "unexpected 'r'"),
    ],
)
def test_errors_show_where(text, position, words):
    with pytest.raises(FormulaError, match=words.replace("(", r"\(").replace("[", r"\[")) as caught:
        Formula.parse(text)
    lines = str(caught.value).splitlines()
    assert lines[2].index("^") - 2 == position - 1


def test_a_constant_without_a_value_is_named():
    with pytest.raises(FormulaError, match="constant B .* has no value"):
        Formula.parse("A*exp(-B*r)", names={"A": 1.0})


def test_long_and_deep_formulas_are_refused():
    with pytest.raises(FormulaError, match="limit"):
        Formula.parse("r+" * 3000 + "r")
    with pytest.raises(FormulaError, match="nested"):
        Formula.parse("(" * 100 + "r" + ")" * 100)
    with pytest.raises(FormulaError, match="nested"):
        Formula.parse("^".join(["r"] * 100))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="r0123456789.+-*/^() eExpsqrtlogcosρ_;[]'\"", max_size=40))
def test_any_text_parses_or_is_refused_with_an_input_error(text):
    try:
        formula = Formula.parse(text)
    except InputError:
        return
    assert Formula.parse(formula.text).text == Formula.parse(Formula.parse(formula.text).text).text


EXPRESSIONS = st.recursive(
    st.one_of(st.just("r"), st.integers(1, 9).map(str), st.floats(0.1, 9.0).map(lambda x: repr(round(x, 3)))),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["exp", "cos", "tanh"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        inner.map(lambda t: f"(-{t})"),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS)
def test_canonical_text_means_the_same(text):
    import numpy as np

    r = np.linspace(1.1, 3.3, 5)
    formula, form = Formula.parse(text), Formula.parse_form(text)
    np.testing.assert_allclose(formula.value(r), form.value(r), rtol=1e-9, equal_nan=True)
    again = Formula.parse(formula.text)
    np.testing.assert_allclose(again.value(r), formula.value(r), rtol=1e-9, equal_nan=True)
    assert formula.complexity <= form.complexity


@pytest.mark.parametrize("text", ["log(0.0)", "2.0/0", "1e308*(1e308*r)", "exp(1e3) + r^(2.0/0.0)"])
def test_constants_beyond_all_numbers_neither_warn_nor_raise(text):
    import numpy as np

    formula = Formula.parse(text)
    assert np.isfinite(formula.constants).all() and Formula.parse(formula.text) == formula
    formula.jet(np.linspace(0.0, 2.0, 3), frozenset(range(len(formula.values))))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1 + -1*r", "1 - r"),
        ("r + -2*r/r", "r - 2*r/r"),
        ("r + -2", "r - 2"),
        ("1/-0", "1/0"),
        ("r - -2*r", "r - -2*r"),
    ],
)
def test_signs_of_whole_numbers_read_back_as_they_are_written(text, canonical):
    formula = Formula.parse(text)
    assert formula.text == canonical and Formula.parse(canonical) == formula


@pytest.mark.parametrize(
    "text",
    [
        "r" + "+r" * 500,
        "r" + "*r" * 1500,
        "+".join(["9e15"] * 700),
        "r-(" * 59 + "r-2*-r" + ")" * 59,
        "x" * 3000 + "*r",
        "9" * 400,
    ],
)
def test_what_could_not_be_read_again_or_overflows_the_stack_is_refused(text):
    with pytest.raises(InputError) as caught:
        Formula.parse(text)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("text", "wanted", "kept"),
    [
        ("900*exp(-3*r)", "900.0*exp(-3.0*r)", []),
        ("r^-9*2 - 3 *r**2", "r^-9*2.0 - 3.0 *r**2", ["9", "2"]),
        ("1/r + r/3 - 2/r^(-4)", "1/r + r/3.0 - 2.0/r^(-4)", ["1", "4"]),
        ("log(1 + 12*r) - (r - 2)*5", "log(1 + 12.0*r) - (r - 2)*5.0", ["1", "2"]),
        ("0*r + 2^3*r + 1.5", "0*r + 2^3*r + 1.5", ["0", "2", "3"]),
    ],
)
def test_whole_numbers_that_multiply_are_constants(text, wanted, kept):
    assert with_fitted_factors(text) == (wanted, kept)
