"""Forms with named constants, and the refit table of published forms on other people's DFT data."""

from pathlib import Path

import pytest

from srlab.datasets import load_dataset
from srlab.errors import InputError
from srlab.fitting.forms import form_names, load_form, parse_form
from srlab.fitting.refit import refit
from srlab.search.playout import make_objective, make_unweighted_objective
from srlab.search.settings import SearchSettings

POET = Path(__file__).parents[3] / "shared" / "data" / "poet_cu_md.extxyz"


@pytest.mark.skipif(not POET.exists(), reason="the POET frames of Hernandez et al. are not here")
@pytest.mark.parametrize(
    ("name", "energy", "force"), [("sutton-chen", 6.55, 67.5), ("cleri-rosato", 2.99, 46.3), ("gp1", 2.59, 43.2)]
)
def test_the_refit_table(name, energy, force):
    dataset, form = load_dataset(POET, split="alternate"), load_form(name)
    settings = SearchSettings(taper_start=6.0 - form.taper_width, focus=None)  # the table is of the plain loss
    fit = refit(
        form,
        make_objective(dataset, dataset.train, settings),
        make_unweighted_objective(dataset, dataset.test, settings),
    )
    assert fit.test.energy_mae == pytest.approx(energy, rel=0.01)
    assert fit.test.force_mae == pytest.approx(force, rel=0.01)


def test_the_second_density_of_gp2_only_moves_the_offset(objective):
    """Its constant term gives -11.13 eV whatever the structure, so GP2 and GP3 are one form with a free offset."""
    two, three = (refit(load_form(name), objective, starts=1).loss for name in ("gp2", "gp3"))
    assert two == pytest.approx(three, rel=0.02)


def test_a_refit_of_its_own_data_finds_the_constants(objective):
    form = parse_form("phi = A*exp(-p*r); f = exp(-q*r); F = -B*sqrt(rho); A = 900.0; p = 3.0; q = 1.7; B = 10.0")
    fit = refit(form, objective)
    assert fit.constants == pytest.approx({"A": 2736.0, "p": 3.541, "q": 2.102, "B": 24.86}, rel=5e-3)


def test_fixed_constants_are_not_reported(objective):
    fit = refit(load_form("sutton-chen"), objective, starts=1)
    assert set(fit.constants) == {"eps", "n", "m", "epsc"}
    assert fit.model.pair.names.index("a") >= 0 and 3.61 in fit.model.pair.values


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f = exp(-2.0*r); F = -sqrt(rho)", "pair function is missing"),
        ("phi = A*r; f = r; F = rho", "constant A of the pair function has no value"),
        ("phi = r; phi = r; f = r; F = rho", "pair function is given twice"),
        ("what is this", "no assignment"),
        ("phi = r; f = r; F = rho; A = many", "neither a function .* nor a constant"),
        ("phi = 2.0*; f = r; F = rho", "too early"),
        ("phi = A*r; f = r; F = rho; A = 1.0; B = 2.0", "constant B stands in no function"),
        ("phi = A*r; f = r; F = rho; A = 1.0; A = 2.0", "constant A is given twice"),
        (
            "phi = A*r; f = exp(-A*r); F = rho; A = 1.0",
            "A stands in the pair function and the density function, .* 'fix A",
        ),
    ],
)
def test_bad_text_is_explained(text, words):
    with pytest.raises(InputError, match=words):
        parse_form(text)


def test_a_constant_of_two_functions_may_be_fixed():
    form = parse_form("phi = A*exp(-a*r); f = exp(-q*r/a); F = -B*sqrt(rho); fix a = 3.5; A = 900; q = 2; B = 25")
    assert form.start == {"A": 900.0, "q": 2.0, "B": 25.0}
    assert form.frozen == {("pair", 1), ("density", 1)}


def test_whole_numbers_are_fitted_where_they_multiply(objective):
    whole = parse_form("phi = 900*exp(-3*r); f = exp(-2*r); F = -10*sqrt(rho) + 1*rho^2")
    point = parse_form("phi = 900.0*exp(-3.0*r); f = exp(-2.0*r); F = -10.0*sqrt(rho) + 1.0*rho^2")
    assert whole.kept == point.kept == ("2 in F",)
    assert whole.model == point.model
    fits = [refit(form, objective, starts=1) for form in (whole, point)]
    assert fits[0].constants == fits[1].constants and fits[0].loss < 1e-5


def test_unknown_names_list_the_known():
    with pytest.raises(InputError, match=", ".join(form_names())):
        load_form("morse")


def test_a_form_from_a_file(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(
        "# my form\nphi(r) = A*exp(-2.0*r)\nf(r) = exp(-1.0*r)\nF(rho) = -1.0*sqrt(rho)\nA = 3.0\n", encoding="utf-8"
    )
    assert load_form(str(path)).start == load_form(path).start == {"A": 3.0}
    with pytest.raises(InputError, match="and not NoneType"):
        load_form(None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("phi = A*r; f = r; F = rho; A = inf", "A must be a finite number"),
        ("phi = A*r; f = r; F = rho; A = nan", "A must be a finite number"),
        ("x" * 5000, "is no form"),
        ("\x00", "is no form"),
        ("phi = r; " + "B" * 5000 + " = ;", "is neither a function"),
    ],
)
def test_numbers_and_names_that_are_none(text, words):
    with pytest.raises(InputError, match=words) as caught:
        load_form(text)
    assert len(str(caught.value)) < 1000


def test_a_form_in_a_file_that_is_no_text(tmp_path):
    (tmp_path / "form.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="form.txt is no text file"):
        load_form(str(tmp_path / "form.txt"))
