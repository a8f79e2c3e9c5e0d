"""Formulas: any text gives a formula that survives being written and read again, or an InputError; nothing is
evaluated."""

import time
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srlab.errors import InputError
from srlab.expressions import Formula, TwoDensityFormula
from srlab.fitting.forms import load_form
from srlab.templates import Model
from tests.fuzz.conftest import cases

SECONDS = 5.0  # for one text, on a slow machine
X = np.array([-1.0, 0.0, 1e-9, 0.7, 2.5, 6.0, 1e6])

NUMBERS = st.one_of(
    st.integers(0, 12).map(str),
    st.floats(0, allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["0", "0.0", "1e-320", "1e308", "9" * 30, "9" * 300, "9" * 400, ".5", "5.", "1e9", "1.0", "007"]),
)
NOISE = st.sampled_from(
    [
        "__import__('os')",
        "lambda",
        "0x1F",
        "1_0",
        "r.real",
        "r[0]",
        "nan",
        "inf",
        "ρ",
        "ρ1",
        "ln",
        "é",
        "𝐫",
        "²",
        "٣",
        "\u00a0",
        "\u202e",
        "\x00",
        "\n",
        "\t",
        ";",
        "A",
        "r",
        "rho",
        "rho1",
        "rho2",
        ",",
        "=",
        "$",
        "%s",
        "{0}",
        "**",
        "^",
        "--",
        "+-",
        "()",
        "",
        " ",
    ]
)


def expressions(names):
    leaves = st.one_of(NUMBERS, st.sampled_from(names))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "^", "**", " - ", "*-", "^-", " + "]), inner).map(
                "".join
            ),
            st.tuples(
                st.sampled_from(["exp", "log", "sqrt", "cos", "sin", "tanh", "ln", "-", "+", "--", ""]), inner
            ).map(lambda t: f"{t[0]}({t[1]})"),
            inner.map(lambda t: f"-{t}"),
        ),
        max_leaves=25,
    )


def texts(names):
    """Formulas, most of them whole, and what only resembles them."""
    whole = expressions(names)
    pieces = st.lists(st.one_of(whole, NOISE, NUMBERS, st.text(max_size=5)), max_size=8).map("".join)
    return st.one_of(whole, whole, pieces, st.text(max_size=80))


LONG = st.builds(
    lambda left, middle, right, count: left * count + middle + right * count,
    st.sampled_from(
        [
            "",
            "(",
            "-",
            "r+",
            "r*",
            "r^",
            "2.0*",
            "exp(",
            "r-(",
            "(r",
            "(-",
            "r^-",
            "-r*",
            "1e308*",
            "2*-(",
            "r/",
            "+",
            "r^2.0 - ",
            " ",
        ]
    ),
    st.sampled_from(["r", "", "1", "2.0", "-r"]),
    st.sampled_from(["", ")", "+r", "*2", "^r", ")^r", "+r)", ")*r", "/r", "-1e5", "-1", "^-2", " "]),
    st.integers(0, 5000),
)


def check(cls, text, points):
    """What must hold of every text."""
    begun = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            formula = cls.parse(text)
        except InputError as error:
            assert str(error) and len(str(error)) < 1000
            return time.process_time() - begun
        assert np.isfinite(formula.constants).all()
        again = cls.parse(formula.text)
        assert again == formula and again.text == formula.text
        for each in (formula, again):
            every = frozenset(range(len(each.values)))
            found = [each.value(*points), *each.value_and_slopes(*points), *sum(each.curvatures(*points), [])]
            assert all(part.shape == points[0].shape and part.dtype == float for part in found)
            for jet in each.jets(points, every):
                assert all(
                    np.asarray(part, float).shape in ((), points[0].shape)
                    for part in (*jet.c.values(), *jet.xc.values())
                )
        np.testing.assert_array_equal(formula.value(*points), again.value(*points))
        assert (
            formula.short()
            and formula.structure
            and formula.latex()
            and formula.complexity > 0
            and formula.operators is not None
        )
        np.testing.assert_equal(np.isfinite(cls.parse_form(text).value(*points)).shape, points[0].shape)
    return time.process_time() - begun


@cases(150)
@given(texts(["r", "r", "r", "ρ", "A"]))
def test_any_text_is_a_formula_or_refused(text):
    check(Formula, text, (X,))


@cases(60)
@given(texts(["rho1", "rho2", "ρ1", "ρ2", "r"]))
def test_any_text_is_a_formula_of_two_densities_or_refused(text):
    check(TwoDensityFormula, text, (X, X[::-1].copy()))


@cases(60)
@given(LONG)
def test_long_and_deep_texts_take_little_time(text):
    assert check(Formula, text, (X,)) < SECONDS


@cases(60)
@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.sampled_from(
                    ["phi", "f", "g", "F", "φ", "pair", "fix A", "A", "fix ", "", "phi(r)", "F(rho1, rho2)", "2", "inf"]
                ),
                st.just("="),
                st.one_of(
                    texts(["r", "rho", "A", "rho1", "rho2"]),
                    NUMBERS,
                    st.sampled_from(["inf", "-inf", "nan", "1_0", "1e400", " 5 # why"]),
                ),
            ).map(" ".join),
            st.sampled_from(
                ["phi = r", "f = exp(-A*r)", "F = -sqrt(rho)", "A = 2.0", "g = r", "F = rho1*rho2", "# nothing", "="]
            ),
            st.text(max_size=20),
        ),
        max_size=7,
    ),
    st.sampled_from([";", "\n", "; ", ";;", "\r\n"]),
)
def test_any_text_is_a_form_or_refused(lines, between):
    text = between.join(lines)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            form = load_form(text)
            model = form.model
        except InputError as error:
            assert str(error)
            return
        assert np.isfinite(model.constants).all()
        assert set(form.constants(model)).isdisjoint(form.fixed) and form.frozen is not None
        plain = model.map(lambda _, formula: formula.canonical())
        assert Model.parse(plain.formulas).formulas == plain.formulas


@cases(30)
@given(
    st.one_of(
        st.text(max_size=300), st.sampled_from(["x" * 300, "x" * 5000, "\x00", "a/b\x00", ".", "/", "~", "cu-gpaw"])
    )
)
def test_any_name_of_a_form_is_found_or_refused(name):
    try:
        load_form(name)
    except InputError as error:
        assert str(error)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"\x00", b"", b"phi = r\r\nf = r\r\nF = rho\r\n", "φ = r; f = r; F = ρ".encode()]
)
def test_a_file_of_a_form(tmp_path, content):
    path = tmp_path / "form.txt"
    path.write_bytes(content)
    try:
        assert load_form(str(path)).model.formulas
    except InputError as error:
        assert "form" in str(error) or "function" in str(error) or "assignment" in str(error)
