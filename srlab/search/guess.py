"""A user's guess: formulas typed as text, checked before the search spends time on them."""

from __future__ import annotations

from srlab.expressions.domain import check_radial
from srlab.fitting.forms import parse_form
from srlab.templates import Model, template_named
from srlab.templates.template import EMBEDDING


def parse_guess(text: str, cutoff: float, template: str = "eam") -> Model:
    """The model of a text like ``phi = 900.0*exp(-3.5*r); f = exp(-2.1*r); F = -25.0*sqrt(rho)``.

    template : name of the search's template, whose functions the text must have. Constants are starting values.
    Raises InputError: a FormulaError shows where the text does not parse, a DomainError says at which r in [0.5 A,
    cutoff] a function has a pole or overflows.
    """
    model = parse_form(text, template=template_named(template)).model.map(lambda _, formula: formula.canonical())
    for name, formula in model.functions.items():
        function = model.template[name]
        if function.role != EMBEDDING:
            check_radial(formula, cutoff, positive=function.positive)
    return model
