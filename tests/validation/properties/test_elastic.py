import numpy as np
import pytest
from ase.build import bulk

from srlab.validation.properties.elastic import born_violations, elastic, elastic_cells, elastic_constants
from srlab.validation.properties.eos import eos


def test_mishin(mishin):
    values = elastic(mishin, quick=True)["values"]
    assert [values[name] for name in ("c11", "c12", "c44")] == pytest.approx([169.9, 122.6, 76.2], abs=1.0)


def test_sharp_sutton_chen(sharp_sutton_chen):
    values = elastic(sharp_sutton_chen, quick=True)["values"]
    assert [values[name] for name in ("c11", "c12", "c44")] == pytest.approx([168.0, 128.5, 57.7], abs=0.5)


def test_bulk_modulus_agrees_with_the_equation_of_state(sutton_chen):
    values = elastic(sutton_chen, quick=True)["values"]
    assert (values["c11"] + 2 * values["c12"]) / 3 == pytest.approx(
        eos(sutton_chen, quick=True)["values"]["bulk_modulus"], rel=0.01
    )


def test_constants_of_a_made_up_stress():
    stress = np.zeros((4, 6))
    stress[0, :3], stress[1, :3] = [1.0, 0.5, 0.5], [-1.0, -0.5, -0.5]
    stress[2, 3], stress[3, 3] = 0.25, -0.25
    found = elastic_constants(stress, strain=1.0)
    assert [found[name] * 0.00624150907 for name in ("c11", "c12", "c44")] == pytest.approx([1.0, 0.5, 0.25])


def test_strained_cells_are_strained():
    cells = elastic_cells(bulk("Cu", "fcc", 3.6), strain=0.01)
    volumes = np.array([cell.get_volume() for cell in cells]) / (3.6**3 / 4)
    assert volumes == pytest.approx([1.01, 0.99, 1 - 0.005**2, 1 - 0.005**2])


def test_unstable_crystal_is_named():
    assert born_violations({"c11": 100.0, "c12": 120.0, "c44": 50.0}) == [
        "unstable crystal: C11 - C12 = -20.0 GPa is not positive"
    ]
    assert not born_violations({"c11": 170.0, "c12": 120.0, "c44": 50.0})


def test_stiffer_under_pressure(mishin):
    found = elastic(mishin)
    assert found["pressure"] == sorted(found["pressure"]) and found["pressure"][-1] > 20
    assert found["c11_at"][-1] > found["c11_at"][0] + 50
