"""Forms with named constants: those of published potentials (forms.json) and a user's own, and their refit on data."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from ..errors import InputError
from ..expressions import Formula
from .model import PARTS, Model, variable_of

_ALIASES = {"pair": "pair", "phi": "pair", "φ": "pair", "density": "density", "f": "density", "embedding": "embedding", "F": "embedding"}


@dataclass(frozen=True)
class Form:
    """Three formulas with named constants.

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
        return Model(*(Formula.parse_form(self.formulas[part], variable_of(part), known) for part in PARTS))

    @property
    def frozen(self) -> frozenset:
        """(part, index) of the constants that are not fitted."""
        model = self.model()
        return frozenset((part, index) for part in PARTS for index, name in enumerate(getattr(model, part).names) if name in self.fixed)

    def constants(self, model: Model) -> dict:
        """name -> value of the fitted constants of a model of this form; numbers in the text are named c1, c2..."""
        return self.by_name(model, model.constants)

    def by_name(self, model: Model, numbers) -> dict:
        """name -> number of one number (m,) for each constant of a model of this form, fixed constants left out."""
        result, unnamed = {}, 0
        names = [name for part in PARTS for name in getattr(model, part).names]
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

    In text, a named constant may stand in one function only; ``fix a = 3.61`` keeps a constant as it is.
    Raises InputError where a function or a starting value is missing, FormulaError (an InputError) with the position otherwise.
    """
    table = _table()
    if spec in table:
        entry = table[spec]
        return Form(spec, entry["title"], {part: entry[part] for part in PARTS}, entry["start"], entry["fixed"], entry.get("taper_width", 1.5))
    if "=" in spec:
        return parse_form(spec, "form")
    path = Path(spec)
    if path.is_file():
        return parse_form(path.read_text(encoding="utf-8"), path.stem)
    raise InputError(f"{spec!r} is no form: give {', '.join(table)}, a text file, or text like 'phi = ...; f = ...; F = ...'")


def parse_form(text: str, name: str = "form") -> Form:
    """A form from assignments, one a line or separated by semicolons; see `load_form`."""
    formulas, start, fixed = {}, {}, {}
    for line in text.replace("\n", ";").split(";"):
        line = line.split("#")[0].strip()
        if not line:
            continue
        key, equals, body = line.partition("=")
        key, target = key.strip().removesuffix("(r)").removesuffix("(rho)").strip(), start
        if not equals:
            raise InputError(f"{line!r} is no assignment: write for example phi = 0.1*exp(-1.5*r)")
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
            raise InputError(f"{key!r} is neither a function (phi, f, F) nor a constant with a number: {body.strip()!r}") from None
    for part, alias in zip(PARTS, ("phi", "f", "F")):
        if part not in formulas:
            raise InputError(f"the {part} function is missing: add '{alias} = ...'")
    form = Form(name, name, formulas, start, fixed)
    for part in PARTS:
        formula = Formula.parse_form(formulas[part], variable_of(part), {**start, **fixed})
        for constant, value in zip(formula.names, formula.values):
            if value != value:
                raise InputError(f"the constant {constant} of the {part} function has no value: add '{constant} = 1.0'")
    return form


def _table() -> dict:
    return json.loads(files(__package__).joinpath("forms.json").read_text(encoding="utf-8"))
