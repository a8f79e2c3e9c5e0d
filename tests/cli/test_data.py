"""sample, label, learn."""

import io
import json
import sys

import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import read, write
from rich.console import Console

from srlab import sampling
from srlab.cli.data import _rounds_table
from srlab.learning.trace import COLUMNS
from tests.cli.conftest import structures


def test_sample_then_label(srlab, tmp_path):
    outcome = srlab(
        "sample",
        "cleri-rosato",
        "--atoms",
        "3",
        "--levels",
        "4",
        "--walkers",
        "6",
        "--per-level",
        "2",
        "-o",
        "found.extxyz",
    )
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
    assert (
        "close.extxyz, frame 0 failed: ValueError: atoms 0 and 1 are 0.200 angstrom apart" in outcome.err
        and "leave the structure out" in outcome.err
    )


def test_a_density_that_does_not_converge_is_said(srlab, tmp_path, monkeypatch):
    """All mixers fail on the second of three structures; the others are labelled."""
    gpaw = pytest.importorskip("gpaw")
    from ase.calculators.emt import EMT

    from srlab.sampling.gpaw_recipe import GpawRecipe

    class Fast(EMT):
        def get_potential_energy(self, atoms=None, force_consistent=False):
            if len(atoms) == 2:
                raise gpaw.KohnShamConvergenceError("Did not converge!")
            return super().get_potential_energy(atoms)

        def get_number_of_iterations(self):
            return 7

        def get_number_of_bands(self):
            return 12

        def get_number_of_spins(self):
            return 1

        def get_ibz_k_points(self):
            return [[0.0, 0.0, 0.0]]

        def get_occupation_numbers(self, kpt, spin, raw):
            return [1.0] * 6 + [0.0] * 6

    monkeypatch.setattr(GpawRecipe, "_calculator", lambda *arguments: Fast())
    write(
        tmp_path / "three.extxyz",
        [bulk("Cu", "fcc", a=3.6), bulk("Cu", "fcc", a=3.6).repeat((2, 1, 1)), bulk("Cu", "fcc", a=3.6, cubic=True)],
    )
    outcome = srlab("label", "three.extxyz", "-o", "labels.extxyz")
    assert outcome.code == 0 and "2 labelled, 0 there before, 1 failed" in outcome.out
    assert (
        "three.extxyz, frame 1 failed: KohnShamConvergenceError: the density did not converge" in outcome.err
        and "leave the structure out" in outcome.err
    )
    again = srlab("label", "three.extxyz", "-o", "labels.extxyz")
    assert "0 labelled, 2 there before, 0 failed, 1 failed before" in again.out


def test_labels_of_two_settings_are_not_put_into_one_file(srlab, tmp_path):
    write(tmp_path / "fcc.extxyz", bulk("Cu", "fcc", a=3.6))
    srlab("label", "fcc.extxyz", "-o", "labels.extxyz", "--calculator", "emt")
    sentence = srlab("label", "fcc.extxyz", "-o", "labels.extxyz", "--calculator", "lj", "--workers", "2").sentence
    assert "labels.extxyz, frame 0: labelled with 'emt" in sentence and "choose another output file" in sentence


def test_a_calculator_without_forces_is_refused(srlab, tmp_path, monkeypatch):
    from ase.calculators.emt import EMT

    class EnergyOnly(EMT):
        implemented_properties = ["energy"]

    write(tmp_path / "fcc.extxyz", bulk("Cu", "fcc", a=3.6))
    monkeypatch.setattr("ase.calculators.calculator.get_calculator_class", lambda name: EnergyOnly)
    assert (
        "emt gives no forces: choose one that does"
        in srlab("label", "fcc.extxyz", "-o", "labels.extxyz", "--calculator", "emt").sentence
    )
    assert not (tmp_path / "labels.extxyz").exists()


@pytest.mark.parametrize("name", ["psi4", "kim", "octopus"])
def test_a_calculator_that_cannot_be_set_up_is_refused(srlab, tmp_path, name):
    """Not installed, wants arguments, not configured."""
    write(tmp_path / "fcc.extxyz", bulk("Cu", "fcc", a=3.6))
    sentence = srlab("label", "fcc.extxyz", "-o", "labels.extxyz", "--calculator", name).sentence
    assert f"ASE's calculator {name} cannot be set up (" in sentence
    assert not (tmp_path / "labels.extxyz").exists()


def test_labelling_without_gpaw_says_how_to_get_it(srlab, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gpaw", None)
    write(tmp_path / "fcc.extxyz", bulk("Cu", "fcc", a=3.63))
    outcome = srlab("label", "fcc.extxyz", "-o", "labels.extxyz")
    assert outcome.code == 2 and "srlab[dft]" in outcome.sentence and "libxc-dev" in outcome.sentence


LEARN = (
    "--evaluations",
    "1000",
    "--frames",
    "3",
    "--atoms",
    "2",
    "--walkers",
    "6",
    "--levels",
    "6",
    "--calculator",
    "emt",
    "--members",
    "3",
)


@pytest.fixture
def emt_labels(srlab):
    write("start.extxyz", structures(12))
    srlab("label", "start.extxyz", "-o", "labels.extxyz", "--calculator", "emt")
    return "labels.extxyz"


def test_learn_prints_its_rounds(srlab, emt_labels, tmp_path):
    outcome = srlab("learn", emt_labels, "--rounds", "1", "--out", "loop", "--json", *LEARN)
    found = json.loads(outcome.out)
    assert outcome.code == 0 and [entry["labels"] for entry in found] == [0, 3]
    assert {"test_energy_mae", "test_force_mae", "test_near_force_mae", "test_far_force_mae"} <= set(found[0])
    text = srlab("learn", emt_labels, "--rounds", "1", "--out", "loop", *LEARN)
    assert text.code == 0 and "labels" in text.out and "srlab front loop/round-1/search" in text.out
    assert srlab("front", "loop/round-1/search", "--json").code == 0


def test_an_interrupted_loop_goes_on(srlab, emt_labels, tmp_path, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("srlab.learning.loop.label", interrupted)
        outcome = srlab("learn", emt_labels, "--rounds", "1", "--out", "loop", *LEARN)
    assert outcome.code == 130 and "The same command goes on" in outcome.err
    assert srlab("learn", emt_labels, "--rounds", "1", "--out", "loop", *LEARN).code == 0
    assert len(read(tmp_path / "loop" / "round-1" / "labels.extxyz", ":")) == 3


def test_learn_refuses_in_one_sentence(srlab, emt_labels, tmp_path):
    assert "such as 4,8" in srlab("learn", emt_labels, "--atoms", "four").sentence
    assert "never mixed" in srlab("learn", emt_labels, "--calculator", "lj").sentence
    assert not (tmp_path / "learn").exists()


def test_errors_by_round_fit_into_80_columns():
    row = {name: 1234.5 if name.endswith("mae") else 12345 for name in COLUMNS.values()}
    console = Console(width=80, file=io.StringIO())
    console.print(_rounds_table([{**row, "round": 12, "complexity": 45, "failed": 3}]))
    text = console.file.getvalue()
    assert "…" not in text and text.count("1234") == 10 and "labels" in text and "near" in text
