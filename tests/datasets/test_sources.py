"""Folders, patterns and several files as one data set; what is in them is told by content and nothing is lost without a
word."""

import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.io import write

from srlab.datasets import load_dataset
from srlab.datasets.dataset import NEAR
from srlab.datasets.sources import read_source
from srlab.datasets.summary import advice, describe, without_duplicates
from srlab.errors import InputError

from . import outputs


def crystal(a=3.6, seed=1):
    atoms = bulk("Cu", a=a, cubic=True)
    atoms.rattle(0.05, seed=seed)
    atoms.calc = EMT()
    atoms.get_forces()
    return atoms


@pytest.fixture
def runs(tmp_path):
    """A tree of runs as people have them: two codes, restarts, files that hold no data, a file of structures without
    labels."""
    for name in ("relax", "md/first", "md/second", ".hidden", "plain"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "relax" / "vasprun.xml").write_text(outputs.vasprun(2))
    (tmp_path / "relax" / "OUTCAR").write_text(outputs.outcar(2))
    (tmp_path / "relax" / "INCAR").write_text("ENCUT = 500\n")
    (tmp_path / "relax" / "POSCAR").write_text("Cu\n1.0\n3 0 0\n0 3 0\n0 0 3\nCu\n1\nDirect\n0 0 0\n")
    (tmp_path / "md" / "first" / "OUTCAR").write_text(outputs.outcar(3, unconverged={2}))
    (tmp_path / "md" / "second" / "pw.out").write_text(outputs.espresso(2))
    (tmp_path / ".hidden" / "OUTCAR").write_text("not looked at")
    (tmp_path / "plain" / "start.xyz").write_text('1\nLattice="3 0 0 0 3 0 0 0 3"\nCu 0 0 0\n')
    return tmp_path


def test_a_folder_of_runs(runs):
    """2 steps of the vasprun.xml (not again from the OUTCAR beside it), 2 of 3 of the OUTCAR, 2 of pw.x; families are
    the folders."""
    reading = read_source(runs)
    assert len(reading.frames) == 6 and reading.unconverged == 1
    assert [path.name for path, *_ in reading.files] == ["OUTCAR", "pw.out", "vasprun.xml"]
    assert sorted(path.name for path in reading.passed_over) == ["INCAR", "POSCAR", "start.xyz"]
    assert [frame.info["family"] for frame in reading.frames] == ["first"] * 2 + ["second"] * 2 + ["relax"] * 2
    assert reading.places[0] == f"{runs}/md/first/OUTCAR, frame 0"
    data = load_dataset(runs, split="all")
    assert len(data.frames) == 6 and data.notes[0] == "left out 1 step whose electrons had not converged"
    assert data.notes[1] == "passed over INCAR, POSCAR, start.xyz: no structures with energies in them"


def test_patterns_and_lists(runs):
    assert len(read_source(f"{runs}/md/*/*").frames) == 4
    assert len(read_source(f"{runs}/**/OUTCAR").frames) == 4
    both = load_dataset([runs / "md", runs / "relax" / "OUTCAR"], split="all")
    assert len(both.frames) == 6 and both.name == f"{runs}/md and 1 more"
    assert len(load_dataset(["cu-gpaw-v1", runs / "relax"], split="all").frames) == 195 + 2
    with pytest.raises(InputError, match="no file has a name of this pattern"):
        read_source(f"{runs}/*/CONTCAR")


def test_a_broken_vasprun_gives_way_to_its_outcar(runs):
    (runs / "relax" / "vasprun.xml").write_text("<modeling>\n<broken")
    assert len(read_source(runs / "relax").frames) == 2


def test_a_run_that_crashed_is_named_and_does_not_stand_in_the_way(runs):
    (runs / "md" / "crashed").mkdir()
    (runs / "md" / "crashed" / "OUTCAR").write_text(outputs.outcar(1)[:900])
    (runs / "md" / "crashed" / "KPOINTS").write_text("0\nGamma\n4 4 4\n")
    reading = read_source(runs / "md")
    assert len(reading.frames) == 4
    assert [path.name for path in reading.passed_over] == ["KPOINTS"]
    (said,) = reading.unreadable
    assert "crashed/OUTCAR cannot be read as structures" in said and said in reading.notes()
    with pytest.raises(InputError, match="crashed/OUTCAR cannot be read"):
        read_source(runs / "md" / "crashed")


def test_folders_with_nothing_to_read(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing here\n")
    with pytest.raises(InputError, match="is a folder in which no file holds structures with energies"):
        load_dataset(tmp_path)
    with pytest.raises(InputError, match="is a whole disk"):
        load_dataset("/")


def test_an_error_names_the_file_among_several(tmp_path):
    write(tmp_path / "a.extxyz", [crystal()])
    bad = crystal(3.7)
    bad.calc.results["forces"][1, 2] = float("nan")
    write(tmp_path / "b.extxyz", [crystal(3.8), bad])
    with pytest.raises(InputError, match="b.extxyz, frame 1 has a force on atom 1"):
        load_dataset([tmp_path / "a.extxyz", tmp_path / "b.extxyz"])


def test_structures_that_are_there_twice():
    first, again, other = crystal(), crystal(), crystal(seed=2)
    again.positions += 1e-7
    kept, different = without_duplicates([first, other, again])
    assert kept == [0, 1] and different == 0
    again.calc = EMT()
    again.get_forces()
    again.calc.results["energy"] += 0.1
    again.calc.atoms = again.copy()
    assert without_duplicates([first, again]) == ([0], 1)


def test_the_report_counts_and_advises(tmp_path):
    """Numbers that can be counted by hand, and advice that goes when it is taken."""
    from ase import Atoms
    from ase.calculators.singlepoint import SinglePointCalculator

    frames = [crystal(3.6 + 0.1 * k) for k in range(6)]
    for frame in frames:
        del frame.calc.results["stress"]
    atom = Atoms("Cu", cell=[15] * 3, pbc=True)
    atom.calc = SinglePointCalculator(atom, energy=-0.2, forces=[[0, 0, 0]])
    found = describe(frames)
    energies = [frame.get_potential_energy() / 4 for frame in frames]
    assert (found["frames"], found["atoms"], found["elements"]) == (6, 24, {"Cu": 24})
    assert found["energy"]["min"] == min(energies) and found["energy"]["max"] == max(energies)
    assert found["near_equilibrium"] == sum(energy < min(energies) + NEAR for energy in energies)
    assert found["volume"] == [round(3.6**3 / 4, 4), round(4.1**3 / 4, 4)]
    assert found["stress"] == {"frames": 0, "pressure": None} and found["isolated_atoms"] == {}
    assert found["force"]["max"] == pytest.approx(
        max((frame.get_forces() ** 2).sum(1).max() ** 0.5 for frame in frames)
    )
    said = " ".join(advice(found))
    assert "isolated atom of Cu" in said and "no stresses" in said and "near equilibrium" in said
    assert "isolated atom" not in " ".join(advice(describe([*frames, atom])))


def test_an_alloy_has_a_lowest_energy_for_each_composition():
    from ase.calculators.singlepoint import SinglePointCalculator

    frames = []
    for symbols, energy in (("Cu4", -14.0), ("Cu4", -13.8), ("Cu3Au", -13.0), ("Cu3Au", -12.9)):
        atoms = bulk("Cu", cubic=True)
        atoms.symbols = symbols
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=[[0, 0, 0]] * 4)
        frames.append(atoms)
    found = describe(frames)
    assert found["elements"] == {"Au": 2, "Cu": 14}
    assert found["above_lowest"][-1] == pytest.approx(0.05) and found["near_equilibrium"] == 4
