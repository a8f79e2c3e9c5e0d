"""A search in its own process: started, paused, steered, stopped, killed, taken up again."""

import os
import signal

import pytest

from srlab.errors import InputError
from srlab.search.front import dominates, objectives
from srlab.search.search import Search
from tests.waiting import more_words, wait_until


def test_pause_stops_the_search_and_resume_goes_on(make_run):
    search = make_run(evaluations=None, seconds=120.0).start()
    assert search.state == "running"
    assert wait_until(lambda: search.refresh() or len(search.view.nodes) > 3)
    search.pause()
    assert wait_until(lambda: search.state == "paused")
    nodes = len(search.view.nodes)
    more_words(search)
    search.refresh()
    assert len(search.view.nodes) == nodes
    search.resume()
    assert wait_until(lambda: search.refresh() or len(search.view.nodes) > nodes)
    search.step(2)
    assert wait_until(lambda: search.state == "paused")
    search.stop()
    assert wait_until(lambda: search.state == "stopped") and not search.folder.busy()


def test_a_killed_worker_is_noticed_and_resumed(make_run):
    search = make_run(evaluations=None, seconds=300.0, workers=2).start()
    assert wait_until(lambda: len(search.front) >= 3)
    with pytest.raises(InputError, match="in use by another search"):
        Search.attach(search.run).start()
    os.kill(search._child.pid, signal.SIGKILL)
    assert wait_until(lambda: search.state == "died")
    before = [objectives(c) for c in search.front]
    assert wait_until(lambda: not search.folder.busy())
    again = Search.attach(search.run)
    again.resume()
    assert wait_until(lambda: again.refresh() or len(again.view.nodes) > len(search.view.nodes))
    again.stop()
    assert wait_until(lambda: again.state == "stopped")
    after = [objectives(c) for c in again.front]
    assert all(any(p == point or dominates(p, point) for p in after) for point in before)


def test_a_folder_in_use_is_left_alone(make_run, tmp_path):
    make_run("taken")
    with pytest.raises(InputError, match="in use.*srlab resume"):
        make_run("taken")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="in use"):
        make_run("file")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_without_a_run_is_said(tmp_path):
    with pytest.raises(InputError, match="is no run"):
        Search.attach(tmp_path)
    (tmp_path / "journal.jsonl").write_text("not json\n")
    with pytest.raises(InputError, match="damaged"):
        Search.attach(tmp_path)


def test_unknown_settings_and_bad_guesses_are_refused(make_run):
    with pytest.raises(InputError, match="no such setting"):
        make_run("a", colour="blue")
    search = make_run("b")
    with pytest.raises(InputError, match="density function is missing"):
        search.inject("phi = exp(-2.0*r)")
    with pytest.raises(InputError, match="pole.* r = 3"):
        search.inject("phi = 1.0/(r - 3.0); f = exp(-1.9*r); F = -20.0*sqrt(rho)")
    with pytest.raises(InputError, match="cannot be changed"):
        search.steer(cutoff=4.0)


def test_changed_data_are_noticed(make_run):
    from srlab.search.worker import continue_run

    search = make_run()
    path = search.run / "data.extxyz"
    text = path.read_text()
    path.write_text(text.replace(" 0.1", " 0.2", 1))
    with pytest.raises(InputError, match="not the data this run was started on"):
        continue_run(search.run)
