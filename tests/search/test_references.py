"""Refits that are none of their kind any more are told from those that are."""

from types import SimpleNamespace

import numpy as np
import pytest
from msgspec.structs import asdict

from srlab.cli.tables import footnotes, front_table
from srlab.datasets import Dataset
from srlab.exports.front_table import front_text
from srlab.fitting.forms import form_names, load_form
from srlab.potentials.candidate import Candidate
from srlab.search.references import doubt, references
from srlab.search.settings import SearchSettings
from srlab.templates import Model
from srlab.validation.evaluation import evaluate
from tests.bundled import bundled

SUTTON_CHEN = load_form("sutton-chen").model


@pytest.mark.parametrize("name", form_names())
def test_every_published_form_is_of_its_own_kind(name):
    """Stillinger and Weber's embedding repels, and is meant to."""
    form = load_form(name).model
    assert doubt(form, form, 2.5562) == ""


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"pair": "-0.0124*(3.61/r)^9.0"}, "pair function does not repel at 1.92 A"),
        ({"density": "(3.61/r)^(-1.17)"}, "density grows with distance, from 2.56 to 3.83 A"),
        ({"embedding": "0.488*sqrt(rho)"}, "embedding repels"),
        ({"pair": "0.03*(3.61/r)^7.4", "density": "(3.61/r)^4.5", "embedding": "-0.86*sqrt(rho)"}, ""),
    ],
)
def test_wrong_signs_are_named(changed, said):
    """As in refits to lithium and tungsten, silicon, and silicon with GP1; the last is copper's of mlearn."""
    found = doubt(Model.parse({**SUTTON_CHEN.formulas, **changed}), SUTTON_CHEN, 2.5562)
    assert said in found and bool(said) == bool(found)


def test_what_repels_by_design_is_no_doubt():
    repelling = Model.parse({**SUTTON_CHEN.formulas, "embedding": "10.0*rho^2"})
    assert doubt(repelling, SUTTON_CHEN, 2.5562) == "its embedding repels"
    assert doubt(SUTTON_CHEN, repelling, 2.5562) == doubt(repelling, repelling, 2.5562) == ""


def test_tables_say_so():
    errors = dict.fromkeys(("energy_mae", "force_mae", "test_energy_mae", "test_force_mae"), 100.0)
    right = {"name": "Sutton-Chen", "complexity": 17, "formulas": SUTTON_CHEN.formulas, **errors}
    wrong = {**right, "name": "GP1", "doubt": "its embedding repels"}
    shown = front_table([], [right, wrong])
    assert "GP1 ? " in shown and "Sutton-Chen ?" not in shown
    assert footnotes([], [right]) == []
    assert footnotes([], [right, wrong]) == ["? does not fit these data: GP1 (its embedding repels)."]
    for kind in ("csv", "markdown", "latex"):
        text = front_text([], [right, wrong], kind)
        assert "GP1 (refitted; does not fit: its embedding repels)" in text and "Sutton-Chen (refitted)" in text


def test_errors_near_the_lowest_are_those_of_its_potential_there():
    few = Dataset.from_frames(bundled("cu-gpaw").frames[::80], name="few", split="all")
    settings = SearchSettings(cutoff=6.0, taper_start=4.5)
    found = next(references(few, settings))
    candidate = Candidate.from_json(
        {**asdict(found), "id": "c0", "element": "Cu", "template": "eam", "n_constants": 4, "loss": 0.1}
    )
    measured = evaluate(candidate, few)
    assert 0 < measured["near_equilibrium"]["n_frames"] < len(few.frames)
    for name in ("energy_mae", "force_mae"):
        assert getattr(found, f"near_{name}") == pytest.approx(measured["near_equilibrium"][name], rel=1e-3)
        assert getattr(found, name) == pytest.approx(measured[name], rel=1e-3)
    assert found.test_near_energy_mae is None


def test_a_search_is_compared_with_the_forms_of_its_functions(dataset, monkeypatch):
    """Those of two densities stand beside a search that has two."""

    def asked(template):
        titles = []

        def refit(form, *_):
            titles.append(form.title)
            return SimpleNamespace(loss=np.inf, train=None, test=None)  # and so it is none of the marks

        monkeypatch.setattr("srlab.search.references.refit", refit)
        assert list(references(dataset, SearchSettings(template=template))) == []
        return set(titles)

    assert {"Sutton-Chen", "GP3"} <= asked("two-density")
    assert "Sutton-Chen" in asked("eam") and "GP3" not in asked("eam")
