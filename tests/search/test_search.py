"""A search in its own process: started, paused, steered, stopped, killed, taken up again."""

import dataclasses
import inspect
import os
import signal

import pytest

from srlab.errors import InputError
from srlab.fitting import objective
from srlab.fitting.torch_kernels import TorchKernels
from srlab.runs import events
from srlab.search import search as search_module
from srlab.search.pareto_front import dominates, objectives
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.search.worker import continue_run
from tests.waiting import more_words, wait_until


def test_pause_stops_the_search_and_resume_goes_on(make_run):
    search = make_run(evaluations=None, seconds=3600.0).start()
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
    search = make_run(evaluations=None, seconds=3600.0).start()
    assert wait_until(lambda: len(search.front) >= 2)
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
    search = make_run()
    path = search.run / "data.extxyz"
    text = path.read_text()
    path.write_text(text.replace(" 0.1", " 0.2", 1))
    with pytest.raises(InputError, match="not the data this run was started on"):
        continue_run(search.run)


def test_a_relative_folder_stays_where_it_was(dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    search = Search(dataset, "run", evaluations=300, workers=1)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert search.state == "new" and search.run == tmp_path / "run"
    search.pause()
    assert (tmp_path / "run" / "commands.jsonl").exists() and list(tmp_path.iterdir()) != []
    monkeypatch.chdir("..")
    assert str(search.folder.shown) == "run"
    with pytest.raises(InputError, match="^run is in use"):
        Search(dataset, "run")


def test_waiting_for_a_search_that_was_not_started_is_said(make_run):
    with pytest.raises(InputError, match="was not started: call start"):
        make_run().wait()


def test_what_cannot_be_done_with_a_search_is_said_at_once(plain):
    search = plain
    for steer in (search.boost, search.prune, search.release):
        for node in (len(search.view.nodes), -1, "root"):
            with pytest.raises(InputError, match="there is no node"):
                steer(node)
    with pytest.raises(InputError, match="has spent its budget.*extend"):
        search.start()


def test_a_pause_before_the_start_is_where_it_begins(make_run):
    search, seen = make_run(evaluations=300), []
    search.pause()

    def watch(event):
        if isinstance(event, events.Status) and event.state == "paused" and not seen:
            seen.append(event.playouts)
            search.resume()

    continue_run(search.run, watch)
    assert seen == [0] and search.state == "finished" and search.front


def test_a_list_may_be_a_text_and_data_a_file(dataset, tmp_path):
    dataset.save(tmp_path / "data.extxyz")
    search = Search(tmp_path / "data.extxyz", tmp_path / "run", operators="exp, sqrt,pow", workers=1)
    assert (
        search.settings.operators
        == Search(dataset, tmp_path / "a", operators=("pow", "exp", "sqrt")).settings.operators
    )
    search.steer(operators="exp,sqrt")
    assert '"operators":["exp","sqrt"]' in search.folder.commands.read_text()
    with pytest.raises(InputError, match="unknown operator 'sinh'"):
        search.steer(operators="exp,sinh")


OF_MACHINE_OR_DATA = ("workers", "scale", "crystal")  # no default is right before these are known


def test_what_a_notebook_shows_of_a_search_and_its_parts_is_one_line(plain, dataset):
    search = plain
    candidate = search.front[0]
    assert repr(search).startswith(f"<search {search.folder.shown} on {dataset.name}: finished, ")
    for shown in (search, candidate, candidate.model, candidate.potential(), dataset):
        assert repr(shown).startswith("<") and len(repr(shown)) < 400 and "object at" not in repr(shown)
    assert candidate.model.text in repr(candidate) and candidate.model.text in repr(candidate.potential())
    assert repr(candidate.model.pair) == f"Formula({candidate.model.pair.text!r})"


def test_data_may_be_frames_and_nothing_else_that_is_no_source(dataset, tmp_path):
    frames = dataset.frames[:8]
    search = Search(frames, tmp_path / "run", evaluations=1)
    assert "on frames: new" in repr(search) and search.view.start["dataset"]["frames"] == 8
    with pytest.raises(InputError, match="is no run"):
        Search.attach(search.folder.journal)
    with pytest.raises(InputError, match="^frames, frame 0 has no energy"):
        Search([atoms.copy() for atoms in frames], tmp_path / "none")
    for strange in (3, None, [3], ["cu-gpaw", frames[0]]):
        with pytest.raises(InputError, match="data are names, files, folders or frames"):
            Search(strange, tmp_path / "none")


def test_the_signature_has_every_setting_with_its_default():
    shown = {name: each.default for name, each in inspect.signature(Search).parameters.items()}
    for setting in dataclasses.fields(SearchSettings):
        default = None if setting.name in OF_MACHINE_OR_DATA else setting.default
        assert shown[setting.name] == default, setting.name
    assert set(shown) - {each.name for each in dataclasses.fields(SearchSettings)} == {"dataset", "run", "unknown"}


def test_a_number_that_is_a_text_is_said(dataset, tmp_path):
    with pytest.raises(InputError, match="seconds must be a number, not the text '60'"):
        Search(dataset, tmp_path / "run", seconds="60")


def test_a_search_on_another_back_end_finds_the_same(finished, monkeypatch):
    """All objectives of a search take the kernels of its device."""
    here, asked = finished("compiled", evaluations=300), []

    def kernels_on(device):
        asked.append(device)
        return TorchKernels("cpu")

    monkeypatch.setattr(objective, "kernels_on", kernels_on)
    monkeypatch.setattr(search_module, "require_device", lambda device: None)
    there = finished("torch", evaluations=300, device="cuda")
    assert set(asked) == {"cuda"} and there.front
    assert [each.structure for each in there.front] == [each.structure for each in here.front]
    assert [each.loss for each in there.front] == pytest.approx([each.loss for each in here.front], rel=1e-4)
    assert Search.attach(there.run).settings.device == "cuda"


def test_a_device_that_is_not_there_is_said_before_anything_is_written(make_run, tmp_path):
    with pytest.raises(InputError, match="the device 'cuda:99' cannot be used"):
        make_run("nowhere", device="cuda:99")
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(InputError, match="there is no device 'gpu'"):
        SearchSettings(device="gpu")


def test_runs_from_before_there_were_devices_are_on_the_processor():
    before = SearchSettings().to_json()
    del before["device"]
    assert SearchSettings.from_json(before) == SearchSettings(device="cpu")
