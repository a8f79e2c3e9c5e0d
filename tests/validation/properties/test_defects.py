import numpy as np
import pytest

from srlab.errors import InputError
from srlab.validation.properties.interstitial import interstitial, interstitial_cell
from srlab.validation.properties.stacking_fault import sheared_slab, stacked_slab, stacking_fault, stackings
from srlab.validation.properties.surfaces import surfaces
from srlab.validation.properties.vacancy import jumps, vacancy, vacancy_cells


def test_mishin_vacancy(mishin):
    found = vacancy(mishin)
    assert found["values"]["vacancy_formation_energy"] == pytest.approx(1.272, abs=0.01)
    assert found["values"]["vacancy_migration_energy"] == pytest.approx(0.689, abs=0.02)
    assert 0.05 < found["values"]["divacancy_binding_energy"] < 0.25
    assert not found["warnings"]
    assert found["path_energy"] == pytest.approx(found["path_energy"][::-1], abs=0.01)


def test_vacancy_supercell_too_small(sutton_chen):
    with pytest.raises(InputError, match="too small"):
        vacancy(sutton_chen, repeats=2)


def test_vacancy_cells_have_the_right_atoms(mishin):
    perfect = mishin.conventional(3)
    (jumping,) = jumps(mishin, perfect)
    start, end, pair = vacancy_cells(perfect, jumping)
    assert (len(start), len(end), len(pair)) == (107, 107, 106)
    moved = np.linalg.norm((end.positions - start.positions), axis=1)
    assert (moved > 1e-9).sum() == 1


def test_mishin_interstitials(mishin):
    """Mishin 2001 reports 3.063 eV for the dumbbell."""
    found = interstitial(mishin)
    assert found["values"]["interstitial_dumbbell_energy"] == pytest.approx(3.06, abs=0.05)
    assert (
        found["values"]["interstitial_dumbbell_energy"]
        < found["values"]["interstitial_octahedral_energy"]
        < found["values"]["interstitial_tetrahedral_energy"]
    )
    assert (
        len(interstitial_cell(mishin.conventional(3), ("site", (0.5, 0.0, 0.0)), mishin.conventional().cell.array, 3.6))
        == 109
    )


def test_mishin_surfaces(mishin):
    values = surfaces(mishin)["values"]
    assert [values[f"surface_energy_{face}"] for face in ("111", "100", "110")] == pytest.approx(
        [1.239, 1.345, 1.475], abs=0.01
    )


def test_mishin_stacking_faults(mishin):
    found = stacking_fault(mishin, quick=True)
    assert found["values"]["stacking_fault_energy"] == pytest.approx(44.4, abs=1.0)
    assert found["values"]["twin_boundary_energy"] == pytest.approx(22.2, abs=0.5)
    assert found["values"]["unstable_stacking_fault_energy"] == pytest.approx(162.0, abs=5.0)
    # the end of the gamma line is the intrinsic fault, built another way
    assert found["lines"][0]["energy"][-1] == pytest.approx(found["values"]["stacking_fault_energy"], abs=0.05)
    assert found["lines"][0]["energy"][0] == pytest.approx(0.0, abs=0.05)


def test_sharp_sutton_chen_has_a_negative_fault(sharp_sutton_chen):
    found = stacking_fault(sharp_sutton_chen, quick=True)
    assert found["values"]["stacking_fault_energy"] == pytest.approx(-14.9, abs=1.0)
    assert "negative" in found["warnings"]["stacking_fault_energy"]


def test_orders_of_layers():
    orders = stackings(6)
    assert orders["perfect"] == "ABCABCABCABC"
    assert orders["intrinsic"] == "ABCABCBCABCA"
    assert orders["extrinsic"] == "ABCABCBABCAB"
    assert orders["twin"] == "ABCABCBACBAC"


def test_sheared_slab_ends_in_the_intrinsic_fault(mishin):
    sheared, fault = sheared_slab(mishin, 1.0, 6), stacked_slab(mishin, stackings(6)["intrinsic"])
    assert (sheared.get_scaled_positions() - fault.get_scaled_positions() + 1e-6) % 1.0 == pytest.approx(0.0, abs=1e-5)
