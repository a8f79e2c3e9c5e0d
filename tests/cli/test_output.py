"""What goes to stdout, and what may be written."""

import json

import numpy as np
import pytest

from srlab.cli.output import new_file, note, print_json, program, say
from srlab.errors import InputError


def test_json_is_strict_and_takes_numpy_numbers(capsys):
    print_json({"a": float("nan"), "b": [np.float64(1.5), float("inf")], "c": np.int64(3), "d": None, "e": "text"})
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {
        "a": None,
        "b": [1.5, None],
        "c": 3,
        "d": None,
        "e": "text",
    }


def test_a_next_step_calls_the_program_as_it_was_called(tmp_path, monkeypatch):
    own = tmp_path / "an environment" / "bin" / "srlab"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setattr("sys.argv", [str(own), "search"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program() == f"'{own}'"
    monkeypatch.setenv("PATH", str(own.parent))  # the environment is active
    assert program() == "srlab"
    monkeypatch.setattr("sys.argv", ["-c"])
    assert program() == "srlab"


def test_sentences_are_folded_between_words_in_a_terminal_and_lines_elsewhere(capsys, monkeypatch):
    sentence = "20,224 evaluations in 109 s; data cu-gpaw-and-more: 466 training and 155 test frames"
    say(sentence)
    assert capsys.readouterr().out == f"{sentence}\n"
    monkeypatch.setenv("COLUMNS", "60")
    for tell, stream in ((say, "stdout"), (note, "stderr")):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
        tell(f"{sentence}\nand more")
        lines = getattr(capsys.readouterr(), stream.replace("std", "")).splitlines()
        assert lines == [sentence[:55], sentence[56:], "and more"]


def test_new_file(tmp_path):
    assert new_file(tmp_path / "new", False) == tmp_path / "new"
    (tmp_path / "old").write_text("mine")
    assert new_file(tmp_path / "old", True) == tmp_path / "old"
    for path in (tmp_path / "old", tmp_path, tmp_path / "no" / "file"):
        with pytest.raises(InputError):
            new_file(path, False)
