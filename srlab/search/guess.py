"""A user's guess: formulas typed as text, checked before the search spends time on them."""

from __future__ import annotations

from ..expressions.domain import check_radial
from ..fitting.forms import parse_form
from ..fitting.model import Model


def parse_guess(text: str, cutoff: float) -> Model:
    """The model of a text like ``phi = 900.0*exp(-3.5*r); f = exp(-2.1*r); F = -25.0*sqrt(rho)``.

    Constants are starting values. Raises InputError: a FormulaError shows where the text does not parse, a DomainError says
    at which r in [0.5 A, cutoff] a function has a pole or overflows.
    """
    model = parse_form(text).model()
    model = Model(model.pair.canonical(), model.density.canonical(), model.embedding.canonical())
    check_radial(model.pair, cutoff)
    check_radial(model.density, cutoff, positive=True)
    return model
