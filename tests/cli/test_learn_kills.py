"""The real command `srlab learn`, killed in every stage of a round and gone on with by the same command."""

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from ase.io import read, write

from srlab.sampling.labelfile import label_key
from srlab.sampling.labelling import label
from tests.cli.conftest import structures
from tests.waiting import wait_until

FRAMES = 30
LEARN = (
    "--rounds",
    "1",
    "--evaluations",
    "2500",
    "--frames",
    FRAMES,
    "--atoms",
    "8",
    "--walkers",
    "24",
    "--levels",
    "24",
    "--calculator",
    "emt",
    "--members",
    "3",
    "--workers",
    "1",
)


def start(data, out):
    return subprocess.Popen(
        [sys.executable, "-m", "srlab.cli", "learn", str(data), "--out", str(out), "--json", *map(str, LEARN)],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def finish(data, out):
    process = start(data, out)
    text, said = process.communicate(timeout=1200)
    assert process.returncode == 0, said
    return json.loads(text)


def positions(out):
    return [frame.positions.tolist() for frame in read(out / "round-1" / "queue.extxyz", ":")]


def keys(out):
    return [label_key(frame) for frame in read(out / "round-1" / "labels.extxyz", ":")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Data labelled with EMT, and a loop on them that nobody interrupted."""
    folder = tmp_path_factory.mktemp("kills")
    write(folder / "start.extxyz", structures(16))
    label(folder / "start.extxyz", folder / "emt.extxyz", "emt")
    finish(folder / "emt.extxyz", folder / "whole")
    assert len(keys(folder / "whole")) == FRAMES
    return folder / "emt.extxyz", folder / "whole"


def stages(out):
    return [
        json.loads(line)["event"]
        for line in (out / "learn.jsonl").read_text().splitlines(keepends=True)
        if line.endswith("\n")
    ]


def count(path, what):
    return path.read_bytes().count(what) if path.exists() else 0


REACHED = {
    "sample": lambda out: count(out / "round-1" / "levels.jsonl", b'"level"') >= 5,
    "select": lambda out: "sample" in stages(out),
    "label": lambda out: count(out / "round-1" / "labels.extxyz", b"Lattice") >= 3,
    "search": lambda out: count(out / "round-1" / "search" / "journal.jsonl", b'"event":"node"') >= 3,
}


@pytest.mark.slow
@pytest.mark.parametrize("stage", REACHED)
def test_a_kill_loses_no_label_and_changes_no_choice(whole, tmp_path, stage):
    """SIGKILL in a stage of round 1, after a round 0 that is the same for all: the same structures are chosen, and
    every label is made once."""
    data, original = whole
    out = tmp_path / "killed"
    out.mkdir()
    shutil.copytree(original / "round-0", out / "round-0")
    lines = (original / "learn.jsonl").read_text().splitlines(keepends=True)
    (out / "learn.jsonl").write_text("".join(lines[:2]))  # the start and the first search
    process = start(data, out)

    def reached():
        assert process.poll() is None
        return REACHED[stage](out)

    wait_until(reached, 600, 0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert stage not in stages(out)[2:], "it was killed too late"
    labels = out / "round-1" / "labels.extxyz"
    survived = [] if not labels.exists() else labels.read_bytes()
    found = finish(data, out)
    assert [entry["round"] for entry in found] == [0, 1] and found[1]["labels"] == FRAMES
    assert positions(out) == positions(original)
    assert keys(out) == keys(original) and len(set(keys(out))) == FRAMES
    if stage in ("label", "search"):
        whole_frames = bytes(survived)[: bytes(survived).rfind(b"\n8\n") + 1]
        assert whole_frames and labels.read_bytes().startswith(whole_frames)
    for one, two in zip(read(labels, ":"), read(original / "round-1" / "labels.extxyz", ":")):
        assert np.array_equal(one.get_forces(), two.get_forces())
