"""The rules every target keeps."""

import pytest

import srlab.export
from srlab.errors import InputError
from srlab.export import TARGETS, export
from srlab.potentials.published import published

FILE_TARGETS = [target for target in TARGETS if target != "lammps"]


@pytest.mark.parametrize("to", FILE_TARGETS)
def test_files_are_not_overwritten_unasked(to, tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("precious")
    with pytest.raises(InputError, match="exists already"):
        export("gp1", to, path)
    assert path.read_text() == "precious"
    report = export("gp1", to, path, overwrite=True)
    assert report.files == [path] and str(path) in str(report)
    assert path.read_text() != "precious"


@pytest.mark.parametrize("to", FILE_TARGETS)
def test_tables_have_no_formulas_to_write(to, tmp_path, mishin_file):
    with pytest.raises(InputError, match="no formulas"):
        export(mishin_file, to, tmp_path / "out.txt")
    assert not list(tmp_path.iterdir())


def test_paths_that_cannot_be(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        export("gp1", "json", tmp_path)
    with pytest.raises(InputError, match="no folder"):
        export("gp1", "json", tmp_path / "absent" / "x.json")


def test_unknown_target_lists_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="'dlpoly'.*lammps, python, ase, latex, sympy, json"):
        export("gp1", "dlpoly", tmp_path / "x")


def test_the_package_is_the_function(tmp_path):
    """`srlab.export(...)` works although `srlab.export` is a package."""
    assert srlab.export(published("gp1"), to="json", path=tmp_path / "x.json").files[0].exists()
