"""The learning loop with ASE's EMT: it learns, loses no label to a kill at any stage, and refuses what does not
belong together."""

import json
import os
import signal
import subprocess
import sys

import pytest
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones
from ase.io import read

from srlab.datasets import load_dataset
from srlab.datasets.dataset import NEAR
from srlab.errors import InputError
from srlab.learning import learn
from srlab.learning.loop import rounds
from srlab.learning.round_data import check_labeller, enlarged, errors_by_part
from srlab.learning.settings import LearnSettings
from srlab.potentials import load_potential
from srlab.sampling.labelfile import structure_key
from srlab.sampling.labellers import AseLabeller
from tests.learning.conftest import SMALL
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def finished(labels, tmp_path_factory):
    out, events = tmp_path_factory.mktemp("learn") / "run", []
    found = learn(load_dataset(labels), out, "emt", progress=lambda *event: events.append(event), rounds=2, **SMALL)
    return out, found, events


def keys(folder):
    return [
        frame.info["label_key"] for path in sorted(folder.glob("round-*/labels.extxyz")) for frame in read(path, ":")
    ]


def test_every_round_labels_and_learns(finished, labels):
    out, found, events = finished
    assert [entry["round"] for entry in found] == [0, 1, 2] and found == rounds(out)
    assert [entry["train"] - found[0]["train"] for entry in found] == [entry["labels"] for entry in found] == [0, 4, 8]
    assert [entry.get("labelled") for entry in found] == [None, 4, 4]
    assert all(entry["test_force_mae"] > 0 and entry["test_energy_mae"] > 0 for entry in found)
    assert found[1]["new_force_mae"] > 0
    assert [stage for stage, number, *_, message in events if message == "done" and number == 1] == [
        "sample",
        "select",
        "label",
        "search",
    ]


def test_labels_are_true_new_and_say_where_they_come_from(finished, labels):
    out, *_ = finished
    assert len(set(keys(out))) == len(keys(out)) == 8
    known = {structure_key(frame) for frame in load_dataset(labels).frames}
    assert not known & set(keys(out))
    for number in (1, 2):
        for frame in read(out / f"round-{number}" / "labels.extxyz", ":"):
            again = frame.copy()
            again.calc = EMT()
            assert frame.get_potential_energy() == pytest.approx(again.get_potential_energy(), abs=1e-5)
            assert (
                frame.info["round"] == number
                and frame.info["sampler"].count("|") == 2
                and frame.info["disagreement"] > 0
            )


def test_the_errors_are_those_of_the_front_on_the_test_frames(finished, labels):
    from srlab import evaluate
    from srlab.search.search import Search

    out, found, _ = finished
    best = min(Search.attach(out / "round-2" / "search").front, key=lambda candidate: candidate.loss)
    errors = evaluate(best.potential(), load_dataset(labels).test)
    assert found[2]["id"] == best.id and found[2]["test_force_mae"] == pytest.approx(errors["force_mae"], abs=1e-3)


def test_the_front_is_handed_on(finished):
    """The forms of a round begin the next one's search, and none of its frames is a test frame of the first."""
    out, *_ = finished
    events = [json.loads(line) for line in (out / "round-1" / "search" / "journal.jsonl").read_text().splitlines()]
    assert (
        sum(event["event"] == "command" and event["command"]["name"] == "inject" for event in events)
        == SMALL["members"]
    )
    start = events[0]["dataset"]
    assert start["test"] == 5 and max(start["test_indices"]) < 20 and set(range(20, 24)) <= set(start["train_indices"])


def test_the_same_call_again_does_nothing(finished, labels):
    out, found, _ = finished
    before = (out / "learn.jsonl").read_bytes()
    assert learn(load_dataset(labels), out, "emt", rounds=2, **SMALL) == found
    assert (out / "learn.jsonl").read_bytes() == before


KILLED = """
import sys, time
from ase.calculators.emt import EMT
from srlab.datasets import load_dataset
from srlab.learning import learn

class Slow(EMT):
    def calculate(self, *arguments, **options):
        time.sleep(0.15)
        super().calculate(*arguments, **options)

settings = dict(seconds=None, evaluations=6000, frames=4, atoms=(2, 3), walkers=8, levels=10, members=3, samplers=2)
settings.update(per_level=1, seed=2)
Slow.__name__ = "emt"
learn(load_dataset(sys.argv[1]), sys.argv[2], Slow(), rounds=1, **settings)
"""


def start(labels, out):
    return subprocess.Popen(
        [sys.executable, "-c", KILLED, str(labels), str(out)], env={**os.environ, "OMP_NUM_THREADS": "1"}
    )


def kill_when(process, reached):
    def there():
        assert process.poll() is None, "it ended before it could be killed"
        return reached()

    wait_until(there, 300)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_a_kill_at_any_stage_loses_no_label(labels, tmp_path):
    """SIGKILL while it searches, samples and labels, each time gone on with by the same call."""
    out = tmp_path / "run"
    journal = out / "round-0" / "search" / "journal.jsonl"
    kill_when(start(labels, out), lambda: journal.exists() and journal.read_bytes().count(b'"event":"candidate"') >= 1)
    assert rounds(out) == []
    kill_when(start(labels, out), lambda: len(list(out.glob("round-1/samples-*.extxyz"))) >= 2)
    first = (out / "round-1" / "samples-0-2.extxyz").read_bytes()
    path = out / "round-1" / "labels.extxyz"
    kill_when(start(labels, out), lambda: path.exists() and path.read_bytes().count(b"Lattice") >= 2)
    assert (out / "round-1" / "samples-0-2.extxyz").read_bytes() == first
    survived = keys(out)
    assert 2 <= len(survived) < 4
    assert start(labels, out).wait(timeout=600) == 0
    assert keys(out)[: len(survived)] == survived and len(set(keys(out))) == len(keys(out)) == 4
    found = rounds(out)
    assert [entry["round"] for entry in found] == [0, 1] and found[1]["labels"] == 4


def test_a_half_made_run_is_made_again(labels, tmp_path):
    """Killed between making the folder of a search and its first event."""
    out = tmp_path / "run"
    (out / "round-0" / "search.part").mkdir(parents=True)
    (out / "round-0" / "search.part" / "data.extxyz").write_text("4\nhalf a fr")
    (out / "learn.jsonl").write_bytes(b'{"event":"sta')
    stop = []

    def progress(stage, number, done, total, message):
        if number == 1:
            stop.append(stage)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(load_dataset(labels), out, "emt", progress=progress, rounds=1, **SMALL)
    assert stop == ["sample"] and [entry["round"] for entry in rounds(out)] == [0]


def test_labels_of_another_calculator_are_refused(labels, tmp_path):
    dataset = load_dataset(labels)
    with pytest.raises(InputError, match="labelled with 'emt.*never mixed"):
        learn(dataset, tmp_path / "run", "lj", **SMALL)
    assert not (tmp_path / "run").exists()
    for frame in dataset.frames:
        del frame.info["dft_settings"]
    check_labeller(dataset, AseLabeller(EMT()))
    with pytest.raises(InputError, match=r"frame \d+: .* meV/atom from the label"):
        check_labeller(dataset, AseLabeller(LennardJones(sigma=2.3, epsilon=0.4)))


def test_a_calculator_without_forces_is_refused(labels, tmp_path):
    class EnergyOnly(EMT):
        implemented_properties = ["energy"]

    with pytest.raises(InputError, match="EnergyOnly gives no forces"):
        learn(load_dataset(labels), tmp_path / "run", EnergyOnly(), **SMALL)


@pytest.mark.parametrize(
    "change, words",
    [
        (dict(seed=3), "begun with seed 2, not 3"),
        (dict(atoms=(2, 5)), "begun with atoms"),
        (dict(frames=9), "begun with frames 4"),
    ],
)
def test_other_settings_in_one_folder_are_refused(finished, labels, change, words):
    with pytest.raises(InputError, match=words):
        learn(load_dataset(labels), finished[0], "emt", rounds=2, **{**SMALL, **change})


def test_other_data_in_one_folder_are_refused(finished, labels):
    with pytest.raises(InputError, match="begun with another split"):
        learn(load_dataset(labels, split="alternate"), finished[0], "emt", rounds=2, **SMALL)


def test_a_folder_with_something_else_is_refused(labels, tmp_path):
    (tmp_path / "thesis.tex").write_text("important")
    with pytest.raises(InputError, match="holds something else"):
        learn(load_dataset(labels), tmp_path, "emt", **SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_data_without_test_frames_are_refused(labels, tmp_path):
    with pytest.raises(InputError, match="keeps no frames back"):
        learn(load_dataset(labels, split="all"), tmp_path / "run", "emt", **SMALL)


@pytest.mark.parametrize(
    "settings, words",
    [
        (dict(rounds=0), "rounds must be at least 1"),
        (dict(members=1), "members"),
        (dict(atoms=()), "atoms"),
        (dict(seconds=None), "needs a budget"),
    ],
)
def test_settings_are_checked(settings, words):
    with pytest.raises(InputError, match=words):
        LearnSettings(**settings)


def test_near_and_far_are_the_parts_of_all(labels):
    dataset, potential = load_dataset(labels), load_potential("cleri-rosato")
    errors = errors_by_part(potential, dataset, dataset.frames)
    near = dataset.near_equilibrium()
    assert 0 < near.sum() < len(near) and NEAR == 0.1
    # cells of equal size: the error of all is the mean of the parts, weighted by their frames
    for name in ("energy_mae", "force_mae"):
        mean = (near.sum() * errors[f"near_{name}"] + (~near).sum() * errors[f"far_{name}"]) / len(near)
        assert errors[name] == pytest.approx(mean, rel=1e-3)
    alone = errors_by_part(potential, dataset, [frame for frame, close in zip(dataset.frames, near) if close])
    assert alone["far_force_mae"] is None and alone["near_force_mae"] == errors["near_force_mae"]


def test_enlarging_leaves_the_test_frames_alone(labels):
    dataset = load_dataset(labels)
    more = enlarged(dataset, dataset.frames[:3])
    assert list(more.test_indices) == list(dataset.test_indices) and len(more.train) == len(dataset.train) + 3
    assert more.fingerprint != dataset.fingerprint and enlarged(dataset, []).fingerprint == dataset.fingerprint


@pytest.mark.dft
@pytest.mark.slow
def test_one_round_with_gpaw(tmp_path):
    """Two labels of cells of three atoms of aluminium, with the settings of the bundled set of converged labels."""
    pytest.importorskip("gpaw")
    settings = {**SMALL, "frames": 2, "atoms": (3,), "walkers": 20, "levels": 40, "evaluations": 3000}
    found = learn(load_dataset("al-gpaw-fine"), tmp_path / "run", "gpaw", rounds=1, **settings)
    made = read(tmp_path / "run" / "round-1" / "labels.extxyz", ":")
    assert len(made) + found[1]["failed"] == 2 and made
    (made_with,) = {frame.info["dft_settings"] for frame in made}
    assert made_with == load_dataset("al-gpaw-fine").frames[0].info["dft_settings"]
    assert -4.5 < made[0].get_potential_energy() / 3 < 0.5
