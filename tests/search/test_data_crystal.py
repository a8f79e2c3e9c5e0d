"""The crystal of a data set, and the scale that ranges, cutoff and starting values follow."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.singlepoint import SinglePointCalculator
from ase.cluster import Icosahedron

from srlab.datasets import Dataset, bundled_names
from srlab.errors import InputError
from srlab.fitting.forms import load_form
from srlab.potentials.lattices import STRUCTURES, primitive_cell, structure_of
from srlab.search.data_crystal import crystal_neighbour, crystal_structure, crystal_volume, length_scale
from srlab.search.model_network import ModelNetwork
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.templates.eam import EAM
from tests.bundled import bundled


def dataset(*cells):
    """A data set of crystals, (structure, a) each; the first is the lowest."""
    return labelled([bulk("Cu", structure, a, cubic=True) for structure, a in cells])


def labelled(frames):
    for number, atoms in enumerate(frames):
        forces = np.zeros((len(atoms), 3))
        atoms.calc = SinglePointCalculator(atoms, energy=len(atoms) * (0.1 * number - 3.5), forces=forces)
    return Dataset.from_frames(frames, split="all")


def test_volume_and_structure_are_those_of_the_lowest_periodic_frame():
    data = dataset(("bcc", 2.9), ("fcc", 3.7), ("fcc", 3.6))
    assert crystal_volume(data) == pytest.approx(2.9**3 / 2.0) and crystal_structure(data) == "bcc"
    assert crystal_neighbour(data) == pytest.approx(2.9 * np.sqrt(0.75))
    for atoms in data.frames:
        atoms.pbc = False
    data = labelled(data.frames)
    assert 9.0 < crystal_volume(data) < 14.0 and crystal_structure(data) == "fcc"  # covalent radii and the table


def test_vacuum_is_no_part_of_the_crystal():
    slab, cluster = fcc111("Cu", (2, 2, 5), a=3.6, vacuum=12.0, periodic=True), Icosahedron("Cu", 3, 3.6)
    cluster.set_cell([40.0] * 3)
    cluster.pbc = True
    for atoms in (slab, cluster):
        assert crystal_neighbour(labelled([atoms])) == pytest.approx(3.6 / np.sqrt(2.0), rel=0.03)
    gas = Atoms("Cu3", np.eye(3) * 9.0, cell=[40.0] * 3, pbc=True)
    assert 9.0 < crystal_volume(labelled([gas])) < 14.0  # covalent radii


@pytest.mark.parametrize("structure", STRUCTURES)
def test_structures_are_told_apart_by_their_neighbours(structure):
    cell = primitive_cell("Cu", structure, 3.0)
    assert structure_of(cell) == structure
    warm = cell * (3, 3, 3)
    warm.rattle(0.01 * structure_of_nearest(cell), seed=1)
    warm.set_cell(warm.cell.array @ (np.eye(3) + 0.005 * np.diag([1.0, -1.0, 0.0])), scale_atoms=True)
    assert structure_of(warm) == structure
    hot = cell * (3, 3, 3)
    hot.rattle(0.12 * structure_of_nearest(cell), seed=1)
    assert structure_of(hot) is None
    slab = cell * (3, 3, 3)
    slab.center(vacuum=3.0, axis=2)
    assert structure_of(slab) is None


def structure_of_nearest(cell):
    """Distance of nearest neighbours, angstrom."""
    distances = (cell * (3, 3, 3)).get_all_distances(mic=True)
    return distances[distances > 0.1].min()


@pytest.mark.parametrize("c_over_a", [1.568, 1.624, 1.856])
def test_axes_of_hcp_may_be_those_of_beryllium_magnesium_and_zinc(c_over_a):
    assert structure_of(primitive_cell("Mg", "hcp", 3.2, c_over_a)) == "hcp"


def test_copper_has_scale_one_whatever_its_functional():
    for a in (3.58, 3.603, 3.615, 3.632, 3.643):
        assert length_scale(dataset(("fcc", a))) == 1.0
    assert length_scale(dataset(("fcc", 3.52))) == 1.0 and length_scale(dataset(("diamond", 5.47))) == 0.95
    scales = {name: length_scale(bundled(name)) for name in bundled_names() if name != "cu-gpaw-extreme"}
    assert {scale for name, scale in scales.items() if name.startswith("cu-")} == {1.0}
    assert (scales["al-gpaw"], scales["ag-gpaw"]) == (1.1, 1.15)


def test_the_fifth_shell_of_bcc_is_well_inside_the_cutoff():
    settings = SearchSettings(scale=length_scale(dataset(("bcc", 3.17))))  # tungsten
    assert settings.scale == 1.1
    fifth = 2.0 * 3.17 * np.sqrt(0.75)
    start, end = settings.taper_start, settings.cutoff
    assert (fifth - start) / (end - start) < 0.5  # the taper is above a half there


def test_settings_are_those_of_copper_times_the_scale(tmp_path):
    copper, own = SearchSettings(), SearchSettings(scale=1.2)
    assert (copper.cutoff, copper.taper_start) == (6.0, 4.5)
    assert (own.cutoff, own.taper_start) == (7.2, 5.4)
    assert SearchSettings(scale=1.2, cutoff=6.5).taper_start == 4.7
    with pytest.raises(InputError, match="length scale"):
        SearchSettings(scale=7.0)
    search = Search(dataset(("bcc", 3.3), ("bcc", 3.4), ("fcc", 4.1)), tmp_path / "run", evaluations=1)
    assert Search.attach(tmp_path / "run").settings.scale == search.settings.scale == 1.1
    old = {name: value for name, value in copper.to_json().items() if name != "scale"}
    assert SearchSettings.from_json(old) == copper  # runs from before there was one


def test_a_network_of_scale_one_is_what_it_was():
    plain, scaled = ModelNetwork(EAM.default_groups, EAM), ModelNetwork(EAM.default_groups, EAM, 1.2)
    assert all(a.term is b for (_, a, _), b in zip(plain.slots, (s.term for _, s, _ in plain.slots)))
    assert [slot.term for part, slot, _ in plain.slots if part == "pair"][0] is EAM["pair"].terms[0]
    assert scaled.size == plain.size and np.allclose(scaled.low, plain.low) and np.allclose(scaled.high, plain.high)


@pytest.mark.parametrize("name", ["sutton-chen", "cleri-rosato", "gp1", "gp2"])
def test_forms_start_from_the_length_of_the_element(name):
    form = load_form(name)
    assert form.at_scale(1.0) is form
    moved = form.at_scale(1.2)
    assert moved.taper_width == pytest.approx(1.2 * form.taper_width)
    if name in ("sutton-chen", "cleri-rosato"):  # forms of r over a length: the same curves, stretched
        r = np.linspace(2.0, 6.0, 9)
        for part in ("pair", "density"):
            mine, theirs = form.model.functions[part].value(r), moved.model.functions[part].value(1.2 * r)
            assert theirs == pytest.approx(mine, rel=1e-12)
    else:
        assert moved.start["b"] == pytest.approx(form.start["b"] / 1.2)
    if name == "gp1":
        r = np.linspace(2.0, 6.0, 9)
        mine, theirs = form.model.functions["density"].value(r), moved.model.functions["density"].value(1.2 * r)
        assert theirs == pytest.approx(mine, rel=1e-12)
