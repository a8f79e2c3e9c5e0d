"""Start-up, usage errors, exit codes."""

import os
import subprocess
import sys

import pytest

from srlab import __version__
from srlab.cli import complain

COMMANDS = (
    "search",
    "resume",
    "replay",
    "front",
    "recover",
    "evaluate",
    "fit",
    "validate",
    "data",
    "export",
    "sample",
    "label",
    "lab",
)


def test_help_lists_every_command():
    shown = subprocess.run(
        [sys.executable, "-m", "srlab.cli", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(f"\n  {command} " in shown for command in COMMANDS)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from srlab.cli import main; main(['search', '--help']); print([m "
        "for m in ('numpy', 'torch', 'numba', 'ase') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.endswith(
        "[]\n"
    )


def test_numpy_gets_one_thread_unless_the_user_says_otherwise():
    code = (
        "import os; from srlab.cli import main; main(['--version']); "
        "print(os.environ['OMP_NUM_THREADS'], os.environ['OPENBLAS_NUM_THREADS'])"
    )
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    environment["OPENBLAS_NUM_THREADS"] = "2"
    assert subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    ).stdout.endswith("1 2\n")


def test_version(srlab):
    assert srlab("--version").out == f"srlab {__version__}\n"


def test_no_command_shows_the_help(srlab):
    outcome = srlab()
    assert outcome.code == 0 and "Commands:" in outcome.out


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["serch", "cu-gpaw"], ["no such command", "srlab --help"]),
        (["search"], ["DATA", "srlab search --help"]),
        (["search", "cu-gpaw", "--secnds", "3"], ["--secnds", "srlab search --help"]),
        (["search", "cu-gpaw", "--seconds", "soon"], ["--seconds", "number"]),
        (["search", "cu-gpaw", "--workers", "1.5"], ["--workers", "integer"]),
        (["search", "cu-gpaw", "--seed", "-1"], ["--seed", "0"]),
        (["export", "gp1", "-o", "x"], ["--to"]),
        (["front", "a", "b"], ["b"]),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(srlab, arguments, words):
    outcome = srlab(*arguments)
    assert outcome.code == 2 and outcome.out == ""
    assert all(word in outcome.sentence for word in words)


def test_a_reader_that_stops_early_is_no_error(run):
    command = f"{sys.executable} -m srlab.cli front {run} --json | head -c 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[", "")


def test_a_message_of_several_lines_becomes_one_unless_it_shows_a_place(capsys):
    assert complain("first\n  second") == 2
    assert capsys.readouterr().err == "srlab: first second\n"
    complain("wrong at character 3:\n  r +\n    ^")
    assert capsys.readouterr().err == "srlab: wrong at character 3:\n  r +\n    ^\n"
