"""sample, label."""

import sys

from ase import Atoms
from ase.build import bulk
from ase.io import read, write

from srlab import sampling


def test_sample_then_label(srlab, tmp_path):
    outcome = srlab("sample", "cleri-rosato", "--atoms", "3", "--levels", "4", "--walkers", "6", "--per-level", "2", "-o", "found.extxyz")
    assert outcome.code == 0 and "wrote 8 structures of 3 atoms" in outcome.out
    found = read(tmp_path / "found.extxyz", ":")
    assert [len(atoms) for atoms in found] == [3] * 8 and {atoms.info["level"] for atoms in found} == {0, 1, 2, 3}

    first = srlab("label", "found.extxyz", "-o", "labels.extxyz", "--calculator", "emt", "--limit", "3")
    assert first.code == 0 and "3 labelled, 0 there before" in first.out
    rest = srlab("label", "found.extxyz", "-o", "labels.extxyz", "--calculator", "emt")
    assert "5 labelled, 3 there before" in rest.out
    labels = read(tmp_path / "labels.extxyz", ":")
    assert len(labels) == 8 and all(atoms.get_forces().shape == (3, 3) for atoms in labels)


def test_the_same_seed_samples_the_same(srlab, tmp_path):
    arguments = "sample", "cleri-rosato", "--atoms", "2", "--levels", "2", "--walkers", "6", "--seed", "4"
    srlab(*arguments, "-o", "a.extxyz")
    srlab(*arguments, "-o", "b.extxyz")
    assert (tmp_path / "a.extxyz").read_text() == (tmp_path / "b.extxyz").read_text()


def test_an_interrupted_sampling_keeps_what_it_has(srlab, tmp_path, monkeypatch):
    original = sampling.sample

    def interrupted(*arguments, progress, **options):
        def after_two(done, total, level):
            progress(done, total, level)
            if done == 2:
                raise KeyboardInterrupt
        return original(*arguments, progress=after_two, **options)

    monkeypatch.setattr(sampling, "sample", interrupted)
    outcome = srlab("sample", "cleri-rosato", "--atoms", "2", "--levels", "9", "--walkers", "6", "-o", "found.extxyz")
    assert outcome.code == 130 and "interrupted after 2" in outcome.err
    assert len(read(tmp_path / "found.extxyz", ":")) == 2


def test_failed_structures_are_said(srlab, tmp_path):
    write(tmp_path / "close.extxyz", Atoms("Cu2", [[0, 0, 0], [0.2, 0, 0]], cell=[8, 8, 8], pbc=True))
    outcome = srlab("label", "close.extxyz", "-o", "labels.extxyz", "--calculator", "emt")
    assert outcome.code == 0 and "1 failed" in outcome.out and "labels.extxyz.failed.jsonl" in outcome.err


def test_labelling_without_gpaw_says_how_to_get_it(srlab, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gpaw", None)
    write(tmp_path / "fcc.extxyz", bulk("Cu", "fcc", a=3.63))
    outcome = srlab("label", "fcc.extxyz", "-o", "labels.extxyz")
    assert outcome.code == 2 and "srlab[dft]" in outcome.sentence and "libxc-dev" in outcome.sentence
