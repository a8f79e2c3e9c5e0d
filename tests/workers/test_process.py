"""Processes of srlab end with a code and a word, and can be interrupted whoever started them."""

import signal
import subprocess
import sys

import pytest

from srlab.errors import InputError, MissingExtra
from srlab.workers import process as process_module
from srlab.workers.process import ends
from tests.waiting import PATIENCE, wait_until


def failing(error):
    def work():
        raise error

    return work


@pytest.fixture(autouse=True)
def handlers(monkeypatch):
    """The handlers of this process as they were, and whose it is."""
    monkeypatch.setattr(process_module, "_own", False)
    before, report = (
        {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)},
        sys.unraisablehook,
    )
    yield
    sys.unraisablehook = report
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    "error, code, said",
    [
        (KeyboardInterrupt(), 130, ""),
        (InputError("no such run: give another"), 2, "no such run: give another"),
        (MissingExtra("GPAW", "dft", "label"), 2, "GPAW is needed to label: pip install 'srlab[dft]'"),
        (ZeroDivisionError("x"), 1, "ZeroDivisionError: x"),
    ],
)
def test_the_code_and_the_last_line_say_why_it_ended(capsys, error, code, said):
    assert ends(failing(error)) == code
    assert (capsys.readouterr().err.splitlines() or [""])[-1] == said


def test_what_comes_to_its_end_ends_with_nothing():
    assert ends(lambda: "done") == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_interrupted_although_its_parent_ignores_signals(tmp_path, number):
    """A shell gives the jobs it starts in the background an ignored Ctrl-C."""
    ready = tmp_path / "ready"
    program = (
        "import pathlib, signal, sys; from srlab.workers.process import ends; "
        f"sys.exit(ends(lambda: (pathlib.Path({str(ready)!r}).touch(), signal.pause())))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], preexec_fn=lambda: signal.signal(number, signal.SIG_IGN)
    )
    wait_until(ready.exists)
    process.send_signal(number)
    assert process.wait(300) == 130


def test_an_interrupt_in_a_finaliser_is_not_lost(tmp_path):
    """Python drops what is raised there."""
    program = """
import signal, sys
from srlab.workers import process as process_module
from srlab.workers.process import ends
from tests.waiting import PATIENCE, wait_until

class Unlucky:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def work():
    Unlucky()
    print("went on", flush=True)
    signal.pause()

sys.exit(ends(work))
"""
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert (process.returncode, process.stdout, process.stderr) == (130, "went on\n", "")
