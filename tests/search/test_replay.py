"""A steered run is done again from its journal: the same commands after the same playouts, the same candidates."""

import json

import pytest

from srlab.errors import InputError
from srlab.runs import commands as steering
from srlab.runs import events
from srlab.runs.journal import JournalReader
from srlab.search import driver
from srlab.search.replay import Script, recording
from srlab.search.search import Search
from srlab.search.worker import continue_run
from srlab.workers.pool import Serial
from tests.waiting import wait_until

FORM = "phi = 900.0*exp(-3.0*r) + 30.0*r^(-8.0); f = exp(-1.9*r); F = -20.0*rho^0.45"


def commands_of(run):
    return [
        (event["command"], event["playouts"])
        for event in JournalReader(run / "journal.jsonl").read()
        if event["event"] == "command"
    ]


def found(search):
    """All that was found, apart from the clock."""
    search.refresh()
    return (
        [candidate.to_json() for candidate in search.candidates.values()],
        [candidate.id for candidate in search.front],
        {k: n["formulas"] for k, n in search.view.nodes.items() if k},
    )


@pytest.fixture(scope="module")
def steered(dataset, tmp_path_factory):
    """A run in a process of its own that was paused, resumed, stepped, steered, boosted, pruned and given a formula
    while it went, until it was stopped."""
    search = Search(
        dataset, tmp_path_factory.mktemp("replay") / "live", evaluations=None, seconds=3600.0, workers=1, seed=3
    ).start()
    nodes = lambda: search.refresh() is not None and len(search.view.nodes)  # noqa: E731
    wait_until(lambda: nodes() > 4)
    search.boost(3)
    search.steer(operators=["exp", "pow", "sqrt", "linear"], exploration=0.4)
    wait_until(lambda: nodes() > 6)
    search.pause()
    wait_until(lambda: search.state == "paused")
    search.inject(FORM)
    search.step(2)
    wait_until(lambda: len(commands_of(search.run)) >= 5 and search.state == "paused")
    search.resume()
    search.prune(2)
    search.steer(force_weight=0.8)
    wait_until(lambda: nodes() > 8)
    search.steer(max_complexity=30, seconds=900.0)
    search.pin(search.front[0].id)
    wait_until(lambda: nodes() > 10)
    search.stop()
    search.wait(300)
    return search


def test_commands_say_when_they_were_obeyed(steered):
    counts = [playouts for _, playouts in commands_of(steered.run)]
    names = [command["name"] for command, _ in commands_of(steered.run)]
    assert names == ["boost", "set", "pause", "inject", "step", "resume", "prune", "set", "set", "pin", "stop"]
    assert (
        counts == sorted(counts) and counts[0] > 0 and counts[names.index("resume")] == counts[names.index("step")] + 2
    )


@pytest.fixture(scope="module")
def again(steered, tmp_path_factory):
    """Its replay."""
    search = Search.replay(steered.run, tmp_path_factory.mktemp("replay") / "again")
    continue_run(search.run)
    return search


def test_a_steered_run_is_done_again_to_the_candidate(steered, again):
    assert found(again) == found(steered)
    assert [(command["name"], playouts) for command, playouts in commands_of(again.run)] == [
        (command["name"], playouts) for command, playouts in commands_of(steered.run)
    ]
    assert not any("seconds" in command for command, _ in commands_of(again.run))
    assert (
        again.state == "stopped" and again.recording.remark == "" and again.view.start["replay_of"] == str(steered.run)
    )


def test_without_its_commands_it_is_another_run(steered, dataset, tmp_path):
    """So the test above can fail."""
    plain = Search(dataset, tmp_path / "plain", evaluations=steered.view.status["evaluations"], workers=1, seed=3)
    continue_run(plain.run)
    assert found(plain) != found(steered)


def test_a_replay_can_be_replayed(steered, again, tmp_path):
    third = Search.replay(again.run, tmp_path / "third")
    continue_run(third.run)
    assert found(third) == found(steered)


def test_a_run_ended_by_its_budget(make_run, tmp_path):
    search = make_run(evaluations=1200)
    steering.send(search.run, "inject", text=FORM)  # before the first playout
    continue_run(search.run)
    assert commands_of(search.run)[0][1] == 0
    again = Search.replay(search.run, tmp_path / "again")
    continue_run(again.run)
    assert found(again) == found(search) and again.state == "finished"


def test_a_run_left_in_a_pause_ends_there(make_run, tmp_path):
    search = make_run(evaluations=4000)
    sent = []

    def pause(event):
        if isinstance(event, events.Node) and event.id == 5:
            steering.send(search.run, "pause")
        if isinstance(event, events.Command) and not sent:
            sent.append(steering.send(search.run, "stop"))

    continue_run(search.run, pause)
    again = Search.replay(search.run, tmp_path / "again")
    continue_run(again.run)
    assert found(again) == found(search)
    assert (
        Script([[4, {"name": "pause"}]], until=9).over(5, "paused") is False
        and Script([], until=9).over(5, "paused") is True
    )


def test_a_run_that_was_taken_up_is_replayed_to_its_first_end(make_run, tmp_path):
    search = make_run(evaluations=800)
    continue_run(search.run)
    first = found(search)
    continue_run(search.run, budget={"evaluations": 1600})
    again = Search.replay(search.run, tmp_path / "again")
    assert "taken up again" in again.recording.remark
    continue_run(again.run)
    assert found(again) == first != found(search)


def test_several_workers_are_said(make_run, tmp_path, monkeypatch):
    """What a replay has to say of them; that they search is tested where they do."""
    monkeypatch.setattr(driver, "LocalPool", lambda workers, *setup: Serial(*setup))
    search = make_run(evaluations=800, workers=2)
    continue_run(search.run)
    again = Search.replay(search.run, tmp_path / "again")
    assert "2 workers" in again.recording.remark and "need not be" in again.recording.remark
    continue_run(again.run)
    assert again.front


def test_what_cannot_be_replayed_is_refused(steered, tmp_path):
    journal = steered.folder.events()
    for event in journal:
        if isinstance(event, events.Command):
            event.playouts = None
    with pytest.raises(InputError, match="does not say after how many playouts"):
        recording(journal, "runs/old")
    with pytest.raises(InputError, match="replay that run instead"):
        Search.replay(steered.fork(tmp_path / "fork").run)
    old = [event for event in journal if not isinstance(event, events.Command)]
    for event in old:
        if isinstance(event, (events.Status, events.Finish)):
            event.playouts = None
    assert (
        recording(old, "runs/old").playouts is None
        and recording(old, "runs/old").evaluations == steered.view.status["evaluations"]
    )
    assert json.dumps(recording(old, "runs/old").commands) == "[]"
