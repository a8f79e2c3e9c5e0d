"""Labels added to a data set: no mixed settings, nothing twice, nothing lost."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write

from srlab.curation.add_labels import add_labels, add_to_bundled
from srlab.datasets.labelled_frames import is_extreme
from srlab.errors import InputError
from srlab.sampling import label


def frame(a, settings="CODE PBE 500", **info):
    atoms = bulk("Cu", "fcc", a=a)
    atoms.info.update(dft_settings=settings, **info)
    atoms.calc = SinglePointCalculator(atoms, energy=-3.123456789, forces=np.zeros((1, 3)), stress=np.zeros(6))
    return atoms


def test_labels_are_added_once(tmp_path):
    target, source = tmp_path / "set.extxyz", tmp_path / "new.extxyz"
    write(source, [frame(3.5, family="eos", label_key="abc"), frame(3.6, source="crystal")])
    assert add_labels(target, [source]).added == 2
    write(source, [frame(3.6, source="crystal"), frame(3.7, source="eos")])
    result = add_labels(target, [source])
    assert (result.added, result.duplicates, result.total) == (1, 1, 3)
    frames = read(target, ":")
    assert [atoms.info["family"] for atoms in frames] == ["eos", "rattled", "eos"]
    assert "label_key" not in frames[0].info
    assert frames[0].get_potential_energy() == -3.123457


def test_mixed_settings_are_refused_and_nothing_is_written(tmp_path):
    target, source = tmp_path / "set.extxyz", tmp_path / "new.extxyz"
    write(target, [frame(3.5)])
    before = target.read_bytes()
    write(source, [frame(3.6), frame(3.7, settings="CODE PBE 350")])
    with pytest.raises(InputError, match="new.extxyz, frame 1.*PBE 350"):
        add_labels(target, [source])
    assert target.read_bytes() == before and sorted(path.name for path in tmp_path.iterdir()) == [
        "new.extxyz",
        "set.extxyz",
    ]


def test_frames_without_settings_are_refused(tmp_path):
    unsigned = frame(3.6)
    del unsigned.info["dft_settings"]
    write(tmp_path / "new.extxyz", [unsigned])
    with pytest.raises(InputError, match="frame 0"):
        add_labels(tmp_path / "set.extxyz", [tmp_path / "new.extxyz"])


def test_only_wanted_frames_are_added_and_the_isolated_atom_always(tmp_path):
    atom, dimer = (
        frame(3.6, family="isolated-atom"),
        Atoms("Cu2", [[0, 0, 0], [0, 0, 2.3]], info={"family": "molecule"}),
    )
    atom.pbc = False
    dimer.calc = SinglePointCalculator(dimer, energy=-1.0, forces=np.zeros((2, 3)))
    dimer.info["dft_settings"] = atom.info["dft_settings"]
    write(tmp_path / "new.extxyz", [frame(3.6), dimer, atom])
    assert (
        add_labels(tmp_path / "set.extxyz", [tmp_path / "new.extxyz"], lambda atoms: not is_extreme(-3.1)(atoms)).added
        == 2
    )
    assert [atoms.info["family"] for atoms in read(tmp_path / "set.extxyz", ":")] == ["isolated-atom", "all"]


def test_extreme_is_far_above_the_lowest_or_a_molecule():
    atoms = frame(3.6)  # -3.12 eV/atom
    assert not is_extreme(-3.2)(atoms) and not is_extreme(-5.0)(atoms)
    assert is_extreme(-5.2)(atoms)
    atoms.calc.atoms.pbc = atoms.pbc = False
    assert is_extreme(-3.2)(atoms)


def test_the_isolated_atom_comes_first(tmp_path):
    atom = frame(3.6, family="isolated-atom")
    atom.set_cell([10] * 3)
    atom.pbc = False
    write(tmp_path / "new.extxyz", [frame(3.6), atom])
    add_labels(tmp_path / "set.extxyz", [tmp_path / "new.extxyz"])
    assert [atoms.info["family"] for atoms in read(tmp_path / "set.extxyz", ":")] == ["isolated-atom", "all"]


def test_every_element_has_a_set_of_its_own(tmp_path):
    def labelled(element, a, energy):
        atoms = bulk(element, "fcc", a=a)
        atoms.info.update(dft_settings="CODE", family="eos")
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=np.zeros((1, 3)))
        return atoms

    write(
        tmp_path / "ag.extxyz",
        [
            labelled("Ag", a, energy)
            for a, energy in ((4.1, -2.5), (4.3, -2.4), *((3.0 + 0.02 * k, 1.0) for k in range(10)))
        ],
    )
    write(tmp_path / "al.extxyz", [labelled("Al", 4.04, -3.4), labelled("Al", 3.0, 0.0)])
    (tmp_path / "sets").mkdir()
    found = add_to_bundled([tmp_path / "ag.extxyz", tmp_path / "al.extxyz"], folder=tmp_path / "sets")
    assert {name: each.total for name, each in found.items()} == {"ag-gpaw": 2, "ag-gpaw-extreme": 10, "al-gpaw": 1}
    write(tmp_path / "both.extxyz", [labelled("Ag", 4.0, -2.4), labelled("Al", 4.0, -3.3)])
    with pytest.raises(InputError, match="both.extxyz.*Ag, Al"):
        add_to_bundled([tmp_path / "both.extxyz"], folder=tmp_path / "sets")


def test_labels_of_their_own_settings_have_a_set_of_their_own_name(tmp_path):
    (tmp_path / "sets").mkdir()
    write(tmp_path / "fine.extxyz", [frame(3.6, settings="CODE fine", family="eos", dft_kspacing=0.14)])
    found = add_to_bundled([tmp_path / "fine.extxyz"], "cu-code-fine", tmp_path / "sets")
    assert {name: each.added for name, each in found.items()} == {"cu-code-fine": 1}
    assert read(tmp_path / "sets" / "cu-code-fine.extxyz").info["dft_kspacing"] == 0.14
    aluminium = frame(4.0)
    aluminium.numbers[:] = 13
    aluminium.calc = SinglePointCalculator(aluminium, energy=-3.0, forces=np.zeros((1, 3)))
    write(tmp_path / "al.extxyz", [aluminium])
    with pytest.raises(InputError, match="cu-code-fine has one element.*Cu, Al"):
        add_to_bundled([tmp_path / "fine.extxyz", tmp_path / "al.extxyz"], "cu-code-fine", tmp_path / "sets")


def test_labelling_goes_on_with_a_set_that_was_added_to(tmp_path):
    """As `make labels` does on a machine that has the set, and no longer the labeller's own file."""
    queue = [bulk("Cu", "fcc", a=3.5 + 0.0123456789 * index, cubic=True) for index in range(4)]
    for atoms in queue:
        atoms.rattle(0.05, seed=1)
        atoms.info["family"] = "rattled"
    label(queue, tmp_path / "labels.extxyz", "emt", limit=2)
    add_labels(tmp_path / "set.extxyz", [tmp_path / "labels.extxyz"])
    report = label(queue, tmp_path / "set.extxyz", "emt")
    assert (report.present, report.labelled) == (2, 2)
    assert add_labels(tmp_path / "grown.extxyz", [tmp_path / "set.extxyz"]).total == 4
