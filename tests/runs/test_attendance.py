"""A search that was watched and is not watched any more pauses itself; one that never was, never does. The time is
the tests' own."""

import os
from types import SimpleNamespace

import pytest

from srlab.errors import InputError
from srlab.runs import commands as steering
from srlab.runs import events
from srlab.runs.attendance import Attendance, in_words
from srlab.runs.folder import ATTENDED_FILE
from srlab.search.driver import Driver
from srlab.search.settings import SearchSettings


@pytest.fixture
def clock(monkeypatch):
    """The clock that looks are timed with."""
    time = SimpleNamespace(now=100.0)
    monkeypatch.setattr("srlab.runs.attendance.time", SimpleNamespace(monotonic=lambda: time.now))
    return time


def look(folder, number):
    """The look of that number at a run: disks tell two of them apart only when some milliseconds lie between."""
    folder.attend()
    os.utime(folder.path / ATTENDED_FILE, ns=(number, number))


@pytest.fixture
def followed(make_run, dataset, monkeypatch):
    """followed(search, steps) -> the status events of a search in this process; after each, the next of the steps is
    taken, a function of the event, and the search ends with the last."""

    monkeypatch.setattr("srlab.search.driver.STATUS_EVERY", 0.02)

    def run(search, steps):
        driver, said, steps = Driver(search.folder, dataset, search.settings), [], list(steps)

        def watch(event):
            if not isinstance(event, events.Status):
                return
            said.append(event)
            if steps:
                steps.pop(0)()
            else:
                driver.stop_reason = "stopped"

        driver.watch = watch
        driver.run()
        assert not steps
        return said

    return run


def test_it_pauses_when_the_page_is_gone_says_why_and_goes_on(make_run, followed, clock):
    search = make_run(evaluations=None, idle_limit=30.0)

    def looked(number):
        clock.now += 20.0
        look(search.folder, number)

    def nobody():
        clock.now += 31.0

    def resume():
        steering.send(search.run, "resume")

    steps = [lambda: looked(1), lambda: looked(2), lambda: looked(3), nobody, resume, lambda: None, nobody]
    said = followed(search, steps)
    states = [each.state for each in said]
    assert states[:4] == ["running"] * 4 and states[4] == "paused"
    assert "no page has shown this search for 30 seconds" in said[4].message
    resumed = states.index("running", 5)
    assert said[resumed].message == "" and "paused" in states[resumed:]  # and nobody has come back


def test_without_a_page_it_never_pauses(make_run, followed, clock):
    def later():
        clock.now += 1e6

    said = followed(make_run(evaluations=None, idle_limit=0.5), [later] * 3)
    assert {each.state for each in said[:-1]} == {"running"}


def test_none_is_no_limit(make_run, followed, clock):
    search = make_run(evaluations=None, idle_limit=None)
    assert search.settings.idle_limit is None

    def later():
        clock.now += 1e6

    def nothing():
        pass

    steps = [lambda: look(search.folder, 1), later, lambda: search.steer(idle_limit=0.5)]
    steps += [lambda: look(search.folder, 2), nothing, later, nothing, nothing]
    states = [each.state for each in followed(search, steps)]
    assert states[:4] == ["running"] * 4 and "paused" in states[4:]


def test_a_run_watched_in_a_terminal_never_pauses(make_run, dataset, clock):
    search, states = make_run(idle_limit=0.2, evaluations=600), []

    def watch(event):
        if isinstance(event, events.Status):
            states.append(event.state)
            look(search.folder, len(states))
            clock.now += 1.0

    Driver(search.folder, dataset, search.settings, watch=watch).run()
    assert states[-1] == "finished" and "paused" not in states


def test_looks_of_an_earlier_day_do_not_count(make_run, clock):
    folder = make_run().folder
    assert folder.attended() is None
    look(folder, 1)
    attendance = Attendance(folder)
    assert attendance.seconds() is None
    look(folder, 2)
    assert attendance.seconds() == 0.0
    clock.now += 0.25
    assert attendance.seconds() == 0.25
    attendance.seen()
    assert attendance.seconds() == 0.0


def test_of_a_run_that_was_not_begun_an_earlier_look_counts(make_run, clock):
    folder = make_run().folder
    look(folder, 1)
    assert Attendance(folder, begun=False).seconds() == 0.0


def test_the_limit_is_checked_and_said_in_words():
    with pytest.raises(InputError, match="idle_limit must be above zero"):
        SearchSettings(idle_limit=0)
    assert SearchSettings.from_json(SearchSettings(idle_limit=None).to_json()).idle_limit is None
    assert [in_words(s) for s in (1800, 3600, 7200, 60, 90, 1.5)] == [
        "30 minutes",
        "1 hour",
        "2 hours",
        "1 minute",
        "90 seconds",
        "1.5 seconds",
    ]
