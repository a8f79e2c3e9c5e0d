import numpy as np
import pytest
from ase import Atoms

from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model
from srlab_widgets.curves import angles, compact, curves, limits, panels, shells, triplet_energy

FORMULAS = {"pair": "900.0*exp(-3.2*r)", "density": "exp(-1.6*r)", "embedding": "-12.0*sqrt(rho)"}


def test_the_shells_of_copper():
    distances, counts = shells("Cu", 6.0)
    a = 3.61
    assert distances[:4] == pytest.approx([a / 2**0.5, a, a * 1.5**0.5, a * 2**0.5], abs=1e-5)
    assert counts[:4].tolist() == [12, 6, 24, 12]


def test_the_effective_pair_function_does_not_know_the_gauge():
    """F + k rho with phi - 2 k f is the same potential, and so is a density scaled by s with F of rho / s."""
    plain = curves(FORMULAS, "Cu", 6.0, 4.5)
    moved = curves(
        {**FORMULAS, "pair": "900.0*exp(-3.2*r) - 2*0.7*exp(-1.6*r)", "embedding": "-12.0*sqrt(rho) + 0.7*rho"},
        "Cu",
        6.0,
        4.5,
    )
    scaled = curves({**FORMULAS, "density": "5.0*exp(-1.6*r)", "embedding": "-12.0*sqrt(rho/5.0)"}, "Cu", 6.0, 4.5)
    assert np.abs(moved["pair"][1] - plain["pair"][1]).max() > 0.01
    for other in (moved, scaled):
        assert other["effective"][1] == pytest.approx(plain["effective"][1], abs=1e-10)
        assert other["density"][1] == pytest.approx(plain["density"][1], abs=1e-12)
    assert scaled["embedding"][1] == pytest.approx(plain["embedding"][1], abs=1e-10)


def test_a_second_density_that_does_nothing_changes_no_curve():
    two = curves({**FORMULAS, "second_density": "r^(-4.0)", "embedding": "-12.0*sqrt(rho1)"}, "Cu", 6.0, 4.5)
    shifted = curves(
        {
            **FORMULAS,
            "second_density": "r^(-4.0)",
            "embedding": "-12.0*sqrt(rho1) + 0.3*rho2",
            "pair": "900.0*exp(-3.2*r) - 0.6*r^(-4.0)",
        },
        "Cu",
        6.0,
        4.5,
    )
    for part, (_, y) in curves(FORMULAS, "Cu", 6.0, 4.5).items():
        assert two[part][1] == pytest.approx(y, abs=1e-12)
    assert shifted["effective"][1] == pytest.approx(two["effective"][1], abs=1e-10)


def test_curves_end_at_the_cutoff_with_zero():
    drawn = curves(FORMULAS, "Cu", 5.0, 4.0)
    assert drawn["pair"][0][-1] == 5.0
    assert drawn["pair"][1][-1] == drawn["density"][1][-1] == 0.0


def test_limits_leave_out_the_core_and_survive_a_pole():
    drawn = curves(FORMULAS, "Cu", 6.0, 4.5)
    drawn["pair"][1][120] = np.inf
    low, high = limits(panels([FORMULAS]), [drawn], 2.55)["pair"]
    inside = drawn["pair"][1][(drawn["pair"][0] > 2.1) & np.isfinite(drawn["pair"][1])]
    assert inside.max() < high < 0.5 * drawn["pair"][1][0] and low < inside.min()


def test_compact_numbers_are_plain_and_short():
    packed = compact({"pair": (np.array([1.23456789]), np.array([1e-9 / 3]))})
    assert packed == {"pair": {"x": [1.2346], "y": [3.3333e-10]}}


ADP = {**FORMULAS, "dipole": "0.4*exp(-0.9*r)", "quadrupole": "0.3*exp(-0.7*r)"}
ANGULAR = {**FORMULAS, "angular_1": "2.0*exp(-0.8*r)", "angular_2_negative": "exp(-0.5*r)", "angular_3": "exp(-0.6*r)"}


@pytest.mark.parametrize("formulas", [ADP, ANGULAR], ids=["adp", "angular"])
def test_the_energy_of_a_triplet_is_what_the_calculator_says_of_three_atoms(formulas):
    """The two outer atoms see only the middle one, whatever the angle between 100 and 180 degrees."""
    potential = Potential.of_model(Model.parse(formulas), "x", "Cu", 3.6, Smoothstep(2.8, 3.6))
    wide, energies = np.radians([100.0, 120.0, 150.0, 180.0]), []
    for angle in wide:
        atoms = Atoms("Cu3", [[0, 0, 0], [2.4, 0, 0], [2.4 * np.cos(angle), 2.4 * np.sin(angle), 0]])
        atoms.calc = potential.calculator()
        energies.append(atoms.get_potential_energy())
    drawn = triplet_energy(potential, 2.4, np.cos(wide))
    assert np.ptp(drawn) > 1e-3
    assert drawn - drawn[0] == pytest.approx(np.array(energies) - energies[0], abs=1e-10)


def test_angular_functions_are_drawn_as_they_are_written_and_once_together():
    drawn = curves(ADP, "Cu", 6.0, 4.5)
    assert list(drawn) == ["pair", "density", "dipole", "quadrupole", "embedding", "effective", "triplet"]
    r, u = drawn["dipole"]
    assert u[r < 4.5] == pytest.approx(0.4 * np.exp(-0.9 * r[r < 4.5])) and u[-1] == 0.0
    assert drawn["triplet"][0][[0, -1]].tolist() == [0.0, 180.0]
    assert "triplet" not in curves(FORMULAS, "Cu", 6.0, 4.5)


def test_which_plots_there_are_the_templates_say():
    plots = panels([ANGULAR, ADP])
    assert [plot["part"] for plot in plots] == [
        *("pair", "density", "embedding", "angular_1", "angular_3", "angular_2_negative"),
        *("dipole", "quadrupole", "effective", "triplet"),
    ]
    titles = {plot["part"]: plot["title"] for plot in plots}
    assert titles["angular_1"] == "angular function of rank 1, √eV"
    assert titles["quadrupole"] == "quadrupole function, √eV/Å²"
    assert [plot["axis"] for plot in plots[-2:]] == ["distance", "angle"]
    assert [plot["part"] for plot in panels([["pair"]])] == ["pair"]


def test_the_angles_of_fcc_and_diamond():
    assert angles("Cu") == [60.0, 90.0, 120.0, 180.0]
    assert angles("Si") == [109.47]
