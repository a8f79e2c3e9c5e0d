"""The DFT recipe: k points by geometry always, real labels under the dft marker."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from srlab.datasets import load_dataset
from srlab.sampling.crystals import free_atom
from srlab.sampling.gpaw_recipe import GpawRecipe


def test_kpoints_follow_the_spacing():
    recipe = GpawRecipe()
    atoms = Atoms("Cu", cell=[2.0, 4.0, 10.0], pbc=True)
    assert recipe.kpoints(atoms) == [11, 6, 3]  # 2 pi / L / 0.30, rounded up
    atoms.pbc = [True, True, False]
    assert recipe.kpoints(atoms) == [11, 6, 1]
    assert recipe.kpoints(bulk("Cu", "fcc", a=3.64)) == [10, 10, 10]


def test_kpoints_are_those_of_the_bundled_labels():
    recipe = GpawRecipe()
    for frame in load_dataset("cu-gpaw").frames + load_dataset("al-gpaw").frames:
        assert recipe.kpoints(frame) == [int(n) for n in np.ravel(frame.info["dft_kpts"])]


@pytest.mark.dft
def test_gpaw_gives_the_label_it_gave_before(tmp_path):
    """One atom of fcc aluminium, the cheapest of the bundled labels, again: energy to 1 meV, stress to 0.1 GPa. The recipe is that of copper."""
    pytest.importorskip("gpaw")
    from ase.io import read

    from srlab.sampling.labelling import label

    stored = min(
        (
            frame
            for frame in load_dataset("al-gpaw").frames
            if len(frame) == 1 and frame.info.get("kind") == "fcc" and frame.info["family"] == "eos"
        ),
        key=lambda frame: abs(frame.get_volume() - 16.5),
    )
    assert (
        stored.info["dft_settings"].split(" pulay")[0]
        == load_dataset("cu-gpaw").frames[0].info["dft_settings"].split(" pulay")[0]
    )
    bare = stored.copy()
    bare.info.clear()
    report = label([bare, free_atom("Al")], tmp_path / "out.extxyz", calculator="gpaw")
    assert report.labelled == 2
    fresh, atom = read(tmp_path / "out.extxyz", ":")
    assert atom.get_potential_energy() == pytest.approx(
        load_dataset("al-gpaw").isolated_atom_energy, abs=1e-4
    )  # spin-polarised by itself
    assert fresh.get_potential_energy() == pytest.approx(stored.get_potential_energy(), abs=1e-3)
    assert np.allclose(fresh.get_stress(), stored.get_stress(), atol=0.1 / 160.2)
    assert abs(fresh.get_forces()).max() < 1e-3
    assert list(np.ravel(fresh.info["dft_kpts"])) == list(np.ravel(stored.info["dft_kpts"]))
