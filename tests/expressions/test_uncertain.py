"""Numbers with their deviation in parentheses."""

import pytest

from srlab.expressions import Formula
from srlab.expressions.uncertain import with_deviation


@pytest.mark.parametrize(
    "value, deviation, text",
    [
        (1.23412, 0.0051, "1.234(5)"),
        (-3.54123, 0.00151, "-3.5412(15)"),
        (2736.4, 12.3, "2736(12)"),
        (2736.4, 31.0, "2.74(3)e+03"),
        (9.0, 0.0, "9.0"),
        (0.02, float("nan"), "0.02(?)"),
        (0.02, float("inf"), "0.02(?)"),
        (1.234e-7, 3.6e-9, "1.23(4)e-07"),
        (0.0, 0.26, "0.0(3)"),
        (0.1, 5.2, "0(5)"),
        (0.123, 0.0996, "0.12(10)"),
        (5.0, 0.999, "5.0(10)"),
        (123456.0, 0.04, "123456.00(4)"),
    ],
)
def test_digits(value, deviation, text):
    assert with_deviation(value, deviation) == text


def test_a_formula_shows_the_deviations_of_its_constants_and_leaves_its_numbers():
    formula = Formula.parse("2736.4*exp(-3.541234*r)/r^2 + r^(-9.0123)")
    assert formula.uncertain([12.0, 0.0015, 0.03]) == "2736(12)*exp(-3.5412(15)*r)/r^2 + r^(-9.01(3))"
