"""A process of ours answers, is cancelled, says why it ended, and ends with who started it."""

import os
import subprocess
import sys
import threading

import pytest

from srlab.workers.child import Child, module
from tests.waiting import PATIENCE, wait_until

ECHO = """
import sys
from srlab.errors import InputError
from srlab.workers.process import answer

def work(request, tell):
    print("whatever a library prints")
    for k in range(request["count"]):
        tell(k=k)
    if request.get("error"):
        raise InputError(request["error"])
    if request.get("crash"):
        raise ZeroDivisionError(request["crash"])
    if request.get("pipe"):
        with open(request["pipe"], "w") as pipe:  # until somebody reads
            tell(open=True)
            import threading
            threading.Event().wait()

sys.exit(answer(work))
"""
COMMAND = [sys.executable, "-c", ECHO]


def test_it_answers_with_lines_of_json_and_nothing_else():
    child = Child(COMMAND)
    assert list(child.ask({"count": 3})) == [{"k": 0}, {"k": 1}, {"k": 2}]
    assert not child.running and child.begun and child.failure is None


@pytest.mark.parametrize("kind, said", [("error", "no such thing"), ("crash", "ZeroDivisionError: no such thing")])
def test_it_says_in_one_line_why_it_ended(kind, said):
    child = Child(COMMAND)
    assert list(child.ask({"count": 1, kind: "no such thing"})) == [{"k": 0}]
    assert child.failure == said


def test_a_program_that_is_not_there_is_no_answer(tmp_path):
    child = Child(module("srlab.no_such_module"))
    assert list(child.ask({})) == [] and "no_such_module" in child.failure


@pytest.fixture
def pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def until_it_is_gone(pipe):
    """Return when nobody has the pipe open for writing any more: the end of the process that had."""
    done = threading.Thread(target=lambda: open(pipe).read())
    done.start()
    done.join(PATIENCE)
    assert not done.is_alive()


def test_it_is_cancelled_while_it_works(pipe):
    child = Child(COMMAND)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    lines = child.ask({"count": 1, "pipe": str(pipe)})
    assert [next(lines), next(lines)] == [{"k": 0}, {"open": True}] and child.running
    child.cancel()
    assert list(lines) == [] and not child.running and child.failure is None
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # its end of the pipe is closed
    os.close(reader)


def test_cancelled_before_it_begins_it_never_does():
    child = Child(COMMAND)
    child.cancel()
    assert list(child.ask({"count": 1})) == [] and not child.begun and child.failure is None


def test_who_listens_no_more_ends_it():
    child = Child(COMMAND)
    lines = child.ask({"count": 100_000})
    next(lines)
    lines.close()
    assert not child.running


def test_it_is_ended_after_its_limit(pipe):
    child = Child(COMMAND, limit=0.5)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    list(child.ask({"count": 1, "pipe": str(pipe)}))
    os.close(reader)
    assert child.late and "it took longer than" in child.failure


def test_what_it_prints_is_added_to_its_log(tmp_path):
    log = tmp_path / "log"
    log.write_text("before\n")
    child = Child([sys.executable, "-c", "import sys; print('out'); sys.exit('wrong')"], log, outlives=True).start()
    assert child.wait(PATIENCE) and child.failure == "wrong"
    assert sorted(log.read_text().split()) == ["before", "out", "wrong"]


STARTER = """
import os, sys
from srlab.workers.child import Child
child = Child([sys.executable, "-c", sys.argv[2]])
lines = child.ask({"count": 0, "pipe": sys.argv[1]})
next(lines)
os.kill(os.getpid(), 9)
"""


def test_it_ends_when_who_started_it_is_killed(pipe):
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(pipe), ECHO])
    until_it_is_gone(pipe)
    assert starter.wait(PATIENCE) == -9


def test_one_that_outlives_goes_on_when_who_started_it_is_killed(tmp_path, pipe):
    program = f"open({str(pipe)!r}).read(); open({str(tmp_path / 'done')!r}, 'w').close()"
    starter = (
        "import os, pathlib, sys\nfrom srlab.workers.child import Child\n"
        f"Child([sys.executable, '-c', sys.argv[1]], pathlib.Path({str(tmp_path / 'log')!r}), outlives=True).start()\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", starter, program]).returncode == -9
    with open(pipe, "w"):
        pass
    wait_until((tmp_path / "done").exists)
