"""Numbers, the front as a table, and its comparison with a published form."""

from types import SimpleNamespace

import pytest

from srlab.cli.tables import comparison, crystal_of, footnotes, front_table, number


@pytest.mark.parametrize(
    "value, text",
    [
        (123.456, "123"),
        (67.51, "67.5"),
        (2.587, "2.59"),
        (0.01234, "0.0123"),
        (0.0, "0.00"),
        (None, "-"),
        (float("inf"), "-"),
        (54321.0, "54321"),
        (1e-7, "0.00"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert number(value) == text


def member(name, complexity, loss, energy=1.0, force=1.0, near=None, structures=None, right=None):
    return SimpleNamespace(
        id=name,
        complexity=complexity,
        loss=loss,
        energy_mae=energy,
        force_mae=force,
        test_energy_mae=energy,
        test_force_mae=force,
        test_near_energy_mae=near,
        structures=structures,
        right_crystal=right,
        formulas={"pair": "1.0*exp(-r)", "density": "exp(-r)", "embedding": "-1.0*sqrt(rho)"},
        summary=lambda: {"energy_mae": energy, "near_energy_mae": near, "near_force_mae": 7.25},
    )


def test_the_verdict_counts_those_below_sutton_chen_in_both():
    published = dict(name="Sutton-Chen", energy_mae=0.0, force_mae=0.0, test_energy_mae=5.0, test_force_mae=50.0)
    front = [member("a", 10, 1.0, 6.0, 40.0), member("b", 12, 0.5, 4.0, 45.0), member("c", 14, 0.4, 3.0, 50.0)]
    assert "3 candidates" in comparison(
        front, [published]
    ) and "1 of them below refitted Sutton-Chen in both test errors" in comparison(front, [published])
    assert comparison(front, []) == "" and comparison([], [published]) == ""


@pytest.mark.parametrize("missing", ["published", "member"])
def test_without_one_of_the_test_errors_the_verdict_is_on_training_errors(missing):
    """A damaged journal may have lost one."""
    published = dict(
        name="Sutton-Chen",
        energy_mae=5.0,
        force_mae=50.0,
        test_energy_mae=5.0,
        test_force_mae=None if missing == "published" else 50.0,
    )
    one = member("a", 10, 1.0, 4.0, 40.0)
    if missing == "member":
        one.test_energy_mae = None
    assert comparison([one], [published]) == "1 candidate, below refitted Sutton-Chen in both training errors."


def test_the_crystal_of_a_candidate_is_marked_where_it_is_wrong():
    right = member("c1", 10, 0.1, structures={"hcp": 6.5, "fcc": 0.0}, right=True)
    wrong = member("c2", 12, 0.05, near=0.4, structures={"hcp": 0.0, "fcc": 2.0}, right=False)
    wrong.element = "Cu"
    assert [crystal_of(each) for each in (right, wrong, member("c3", 13, 0.01))] == ["fcc", "hcp !", ""]
    assert footnotes([right]) == []
    assert footnotes([right, wrong]) == [
        "near: test frames within 0.1 eV/atom of the lowest.",
        "! 1 candidate has the wrong ground state: this crystal is lower in energy than that of the data.",
    ]
    shown = front_table([right, wrong], [])
    assert "crystal" in shown and "near" in shown and "hcp !" in shown
    plain = front_table([member("c3", 13, 0.01)], [])
    assert "crystal" not in plain and "near" not in plain


def test_a_table_fits_80_columns_and_cuts_no_number():
    one = member("c1234 *", 45, 0.1, 123.4, 1234.5, near=1.0, structures={"fcc": 0.0}, right=True)
    one.formulas = {
        "pair": "4074.1*exp(-3.88*r) + 0.15338*exp(-0.65*(r - 5.38)^2) + 0.30841*exp(-0.1*r)*cos(0.835*r + 4.48)",
        "density": "exp(-1.32*r) + 0.605*r^(-6.84)",
        "embedding": "-10.83*sqrt(rho)",
    }
    published = {
        "name": "Cleri-Rosato",
        "complexity": 25,
        "formulas": one.formulas,
        "energy_mae": 12.25,
        "force_mae": 0.5,
    }
    lines = front_table([one], [published], marked=one, scores={"c1234 *": 0.123}).split("\n")
    assert max(map(len, lines)) <= 80
    folded = " ".join(line.strip() for line in lines[4:])
    for term in ("4074.0*exp(-3.88*r)", "0.1534*exp(-0.65*(r", "0.605*r^(-6.84)", "F = -10.83*sqrt(rho)"):
        assert term in folded
