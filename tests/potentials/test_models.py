"""The shipped models: what their files say is what they do, and they beat refitted Sutton-Chen where it was claimed."""

import json
from pathlib import Path

import pytest

from srlab import evaluate, load_potential
from srlab.datasets import load_dataset
from srlab.loading import MODELS, shipped_names
from srlab.potentials.candidate import Candidate
from srlab.validation import validate
from tests.bundled import bundled


def test_what_is_shipped_are_candidates_with_the_command_that_found_them():
    assert shipped_names() == ["cu-sr1", "cu-sr2", "cu-sr3"]
    for name in shipped_names():
        data = json.loads((MODELS / f"{name}.json").read_text())
        candidate = Candidate.from_json(data)
        assert candidate.id == name and candidate.model.complexity == candidate.complexity
        assert "--seed" in data["found"]["command"] and data["found"]["commit"]


@pytest.mark.parametrize(
    "name, nodes, frames, most",
    [("cu-sr1", 22, "cu-gpaw-v1", 41.0), ("cu-sr2", 39, "cu-gpaw", 25.5), ("cu-sr3", 30, "cu-gpaw", 34.0)],
)
def test_errors_on_the_bundled_frames_are_those_of_the_file(name, nodes, frames, most):
    potential, data = load_potential(name), json.loads((MODELS / f"{name}.json").read_text())
    assert potential.complexity == nodes
    dataset = bundled(frames)
    assert data["found"]["command"].split()[2] == frames
    assert dataset.fingerprint == data["fingerprint"]
    force = evaluate(potential, dataset.test)["force_mae"]
    assert force == pytest.approx(data["test_force_mae"], rel=0.01) and force < most


@pytest.mark.parametrize("name", ["cu-sr1", pytest.param("cu-sr2", marks=pytest.mark.slow)])
def test_they_make_copper(name):
    card = validate(load_potential(name), "eos,elastic,polymorphs,stacking-fault,vacancy")
    assert not [entry["warning"] for entry in card.values() if entry.get("warning")]
    assert "poor" not in {entry["score"] for entry in card.values()}
    assert card["stacking_fault_energy"]["value"] == pytest.approx(39.5, abs=2.5) and card["energy_hcp_fcc"][
        "value"
    ] == pytest.approx(6.7, abs=0.3)


def test_cu_sr3_was_told_nothing_but_frames_and_is_good_on_every_line_of_these():
    """No property was a target, and no weight but the default's."""
    command = json.loads((MODELS / "cu-sr3.json").read_text())["found"]["command"]
    assert not any(word in command for word in ("--target", "-weight", "--focus", "--correlation", "--operators"))
    card = validate(load_potential("cu-sr3"), "elastic,polymorphs,surfaces,stacking-fault,vacancy")
    assert {entry["score"] for entry in card.values() if entry["pbe"] is not None} == {"good"}
    for name, value in [("c11", 183.3), ("c12", 134.2), ("c44", 77.9), ("stacking_fault_energy", 42.3)]:
        assert card[name]["value"] == pytest.approx(value, rel=0.01)


@pytest.mark.slow
def test_the_command_of_cu_sr2_finds_one_as_good(tmp_path):
    """Less than a minute. The moves of the search have changed since the commit that the file names, and with them what
    a seed leads to: no longer form, of no greater loss."""
    from srlab.cli import main

    data = json.loads((MODELS / "cu-sr2.json").read_text())
    words = data["found"]["command"].split()[1:]
    assert main([*words, "--out", str(tmp_path / "run"), "--json"]) == 0
    from srlab.search.search import Search

    found = Search.attach(tmp_path / "run").candidates.values()
    assert any(each.complexity <= data["complexity"] and each.loss <= data["loss"] for each in found)


SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the data of other groups are not here")
@pytest.mark.parametrize("file, first, second", [("poet_cu_md", 46.0, 42.0), ("mlearn_cu_train", 27.0, 22.0)])
def test_on_other_peoples_dft_they_beat_what_was_published(file, first, second):
    """Force errors (meV/A) on frames that nothing here was fitted to."""
    data = load_dataset(SHARED / f"{file}.extxyz", split="all")
    force = {
        name: evaluate(load_potential(name), data, fit_offset=True)["force_mae"]
        for name in ("cu-sr1", "cu-sr2", "gp1", "gp2", "gp3", "sutton-chen")
    }
    assert force["cu-sr1"] < first and force["cu-sr2"] < second
    assert force["cu-sr2"] < min(force["gp1"], force["gp2"], force["gp3"], force["sutton-chen"])
