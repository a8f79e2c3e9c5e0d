"""The loop in a process of its own, and what its folder tells while it runs, afterwards, and when a line is half
written."""

import json
import os
import signal

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.io import read

from srlab.datasets import load_dataset
from srlab.errors import InputError
from srlab.learning import Learning, LoopView, learn
from srlab.sampling.labelfile import label_key, structure_key
from tests.learning.conftest import SMALL
from tests.waiting import wait_until

ONE_ROUND = dict(**SMALL, rounds=1)


@pytest.fixture(scope="module")
def data(labels):
    return load_dataset(labels)


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    learning = Learning(data, tmp_path_factory.mktemp("background") / "loop", "emt", **ONE_ROUND).start()
    said = []
    wait_until(lambda: learning.state != "running" or said.append(learning.view.under_way), 300)
    return learning, said


def test_it_runs_elsewhere_and_is_watched(finished):
    learning, said = finished
    assert learning.state == "finished" and learning.view.error == ""
    assert said[0] == (0, "search") and {"sample", "search"} <= {
        stage for place in said if place for stage in place[1:]
    }
    assert [entry["round"] for entry in learning.rounds] == [0, 1]


@pytest.mark.slow
def test_it_is_the_loop_of_learn(finished, data, tmp_path):
    """Another process changes nothing: the same structures are chosen and the same form is found."""
    learning, _ = finished
    found = learn(data, tmp_path / "here", "emt", **ONE_ROUND)
    assert [frame.positions.tolist() for frame in read(tmp_path / "here/round-1/queue.extxyz", ":")] == [
        frame.positions.tolist() for frame in read(learning.folder / "round-1/queue.extxyz", ":")
    ]
    assert found[1]["formulas"] == learning.rounds[1]["formulas"]


def test_levels_and_labels_are_told(finished):
    view = LoopView(finished[0].folder)
    assert [(run["sampler"], run["atoms"]) for run in view.sampling] == [(0, 2), (0, 3), (1, 2), (1, 3)]
    for run in view.sampling:
        samples = read(view.folder / "round-1" / f"samples-{run['sampler']}-{run['atoms']}.extxyz", ":")
        assert run["ceiling"] == pytest.approx([frame.info["ceiling"] for frame in samples], abs=1e-4)
        assert np.all(np.diff(run["ceiling"]) <= 0) and all(
            low <= high for low, high in zip(run["lowest"], run["ceiling"])
        )
        assert len(run["structures"][-1]["positions"]) == run["atoms"]
    labels = read(view.folder / "round-1" / "labels.extxyz", ":")
    assert [line["key"] for line in view.labels[1]] == [label_key(frame) for frame in labels]
    for line, frame in zip(view.labels[1], labels):
        assert line["energy"] == pytest.approx(frame.get_potential_energy() / len(frame), abs=1e-4)
    energy = [1e3 * abs(line["energy"] - line["model"]) for line in view.labels[1] if not line["extreme"]]
    assert np.mean(energy) == pytest.approx(
        view.rounds[1]["new_energy_mae"], abs=0.1
    )  # meV/atom; the form that had not seen them


def test_a_folder_of_an_older_version_is_shown_too(finished, tmp_path):
    """Without levels.jsonl and parity.jsonl: from the samples, the labels and the fronts."""
    import shutil

    new = LoopView(finished[0].folder)
    shutil.copytree(new.folder, tmp_path / "old")
    for name in ("levels.jsonl", "parity.jsonl"):
        (tmp_path / "old" / "round-1" / name).unlink()
    old = LoopView(tmp_path / "old")
    assert old.labels == new.labels
    assert [(run["atoms"], len(run["ceiling"])) for run in old.sampling] == [
        (run["atoms"], len(run["ceiling"])) for run in new.sampling
    ]
    assert old.refresh() is False


def test_a_journal_alone_shows_its_rounds(finished, tmp_path):
    (tmp_path / "learn.jsonl").write_bytes((finished[0].folder / "learn.jsonl").read_bytes())
    view = LoopView(tmp_path)
    assert view.state == "finished" and view.rounds == finished[0].rounds and view.labels == {} and view.sampling == []
    assert os.listdir(tmp_path) == ["learn.jsonl"]  # a reader leaves nothing behind


def test_half_written_lines_wait_and_damaged_ones_are_passed_over(finished, tmp_path):
    whole = (finished[0].folder / "round-1" / "levels.jsonl").read_bytes()
    (tmp_path / "learn.jsonl").write_bytes((finished[0].folder / "learn.jsonl").read_bytes())
    (tmp_path / "round-1").mkdir()
    path, cut = tmp_path / "round-1" / "levels.jsonl", whole.index(b"\n", len(whole) // 3) - 20
    path.write_bytes(whole[:cut])
    view = LoopView(tmp_path)
    before = sum(len(run["ceiling"]) for run in view.sampling)
    with open(path, "ab") as file:
        file.write(whole[cut:] + b'nonsense\n[1]\n{"event":"lev')
    assert view.refresh() is True
    assert sum(len(run["ceiling"]) for run in view.sampling) == whole.count(b'"level"') > before
    assert view.refresh() is False


def test_stop_saves_start_goes_on_and_a_kill_is_seen(data, tmp_path):
    learning = Learning(data, tmp_path / "loop", "emt", **{**ONE_ROUND, "evaluations": 200_000}).start()
    with pytest.raises(InputError, match="runs already|in use"):
        wait_until(learning.view.start and (lambda: Learning.attach(tmp_path / "loop").state == "running"))
        Learning.attach(tmp_path / "loop").start()
    wait_until(lambda: learning.view.refresh() or "evaluations" in learning.view.message())
    Learning.attach(tmp_path / "loop").stop()  # from anywhere
    assert learning.wait(300).state == "stopped" and learning._child.wait(300) and learning._child.code == 130
    assert not (tmp_path / "loop" / ".stop").exists()
    journal = tmp_path / "loop" / "round-0" / "search" / "journal.jsonl"
    saved = journal.read_bytes()
    again = Learning.attach(tmp_path / "loop").start(evaluations=300_000)
    wait_until(lambda: b'"event":"candidate"' in journal.read_bytes()[len(saved) :])
    assert again.state == "running" and journal.read_bytes().startswith(saved)
    os.kill(again._child.pid, signal.SIGKILL)
    wait_until(lambda: again.state == "stopped")


def test_a_file_in_a_folder_that_is_no_loop_is_left_alone(tmp_path, monkeypatch):
    from srlab.learning.background import stop_requests

    (tmp_path / ".stop").write_text("mine")
    looks, is_file = [], os.path.isfile
    monkeypatch.setattr("srlab.learning.background.os.path.isfile", lambda path: looks.append(path) or is_file(path))
    with stop_requests(tmp_path):
        wait_until(lambda: len(looks) >= 3)
    with stop_requests("/dev/null"):
        pass
    assert (tmp_path / ".stop").read_text() == "mine"


def test_what_ends_it_is_said(data, tmp_path):
    learning = Learning(data, tmp_path / "loop", "emt", **{**ONE_ROUND, "evaluations": 1}).start().wait(300)
    assert learning.state == "failed" and "found" in learning.view.error
    with open(tmp_path / "loop" / "learn.log") as log:
        assert log.read().strip() == learning.view.error


def test_bad_input_is_refused_in_one_sentence(data, tmp_path):
    with pytest.raises(InputError, match="by its name only"):
        Learning(data, tmp_path / "a", EMT(), **ONE_ROUND)
    with pytest.raises(InputError, match="no such setting"):
        Learning(data, tmp_path / "a", "emt", colour="blue")
    assert not (tmp_path / "a").exists()
    with pytest.raises(InputError, match="no folder of srlab learn"):
        Learning.attach(tmp_path)
    (tmp_path / "learn.jsonl").write_text("no json\n")
    with pytest.raises(InputError, match="damaged"):
        LoopView(tmp_path)
    learning = Learning(data, tmp_path / "b", "emt", **ONE_ROUND)
    with pytest.raises(InputError, match="seed cannot be changed"):
        learning.start(seed=4)
    start = json.loads((tmp_path / "b" / "learn.jsonl").read_text())
    (tmp_path / "b" / "learn.jsonl").write_text(json.dumps({**start, "calculator_name": None}) + "\n")
    with pytest.raises(InputError, match="go on with srlab learn"):
        Learning.attach(tmp_path / "b").start()


def test_a_name_that_looks_like_a_number_is_still_the_name(tmp_path):
    """ASE reads 123456789012 and 12e456789012 from a file as numbers."""
    atoms = bulk("Cu", "fcc", a=3.6)
    for written in (123456789012, float("inf"), "0123456789ab"):
        atoms.info["label_key"] = written
        assert label_key(atoms) == (written if isinstance(written, str) else structure_key(atoms))


def test_a_copy_without_the_runs_shows_the_same(finished, tmp_path):
    from srlab.curation.loop_copy import keep

    keep(finished[0].folder, tmp_path / "copy", "srlab learn DATA")
    one, two = LoopView(finished[0].folder), LoopView(tmp_path / "copy")
    assert (one.rounds, one.labels, one.sampling, one.chosen, one.state) == (
        two.rounds,
        two.labels,
        two.sampling,
        two.chosen,
        two.state,
    )
    assert (
        not list((tmp_path / "copy").glob("round-*/search"))
        and (tmp_path / "copy" / "COMMAND").read_text() == "srlab learn DATA\n"
    )
    with pytest.raises(InputError, match="holds something else"):
        keep(finished[0].folder, finished[0].folder, "again")


def test_the_example_that_comes_with_srlab_is_a_loop_with_gpaw():
    from srlab.learning.view import EXAMPLE

    view = LoopView(EXAMPLE)
    assert view.start["calculator"].startswith("GPAW") and len(view.rounds) >= 2
    for number, lines in view.labels.items():
        entry = view.done.get((number, "label"))
        errors = [1e3 * abs(line["energy"] - line["model"]) for line in lines if not line["extreme"]]
        if entry:  # a finished round: the points that are shown are those its figures were made of
            assert sum(errors) / len(errors) == pytest.approx(entry["new_energy_mae"], abs=0.1)
