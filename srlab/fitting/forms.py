"""Forms with named constants: those of published potentials (forms.json) and a user's own, and their refit on data."""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from srlab.errors import InputError
from srlab.expressions import Formula, TwoDensityFormula
from srlab.expressions.parser import brief
from srlab.fitting.model import PARTS, Model, parts_of, variable_of

SYMBOLS = {"pair": "phi", "density": "f", "second_density": "g", "embedding": "F"}
_ALIASES = {**{part: part for part in SYMBOLS}, **{symbol: part for part, symbol in SYMBOLS.items()}, "φ": "pair"}


@dataclass(frozen=True)
class Form:
    """The functions of a model with named constants.

    start : name -> starting value of what is fitted; fixed : name -> value of what is not;
    taper_width : angstrom from the start of the taper to the cutoff.
    """

    name: str
    title: str
    formulas: dict
    start: dict
    fixed: dict = field(default_factory=dict)
    taper_width: float = 1.5

    def model(self, values: dict | None = None) -> Model:
        """The model at the starting values, or at others. Raises FormulaError or, for a constant without a value, InputError."""
        known = {**self.start, **self.fixed, **(values or {})}
        return Model(**{part: _parse_form(self.formulas, part, known) for part in parts_of(self.formulas)})

    @property
    def frozen(self) -> frozenset:
        """(part, index) of the constants that are not fitted."""
        return frozenset(
            (part, index)
            for part, formula in self.model().functions.items()
            for index, name in enumerate(formula.names)
            if name in self.fixed
        )

    def constants(self, model: Model) -> dict:
        """name -> value of the fitted constants of a model of this form; numbers in the text are named c1, c2..."""
        return self.by_name(model, model.constants)

    def by_name(self, model: Model, numbers) -> dict:
        """name -> number of one number (m,) for each constant of a model of this form, fixed constants left out."""
        result, unnamed = {}, 0
        names = [name for formula in model.functions.values() for name in formula.names]
        for name, number in zip(names, numbers):
            if not name:
                unnamed += 1
                name = f"c{unnamed}"
            if name not in self.fixed:
                result[name] = float(number)
        return result


def form_names() -> list[str]:
    return list(_table())


def load_form(spec: str) -> Form:
    """A form by published name, from a text file, or from text like ``phi = A*exp(-p*r); f = exp(-q*r); F = -B*sqrt(rho); A = 900.0``.

    With ``g = ...``, a second density, the embedding is a function of rho1 (the sum of f) and rho2 (the sum of g).
    In text, a named constant may stand in one function only; ``fix a = 3.61`` keeps a constant as it is.
    Raises InputError where a function or a starting value is missing, FormulaError (an InputError) with the position otherwise.
    """
    table = _table()
    if spec in table:
        entry = table[spec]
        return Form(
            spec,
            entry["title"],
            {part: entry[part] for part in parts_of(entry)},
            entry["start"],
            entry["fixed"],
            entry.get("taper_width", 1.5),
        )
    if "=" in spec:
        return parse_form(spec, "form")
    if os.path.isfile(spec):  # unlike Path.is_file, False for a name that is too long to be one
        try:
            return parse_form(Path(spec).read_text(encoding="utf-8"), Path(spec).stem)
        except UnicodeDecodeError:
            raise InputError(f"{spec} is no text file: a form is phi = ..., f = ..., F = ..., one a line") from None
    raise InputError(
        f"{brief(spec, 200)!r} is no form: give {', '.join(table)}, a text file, or text like 'phi = ...; f = ...; F = ...'"
    )


def parse_form(text: str, name: str = "form") -> Form:
    """A form from assignments, one a line or separated by semicolons; see `load_form`."""
    formulas, start, fixed = {}, {}, {}
    for line in text.replace("\n", ";").split(";"):
        line = line.split("#")[0].strip()
        if not line:
            continue
        key, equals, body = line.partition("=")
        key, target = re.sub(r"\((r|rho|rho1, *rho2)\)$", "", key.strip()).strip(), start
        if not equals:
            raise InputError(f"{brief(line, 200)!r} is no assignment: write for example phi = 0.1*exp(-1.5*r)")
        if key.startswith("fix "):
            key, target = key[4:].strip(), fixed
        if key in _ALIASES:
            if _ALIASES[key] in formulas:
                raise InputError(f"the {_ALIASES[key]} function is given twice")
            formulas[_ALIASES[key]] = body.strip()
            continue
        try:
            target[key] = float(body)
        except ValueError:
            raise InputError(
                f"{brief(key)!r} is neither a function (phi, f, g, F) nor a constant with a number: {brief(body.strip(), 200)!r}"
            ) from None
        if not math.isfinite(target[key]):
            raise InputError(f"the constant {brief(key)} must be a finite number, not {brief(body.strip())}")
    for part in PARTS:
        if part not in formulas:
            raise InputError(f"the {part} function is missing: add '{SYMBOLS[part]} = ...'")
    form = Form(name, name, formulas, start, fixed)
    for part in parts_of(formulas):
        formula = _parse_form(formulas, part, {**start, **fixed})
        for constant, value in zip(formula.names, formula.values):
            if value != value:
                raise InputError(
                    f"the constant {brief(constant)} of the {part} function has no value: add '{brief(constant)} = 1.0'"
                )
    return form


def as_text(formulas: dict[str, str]) -> str:
    """The texts of a model as one line that `parse_form` reads: ``phi = ...; f = ...; F = ...``."""
    return "; ".join(f"{SYMBOLS[part]} = {formulas[part]}" for part in parts_of(formulas))


def _parse_form(formulas, part, known) -> Formula:
    if part == "embedding" and formulas.get("second_density"):
        return TwoDensityFormula.parse_form(formulas[part], names=known)
    return Formula.parse_form(formulas[part], variable_of(part), known)


def _table() -> dict:
    return json.loads(files(__package__).joinpath("forms.json").read_text(encoding="utf-8"))
