"""The DFT column: its procedure with a cheap calculator, and one true PBE point."""

import pytest

from srlab.validation.dft import PbeCalculator, dft_properties


def test_the_procedure_gives_what_the_full_one_gives(mishin):
    """Few cells and larger strains, on a potential for which the answers are known."""
    values = dft_properties(guess=3.63, calculator=mishin.calculator, report=lambda text: None)
    assert values["lattice_constant"] == pytest.approx(mishin.lattice_constant, abs=1e-3)
    assert [values[name] for name in ("c11", "c12", "c44")] == pytest.approx([169.9, 122.6, 76.2], abs=1.0)
    assert values["energy_bcc_fcc"] == pytest.approx(45.5, abs=0.3) and values["energy_hcp_fcc"] == pytest.approx(7.8, abs=0.3)
    assert values["energy_sc_fcc"] == pytest.approx(433.1, abs=1.0)


def test_slabs_and_supercells_of_dft_are_large_enough(mishin):
    """Thin slabs and a small supercell, on a potential for which the answers of large ones are known."""
    values = dft_properties(("surfaces", "vacancy"), guess=3.63, calculator=mishin.calculator, report=lambda text: None)
    assert [values[f"surface_energy_{face}"] for face in ("111", "100", "110")] == pytest.approx([1.239, 1.345, 1.475], abs=0.01)
    assert values["vacancy_formation_energy"] == pytest.approx(1.272, abs=0.04)


@pytest.mark.dft
@pytest.mark.slow
def test_pbe_pressure_vanishes_at_its_lattice_constant():
    pytest.importorskip("gpaw")
    from ase.build import bulk

    atoms = bulk("Cu", "fcc", 3.636)
    atoms.calc = PbeCalculator()
    assert abs(atoms.get_stress()[:3].mean()) * 160.2177 < 1.5
