"""The rules every target keeps."""

from dataclasses import replace

import pytest

import srlab
from srlab.errors import InputError
from srlab.exports import TARGETS, export
from srlab.potentials.candidate import Candidate
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
    with pytest.raises(InputError, match="no folder"):
        export("gp1", "json", tmp_path / "absent" / "x.json")


def test_every_target_has_a_name_of_its_own_in_a_folder(tmp_path):
    """Two exports into one folder are two files, and those that Python imports have names it can import."""
    import importlib.util

    potential = replace(published("gp1"), name="cu-run-7.2")
    written = [path for to in FILE_TARGETS for path in export(potential, to, tmp_path).files]
    assert [path.name for path in written] == [
        "cu_run_7_2_torch.py",
        "cu_run_7_2.py",
        "cu_run_7_2_ase.py",
        "cu-run-7-2.tex",
        "cu_run_7_2_sympy.py",
        "cu-run-7-2.json",
    ]
    for path in written:
        if path.suffix == ".py":
            assert path.stem.isidentifier() and importlib.util.spec_from_file_location(path.stem, path) is not None
    assert "from cu_run_7_2_ase import EAM; " in written[2].read_text()
    with pytest.raises(InputError, match="cu_run_7_2.py exists already"):
        export(potential, "python", tmp_path)


def test_the_import_line_of_a_name_that_python_cannot_import(tmp_path):
    text = export("gp1", "ase", tmp_path / "cu-sr1.py").files[0].read_text()
    assert "rename this file to cu_sr1.py, then from cu_sr1 import EAM; " in text
    compile(text, "cu-sr1.py", "exec")


@pytest.mark.parametrize("to", FILE_TARGETS)
def test_a_candidate_of_the_wrong_crystal_is_told_with_its_file(to, tmp_path):
    formulas = {"pair": "900.0*exp(-3.2*r)", "density": "exp(-1.6*r)", "embedding": "-12.0*sqrt(rho)"}
    made = Candidate("c7", "Cu", "eam", formulas, 0.0, 6.0, 4.5, 14, 4, 0.5, 9.0, 90.0, None, None)
    wrong = replace(made, structures={"fcc": 4.25, "hcp": 0.0}, right_crystal=False)
    assert "hcp" not in str(export(made, to, tmp_path / "right"))
    said = str(export(wrong, to, tmp_path / "wrong"))
    assert "lowest energy of c7 is hcp; fcc, that of Cu, is 4.2 meV/atom above it" in said


def test_unknown_target_lists_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="'dlpoly'.*lammps, torch, python, ase, latex, sympy, json"):
        export("gp1", "dlpoly", tmp_path / "x")


def test_the_function_stays_one_once_targets_are_loaded(tmp_path):
    assert srlab.export(published("gp1"), to="json", path=tmp_path / "x.json").files[0].exists()
