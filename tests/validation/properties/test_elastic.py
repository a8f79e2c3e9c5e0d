import numpy as np
import pytest
from ase import units
from ase.build import bulk
from ase.optimize import LBFGS

from srlab.potentials import load_potential
from srlab.validation.crystal import relaxed_crystal
from srlab.validation.properties.elastic import (
    born_violations,
    elastic,
    elastic_cells,
    elastic_constants,
    stiffness_matrix,
)
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


def test_published_constants_of_iron(iron):
    """Mendelev 2003: 243, 145, 116 GPa."""
    values = elastic(iron, quick=True)["values"]
    assert [values[name] for name in ("c11", "c12", "c44")] == pytest.approx([243.4, 145.0, 116.0], abs=1.0)


def test_tungsten_is_as_stiff_as_what_its_potential_was_fitted_to(mishin_file):
    """Zhou et al., Phys. Rev. B 69, 144113 (2004), to experiment: 3.165 A; 522, 204, 161 GPa."""
    tungsten = relaxed_crystal(load_potential(mishin_file.with_name("W_zhou.eam.alloy")))
    assert tungsten.structure == "bcc" and tungsten.lattice_constant == pytest.approx(3.165, abs=1e-3)
    values = elastic(tungsten, quick=True)["values"]
    assert [values[name] for name in ("c11", "c12", "c44")] == pytest.approx([522.4, 204.4, 160.6], rel=0.005)


def test_published_constants_of_zirconium(zirconium):
    """Mendelev and Ackland 2007, relaxed within the cell, against matscipy's brute force, too."""
    from matscipy.elasticity import measure_triclinic_elastic_constants

    found = elastic(zirconium)
    values = found["values"]
    assert [values[name] for name in ("c11", "c12", "c13", "c33", "c44")] == pytest.approx(
        [142.0, 74.0, 74.0, 168.0, 44.0], abs=1.0
    )
    atoms = zirconium.primitive()
    atoms.calc = zirconium.calculator
    brute = measure_triclinic_elastic_constants(atoms, delta=2e-3, optimizer=LBFGS, fmax=1e-5) / units.GPa
    assert [brute[0, 0, 0, 0], brute[0, 0, 2, 2], brute[1, 2, 1, 2]] == pytest.approx(
        [values["c11"], values["c13"], values["c44"]], abs=0.5
    )
    assert not found["warnings"] and found["pressure"] == []
    assert stiffness_matrix(values)[5, 5] == pytest.approx(brute[0, 1, 0, 1], abs=0.5)  # (C11 - C12) / 2


def test_silicon_relaxes_within_its_cell(silicon):
    """Balamane, Halicioglu and Tiller, Phys. Rev. B 46, 2250 (1992): Stillinger-Weber has 151.4, 76.4, 56.4 GPa, and
    109 with atoms not relaxed."""
    found = elastic(silicon, quick=True)
    assert [found["values"][name] for name in ("c11", "c12", "c44")] == pytest.approx([151.4, 76.4, 56.4], abs=0.5)
    assert found["clamped"]["c44"] == pytest.approx(109.0, abs=1.5)


def test_born_criteria_of_hexagonal_and_other_crystals():
    hexagonal = {"c11": 142.0, "c12": 74.0, "c13": 74.0, "c33": 168.0, "c44": 44.0}
    assert not born_violations(hexagonal)
    assert "C11 + C12 - 2 C13^2 / C33" in born_violations({**hexagonal, "c13": 140.0})[0]
    general = {f"c{i}{j}": 100.0 * (i == j) for i in range(1, 7) for j in range(i, 7)}
    assert not born_violations(general) and np.allclose(stiffness_matrix(general), 100.0 * np.eye(6))
    assert "smallest eigenvalue" in born_violations({**general, "c16": 120.0})[0]
