"""The labeller with ASE's EMT: correct labels, resumable after any kill, failures passed over, bad input refused."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT
from ase.io import read, write

from srlab.errors import InputError, MissingExtra
from srlab.potentials.published import published
from srlab.sampling.labelfile import LabelFile, structure_key, whole_length
from srlab.sampling.labellers import find_labeller
from srlab.sampling.labelling import label
from tests.waiting import wait_until


def structures(count=6):
    rng, made = np.random.default_rng(7), []
    for index in range(count):
        atoms = bulk("Cu", "fcc", a=3.5 + 0.04 * index, cubic=True)
        atoms.positions += rng.normal(0, 0.1, atoms.positions.shape)
        atoms.info["family"] = "rattled"
        made.append(atoms)
    return made


class Broken(Calculator):
    """EMT that fails, or lies, at chosen calls."""

    implemented_properties = ["energy", "free_energy", "forces"]

    def __init__(self, failures):
        super().__init__()
        self.failures, self.calls = failures, -1

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.calls += 1
        what = self.failures.get(self.calls)
        if isinstance(what, Exception):
            raise what
        work = atoms.copy()
        work.calc = EMT()
        energy, forces = work.get_potential_energy(), work.get_forces()
        if what == "nan":
            forces[1, 1] = np.nan
        self.results = dict(energy=energy, free_energy=energy, forces=forces)


def test_labels_are_those_of_the_calculator(tmp_path):
    out, frames = tmp_path / "out.extxyz", structures(3)
    report = label(frames, out, calculator="emt")
    assert (report.labelled, report.present, report.failed) == (3, 0, 0)
    for frame, labelled in zip(frames, read(out, ":")):
        frame.calc = EMT()
        assert labelled.get_potential_energy() == pytest.approx(frame.get_potential_energy(), abs=1e-6)
        assert np.allclose(labelled.get_forces(), frame.get_forces(), atol=1e-7)
        assert np.allclose(labelled.get_stress(), frame.get_stress(), atol=1e-7)
        assert labelled.info["family"] == "rattled"
        assert "emt" in labelled.info["dft_settings"].lower()
        assert labelled.info["dft_cpu"] >= 0
        assert labelled.info["label_key"] == structure_key(frame)


def test_a_second_call_does_nothing(tmp_path):
    out = tmp_path / "out.extxyz"
    label(structures(), out, calculator="emt")
    before = out.read_bytes()
    report = label(structures(), out, calculator="emt")
    assert (report.labelled, report.present) == (0, 6) and out.read_bytes() == before


def test_the_queue_may_be_reordered_and_lengthened(tmp_path):
    out, queue = tmp_path / "out.extxyz", tmp_path / "queue.extxyz"
    write(queue, structures(4))
    label(queue, out, calculator="emt", limit=2)
    write(queue, structures(6)[::-1])
    report = label(queue, out, calculator="emt")
    assert (report.labelled, report.present) == (4, 2)
    assert len({frame.info["label_key"] for frame in read(out, ":")}) == 6


@pytest.mark.parametrize("cut", [1, 40, 150, 600])
def test_half_written_last_frame_costs_that_frame_only(tmp_path, cut):
    out = tmp_path / "out.extxyz"
    label(structures(), out, calculator="emt")
    whole = out.read_bytes()
    out.write_bytes(whole[:-cut])
    report = label(structures(), out, calculator="emt")
    assert (report.labelled, report.present) == (1, 5)
    # dft_wall may differ; structures and labels may not
    frames = read(out, ":")
    assert [frame.info["label_key"] for frame in frames] == [structure_key(frame) for frame in structures()]
    out.write_bytes(whole)
    for first, second in zip(frames, read(out, ":")):
        assert np.array_equal(first.get_forces(), second.get_forces())


def test_every_cut_leaves_whole_frames():
    import io

    text = io.StringIO()
    write(text, structures(2), format="extxyz")
    data = text.getvalue().encode()
    one = len(data.split(b"\n4\n")[0]) + 1
    for cut in range(len(data)):
        assert whole_length(data[:cut]) == (one if cut >= one else 0)
    assert whole_length(data) == len(data)


def test_damage_before_the_last_frame_is_not_repaired_by_cutting(tmp_path):
    out = tmp_path / "out.extxyz"
    label(structures(3), out, calculator="emt")
    lines = out.read_text().splitlines(keepends=True)
    del lines[3]
    out.write_text("".join(lines))
    before = out.read_bytes()
    with pytest.raises(InputError, match="out.extxyz, line 7"):
        label(structures(3), out, calculator="emt")
    assert out.read_bytes() == before


def test_a_killed_worker_resumes(tmp_path):
    """SIGKILL while labelling: what was on disk stays, the rest follows."""
    out, queue = tmp_path / "out.extxyz", tmp_path / "queue.extxyz"
    write(queue, structures(6))
    code = (
        "import signal, sys; from srlab.sampling.labelling import label\n"
        "hold = lambda done, *rest: done == 2 and signal.pause()\n"
        "label(sys.argv[1], sys.argv[2], calculator='emt', progress=hold)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(queue), str(out)])
    wait_until(lambda: out.exists() and out.read_bytes().count(b"Lattice") >= 2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    survived = len(read(out, ":"))
    assert survived == 2
    report = label(queue, out, calculator="emt")
    assert (report.present, report.labelled) == (survived, 6 - survived)


def test_shards_cover_the_queue_once(tmp_path):
    for worker in range(3):
        label(structures(7), tmp_path / f"{worker}.extxyz", calculator="emt", shard=f"{worker}/3")
    keys = [frame.info["label_key"] for worker in range(3) for frame in read(tmp_path / f"{worker}.extxyz", ":")]
    assert sorted(keys) == sorted(structure_key(frame) for frame in structures(7))


def test_failures_are_recorded_and_passed_over(tmp_path):
    out = tmp_path / "out.extxyz"
    calculator = Broken({1: RuntimeError("did not converge"), 3: "nan"})
    messages = []
    report = label(structures(5), out, calculator=calculator, progress=lambda *event: messages.append(event[3]))
    assert (report.labelled, report.failed) == (3, 2)
    log = [json.loads(line) for line in (tmp_path / "out.extxyz.failed.jsonl").read_text().splitlines()]
    assert [entry["frame"] for entry in log] == [1, 3]
    assert "did not converge" in log[0]["error"] and "not finite" in log[1]["error"]
    assert "frame 1 failed" in messages[1]
    again = label(structures(5), out, calculator=calculator)
    assert (again.labelled, again.passed_over) == (0, 2)
    assert label(structures(5), out, calculator=calculator, retry=True).labelled == 2


def test_close_atoms_are_a_failure_of_that_frame(tmp_path):
    frames = structures(2)
    frames[0].positions[1] = frames[0].positions[0] + [0.5, 0, 0]
    report = label(frames, tmp_path / "out.extxyz", calculator="emt")
    assert (report.labelled, report.failed) == (1, 1)
    assert "0 and 1 are 0.500" in (tmp_path / "out.extxyz.failed.jsonl").read_text()


def test_mixed_settings_in_one_file_are_refused(tmp_path):
    out = tmp_path / "out.extxyz"
    label(structures(2), out, calculator="emt")
    before = out.read_bytes()
    with pytest.raises(InputError, match="frame 0: labelled with .*another output file"):
        label(structures(3), out, calculator="lj")
    assert out.read_bytes() == before


def test_two_writers_of_one_file_are_refused(tmp_path):
    with LabelFile(tmp_path / "out.extxyz"):
        with pytest.raises(InputError, match="being written by another process"):
            label(structures(2), tmp_path / "out.extxyz", calculator="emt")


@pytest.mark.parametrize("shard", ["2/2", "x", "1", "-1/2"])
def test_bad_shard(tmp_path, shard):
    with pytest.raises(InputError, match="shard"):
        label(structures(2), tmp_path / "out.extxyz", calculator="emt", shard=shard)


def test_bad_input_is_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        label(tmp_path / "absent.extxyz", tmp_path / "out.extxyz", calculator="emt")
    with pytest.raises(InputError, match="no frames"):
        label([], tmp_path / "out.extxyz", calculator="emt")
    with pytest.raises(InputError, match="unknown calculator 'wasp'"):
        label(structures(1), tmp_path / "out.extxyz", calculator="wasp")
    assert not (tmp_path / "out.extxyz").exists()


def test_a_potential_labels_by_its_name(tmp_path):
    frames = structures(2)
    assert label(frames, tmp_path / "out.extxyz", calculator="cleri-rosato").labelled == 2
    found, expected = read(tmp_path / "out.extxyz", ":"), published("cleri-rosato").calculator()
    for frame, bare in zip(found, frames):
        bare.calc = expected
        assert frame.get_potential_energy() == pytest.approx(bare.get_potential_energy(), abs=1e-5)
        assert frame.get_forces() == pytest.approx(bare.get_forces(), abs=1e-5)
        assert frame.info["dft_settings"] == "cleri-rosato"


def test_calculator_without_forces_is_refused():
    class EnergyOnly(Calculator):
        implemented_properties = ["energy"]

    with pytest.raises(InputError, match="EnergyOnly gives no forces"):
        find_labeller(EnergyOnly())


def test_missing_gpaw_says_how_to_build_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "gpaw", None)
    with pytest.raises(MissingExtra, match=r"CC=g\+\+.*srlab\[dft\]"):
        label(structures(1), tmp_path / "out.extxyz", calculator="gpaw")


def test_seconds_stop_the_queue(tmp_path):
    assert label(structures(5), tmp_path / "out.extxyz", calculator="emt", seconds=-1).labelled == 0


def test_a_potential_labels_too(tmp_path):
    from srlab.potentials.published import published

    potential = published("cleri-rosato")
    label(structures(1), tmp_path / "out.extxyz", calculator=potential)
    atoms = structures(1)[0]
    atoms.calc = potential.calculator()
    assert read(tmp_path / "out.extxyz").get_potential_energy() == pytest.approx(atoms.get_potential_energy(), abs=1e-6)
