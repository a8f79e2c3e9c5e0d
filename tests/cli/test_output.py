"""What goes to stdout, and what may be written."""

import json

import numpy as np
import pytest

from srlab.cli.output import new_file, print_json
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


def test_new_file(tmp_path):
    assert new_file(tmp_path / "new", False) == tmp_path / "new"
    (tmp_path / "old").write_text("mine")
    assert new_file(tmp_path / "old", True) == tmp_path / "old"
    for path in (tmp_path / "old", tmp_path, tmp_path / "no" / "file"):
        with pytest.raises(InputError):
            new_file(path, False)
