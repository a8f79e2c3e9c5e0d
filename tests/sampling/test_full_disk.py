"""A disk that fills up under the labeller: one sentence, whole frames only, and the same command goes on once there
is room."""

import errno
import json
import os

import pytest
from ase.build import bulk
from ase.io import read

from srlab.errors import InputError
from srlab.sampling import labelfile
from srlab.sampling.labelfile import LabelFile
from srlab.sampling.labelling import label


def structures(count):
    return [bulk("Cu", "fcc", a=3.5 + 0.001 * index, cubic=True) for index in range(count)]


def test_labelling_on_a_disk_that_fills_up_goes_on_when_there_is_room(small_disk):
    disk = small_disk(16)
    room = disk / "room"
    room.write_bytes(b"x" * 8000)
    out = disk / "labels.extxyz"
    with pytest.raises(
        InputError,
        match="labels.extxyz cannot be written .No space left on device.: free some space, and "
        "the same command goes on",
    ):
        label(structures(60), out, "emt")
    made = len(read(out, ":"))
    assert 0 < made < 60
    before = out.read_bytes()
    assert len(before) == labelfile.whole_length(before)
    room.unlink()
    report = label(structures(made + 3), out, "emt")
    assert (report.present, report.labelled) == (made, 3) and out.read_bytes().startswith(before)


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_frame_that_does_not_fit_is_not_left_in_part(tmp_path, monkeypatch, call):
    out = tmp_path / "labels.extxyz"
    label(structures(2), out, "emt")
    before = out.read_bytes()

    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with LabelFile(out) as file, monkeypatch.context() as patch:
        if call == "fsync":
            patch.setattr(labelfile.os, "fsync", full)
        else:
            patch.setattr(labelfile, "append", full)
        with pytest.raises(InputError, match="No space left on device"):
            file.append(read(out))
    if call == "write":
        assert out.read_bytes() == before
    assert label(structures(3), out, "emt").labelled == 1


def test_a_failure_that_was_half_written_is_tried_again_and_spoils_no_other(tmp_path):
    out, failures = tmp_path / "labels.extxyz", tmp_path / "labels.extxyz.failed.jsonl"
    bad = structures(3)
    for atoms in bad:
        atoms.positions[1] = atoms.positions[0] + [0.3, 0.0, 0.0]
    assert label(bad[:2], out, "emt").failed == 2
    failures.write_bytes(failures.read_bytes()[:-20])
    report = label(bad, out, "emt")
    assert (report.failed, report.passed_over) == (2, 1)
    assert len([json.loads(line) for line in failures.read_text().splitlines()]) == 3
