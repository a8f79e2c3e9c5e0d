"""A template of two functions that nothing in srlab knows: written here, searched with, exported. What a new
template costs is what stands above the tests."""

import runpy

import numpy as np
import pytest

from srlab.datasets import Dataset
from srlab.errors import InputError
from srlab.exports import export
from srlab.expressions.terms import DENSITY, Term
from srlab.potentials import load_potential
from srlab.search.proposer import parse_guess
from srlab.search.search import Search
from srlab.templates import Function, Model, Template, register, unregister
from srlab.templates.template import EMBEDDING, SUM
from tests.fitting.conftest import labelled
from tests.waiting import search_until

pytestmark = pytest.mark.usefixtures("no_references")

GLUE = (Term("sqrt", "sqrt(q)"), Term("square", "q^2"), Term("pow", "q^({0})", (0.1,), (0.9,), (0.05,), (3.0,)))
TOY = Template(
    "toy",
    "glue without pairs",
    (
        Function("charge", "c", SUM, ("r",), DENSITY, "charge function", "c", "c", positive=True),
        Function("glue", "G", EMBEDDING, ("q",), GLUE, "glue function", "G", "G"),
    ),
    without_lammps="has no pair function, which LAMMPS wants",
)
FORMULAS = {"charge": "exp(-1.5*r)", "glue": "-3.0*sqrt(q) + 6.0*q^2"}


@pytest.fixture(scope="module")
def toy():
    yield register(TOY)
    unregister("toy")


@pytest.fixture(scope="module")
def found(toy, tmp_path_factory):
    dataset = Dataset.from_frames(labelled(Model.parse(FORMULAS), 12, seed=3), name="glue")
    run = tmp_path_factory.mktemp("toy") / "run"
    settings = dict(cutoff=6.0, taper_start=4.5, focus=None)  # those of the labels
    search = Search(dataset, run, template="toy", evaluations=4000, workers=1, seed=1, **settings)
    losses = []

    def enough(candidate):
        losses.append(candidate["loss"])
        form = Model.parse(candidate["formulas"], template=toy)
        best = losses[-1] == min(losses) and candidate["test_force_mae"] < 0.005
        return best and form.charge.structure == "exp(c*r)"

    return search_until(search, dataset, enough)


def test_it_is_searched_with_and_found(found, toy):
    best = min(found.front, key=lambda candidate: candidate.loss)
    assert best.template == "toy" and list(best.formulas) == ["charge", "glue"]
    assert best.test_force_mae < 0.01 and best.model.charge.structure == "exp(c*r)"
    assert best.complexity >= toy.shortest == 7
    assert best.model.charge.constants == pytest.approx([-1.5], rel=1e-3)


def test_its_candidates_are_potentials_that_are_read_back(found, tmp_path):
    best = min(found.front, key=lambda candidate: candidate.loss)
    path = export(best.potential(), "json", tmp_path / "toy.json").files[0]
    atoms = labelled(Model.parse(FORMULAS), 1, seed=9)[0]
    forces = atoms.get_forces()
    atoms.calc = load_potential(path).calculator()
    np.testing.assert_allclose(atoms.get_forces(), forces, atol=1e-3)
    text = export(path, "latex", tmp_path / "toy.tex").files[0].read_text()
    assert "G(" in text and "c(r) &=" in text and "varphi" not in text
    runpy.run_path(export(path, "python", tmp_path / "toy.py").files[0], run_name="__main__")  # its self-test
    with pytest.raises(InputError, match="has no pair function, which LAMMPS wants"):
        export(path, "lammps", tmp_path / "toy.eam.alloy")


def test_a_guess_is_typed_with_its_symbols(toy):
    assert parse_guess("c = exp(-1.2*r); G = -2.0*sqrt(q)", 6.0, "toy").text == "c = exp(-1.2*r); G = -2.0*sqrt(q)"
    with pytest.raises(InputError, match="the glue function is missing: add 'G = ...'"):
        parse_guess("c = exp(-1.2*r)", 6.0, "toy")
