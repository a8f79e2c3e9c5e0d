"""srlab data: what runs left, written as one file, with a report; and the same sources for every command."""

import json

import pytest
from ase.io import read

from srlab.datasets import load_dataset
from tests.datasets import outputs


@pytest.fixture
def runs(tmp_path):
    for name, steps in (("first", 12), ("second", 9)):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "OUTCAR").write_text(outputs.outcar(steps, unconverged={2}))
    (tmp_path / "runs" / "notes.md").write_text("nothing\n")
    return tmp_path / "runs"


def test_data_writes_one_file_and_says_what_is_in_it(srlab, runs):
    """21 steps, of which 2 did not converge; the 8 of the second run are also in the first."""
    outcome = srlab("data", "runs", "-o", "data.extxyz")
    assert outcome.code == 0, outcome.err
    assert "11 frames, 44 atoms (44 Cu) of 2 files (vasp-out)" in outcome.out
    assert "wrote 11 frames to data.extxyz" in outcome.out
    for words in (
        "left out 2 steps whose electrons had not converged",
        "passed over notes.md",
        "8 frames are there more than once: each structure is kept once",
        "add an isolated atom of Cu",
        "add other volumes",
    ):
        assert words in outcome.err, words
    frames = read("data.extxyz", ":")
    assert len(frames) == 11 and frames[0].info["family"] == "first"
    assert frames[0].get_potential_energy() == pytest.approx(outputs.free_energy(0))


def test_data_as_json(srlab, runs):
    outcome = srlab("data", "runs/*/OUTCAR", "--json")
    found = json.loads(outcome.out)
    assert outcome.code == 0 and outcome.err == ""
    assert (found["frames"], found["atoms"], found["elements"]) == (11, 44, {"Cu": 44})
    assert [row["frames"] for row in found["files"]] == [11, 8]
    assert found["energy"]["min"] == pytest.approx(outputs.free_energy(0) / 4)
    assert found["stress"]["frames"] == 11 and found["stress"]["pressure"] == pytest.approx([2.0, 2.0])  # 20 kbar
    assert set(found["families"]) == {"first"} and any("isolated atom" in line for line in found["advice"])


def test_data_never_writes_over_a_file(srlab, runs, tmp_path):
    (tmp_path / "data.extxyz").write_text("precious")
    outcome = srlab("data", "runs", "-o", "data.extxyz")
    assert outcome.code == 2 and "data.extxyz exists already" in outcome.sentence
    assert (tmp_path / "data.extxyz").read_text() == "precious"
    assert srlab("data", "runs", "-o", "data.extxyz", "--force").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.xyz"], "absent.xyz: no such file"),
        (["runs/*/CONTCAR"], "no file has a name of this pattern"),
        (["runs", "--energy-key", "E0"], "has no 'E0' for its energy: --energy-key can be one of"),
    ],
)
def test_data_in_error(srlab, runs, arguments, words):
    outcome = srlab("data", *arguments)
    assert outcome.code == 2 and outcome.out == "" and words in outcome.sentence


def test_runs_are_data_of_other_commands(srlab, runs):
    outcome = srlab("evaluate", "cleri-rosato", "runs/first", "runs/second/OUTCAR", "--json")
    assert outcome.code == 0 and json.loads(outcome.out)["n_frames"] == 11 + 8
    assert "left out 2 steps whose electrons had not converged" in outcome.err
    fitted = srlab("fit", "cleri-rosato", "runs", "--json")
    assert fitted.code == 0 and fitted.out.startswith("{")


def test_keys_are_options_of_other_commands(srlab, tmp_path):
    columns = "Properties=species:S:1:pos:R:3:my_f:R:3"
    text = f'4\nLattice="3.6 0 0 0 3.6 0 0 0 3.6" {columns} my_e=-13.9\n'
    text += "Cu 0.05 0 0 0.1 0 0\nCu 0 1.8 1.8 0 0 0\nCu 1.8 0 1.8 0 0 0\nCu 1.8 1.8 0 -0.1 0 0\n"
    (tmp_path / "d.xyz").write_text(text)
    refused = srlab("evaluate", "cleri-rosato", "d.xyz")
    assert (
        refused.code == 2 and "it has my_e, my_f: if one of these is it, say so with --energy-key" in refused.sentence
    )
    outcome = srlab("evaluate", "cleri-rosato", "d.xyz", "--energy-key", "my_e", "--forces-key", "my_f", "--json")
    assert outcome.code == 0 and json.loads(outcome.out)["n_frames"] == 1
    for command in (["search"], ["fit", "gp1"], ["evaluate", "gp1"], ["data"]):
        outcome = srlab(*command, "d.xyz", "--energy-key", "my_e", "--forces-key", "none")
        assert outcome.code == 2 and "--forces-key can be one of" in outcome.sentence, command


def test_data_of_a_bundled_set(srlab):
    found = json.loads(srlab("data", "ag-gpaw", "--json").out)
    assert found["elements"] == {"Ag": found["atoms"]} and found["frames"] == len(load_dataset("ag-gpaw").frames)
    assert "bundled: ag-gpaw" in srlab("data", "ag-gpav").sentence
