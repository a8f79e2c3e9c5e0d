"""Bad input is refused in one sentence that names file, frame and remedy; legal oddities pass."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from srlab.datasets import load_dataset, read_frames
from srlab.datasets.checks import closest_pair
from srlab.errors import InputError


def labelled(atoms, energy=-1.0, **results):
    atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=np.zeros((len(atoms), 3)), **results)
    return atoms


def crystal(a=3.6, element="Cu"):
    return labelled(bulk(element, "fcc", a=a, cubic=True))


def refused(path, *words, **options):
    """Reading fails with one sentence that has all the words in it."""
    with pytest.raises(InputError) as caught:
        load_dataset(path, **options)
    text = str(caught.value)
    assert "\n" not in text
    for word in (str(path), *words):
        assert word in text, text


@pytest.mark.parametrize("content", ["", "\n\n  \n"])
def test_empty_file(tmp_path, content):
    path = tmp_path / "empty.extxyz"
    path.write_text(content)
    refused(path, "is empty")


def test_absent_file_and_folder(tmp_path):
    refused(tmp_path / "nothing.extxyz", "no such file")
    refused(tmp_path, "is a folder")


def test_unknown_bundled_name_lists_the_known_ones():
    refused("cu-vasp", "cu-gpaw")


def test_not_a_structure_file(tmp_path):
    path = tmp_path / "prose.extxyz"
    path.write_text("copper is a metal\nand fcc\n")
    refused(path, "cannot be read")


def test_cut_off_file(tmp_path):
    path = tmp_path / "cut.extxyz"
    write(path, [crystal(), crystal(3.7)])
    path.write_text(path.read_text()[:-150])
    refused(path, "frame 1", "4 atoms", "3 lines", "cut off")


@pytest.mark.parametrize("first", ["999999999", "99999999999999999999", "-1", "5"])
def test_a_count_that_cannot_be_is_not_looked_for(tmp_path, first):
    path = tmp_path / "count.extxyz"
    write(path, [crystal()])
    path.write_text(path.read_text().replace("4", first, 1))
    refused(path, "frame 0", f"{first} atoms", "miscounted")


def test_frames_after_a_blank_line_are_not_lost_without_a_word(tmp_path):
    path = tmp_path / "blank.extxyz"
    write(path, [crystal(), crystal(3.7)])
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:6], "", *lines[6:]]))
    refused(path, "blank line", "after frame 0")
    path.write_text("\n".join([*lines, "", " ", ""]))
    assert len(load_dataset(path, split="all").frames) == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("energy=-1.0", "energy=abc", "energy that is no number"),
        ("energy=-1.0", 'energy="1 2 3"', "energy that is no number"),
        ("energy=-1.0", "energy=T", "energy that is no number"),
        ('Lattice="3.6 0.0 0.0 0.0 3.6', 'Lattice="1e-5 0.0 0.0 0.0 1e6', "less than 0.1 angstrom high"),
    ],
)
def test_labels_that_are_no_numbers_and_cells_that_are_flat(tmp_path, old, new, words):
    path = tmp_path / "odd.extxyz"
    write(path, [crystal()])
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    refused(path, "frame 0", words)


def test_an_atom_a_micrometre_away_is_a_mistake(tmp_path):
    path, frame = tmp_path / "far.extxyz", crystal()
    frame.pbc = False
    frame.positions[2] = [-4e4, 5e4, 6e4]
    write(path, [crystal(3.7), frame])
    refused(path, "frame 1", "nearly empty", "correct a position")


def test_an_at_sign_in_a_name_is_no_index(tmp_path):
    path = tmp_path / "frames@0.extxyz"
    write(tmp_path / "frames.extxyz", [crystal()])
    (tmp_path / "frames.extxyz").rename(path)
    assert len(load_dataset(path, split="all").frames) == 1


@pytest.mark.parametrize("name", ["x" * 300, "x" * 5000 + ".extxyz", "\x00", "a\x00.extxyz", "/dev/null"])
def test_names_that_cannot_be_a_file(name):
    with pytest.raises(InputError):
        load_dataset(name)


def test_missing_energy(tmp_path):
    bad = crystal()
    del bad.calc.results["energy"]
    path = tmp_path / "noenergy.extxyz"
    write(path, [crystal(3.7), bad])
    refused(path, "frame 1", "no energy")


def test_missing_forces(tmp_path):
    bad = crystal()
    del bad.calc.results["forces"]
    path = tmp_path / "noforces.extxyz"
    write(path, [crystal(3.7), crystal(), bad])
    refused(path, "frame 2", "no forces")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "where, words", [("energy", "energy"), ("forces", "force on atom 2"), ("positions", "position")]
)
def test_numbers_that_are_not_finite(tmp_path, value, where, words):
    bad = crystal()
    if where == "energy":
        bad.calc.results["energy"] = value
    elif where == "forces":
        bad.calc.results["forces"][2, 1] = value
    else:
        bad.positions[1, 1] = value
        bad = labelled(bad)
    path = tmp_path / "nan.extxyz"
    write(path, [crystal(3.7), bad], format="extxyz")
    refused(path, "frame 1", words, "not a finite number")


def test_several_elements(tmp_path):
    mixed = crystal()
    mixed.symbols[1] = "Ag"
    path = tmp_path / "alloy.extxyz"
    write(path, [labelled(mixed), crystal()])
    refused(path, "frame 0", "Cu", "Ag", "one element")
    path = tmp_path / "two.extxyz"
    write(path, [crystal(), crystal(4.0, "Ag")])
    refused(path, "frame 1", "Ag")


def test_unknown_element(tmp_path):
    path = tmp_path / "xx.extxyz"
    write(path, [crystal()])
    path.write_text(path.read_text().replace("Cu ", "Qq "))
    refused(path, "unknown element", "Qq")


def test_overlapping_atoms_offer_the_filter(tmp_path):
    bad = crystal()
    bad.positions[3] = bad.positions[1] + [0.3, 0, 0]
    path = tmp_path / "overlap.extxyz"
    write(path, [crystal(), labelled(bad), crystal(3.7)])
    refused(path, "frame 1", "1 and 3", "0.30 angstrom", "--min-distance")
    data = load_dataset(path, min_distance=1.0)
    assert len(data.frames) == 2 and data.dropped == (1,)


def test_overlap_with_its_own_image(tmp_path):
    path = tmp_path / "image.extxyz"
    write(path, [labelled(Atoms("Cu", cell=[0.8, 4, 4], pbc=True))])
    refused(path, "frame 0", "periodic image", "0.80")


def test_filter_that_leaves_nothing(tmp_path):
    path = tmp_path / "all.extxyz"
    write(path, [crystal()])
    refused(path, "every frame", "smaller --min-distance", min_distance=3.0)


def test_periodic_without_a_cell(tmp_path):
    path = tmp_path / "nocell.extxyz"
    write(path, [labelled(Atoms("Cu2", positions=[[0, 0, 0], [2.2, 0, 0]]))], format="extxyz")
    path.write_text(path.read_text().replace('pbc="F F F"', 'pbc="T T T"'))
    refused(path, "frame 0", "no volume")


def test_numbers_that_are_none():
    for name, value in (("seed", "x"), ("seed", -1), ("seed", 1.5), ("min_distance", "x"), ("min_distance", -1.0)):
        with pytest.raises(InputError, match=f"{name}|seed"):
            load_dataset("al-gpaw", **{name: value})


def test_unknown_split():
    with pytest.raises(InputError, match="stratified, alternate or all"):
        load_dataset("al-gpaw", split="random")


def test_one_atom_and_vacuum_molecules_are_legal(tmp_path):
    path = tmp_path / "odd.extxyz"
    dimer = labelled(Atoms("Cu2", positions=[[0, 0, 0], [2.2, 0, 0]]))
    write(path, [labelled(bulk("Cu", "fcc", a=3.6)), dimer], format="extxyz")
    frames = read_frames(path)
    assert [len(frame) for frame in frames] == [1, 2]
    assert not frames[1].pbc.any()


def test_hydrogen_molecule_is_not_an_overlap(tmp_path):
    path = tmp_path / "h2.extxyz"
    write(path, [labelled(molecule("H2"))], format="extxyz")  # 0.74 angstrom
    assert len(read_frames(path)) == 1


def test_energy_and_force_columns_as_load_atoms_names_them(tmp_path):
    atoms = bulk("Cu", "fcc", a=3.6, cubic=True)
    atoms.info["energy"] = -14.0
    atoms.arrays["force"] = np.full((4, 3), 0.25)
    from srlab.datasets import Dataset

    data = Dataset.from_frames([atoms], "memory")
    assert data.frames[0].get_potential_energy() == -14.0
    assert (data.frames[0].get_forces() == 0.25).all()


def test_closest_pair_sees_images():
    assert closest_pair(Atoms("Cu", cell=[2.0, 5, 5], pbc=True), 3.0)[0] == pytest.approx(2.0)
    assert closest_pair(Atoms("Cu", cell=[2.0, 5, 5], pbc=False), 3.0) == (np.inf, -1, -1)
    pair = Atoms("Cu2", positions=[[0.1, 0, 0], [4.9, 0, 0]], cell=[5] * 3, pbc=True)
    assert closest_pair(pair, 1.0)[0] == pytest.approx(0.2)
