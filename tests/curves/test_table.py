import numpy as np
import pytest

from srlab.cli import main
from srlab.curves.table import read_columns
from srlab.errors import InputError


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n4,5,6\n", "a b c\n1 2 3\n# note\n\n4 5 6\n", "a;b;c\n1;2;3\n4;5;6"])
def test_reads_columns_by_name_or_number(tmp_path, text):
    file = tmp_path / "t.csv"
    file.write_text(text)
    for wanted in ("c", "3"):
        x, y, names = read_columns(file, "a", wanted)
        np.testing.assert_array_equal([x, y], [[1, 4], [3, 6]])
        assert names == ("a", "c")


def test_without_names_the_first_two_columns(tmp_path):
    file = tmp_path / "t.txt"
    file.write_text("1\t2\n3\t4\n")
    x, y, _ = read_columns(file)
    np.testing.assert_array_equal([x, y], [[1, 3], [2, 4]])


@pytest.mark.parametrize(
    "text, y, words",
    [
        ("a,b\n1,2\n", "z", "no column 'z'"),
        ("a,b\n1,two\n", None, "line 2"),
        ("a,b\n1,nan\n", None, "not finite"),
        ("a,b\n1,2\n3\n", None, "line 3"),
        ("1\n2\n", None, "one column"),
        ("", None, "empty"),
    ],
)
def test_errors_name_file_and_line(tmp_path, text, y, words):
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=words) as error:
        read_columns(file, None, y)
    assert "t.csv" in str(error.value)


def test_command_line(tmp_path, capsys):
    import json

    file = tmp_path / "t.csv"
    file.write_text("time,height\n" + "\n".join(f"{t / 10},{3 + 2 * t / 10 - 5 * (t / 10) ** 2}" for t in range(12)))
    assert main(["curve", str(file), "--evaluations", "3000", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["exact"] and out["y"] == "height" and sum(m["knee"] for m in out["front"]) == 1
    assert main(["curve", str(file), "--y", "width"]) == 2
    assert "no column 'width'" in capsys.readouterr().err
    assert main(["curve", str(file), "--evaluations", "1000"]) == 0
    assert "knee" in capsys.readouterr().out
