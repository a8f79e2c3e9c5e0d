"""A search that was watched and is not watched any more pauses itself; one that never was, never does."""

import threading
import time

import pytest

from srlab.errors import InputError
from srlab.runs.attendance import Attendance, in_words
from srlab.search.driver import Driver
from srlab.search.settings import SearchSettings


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not happen within {seconds} s"
        time.sleep(0.05)


@pytest.fixture
def running(make_run):
    """running(**settings) -> a search whose worker has begun; stopped afterwards."""
    made = []

    def start(**settings):
        search = make_run(f"run{len(made)}", evaluations=None, seconds=300, **settings).start()
        made.append(search)
        until(lambda: search.refresh() is not None and search.view.nodes)
        return search

    yield start
    for search in made:
        if search.alive:
            search.stop()
            search.wait(20)


def test_it_pauses_when_the_page_is_gone_says_why_and_goes_on(running):
    search = running(idle_limit=1.5)
    for _ in range(6):  # a page: as long as it is there, the search goes on
        search.attend()
        time.sleep(0.5)
    assert search.state == "running"
    until(lambda: search.state == "paused", 15)
    said = [event for event in search.folder.events() if event["event"] == "status"][-1]
    assert said["state"] == "paused" and "no page has shown this search for 1.5 seconds" in said["message"]
    before = search.view.status["evaluations"]
    search.resume()
    until(lambda: search.state == "running", 10)
    until(lambda: search.refresh() is not None and search.view.status["evaluations"] > before)
    assert search.view.status["message"] == ""
    until(lambda: search.state == "paused", 15)  # and nobody has come back


def test_without_a_page_it_never_pauses(running):
    search = running(idle_limit=0.5)
    time.sleep(3.0)
    assert search.state == "running"


def test_none_is_no_limit(running):
    search = running(idle_limit=None)
    assert search.settings.idle_limit is None
    search.attend()
    time.sleep(2.0)
    assert search.state == "running"
    search.steer(idle_limit=0.5)
    search.attend()
    until(lambda: search.state == "paused", 15)


def test_a_run_watched_in_a_terminal_never_pauses(make_run, dataset):
    search = make_run(idle_limit=0.2, evaluations=None, seconds=4.0)
    looking = threading.Timer(1.0, search.attend)
    looking.start()
    states = []
    Driver(search.folder, dataset, search.settings, watch=lambda event: states.append(event.get("state"))).run()
    assert states[-1] == "finished" and "paused" not in states


def test_looks_of_an_earlier_day_do_not_count(make_run):
    folder = make_run().folder
    assert folder.attended() is None
    folder.attend()
    attendance = Attendance(folder)
    assert attendance.seconds() is None
    time.sleep(0.02)
    folder.attend()
    assert attendance.seconds() < 0.1
    time.sleep(0.2)
    assert attendance.seconds() >= 0.2
    attendance.seen()
    assert attendance.seconds() < 0.1


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
