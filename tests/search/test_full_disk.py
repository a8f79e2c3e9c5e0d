"""A disk that fills up under a search: one sentence, nothing lost, and the run goes on once there is room."""

import errno
import json

import pytest

from srlab.errors import InputError
from srlab.runs import journal
from srlab.runs.folder import RunFolder
from srlab.runs.journal import JournalReader, JournalWriter
from srlab.search.search import Search
from srlab.search.worker import continue_run


class Filling:
    """A raw file that takes `room` more bytes, the last ones as a part of a line, and then reports a full disk."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def write(self, data):
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = self.file.write(data[: self.room])
        self.room -= taken
        return taken

    def __getattr__(self, name):
        return getattr(self.file, name)


@pytest.mark.parametrize("room", [0, 1, 5, 20])
def test_a_line_is_written_whole_or_not_at_all(tmp_path, room):
    writer = JournalWriter(tmp_path / "j")
    writer.append({"event": "a"})
    before = (tmp_path / "j").read_bytes()
    writer._file = Filling(writer._file, room)
    with pytest.raises(InputError, match="No space left on device.*free some space and resume"):
        writer.append({"event": "b", "text": "x" * 100})
    assert (tmp_path / "j").read_bytes() == before
    writer._file = writer._file.file  # room again, while the same process still runs
    writer.append({"event": "c"})
    assert [event["event"] for event in JournalReader(tmp_path / "j").read()] == ["a", "c"]


def test_a_line_taken_in_pieces_is_whole(tmp_path):
    class Slow(Filling):
        def write(self, data):
            return self.file.write(data[:3])

    with open(tmp_path / "j", "ab", buffering=0) as file:
        journal.append(Slow(file, 0), b"0123456789\n")
    assert (tmp_path / "j").read_bytes() == b"0123456789\n"


def test_an_interrupt_takes_nothing_back_that_is_there(tmp_path):
    class Interrupted(Filling):
        def write(self, data):
            super().write(data)
            raise KeyboardInterrupt

    for room, there in ((11, b"0123456789\n"), (4, b"")):
        with open(tmp_path / str(room), "ab", buffering=0) as file, pytest.raises(KeyboardInterrupt):
            journal.append(Interrupted(file, room), b"0123456789\n")
        assert (tmp_path / str(room)).read_bytes() == there


def test_a_search_on_a_disk_that_fills_up_goes_on_when_there_is_room(dataset, small_disk):
    disk = small_disk(300)
    search = Search(dataset, disk / "run", evaluations=3000, workers=1)
    room = disk / "room"
    free = journal.os.statvfs(disk)
    room.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 20000))
    with pytest.raises(InputError, match="No space left on device.*free some space and resume"):
        continue_run(search.run)
    written = search.folder.journal.read_bytes()
    events = [json.loads(line) for line in written.splitlines()]
    assert written.endswith(b"\n") and any(event["event"] == "candidate" for event in events)
    room.unlink()
    disk_free = journal.os.statvfs(disk)
    assert disk_free.f_bavail > 10
    continue_run(search.run, budget={"evaluations": 1500})
    assert search.folder.journal.read_bytes().startswith(written)
    assert Search.attach(search.run).state == "finished" and Search.attach(search.run).front


def test_a_run_that_could_not_begin_on_a_full_disk_begins_later(dataset, small_disk):
    disk = small_disk(8)
    with pytest.raises(InputError, match="No space left on device"):
        Search(dataset, disk / "run", evaluations=300, workers=1)
    with pytest.raises(InputError):
        Search.attach(disk / "run")
    with pytest.raises(InputError, match="No space left on device"):
        Search(dataset, disk / "run", evaluations=300, workers=1)


@pytest.mark.parametrize("stage", ["lock", "marker", "data", "journal"])
def test_a_folder_whose_making_was_killed_is_made_anew(dataset, tmp_path, stage):
    run = tmp_path / "run"
    run.mkdir()
    (run / "lock").touch()
    if stage != "lock":
        (run / ".starting").touch()
    if stage in ("data", "journal"):
        (run / "data.extxyz").write_text("4\nLatt")
    if stage == "journal":
        (run / "journal.jsonl").write_text('{"event":"sta')
    search = Search(dataset, run, evaluations=300, workers=1)
    assert search.view.start == {} and search.refresh()[0].kind == "start"
    assert sorted(path.name for path in run.iterdir()) == ["data.extxyz", "journal.jsonl", "lock"]


def test_a_folder_with_something_in_it_is_never_made_anew(dataset, tmp_path):
    run = tmp_path / "run"
    search = Search(dataset, run, evaluations=200, workers=1)
    (run / ".starting").touch()  # the process was killed just before it took this away
    continue_run(run)
    content = search.folder.journal.read_bytes()
    (run / ".starting").touch()
    for folder in (run, tmp_path):
        with pytest.raises(InputError, match="in use"):
            Search(dataset, folder, evaluations=200)
    assert search.folder.journal.read_bytes() == content


def test_a_formula_that_was_not_taken_before_a_kill_is_taken_after(dataset, tmp_path):
    search = Search(dataset, tmp_path / "run", evaluations=200, workers=1)
    search.stop()
    search.inject("phi = 900.0*exp(-3.5*r); f = exp(-2.1*r); F = -25.0*sqrt(rho)")
    RunFolder(search.run).forget_commands()
    assert [command["name"] for command in JournalReader(search.folder.commands).read()] == ["inject"]
    continue_run(search.run)
    assert any(node["move"] == "inject" for node in Search.attach(search.run).view.nodes.values())
    RunFolder(search.run).forget_commands()
    assert not search.folder.commands.exists()
