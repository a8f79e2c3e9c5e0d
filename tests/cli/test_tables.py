"""Numbers, the verdict."""

from types import SimpleNamespace

import pytest

from srlab.cli.tables import number, verdict


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


def member(name, complexity, loss, energy=1.0, force=1.0):
    return SimpleNamespace(
        id=name,
        complexity=complexity,
        loss=loss,
        energy_mae=energy,
        force_mae=force,
        test_energy_mae=energy,
        test_force_mae=force,
    )


def test_the_verdict_counts_those_below_sutton_chen_in_both():
    rival = dict(name="Sutton-Chen", energy_mae=0.0, force_mae=0.0, test_energy_mae=5.0, test_force_mae=50.0)
    front = [member("a", 10, 1.0, 6.0, 40.0), member("b", 12, 0.5, 4.0, 45.0), member("c", 14, 0.4, 3.0, 50.0)]
    assert "3 candidates" in verdict(
        front, [rival]
    ) and "1 of them below refitted Sutton-Chen in both test errors" in verdict(front, [rival])
    assert verdict(front, []) == "" and verdict([], [rival]) == ""


@pytest.mark.parametrize("missing", ["rival", "member"])
def test_without_one_of_the_test_errors_the_verdict_is_on_training_errors(missing):
    """A damaged journal may have lost one."""
    rival = dict(
        name="Sutton-Chen",
        energy_mae=5.0,
        force_mae=50.0,
        test_energy_mae=5.0,
        test_force_mae=None if missing == "rival" else 50.0,
    )
    one = member("a", 10, 1.0, 4.0, 40.0)
    if missing == "member":
        one.test_energy_mae = None
    assert "1 of them below refitted Sutton-Chen in both training errors" in verdict([one], [rival])
