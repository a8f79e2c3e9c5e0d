"""A user's guess: formulas typed as text, checked before the search spends time on them."""

from __future__ import annotations

from ..expressions import Formula
from ..expressions.domain import check_radial
from ..fitting.forms import parse_form
from ..fitting.model import Model


def parse_guess(text: str, cutoff: float, template: str = "eam") -> Model:
    """The model of a text like ``phi = 900.0*exp(-3.5*r); f = exp(-2.1*r); F = -25.0*sqrt(rho)``.

    The template pair takes ``phi = ...`` alone. Constants are starting values. Raises InputError: a FormulaError shows where the text does not parse, a DomainError says
    at which r in [0.5 A, cutoff] a function has a pole or overflows.
    """
    if template == "pair":
        model = Model(parse_form(f"{text}\nf = 0\nF = 0").model().pair.canonical(), *(Formula.parse("0", name) for name in ("r", "rho")))
        check_radial(model.pair, cutoff)
        return model
    model = parse_form(text).model()
    model = Model(model.pair.canonical(), model.density.canonical(), model.embedding.canonical())
    check_radial(model.pair, cutoff)
    check_radial(model.density, cutoff, positive=True)
    return model
