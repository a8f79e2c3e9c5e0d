"""Pursuit names the term that is missing, with its coefficient, in any of the three functions."""

import numpy as np
import pytest

from srlab.fitting.objective import Objective
from srlab.fitting.pursuit import pursue
from srlab.fitting.varpro import refine
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model
from tests.fitting.conftest import labelled

KNOWN = {"pair": "2736.0*exp(-3.541*r)", "density": "exp(-2.102*r)", "embedding": "-24.86*sqrt(rho)"}
# part, term, its coefficient: small, so that first order holds
MISSING = [
    ("pair", "exp(-1.5*(r - 3.9)^2)", 0.01),
    ("density", "exp(-0.5*(r - 2.0)^2)", 1e-4),
    ("embedding", "rho^2", 0.4),
]
WRONG = [
    ("pair", "r^(-3.0)"),
    ("pair", "exp(-0.5*r)"),
    ("pair", "exp(-4.0*(r - 2.5)^2)"),
    ("density", "r^(-8.0)"),
    ("embedding", "rho"),
    ("embedding", "log(1 + 9.0*rho)"),
]


def objective_of(model):
    frames = labelled(model, 12, seed=4)
    return Objective(frames, [atoms.get_potential_energy() for atoms in frames], 6.0, Smoothstep(4.5, 6.0))


@pytest.mark.parametrize(("part", "term", "coefficient"), MISSING, ids=[part for part, _, _ in MISSING])
def test_the_missing_term_is_named(part, term, coefficient):
    objective = objective_of(Model.parse({**KNOWN, part: f"{KNOWN[part]} + {coefficient}*{term}"}))
    start = refine(objective, Model.parse(KNOWN), 100, tolerance=1e-9)
    shares, coefficients = pursue(objective, start.model, [*WRONG, (part, term)])
    assert np.argmax(shares) == len(WRONG) and shares[-1] > 0.9
    assert (shares >= 0).all() and (shares <= 1 + 1e-9).all()
    assert coefficients[-1] > 0
    if part == "pair":  # the others' scale moves with the embedding's factor
        assert coefficients[-1] == pytest.approx(coefficient, rel=0.2)


def test_the_promised_fall_of_the_loss_is_kept():
    objective = objective_of(
        Model.parse({**KNOWN, "pair": "2736.0*exp(-3.541*r) + 0.02*exp(-1.5*(r - 3.9)^2) - 0.01*r^(-2.0)"})
    )
    start = refine(objective, Model.parse(KNOWN), 100, tolerance=1e-9)
    (share,), _ = pursue(objective, start.model, [("pair", "exp(-2.0*(r - 3.8)^2)")])
    grown = Model.parse(
        {**start.model.formulas, "pair": f"{start.model.pair.text} + 0.01*exp(-2.0*(r - 3.8)^2)"}, start.model.offset
    )
    assert refine(objective, grown, 100, tolerance=1e-9).loss <= (1.0 - share) * start.loss * 1.02


def test_terms_that_cannot_help_have_no_share(objective, truth):
    model = Model.parse({"pair": "2700.0*exp(-3.5*r)", "density": "exp(-2.1*r)", "embedding": "-25.0*sqrt(rho)"})
    additions = [("pair", "exp(-3.5*r)"), ("pair", "exp(900.0*r)"), ("embedding", "sqrt(rho)")]
    shares, _ = pursue(objective, model, additions)
    assert shares == pytest.approx(0.0)
    model = Model.parse(
        {
            "pair": "2700.0*exp(-3.5*r)",
            "density": "exp(-2.1*r) + 0.01*exp(-0.5*(r - 2.0)^2)",
            "embedding": "-25.0*sqrt(rho)",
        }
    )
    shares, coefficients = pursue(objective, model, [("density", "exp(-0.5*(r - 2.0)^2)")])
    assert (coefficients >= 0).all()  # the data have less of it, but a density stays positive
