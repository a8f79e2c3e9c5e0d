"""The DFT column: its procedure with a cheap calculator, and one true PBE point."""

import numpy as np
import pytest
from ase.build import bulk

from srlab.curation.dft_references import (
    PbeCalculator,
    dft_properties,
    dft_surfaces,
    dft_vacancy,
    main,
    oriented_bulk,
    surface_cell,
)
from srlab.sampling.gpaw_recipe import GpawRecipe
from srlab.validation.crystal import energies_per_atom, forces


def test_the_procedure_gives_what_the_full_one_gives(mishin):
    """Few cells and larger strains, on a potential for which the answers are known."""
    values = dft_properties(guess=3.63, calculator=mishin.calculator, report=lambda text: None)
    assert values["lattice_constant"] == pytest.approx(mishin.lattice_constant, abs=1e-3)
    assert [values[name] for name in ("c11", "c12", "c44")] == pytest.approx([169.9, 122.6, 76.2], abs=1.0)
    assert values["energy_bcc_fcc"] == pytest.approx(45.5, abs=0.3) and values["energy_hcp_fcc"] == pytest.approx(
        7.8, abs=0.3
    )
    assert values["energy_sc_fcc"] == pytest.approx(433.1, abs=1.0)


def test_thin_slabs_give_what_thick_ones_give(mishin):
    """The procedure of the DFT surfaces, on a potential: the literature's values from 7 and 9 layers."""
    values = dft_surfaces(
        mishin.calculator, element="Cu", lattice_constant=mishin.lattice_constant, report=lambda text: None
    )
    assert [values[f"surface_energy_{face}"] for face in ("111", "100", "110")] == pytest.approx(
        [1.239, 1.345, 1.475], abs=0.01
    )


def test_surfaces_say_what_coarse_and_dense_give(mishin):
    values = dft_surfaces(
        mishin.calculator,
        mishin.calculator,
        lattice_constant=mishin.lattice_constant,
        layers={"111": 7},
        report=lambda text: None,
    )
    assert set(values) == {"surface_energy_111", "surface_energy_111_coarse"}
    assert values["surface_energy_111"] == pytest.approx(values["surface_energy_111_coarse"])


@pytest.mark.parametrize("face", ["111", "100", "110"])
def test_the_oriented_bulk_has_the_edges_of_the_slab_and_the_energy_of_the_crystal(mishin, face):
    perfect, slab = oriented_bulk(mishin, face), surface_cell(mishin, face, 7)
    assert perfect.pbc.all() and len(slab) == 7
    assert perfect.cell.array[:2, :2] == pytest.approx(slab.cell.array[:2, :2])
    assert energies_per_atom(mishin.calculator, [perfect])[0] == pytest.approx(mishin.energy, abs=1e-9)


def test_a_vacancy_in_the_small_supercell_is_near_the_converged_one(mishin):
    values = dft_vacancy(mishin.calculator, lattice_constant=mishin.lattice_constant, report=lambda text: None)
    assert values["vacancy_formation_energy"] == pytest.approx(1.272, abs=0.05)
    assert values["vacancy_formation_energy"] < values["vacancy_formation_energy_unrelaxed"]
    both = dft_vacancy(
        mishin.calculator, mishin.calculator, lattice_constant=mishin.lattice_constant, report=lambda text: None
    )
    assert (
        both["vacancy_formation_energy"]
        == pytest.approx(both["vacancy_formation_energy_coarse"])
        == pytest.approx(values["vacancy_formation_energy"])
    )
    # off its equilibrium the fixed cell stores elastic energy, which is taken off
    assert dft_vacancy(mishin.calculator, lattice_constant=1.002 * mishin.lattice_constant, report=lambda text: None)[
        "vacancy_formation_energy"
    ] == pytest.approx(values["vacancy_formation_energy"], abs=0.05)


class CountingRecipe(GpawRecipe):
    """In place of GPAW: counts what is computed."""

    settings = "counting"
    computed = 0

    def compute(self, atoms, spin=False, kept=None):
        type(self).computed += 1
        return {
            "energy": float(np.sum(atoms.positions**2)),
            "free_energy": 0.0,
            "forces": -2.0 * atoms.positions,
            "stress": np.zeros(6),
        }, {"dft_iter": 1}


def test_an_interrupted_computation_goes_on_from_its_cache(tmp_path):
    CountingRecipe.computed = 0
    atoms = bulk("Cu", "fcc", 3.6, cubic=True)
    first, moved = [], atoms.copy()
    moved.positions[0, 0] += 0.01
    for _ in range(2):  # the second time as if in a new process
        calculator = PbeCalculator(CountingRecipe(), cache=tmp_path / "single-points.jsonl")
        first.append([forces(calculator, [cell])[0] for cell in (atoms, moved)])
        assert CountingRecipe.computed == 2
    assert np.array_equal(first[0], first[1]) and not np.array_equal(first[0][0], first[0][1])


def test_an_unknown_group_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["surfaces,faults"])
    assert stopped.value.code == 2 and "faults" in capsys.readouterr().err


@pytest.mark.dft
@pytest.mark.slow
def test_pbe_pressure_vanishes_at_its_lattice_constant():
    pytest.importorskip("gpaw")
    atoms = bulk("Cu", "fcc", 3.636)
    atoms.calc = PbeCalculator()
    assert abs(atoms.get_stress()[:3].mean()) * 160.2177 < 1.5
