"""Splits, fingerprints, energies and the isolated atom."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write

from srlab.datasets import Dataset, load_dataset
from srlab.datasets.splits import stratified
from srlab.errors import InputError, MissingExtra


def frames(count=21, seed=0):
    rng, made = np.random.default_rng(seed), []
    for index in range(count):
        atoms = bulk("Cu", "fcc", a=3.4 + 0.03 * index, cubic=True)
        atoms.positions += rng.normal(0, 0.05, atoms.positions.shape)
        atoms.calc = EMT()
        energy, forces = atoms.get_potential_energy(), atoms.get_forces()
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces)
        made.append(atoms)
    return made


def test_stratified_is_a_partition_with_one_test_frame_in_every_four_neighbours():
    energies = np.random.default_rng(3).normal(size=41)
    train, test = stratified(energies, seed=5)
    assert sorted([*train, *test]) == list(range(41))
    rank = np.empty(41, int)
    rank[np.argsort(energies)] = np.arange(41)
    assert len(test) in (10, 11)
    blocks = rank[test] // 4
    assert len(set(blocks)) == len(blocks) and set(range(10)) <= set(blocks)


def test_stratified_is_reproducible_and_depends_on_the_seed():
    energies = np.random.default_rng(3).normal(size=80)
    assert (stratified(energies, 1)[1] == stratified(energies.copy(), 1)[1]).all()
    assert not np.array_equal(stratified(energies, 1)[1], stratified(energies, 2)[1])


@pytest.mark.parametrize("count, tests", [(1, 0), (2, 1), (3, 1), (4, 1)])
def test_few_frames(count, tests):
    train, test = stratified(np.arange(count, dtype=float), seed=0)
    assert len(test) == tests and len(train) == count - tests


def test_alternate_and_all():
    data = Dataset.from_frames(frames(5), split="alternate")
    assert list(data.train_indices) == [0, 2, 4] and list(data.test_indices) == [1, 3]
    everything = Dataset.from_frames(frames(5), split="all")
    assert len(everything.train) == 5 and everything.test == []


def test_fingerprint_moves_with_one_force_and_not_with_the_split():
    made = frames(6)
    first = Dataset.from_frames(made).fingerprint
    assert Dataset.from_frames(frames(6), split="alternate", seed=9).fingerprint == first
    assert len(first) == 16 and int(first, 16) >= 0
    made[3].calc.results["forces"][2, 1] += 1e-6
    assert Dataset.from_frames(made).fingerprint != first


@pytest.mark.parametrize("change", ["position", "cell", "energy", "pbc", "order"])
def test_fingerprint_moves_with_everything_a_fit_depends_on(change):
    made, other = frames(4), frames(4)
    if change == "position":
        other[0].positions[0, 0] += 1e-5
        other[0].calc.atoms.positions[0, 0] += 1e-5
    elif change == "cell":
        other[0].cell[0, 0] += 1e-5
        other[0].calc.atoms.cell[0, 0] += 1e-5
    elif change == "energy":
        other[0].calc.results["energy"] += 1e-5
    elif change == "pbc":
        other[0].pbc = [True, True, False]
        other[0].calc.atoms.pbc = other[0].pbc
    else:
        other = other[::-1]
    assert Dataset.from_frames(made).fingerprint != Dataset.from_frames(other).fingerprint


def test_save_and_load_keep_labels_and_isolated_atom(tmp_path):
    write(tmp_path / "in.extxyz", frames(5))
    first = load_dataset(tmp_path / "in.extxyz")
    data = Dataset.from_frames(first.frames, "x", isolated_atom_energy=-0.25)
    data.save(tmp_path / "out.extxyz")
    again = load_dataset(tmp_path / "out.extxyz")
    assert again.isolated_atom_energy == -0.25
    assert len(again.frames) == 5
    assert again.fingerprint == first.fingerprint == data.fingerprint
    with pytest.raises(InputError, match="exists"):
        data.save(tmp_path / "out.extxyz")


def test_energies_are_relative_to_isolated_atoms():
    made = frames(3)
    data = Dataset.from_frames(made, isolated_atom_energy=-0.5, split="all")
    raw = np.array([atoms.get_potential_energy() for atoms in made])
    assert np.allclose(data.energies(), raw + 2.0, atol=1e-12)
    assert np.allclose(data.energies(data.frames[1:2]), raw[1:2] + 2.0, atol=1e-12)


def test_near_equilibrium_is_measured_from_the_lowest_frame_of_all():
    data = Dataset.from_frames(frames(21), split="alternate")
    near = data.near_equilibrium(window=0.05)
    per_atom = data.energies() / 4
    assert 0 < near.sum() < 21
    assert np.array_equal(near, per_atom < per_atom.min() + 0.05)
    assert np.array_equal(data.near_equilibrium(data.test, 0.05), near[1::2])


def test_families_come_from_the_frames(tmp_path):
    made = frames(4)
    made[0].info["family"], made[1].info["source"], made[2].info["config_type"] = "eos", "nested", "surface"
    write(tmp_path / "f.extxyz", made)
    assert load_dataset(tmp_path / "f.extxyz").families == ["eos", "nested", "surface", "all"]


def test_load_atoms_without_the_package_says_how_to_get_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "load_atoms", None)
    with pytest.raises(MissingExtra, match=r"srlab\[load-atoms\]"):
        load_dataset("load-atoms:Cu-POET")


def test_load_atoms_frames_are_checked_like_a_file(monkeypatch):
    import sys
    import types

    made = frames(8)
    for atoms in made:
        atoms.info["energy"], atoms.arrays["forces"] = atoms.get_potential_energy(), atoms.get_forces()
        atoms.calc = None
    fake = types.SimpleNamespace(load_dataset=lambda name: made)
    monkeypatch.setitem(sys.modules, "load_atoms", fake)
    data = load_dataset("load-atoms:Any")
    assert data.name == "load-atoms:Any" and len(data.train) == 6
    made[5].arrays["forces"][0, 0] = np.nan
    with pytest.raises(InputError, match="load-atoms:Any, frame 5"):
        load_dataset("load-atoms:Any")


def test_reading_leaves_the_file_as_it_is(tmp_path):
    path = tmp_path / "in.extxyz"
    write(path, frames(3))
    before = path.read_bytes()
    load_dataset(path)
    assert path.read_bytes() == before
    assert len(read(path, ":")) == 3
