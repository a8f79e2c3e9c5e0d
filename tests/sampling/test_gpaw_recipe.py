"""The DFT recipe: k points by geometry always, real labels under the dft marker."""

from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from srlab.sampling.crystals import fault_arrays, free_atom
from srlab.sampling.gpaw_recipe import GpawRecipe, operations
from tests.bundled import bundled


def test_kpoints_follow_the_spacing():
    recipe = GpawRecipe(kspacing=0.30, fine=0.30)
    atoms = Atoms("Cu", cell=[2.0, 4.0, 10.0], pbc=True)
    assert recipe.kpoints(atoms) == [11, 6, 3]  # 2 pi / L / 0.30, rounded up
    atoms.pbc = [True, True, False]
    assert recipe.kpoints(atoms) == [11, 6, 1]
    assert recipe.kpoints(bulk("Cu", "fcc", a=3.64)) == [10, 10, 10]


def test_small_cells_and_decisive_families_get_more_kpoints():
    recipe, crystal = GpawRecipe(), bulk("Cu", "fcc", a=3.64, cubic=True)
    assert recipe.spacing(crystal) == 0.18 and recipe.kpoints(crystal) == [10, 10, 10]
    crystal.info["family"] = "nested-ensemble"
    assert recipe.spacing(crystal) == 0.18
    for family in ("eos", "path", "stacking", "strained"):
        crystal.info["family"] = family
        assert recipe.spacing(crystal) == 0.14 and recipe.kpoints(crystal) == [13, 13, 13]
    assert recipe.spacing(bulk("Cu", "fcc", a=3.64)) == recipe.spacing(bulk("Cu", "hcp", a=2.57)) == 0.14


def test_the_settings_state_the_rule(monkeypatch):
    monkeypatch.setattr("srlab.sampling.gpaw_recipe._gpaw", lambda: SimpleNamespace(__version__="26.7.0"))
    assert GpawRecipe.of(["Cu"]).settings == (
        "GPAW 26.7.0 PBE PW(500) kspacing 0.18 (0.14 up to 2 atoms and in eos, path, stacking, strained) "
        "fermi-dirac 0.1 pulay -1.6 GPa"
    )
    # as every label says that was made before
    earlier = GpawRecipe(kspacing=0.30, fine=0.30, pulay=-0.7).settings
    assert earlier == bundled("cu-gpaw").frames[0].info["dft_settings"]


def test_kpoints_are_those_of_the_bundled_labels():
    recipe = GpawRecipe(kspacing=0.30, fine=0.30)
    for frame in bundled("cu-gpaw").frames + bundled("al-gpaw").frames:
        assert recipe.kpoints(frame) == stated_kpoints(frame)
    for frame in bundled("cu-gpaw-fine").frames:
        assert GpawRecipe().kpoints(frame) == stated_kpoints(frame)
        assert GpawRecipe().spacing(frame) == frame.info["dft_kspacing"]


def stated_kpoints(frame):
    said = frame.info["dft_kpts"]
    return [int(n) for n in (said.split() if isinstance(said, str) else np.ravel(said))]


@pytest.mark.dft
def test_an_array_of_faults_keeps_the_grid_of_its_long_axis():
    create_symmetries_object = pytest.importorskip("gpaw.new.symmetry").create_symmetries_object

    (fault,) = fault_arrays(3.64, (3,), (1.0,))
    assert not create_symmetries_object(fault).check_grid([14, 14, 35])
    kept = operations(fault)
    assert len(kept["rotations"]) == 2  # the mirror that holds the long axis; k and -k are one in any case
    for rotation, atommap in zip(kept["rotations"], kept["atommaps"]):
        moved = fault.get_scaled_positions() @ rotation
        off = moved - fault.get_scaled_positions()[atommap]
        assert np.abs(off - off.round()).max() < 1e-7
    assert operations(bulk("Cu", "fcc", a=3.64, cubic=True)) is None


@pytest.mark.dft
def test_gpaw_gives_the_label_it_gave_before(tmp_path):
    """One atom of fcc aluminium, the cheapest of the bundled labels: to 1 meV and 0.1 GPa."""
    pytest.importorskip("gpaw")
    from ase.io import read

    from srlab.sampling.labelling import label

    stored = min(
        (
            frame
            for frame in bundled("al-gpaw").frames
            if len(frame) == 1 and frame.info.get("kind") == "fcc" and frame.info["family"] == "eos"
        ),
        key=lambda frame: abs(frame.get_volume() - 16.5),
    )
    bare = stored.copy()
    bare.info.clear()
    recipe = GpawRecipe(kspacing=0.30, fine=0.30, pulay=0.0)
    assert label([bare], tmp_path / "out.extxyz", calculator=recipe).labelled == 1
    fresh = read(tmp_path / "out.extxyz")
    assert fresh.info["dft_settings"] == stored.info["dft_settings"]
    assert fresh.get_potential_energy() == pytest.approx(stored.get_potential_energy(), abs=1e-3)
    assert np.allclose(fresh.get_stress(), stored.get_stress(), atol=0.1 / 160.2)
    assert abs(fresh.get_forces()).max() < 1e-3
    assert fresh.info["dft_kspacing"] == 0.30 and stated_kpoints(fresh) == stated_kpoints(stored)


@pytest.mark.slow
@pytest.mark.dft
def test_a_free_atom_is_spin_polarised_by_itself():
    """Hydrogen is 1.1 eV below the atom without spin that GPAW measures from (its tutorial on atomization energies)."""
    pytest.importorskip("gpaw")
    results, info = GpawRecipe().compute(free_atom("H", box=6.0))
    assert results["energy"] == pytest.approx(-1.1, abs=0.05)
    assert results["stress"] is None and info["dft_kpts"] == "1 1 1"


@pytest.mark.slow
@pytest.mark.dft
def test_the_free_atom_of_aluminium_has_the_energy_it_had_before():
    pytest.importorskip("gpaw")
    results, _ = GpawRecipe(kspacing=0.30, fine=0.30, pulay=0.0).compute(free_atom("Al"))
    assert results["energy"] == pytest.approx(bundled("al-gpaw").isolated_atom_energy, abs=1e-4)
