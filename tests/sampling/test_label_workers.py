"""Labelling with several processes or a Dask cluster: one file, no label lost to any kill, none made twice."""

import os
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest
from ase.build import bulk
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT
from ase.io import read, write

from srlab.errors import InputError
from srlab.sampling import label_pool
from srlab.sampling.label_pool import _Attempt
from srlab.sampling.labelfile import structure_key, whole_length
from srlab.sampling.labelling import label
from srlab.workers.pool import Serial
from tests.waiting import PATIENCE, wait_until

COUNT = 24


def structures(count, repeat=1):
    rng, made = np.random.default_rng(7), []
    for index in range(count):
        atoms = bulk("Cu", "fcc", a=3.5 + 0.01 * index, cubic=True).repeat(repeat)
        atoms.positions += rng.normal(0, 0.1, atoms.positions.shape)
        made.append(atoms)
    return made


class Deadly(Calculator):
    """EMT that takes its process down at one lattice constant, angstrom."""

    implemented_properties = ["energy", "free_energy", "forces"]

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        if abs(atoms.cell[0, 0] - 3.52) < 1e-6:
            os._exit(9)
        work = atoms.copy()
        work.calc = EMT()
        self.results = dict(
            energy=work.get_potential_energy(), free_energy=work.get_potential_energy(), forces=work.get_forces()
        )


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    """Cells of 256 atoms, which take EMT a tenth of a second or so each."""
    path = tmp_path_factory.mktemp("queue") / "queue.extxyz"
    write(path, structures(COUNT, 4))
    return path


def start(queue, out):
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "srlab.cli",
            "label",
            str(queue),
            "-o",
            str(out),
            "--calculator",
            "emt",
            "--workers",
            "2",
        ],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def whole(out):
    """The frames of the file, as bytes, that are there to their ends: the system writes a large one in pieces, and a
    kill may come in between."""
    data = out.read_bytes()
    return data[: whole_length(data)]


def keys(out):
    return [
        frame.info["label_key"] if isinstance(frame.info["label_key"], str) else structure_key(frame)
        for frame in read(out, ":")
    ]


def started(process, out, least=3):
    """Wait until some labels are there; returns the processes that label."""

    def enough():
        assert process.poll() is None
        return out.exists() and whole(out).count(b"Lattice") >= least

    wait_until(enough)
    return [child for child in psutil.Process(process.pid).children() if "spawn_main" in " ".join(child.cmdline())]


def test_several_processes_make_the_labels_of_one(tmp_path):
    frames, said = structures(7), []
    report = label(
        frames,
        tmp_path / "two.extxyz",
        "emt",
        workers=2,
        progress=lambda done, total, atoms, message: said.append((done, total)),
    )
    label(frames, tmp_path / "one.extxyz", "emt")
    assert (report.labelled, report.failed) == (7, 0) and said == [(k, 7) for k in range(1, 8)]
    one, two = (
        {structure_key(frame): frame for frame in read(tmp_path / f"{name}.extxyz", ":")} for name in ("one", "two")
    )
    assert set(one) == set(two) == {structure_key(frame) for frame in frames}
    assert all(
        one[key].get_potential_energy() == two[key].get_potential_energy()
        and np.array_equal(one[key].get_forces(), two[key].get_forces())
        for key in one
    )
    assert label(frames, tmp_path / "two.extxyz", "emt", workers=2).present == 7


@pytest.mark.slow
def test_the_kill_of_one_process_costs_nothing(queue, tmp_path):
    out = tmp_path / "out.extxyz"
    process = start(queue, out)
    workers = started(process, out)
    assert len(workers) == 2
    os.kill(workers[0].pid, signal.SIGKILL)
    text, _ = process.communicate(timeout=300)
    assert process.returncode == 0 and f"{COUNT} labelled, 0 there before, 0 failed" in text
    assert sorted(keys(out)) == sorted(structure_key(frame) for frame in read(queue, ":"))


@pytest.mark.slow
def test_the_kill_of_all_loses_no_label(queue, tmp_path):
    out = tmp_path / "out.extxyz"
    process = start(queue, out)
    started(process, out)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = whole(out)  # of the file as the kill left it
    survived = before.count(b"Lattice")
    assert 3 <= survived < COUNT
    report = label(queue, out, "emt")
    assert (report.labelled, report.present, report.failed) == (COUNT - survived, survived, 0)
    assert out.read_bytes().startswith(before) and len(set(keys(out))) == len(keys(out)) == COUNT


def test_the_kill_of_the_first_process_ends_the_others(queue, tmp_path):
    out = tmp_path / "out.extxyz"
    process = start(queue, out)
    workers = started(process, out)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not psutil.wait_procs(workers, timeout=PATIENCE)[1]
    before = whole(out)
    report = label(queue, out, "emt")
    assert (report.labelled, report.failed) == (COUNT - before.count(b"Lattice"), 0)
    assert out.read_bytes().startswith(before) and len(set(keys(out))) == len(keys(out)) == COUNT


def test_ctrl_c_saves_everything_and_says_how_to_go_on(queue, tmp_path):
    out = tmp_path / "out.extxyz"
    process = start(queue, out)
    workers = started(process, out)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and "The same command goes on" in said and "Traceback" not in said
    assert not psutil.wait_procs(workers, timeout=PATIENCE)[1]
    assert 3 <= len(set(keys(out))) == len(keys(out)) < COUNT


def test_a_structure_that_takes_its_process_down_is_a_failure_and_no_other(tmp_path):
    report = label(structures(5), tmp_path / "out.extxyz", Deadly(), workers=2)
    assert (report.labelled, report.failed) == (4, 1)
    said = (tmp_path / "out.extxyz.failed.jsonl").read_text()
    assert '"frame":2' in said and "died 3 times" in said


def test_a_limit_is_kept(tmp_path, monkeypatch):
    """What is under way counts, too: more may be given to a pool than the limit allows."""

    def here(workers, *setup, apart):
        pool = Serial(*setup)
        pool.capacity = 4
        return pool

    monkeypatch.setattr(label_pool, "LocalPool", here)
    assert label(structures(8), tmp_path / "out.extxyz", "emt", workers=2, limit=3).labelled == 3
    assert label(structures(8), tmp_path / "out.extxyz", "emt", workers=2, seconds=-1).labelled == 0


def test_mixed_settings_are_refused(tmp_path):
    out = tmp_path / "out.extxyz"
    label(structures(2), out, "emt")
    before = out.read_bytes()
    with pytest.raises(InputError, match="frame 0: labelled with .*another output file"):
        label(structures(3), out, "lj", workers=2)
    assert out.read_bytes() == before
    refused, words = _Attempt("emt", ["Cu"], "GPAW 26.7.0 PBE", 1.0)(structures(1)[0])
    assert refused == "refused" and "install the same versions" in words


def test_what_cannot_be_sent_or_counted_is_refused(tmp_path):
    class Here(EMT):
        pass

    with pytest.raises(InputError, match="cannot be sent to other processes"):
        label(structures(2), tmp_path / "out.extxyz", Here(), workers=2)
    with pytest.raises(InputError, match="workers must be at least 1"):
        label(structures(2), tmp_path / "out.extxyz", "emt", workers=0)


def test_a_cluster_labels_too(tmp_path):
    distributed = pytest.importorskip("distributed", reason="the dask extra is not installed")
    # of this process: tests/workers/test_pool.py has those of others
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0"
    ) as cluster:
        report = label(structures(6), tmp_path / "out.extxyz", "emt", scheduler=cluster.scheduler_address)
    assert (report.labelled, report.failed) == (6, 0)
    assert sorted(keys(tmp_path / "out.extxyz")) == sorted(structure_key(frame) for frame in structures(6))
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        label(structures(7), tmp_path / "out.extxyz", "emt", scheduler="tcp://127.0.0.1:9")
