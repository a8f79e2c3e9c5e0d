"""The DFT recipe: k points by geometry always, real labels under the dft marker."""

from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.lj import LennardJones

from srlab.sampling.crystals import fault_arrays, free_atom
from srlab.sampling.gpaw_recipe import GpawRecipe, sampling
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
    assert GpawRecipe.of(["Al"]).fine == GpawRecipe.of(["Al", "Cu"]).fine == 0.09
    assert GpawRecipe.of(["Ag"]) == GpawRecipe.of(["Cu", "Ag"])
    # as every label says that was made before
    earlier = GpawRecipe(kspacing=0.30, fine=0.30, pulay=-0.7).settings
    assert earlier == bundled("cu-gpaw").frames[0].info["dft_settings"]


def test_kpoints_are_those_of_the_bundled_labels():
    recipe = GpawRecipe(kspacing=0.30, fine=0.30)
    for frame in bundled("cu-gpaw").frames + bundled("ag-gpaw").frames:
        assert recipe.kpoints(frame) == stated_kpoints(frame)
    # more where symmetry wants as many along two axes
    for frame in bundled("al-gpaw").frames:
        assert (np.array(stated_kpoints(frame)) >= recipe.kpoints(frame)).all()
    for element in ("Cu", "Al", "Ag"):
        recipe = GpawRecipe.of([element])
        for frame in bundled(f"{element.lower()}-gpaw-fine").frames:
            assert (np.array(stated_kpoints(frame)) >= recipe.kpoints(frame)).all()
            assert recipe.spacing(frame) == frame.info["dft_kspacing"]


def stated_kpoints(frame):
    said = frame.info["dft_kpts"]
    return [int(n) for n in (said.split() if isinstance(said, str) else np.ravel(said))]


def test_cells_of_eight_digits_keep_their_symmetry():
    """As a file holds them: GPAW's own search finds two operations in this trigonal cell, and 4004 k points."""
    trigonal = bulk("Cu", "fcc", a=3.64)
    trigonal.set_cell(trigonal.cell.array @ (np.eye(3) + 0.02 * (np.ones((3, 3)) - np.eye(3))), scale_atoms=True)
    trigonal.set_cell(trigonal.cell.standard_form()[0].array.round(8), scale_atoms=True)
    symmetry, counts = sampling(trigonal, [20, 20, 20])
    assert len(symmetry["rotations"]) == 12 and counts == [20, 20, 20]


@pytest.mark.parametrize("axis", range(3))
def test_a_grid_has_the_symmetry_of_its_crystal(axis):
    """On the path of Bain, one axis of the primitive cell is shorter than the other two, or longer."""
    cell = bulk("Cu", "bcc", a=2.89).cell.array * [1.0, 1.0, 1.2]
    atoms = Atoms("Cu", cell=np.roll(cell, axis, axis=0), pbc=True)
    asked = GpawRecipe().kpoints(atoms)
    assert len(set(asked)) == 2
    symmetry, counts = sampling(atoms, asked)
    assert all(taken >= wanted for taken, wanted in zip(counts, asked))
    assert np.prod(counts) / len(symmetry["rotations"]) < np.prod(asked) / 8
    check_operations(atoms, symmetry, counts)


def test_glides_and_screws_count():
    """Hexagonal close packing has 24 operations, 12 of them with a translation: half as many k points."""
    crystal = bulk("Cu", "hcp", a=2.57, c=4.21)
    crystal.set_cell(crystal.cell.array.round(8), scale_atoms=True)
    symmetry, counts = sampling(crystal, [21, 21, 11])
    assert len(symmetry["rotations"]) == 24 and counts == [21, 21, 11]
    assert sorted(set(symmetry["translations"][:, 2])) == [0.0, 0.5]
    check_operations(crystal, symmetry, counts)


def test_a_cell_that_is_not_primitive_has_no_translation_twice():
    symmetry, _ = sampling(bulk("Cu", "fcc", a=3.64, cubic=True), [10, 10, 10])
    assert len(symmetry["rotations"]) == 48 and not symmetry["translations"].any()


def test_disorder_and_a_slab():
    melt = bulk("Cu", "fcc", a=3.64, cubic=True)
    melt.rattle(0.2, seed=1)
    symmetry, counts = sampling(melt, [10, 10, 10])
    assert len(symmetry["rotations"]) == 1 and counts == [10, 10, 10]
    slab = fcc111("Cu", (1, 1, 4), a=3.64, vacuum=5.0, periodic=True)
    symmetry, counts = sampling(slab, [14, 14, 1])
    assert len(symmetry["rotations"]) == 12 and counts == [14, 14, 1]
    check_operations(slab, symmetry, counts)


def test_an_array_of_faults_keeps_the_grid_of_its_long_axis():
    """An operation that takes the long axis to itself plus a shorter one would want as many grid points along both."""
    (fault,) = fault_arrays(3.64, (3,), (1.0,))
    symmetry, counts = sampling(fault, [14, 14, 5])
    assert len(symmetry["rotations"]) == 2  # the mirror; the inversion between two layers is off by ninths
    assert counts == [14, 14, 5]
    check_operations(fault, symmetry, counts)


def check_operations(atoms, symmetry, counts):
    """Every operation takes the structure to itself and the grid to itself, and any two make a third."""
    scaled, group = atoms.get_scaled_positions(), set()
    for rotation, translation, atommap in zip(*(symmetry[part] for part in ("rotations", "translations", "atommaps"))):
        off = scaled @ rotation + translation - scaled[atommap]
        assert np.abs(off - off.round()).max() < 1e-6
        metric = atoms.cell.array @ atoms.cell.array.T
        assert np.allclose(rotation @ metric @ rotation.T, metric, atol=1e-4)
        steps = np.array(counts)[:, None] * rotation / counts  # of a k point along one axis, in steps of another
        assert np.abs(steps - steps.round()).max() < 1e-9
        group.add(rotation.tobytes())
    for one in symmetry["rotations"]:
        for other in symmetry["rotations"]:
            assert (one @ other).tobytes() in group


@pytest.mark.dft
def test_gpaw_accepts_the_operations():
    """What it wants of them: a group, to 1e-10."""
    symmetries = pytest.importorskip("gpaw.new.symmetry").Symmetries
    (fault,) = fault_arrays(3.64, (3,), (1.0,))
    for atoms in (bulk("Cu", "hcp", a=2.57, c=4.21), fault, bulk("Cu", "fcc", a=3.64)):
        symmetry, _ = sampling(atoms, [14, 14, 5])
        assert len(symmetries(cell=atoms.cell, **symmetry)) == len(symmetry["rotations"])


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


@pytest.mark.dft
def test_a_calculator_is_kept_as_long_as_the_symmetry_is(monkeypatch):
    """GPAW would go on with the operations of the first structure, and refuse the second."""
    pytest.importorskip("gpaw")
    made = []

    class Empty(LennardJones):
        get_number_of_bands = get_number_of_spins = get_number_of_iterations = lambda self: 1

        def get_ibz_k_points(self):
            return [[0.0, 0.0, 0.0]]

        def get_occupation_numbers(self, kpt, spin, raw):
            return [0.0]

    def calculator(*arguments):
        made.append(Empty())
        return made[-1]

    monkeypatch.setattr(GpawRecipe, "_calculator", calculator)
    kept, pair = {}, Atoms("Cu2", cell=[5.0, 5.0, 8.0], positions=[[0, 0, 0], [0, 0, 2.5]], pbc=True)
    GpawRecipe().compute(pair, kept=kept)
    pair.positions[1, 2] += 0.05
    GpawRecipe().compute(pair, kept=kept)
    assert len(made) == 1
    pair.positions[1] += [0.3, 0.1, 0.0]
    GpawRecipe().compute(pair, kept=kept)
    assert len(made) == 2


@pytest.mark.slow
@pytest.mark.dft
def test_bands_are_added_until_the_highest_is_empty(monkeypatch):
    """With nine bands, a fifth more than aluminium's fifteen electrons fill on average, this was 24 meV/atom higher."""
    pytest.importorskip("gpaw")
    (fault,) = fault_arrays(4.04, (5,), (1.0,))
    fault.numbers[:] = 13
    recipe = GpawRecipe(kspacing=0.30, fine=0.30, pulay=0.0)
    plenty, info = recipe.compute(fault)
    assert info["dft_bands"] == 13
    monkeypatch.setattr("srlab.sampling.gpaw_recipe._EMPTY", 2)
    monkeypatch.setattr("srlab.sampling.gpaw_recipe._EMPTY_PER_ATOM", 0.4)
    grown, info = recipe.compute(fault)
    assert info["dft_bands"] > 9
    assert grown["energy"] / 5 == pytest.approx(plenty["energy"] / 5, abs=1e-4)
    assert np.allclose(grown["forces"], plenty["forces"], atol=2e-3)


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
