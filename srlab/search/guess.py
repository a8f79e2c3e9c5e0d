"""A user's guess: formulas typed as text, checked before the search spends time on them."""

from __future__ import annotations

from dataclasses import replace

from srlab.errors import InputError
from srlab.expressions import Formula
from srlab.expressions.domain import check_radial
from srlab.fitting.forms import parse_form
from srlab.fitting.model import Model


def parse_guess(text: str, cutoff: float, template: str = "eam") -> Model:
    """The model of a text like ``phi = 900.0*exp(-3.5*r); f = exp(-2.1*r); F = -25.0*sqrt(rho)``.

    The template pair takes ``phi = ...`` alone; the template two-density also ``g = ...``, and F of rho1 and rho2. Constants are starting values.
    Raises InputError: a FormulaError shows where the text does not parse, a DomainError says at which r in [0.5 A, cutoff] a function has a
    pole or overflows.
    """
    if template == "pair":
        model = Model(
            parse_form(f"{text}\nf = 0\nF = 0").model().pair.canonical(),
            *(Formula.parse("0", name) for name in ("r", "rho")),
        )
        check_radial(model.pair, cutoff)
        return model
    model = parse_form(text).model()
    if (template == "two-density") != (model.second_density is not None):
        raise InputError(
            "a two-density search needs a second density: add 'g = ...' and write F with rho1 (the sum of f) and rho2 (the sum of g)"
            if template == "two-density"
            else "this search has one density: leave out 'g = ...', or search with the template two-density"
        )
    model = replace(model, **{part: formula.canonical() for part, formula in model.functions.items()})
    check_radial(model.pair, cutoff)
    for density in model.densities:
        check_radial(density, cutoff, positive=True)
    return model
