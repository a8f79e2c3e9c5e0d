"""Outputs of DFT codes and LAMMPS: the energy that the forces belong to, whole and converged steps, whatever the file
is called."""

import gzip
import lzma

import numpy as np
import pytest

from srlab.datasets import load_dataset
from srlab.datasets.codes import detect
from srlab.datasets.sources import read_file, read_source
from srlab.errors import InputError

from . import outputs

KBAR = 0.1 / 160.21766208  # eV/angstrom^3


def check(data, steps, stress=True):
    """Frames are those steps of the run in `outputs`, to the digits that the file has."""
    assert len(data.frames) == len(steps)
    for frame, step in zip(data.frames, steps):
        assert frame.get_potential_energy() == pytest.approx(outputs.free_energy(step), abs=2e-8)
        assert frame.get_forces() == pytest.approx(outputs.FORCES, abs=2e-8)
        assert frame.positions == pytest.approx(outputs.positions_of(step), abs=2e-7)
        assert np.asarray(frame.cell) == pytest.approx(outputs.CELL, abs=1e-6) and frame.pbc.all()
        if stress:
            kbar = outputs.STRESS_KBAR[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
            assert frame.get_stress() == pytest.approx(-KBAR * kbar, rel=1e-6)  # ASE's sign is not VASP's


@pytest.mark.parametrize("name", ["OUTCAR", "OUTCAR.relax-2", "output of the run", "OUTCAR.gz", "OUTCAR.xz"])
def test_outcar(tmp_path, name):
    pack = {"OUTCAR.gz": gzip.compress, "OUTCAR.xz": lzma.compress}.get(name, bytes)
    (tmp_path / name).write_bytes(pack(outputs.outcar().encode()))
    data = load_dataset(tmp_path / name, split="all")
    check(data, [0, 1, 2])
    assert data.element == "Cu" and data.notes == ()


@pytest.mark.parametrize("name", ["vasprun.xml", "vasprun.xml-03", "run.dat", "vasprun.xml.gz"])
def test_vasprun(tmp_path, name):
    """The free energy, not that of zero smearing; forces on fixed atoms are labels."""
    pack = gzip.compress if name.endswith("gz") else bytes
    (tmp_path / name).write_bytes(pack(outputs.vasprun().encode()))
    data = load_dataset(tmp_path / name, split="all")
    check(data, [0, 1, 2])
    assert data.notes == ("constraints are not kept, the forces on fixed atoms count (all frames)",)


@pytest.mark.parametrize("version", [5, 6])
def test_steps_of_vasp_that_did_not_converge(tmp_path, version):
    """VASP 5 does not say so, but has used up its NELM electronic steps."""
    path = tmp_path / "OUTCAR"
    path.write_text(outputs.outcar(4, unconverged={1}, nelm=20, version=version))
    data = load_dataset(path, split="all")
    check(data, [0, 2, 3])
    assert data.notes == ("left out 1 step whose electrons had not converged",)
    path = tmp_path / "vasprun.xml"
    path.write_text(outputs.vasprun(4, unconverged={0, 3}))
    check(load_dataset(path, split="all"), [1, 2])


def test_a_frame_in_an_error_is_numbered_as_in_the_file(tmp_path):
    path = tmp_path / "OUTCAR"
    text = outputs.outcar(4, unconverged={1})
    parts = text.split("FREE ENERGIE")
    parts[2] = parts[2].replace("0.12500", "    nan", 1)
    path.write_text("FREE ENERGIE".join(parts))
    with pytest.raises(InputError, match="OUTCAR, frame 2 has a force on atom 0 that is not a finite number"):
        load_dataset(path)


def test_an_outcar_cut_off_anywhere_keeps_its_whole_steps(tmp_path):
    text = outputs.outcar(3)
    path = tmp_path / "OUTCAR"
    first = text.index("FREE ENERGIE")
    ends = [
        k + len(text[k:].split("sigma->0)")[0]) + 45 for k in range(len(text)) if text.startswith("FREE ENERGIE", k)
    ]
    for cut in range(first + 1, len(text) - 20, 97):
        path.write_text(text[:cut])
        whole = sum(end <= cut for end in ends)
        if whole == 0:
            with pytest.raises(InputError, match="ends before its first ionic step does"):
                read_file(path)
        else:
            steps = read_file(path)
            assert len(steps.frames) == whole and steps.incomplete == ("General timing" not in text[:cut]), cut
    path.write_text(text[: ends[1] + 300])
    data = load_dataset(path, split="all")
    check(data, [0, 1])
    assert data.notes == ("1 file is cut off or still written: read up to the last whole step",)


def test_a_vasprun_cut_off_keeps_its_whole_steps(tmp_path):
    text = outputs.vasprun(3)
    path = tmp_path / "vasprun.xml"
    path.write_text(text[: text.rindex("<energy>") - 20])
    data = load_dataset(path, split="all")
    check(data, [0, 1])
    assert "cut off" in data.notes[0]


def test_quantum_espresso(tmp_path):
    path = tmp_path / "scf.out"
    path.write_text(outputs.espresso())
    check(load_dataset(path, split="all"), [0, 1, 2], stress=False)
    path.write_text(outputs.espresso(3, unconverged={1}))
    data = load_dataset(path, split="all")
    check(data, [0, 2], stress=False)
    assert data.notes == ("left out 1 step whose electrons had not converged",)


def test_fhi_aims(tmp_path):
    """The electronic free energy; a loop that starts again with another mixer is not a step of its own."""
    path = tmp_path / "aims.out"
    path.write_text(outputs.aims(4, restarted={1}))
    check(load_dataset(path, split="all"), [0, 1, 2, 3], stress=False)
    path.write_text(outputs.aims(4, unconverged={2}, restarted={1}))
    data = load_dataset(path, split="all")
    check(data, [0, 1, 3], stress=False)
    assert data.notes == ("left out 1 step whose electrons had not converged",)


def test_lammps_dumps_with_energies(tmp_path):
    """ASE gives every frame of a dump the energy 0; the sum of the atoms' own is the right one."""
    path = tmp_path / "dump.custom"
    path.write_text(outputs.dump())
    data = load_dataset(path, split="all")
    check(data, [0, 1, 2], stress=False)
    assert data.notes == ("energy from c_pe (all frames)",)
    path.write_text(outputs.dump(columns="id element x y z fx fy fz c_my"))
    with pytest.raises(InputError, match=r"frame 0 has no energy.*it has c_my, forces.*--energy-key"):
        load_dataset(path)
    check(load_dataset(path, split="all", energy_key="c_my"), [0, 1, 2], stress=False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"columns": "id type x y z fx fy fz c_pe"}, "numbers its atom types but does not name them"),
        ({"units": "real"}, "in units real: only metal units"),
    ],
)
def test_dumps_that_would_be_read_wrongly(tmp_path, options, words):
    path = tmp_path / "dump.custom"
    path.write_text(outputs.dump(**options))
    with pytest.raises(InputError, match=words):
        load_dataset(path)


def test_a_dump_that_is_still_written(tmp_path):
    path = tmp_path / "dump.custom"
    text = outputs.dump(3)
    path.write_text(text[: text.rindex("\n", 0, len(text) - 2) - 5])
    check(load_dataset(path, split="all"), [0, 1], stress=False)


def test_cp2k(tmp_path):
    """Hartree and hartree/bohr; steps without forces, which are written less often, are left out."""
    outputs.cp2k(tmp_path, steps=4, forces=3)
    data = load_dataset(tmp_path / "run-pos-1.xyz", split="all")
    check(data, [0, 1, 2], stress=False)
    assert len(read_source(tmp_path).frames) == 3
    (tmp_path / "run-frc-1.xyz").unlink()
    with pytest.raises(InputError, match="without its forces .*put run-frc-1.xyz beside it"):
        load_dataset(tmp_path / "run-pos-1.xyz")


def test_gpaw(tmp_path):
    """Written by GPAW 26.7 (two helium atoms, PW(200)) and shortened; 0.02 eV were added to the energy of zero
    smearing."""
    pytest.importorskip("gpaw")
    path = tmp_path / "log"
    path.write_text(outputs.GPAW, encoding="utf-8")
    assert detect(path.read_bytes()) == "gpaw-log"
    data = load_dataset(path, split="all")
    assert [frame.get_potential_energy() for frame in data.frames] == [0.434728, 0.423865]
    assert data.frames[1].get_forces()[1, 0] == -0.26112
    path.write_text(outputs.GPAW.replace("Converged in 5 steps", "Did not converge!"), encoding="utf-8")
    assert [frame.get_potential_energy() for frame in load_dataset(path, split="all").frames] == [0.423865]


@pytest.mark.parametrize("form", ["traj", "db", "json"])
def test_files_of_ase_whatever_their_names(tmp_path, form):
    from ase.build import bulk
    from ase.calculators.emt import EMT
    from ase.io import write

    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.05, seed=1)
    atoms.calc = EMT()
    energy, forces = atoms.get_potential_energy(), atoms.get_forces()
    write(tmp_path / f"a.{form}", [atoms, atoms], format=form)
    (tmp_path / f"a.{form}").rename(tmp_path / "some file")
    data = load_dataset(tmp_path / "some file", split="all")
    assert len(data.frames) == 2 and data.frames[1].get_potential_energy() == pytest.approx(energy)
    assert data.frames[0].get_forces() == pytest.approx(forces)
