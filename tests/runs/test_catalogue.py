"""The runs below a folder are listed, ended and deleted; what a name from outside may reach is bounded."""

import json

import pytest

from srlab.errors import InputError
from srlab.runs.catalogue import Catalogue, delete_run, forks_of, run_folders, stop_run
from srlab.runs.commands import COMMANDS_FILE
from srlab.runs.folder import JOURNAL_FILE, RunFolder
from srlab.runs.journal import JournalReader
from srlab.runs.notes import LONGEST, NOTES_FILE, read_notes, write_note, write_tag

START = {
    "event": "start",
    "t": 0.0,
    "seed": 3,
    "element": "Cu",
    "template": "eam",
    "dataset": {"name": "few", "fingerprint": "f", "frames": 12, "train": 9, "test": 3},
    "settings": {},
}
CANDIDATE = {
    "id": "c0",
    "element": "Cu",
    "template": "eam",
    "formulas": {"pair": "800.0*exp(-3.0*r)", "density": "exp(-1.9*r)", "embedding": "-20.0*sqrt(rho)"},
    "offset": 0.0,
    "cutoff": 6.0,
    "taper_start": 4.5,
    "complexity": 14,
    "n_constants": 4,
    "loss": 0.5,
    "energy_mae": 9.0,
    "force_mae": 90.0,
    "test_energy_mae": 10.0,
    "test_force_mae": 100.0,
}
STATUS = {"event": "status", "t": 4.0, "state": "running", "evaluations": 70, "rate": 1.0, "nodes": 1, "candidates": 1}
ROOT = {"event": "node", "t": 0.1, "id": 0, "parent": -1, "depth": 0, "move": "root", "loss": None, "playouts": 0}
FINISH = {"event": "finish", "t": 5.0, "state": "finished", "evaluations": 80}


def write_run(path, *events, start=START):
    path.mkdir(parents=True)
    (path / JOURNAL_FILE).write_text("".join(json.dumps(event) + "\n" for event in (start, *events)))
    return path


@pytest.fixture
def runs(tmp_path):
    folder = tmp_path / "runs"
    found = {"event": "candidate", "t": 1.0, "candidate": CANDIDATE}
    worse = {"event": "candidate", "t": 2.0, "candidate": {**CANDIDATE, "id": "c1", "loss": 0.7, "complexity": 12}}
    write_run(folder / "done", ROOT, found, worse, {"event": "front", "t": 2.0, "ids": ["c1", "c0"]}, STATUS, FINISH)
    write_run(folder / "deep" / "killed", ROOT, STATUS)
    write_run(folder / "waiting", start={**START, "forked_from": str(folder / "done"), "forked_at": 2.5})
    write_run(folder / "islands" / "tree-0", ROOT)
    write_run(folder / "forest", start={**START, "trees": 2})
    write_run(folder / "forest" / "tree-0", ROOT)
    (folder / "loop").mkdir()
    (folder / "loop" / JOURNAL_FILE).write_text('{"event": "round"}\n')
    return folder


def test_a_journal_is_read_again_only_when_it_grew_and_then_only_what_is_new(runs, monkeypatch):
    catalogue, read = Catalogue(runs), []
    catalogue.runs()
    monkeypatch.setattr(
        JournalReader, "read", lambda self, read_all=JournalReader.read: read.append(read_all(self)) or read[-1]
    )
    journal = runs / "deep" / "killed" / JOURNAL_FILE
    with journal.open("a") as file:
        file.write(json.dumps({**STATUS, "t": 9.0, "evaluations": 99}) + "\n")
    (killed,) = [run for run in catalogue.runs() if run.path.name == "killed"]
    assert (killed.evaluations, killed.seconds) == (99, 9.0) and list(map(len, read)) == [1]
    write = "".join(json.dumps(event) + "\n" for event in ({**START, "seed": 8}, ROOT))
    journal.write_text(write)  # another one under its name
    (other,) = [run for run in catalogue.runs() if run.path.name == "killed"]
    assert (other.seed, other.evaluations) == (8, 0)


def test_every_run_is_listed_with_what_it_came_to(runs):
    found = {run.path.relative_to(runs).as_posix(): run for run in Catalogue(runs).runs()}
    assert set(found) == {"done", "deep/killed", "waiting", "forest", "islands/tree-0"}
    done = found["done"]
    assert (done.state, done.element, done.dataset, done.frames, done.seed) == ("finished", "Cu", "few", 12, 3)
    assert (done.seconds, done.evaluations, done.candidates) == (5.0, 80, 2)
    assert done.best == {"id": "c0", "complexity": 14, "energy_mae": 10.0, "force_mae": 100.0}
    assert found["deep/killed"].state == "died" and found["deep/killed"].best is None
    assert found["waiting"].state == "new" and found["waiting"].forked_at == 2.5
    assert found["forest"].trees == 2
    json.dumps([run.to_json() for run in found.values()], allow_nan=False)


def test_a_name_leads_to_a_run_below_the_folder_and_nowhere_else(runs, tmp_path):
    catalogue, outside = Catalogue(runs), write_run(tmp_path / "outside", ROOT)
    (runs / "link").symlink_to(outside)
    assert catalogue.find("deep/killed") == runs / "deep" / "killed" == catalogue.find(str(runs / "deep" / "killed"))
    for name in ("../outside", str(outside), "link", "", ".", "deep", "forest/tree-0"):
        with pytest.raises(InputError, match="there is no run"):
            catalogue.find(name)
    assert run_folders(tmp_path / "nowhere") == []


def test_forks_are_found_by_where_they_say_they_came_from(runs):
    (runs / "broken").mkdir()
    (runs / "broken" / JOURNAL_FILE).write_text('{"event": "start", "forked_from"')
    assert [(path.name, start["forked_at"]) for path, start in forks_of(runs / "done")] == [("waiting", 2.5)]
    assert forks_of(runs / "waiting") == []


def test_a_run_is_stopped_only_while_it_searches(runs):
    with pytest.raises(InputError, match="not searching"):
        stop_run(runs / "done")
    folder = RunFolder(runs / "done")
    folder.lock()
    try:
        stop_run(runs / "done")
    finally:
        folder.unlock()
    assert JournalReader(runs / "done" / COMMANDS_FILE).read() == [{"name": "stop"}]


def test_only_a_run_at_rest_is_deleted(runs):
    (runs / "plain").mkdir()
    (runs / "plain" / "thesis.txt").write_text("years of work")
    for wrong in ("plain", "loop", "nowhere"):
        with pytest.raises(InputError):
            delete_run(runs / wrong)
    assert (runs / "plain" / "thesis.txt").exists()
    folder = RunFolder(runs / "done")
    folder.lock()
    try:
        with pytest.raises(InputError, match="stop it first"):
            delete_run(runs / "done")
    finally:
        folder.unlock()
    delete_run(runs / "done")
    assert not (runs / "done").exists() and (runs / "waiting").exists()


def test_notes_and_tags_are_kept_beside_the_journal(runs):
    run = runs / "done"
    write_note(run, "  the good\none ")
    write_tag(run, "c0", "for the paper")
    write_tag(run, "c1", "too stiff")
    write_tag(run, "c1", "")
    assert read_notes(run) == {"note": "the good one", "tags": {"c0": "for the paper"}}
    assert next(each for each in Catalogue(runs).runs() if each.path == run).note == "the good one"
    with pytest.raises(InputError, match="shorten it"):
        write_note(run, "x" * (LONGEST + 1))
    with pytest.raises(InputError, match="cannot be written"):
        write_note(runs / "nowhere", "x")
    (run / NOTES_FILE).write_text("[1, 2")
    assert read_notes(run) == {"note": "", "tags": {}}
    (run / NOTES_FILE).write_text('{"note": 7, "tags": {"c0": [], "c1": "kept"}}')
    assert read_notes(run) == {"note": "", "tags": {"c1": "kept"}}
