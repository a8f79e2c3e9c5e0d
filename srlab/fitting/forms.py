"""Forms with named constants: those of published potentials (forms.json) and a user's own, and their refit on data."""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from srlab.errors import InputError
from srlab.expressions.parser import brief, with_fitted_factors
from srlab.templates import Model, Template, functions_in, template_of, templates

BEYOND = 1e-3
"""angstrom from the cutoff of a fit to the end of functions that have a pole there; exp(c/(r - end)) is below 1e-40
at the cutoff for c of 0.1 A and more"""


@dataclass(frozen=True)
class Form:
    """A model whose constants have names.

    model : Model, with named constants at their starting values; fixed : names of those that are not fitted;
    taper_width : angstrom from the start of the taper to the cutoff;
    kept : whole numbers in typed text that are not fitted, as "2 in phi"; lengths : for named constants that have one
    in them, its power, -1 for 1/angstrom; bases : names of those that stand as c in c^r.
    """

    name: str
    title: str
    model: Model
    fixed: frozenset[str] = frozenset()
    taper_width: float = 1.5
    starts: int = 16
    ends: str = ""
    kept: tuple[str, ...] = ()
    lengths: tuple[tuple[str, int], ...] = ()
    bases: tuple[str, ...] = ()

    def at_scale(self, scale: float) -> Form:
        """The form for crystals whose distances are so many times those of copper, for which published constants are:
        starting values that have a length in them, and the taper, move with it."""
        if scale == 1.0:
            return self
        powers = dict(self.lengths)

        def moved(name, x):
            return x ** (1.0 / scale) if name in self.bases else x * scale ** powers.get(name, 0)

        model = self.model.map(
            lambda _, formula: formula.with_constants(list(map(moved, formula.names, formula.values)))
        )
        return replace(self, model=model, taper_width=round(self.taper_width * scale, 6))

    def at_cutoff(self, cutoff: float) -> Form:
        """The form with what `ends` names just beyond a cutoff (angstrom)."""
        if not self.ends:
            return self
        end = cutoff + BEYOND
        changed = {
            part: formula.with_constants(
                [end if name == self.ends else x for name, x in zip(formula.names, formula.values)]
            )
            for part, formula in self.model.functions.items()
        }
        return replace(self, model=replace(self.model, functions=changed))

    @property
    def start(self) -> dict[str, float]:
        """name -> starting value of the named constants that are fitted."""
        return {
            name: value
            for formula in self.model.functions.values()
            for name, value in zip(formula.names, formula.values)
            if name and name not in self.fixed
        }

    @property
    def frozen(self) -> frozenset[tuple[str, int]]:
        """(function, index) of the constants that are not fitted."""
        return frozenset(
            (part, index)
            for part, formula in self.model.functions.items()
            for index, name in enumerate(formula.names)
            if name in self.fixed
        )

    def constants(self, model: Model) -> dict[str, float]:
        """name -> value of the fitted constants of a model of this form; numbers in the text are named c1, c2..."""
        return self.by_name(model, model.constants)

    def by_name(self, model: Model, numbers) -> dict[str, float]:
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


def load_form(spec: str | os.PathLike) -> Form:
    """A form by published name, from a text file, or from text like ``phi = A*exp(-p*r); f = exp(-q*r); F =
    -B*sqrt(rho); A = 900.0``.

    Which template it is of, its functions tell: phi alone is a pair potential; with ``g = ...``, a second density, the
    embedding is a function of rho1 (the sum of f) and rho2 (the sum of g). In text, numbers and named constants are
    fitted, whole numbers where they multiply (`srlab.expressions.parser.with_fitted_factors`); ``fix a = 3.61`` keeps a
    constant as it is. A constant that is fitted may stand in one function only. Raises InputError where a function or a
    starting value is missing, or a constant stands in no function or in two, FormulaError (an InputError) with the
    position otherwise.
    """
    if not isinstance(spec, (str, os.PathLike)):
        raise InputError(f"a form is a published name, a text file or text, and not {type(spec).__name__}")
    spec, table = os.fspath(spec), _table()
    if spec in table:
        entry = table[spec]
        formulas = functions_in(entry)
        template, values = template_of(formulas), {**entry["start"], **entry["fixed"]}
        return Form(
            spec,
            entry["title"],
            _with_names(template, formulas, values),
            frozenset(entry["fixed"]),
            entry.get("taper_width", 1.5),
            entry.get("starts", 16),
            entry.get("ends", ""),
            lengths=tuple(entry.get("lengths", {}).items()),
            bases=tuple(entry.get("bases", ())),
        )
    if "=" in spec:
        return parse_form(spec, "form")
    if os.path.isfile(spec):  # unlike Path.is_file, False for a name that is too long to be one
        try:
            return parse_form(Path(spec).read_text(encoding="utf-8"), Path(spec).stem)
        except UnicodeDecodeError:
            raise InputError(f"{spec} is no text file: a form is phi = ..., f = ..., F = ..., one a line") from None
    raise InputError(
        f"{brief(spec, 200)!r} is no form: give {', '.join(table)}, a text file, or text "
        "like 'phi = ...; f = ...; F = ...'"
    )


def parse_form(text: str, name: str = "form", template: Template | None = None) -> Form:
    """A form from assignments, one a line or separated by semicolons; see `load_form`.

    template : whose functions these are; by default the one with most functions that the text has all of.
    """
    assignments = _assignments(text)
    template = template or _template_for(assignments)
    words = _words(template)
    formulas, values, fixed = {}, {}, set()
    for word, is_fixed, body in assignments:
        if word in words and not is_fixed:
            if words[word].name in formulas:
                raise InputError(f"the {words[word].title} is given twice")
            formulas[words[word].name] = body
            continue
        value = _number(body)
        if value is None:
            elsewhere = [each for each in templates() if word in _words(each)]
            if elsewhere:
                raise InputError(
                    f"the template {template.name} has no {_words(elsewhere[0])[word].title}: leave "
                    f"out '{word} = ...', or take the template " + " or ".join(each.name for each in elsewhere)
                )
            symbols = ", ".join(each.symbol for each in template.functions)
            raise InputError(
                f"{brief(word)!r} is neither a function ({symbols}) nor a constant with a number: {brief(body, 200)!r}"
            )
        if word in values:
            raise InputError(f"the constant {brief(word)} is given twice")
        if not math.isfinite(value):
            raise InputError(f"the constant {brief(word)} must be a finite number, not {brief(body)}")
        values[word] = value
        if is_fixed:
            fixed.add(word)
    template.check_names(formulas)
    _with_names(template, formulas, values)  # errors show the text as it was typed
    kept = []
    for part, body in formulas.items():
        formulas[part], whole = with_fitted_factors(body)
        kept += [f"{number} in {template[part].symbol}" for number in dict.fromkeys(whole)]
    model = _with_names(template, formulas, values)
    _check_used(model, values, fixed)
    for part, formula in model.functions.items():
        for constant, value in zip(formula.names, formula.values):
            if value != value:
                raise InputError(
                    f"the constant {brief(constant)} of the {template[part].title} has no value: add "
                    f"'{brief(constant)} = 1.0'"
                )
    return Form(name, name, model, frozenset(fixed), kept=tuple(kept))


def _check_used(model: Model, values, fixed) -> None:
    """Raise InputError for a constant that no function has, or that two have and a fit would change in each."""
    where: dict[str, list[str]] = {}
    for part, formula in model.functions.items():
        for constant in dict.fromkeys(formula.names):
            where.setdefault(constant, []).append(model.template[part].title)
    for constant in values:
        if constant not in where:
            raise InputError(f"the constant {brief(constant)} stands in no function: leave it out, or use it")
    for constant, titles in where.items():
        if constant and len(titles) > 1 and constant not in fixed:
            raise InputError(
                f"the constant {brief(constant)} stands in the {' and the '.join(titles)}, which are fitted apart: "
                f"give it a name of its own in each, or keep it as it is with 'fix {brief(constant)} = ...'"
            )


def _assignments(text: str) -> list[tuple[str, bool, str]]:
    """(word, whether it is fixed, what stands behind the equals sign) of every line.

    Raises InputError for a line that is no assignment.
    """
    found = []
    for line in text.replace("\n", ";").split(";"):
        line = line.split("#")[0].strip()
        if not line:
            continue
        key, equals, body = line.partition("=")
        if not equals:
            raise InputError(f"{brief(line, 200)!r} is no assignment: write for example phi = 0.1*exp(-1.5*r)")
        key = re.sub(r"\(\w+(, *\w+)*\)$", "", key.strip()).strip()  # phi(r) is phi
        found.append((key.removeprefix("fix ").strip(), key.startswith("fix "), body.strip()))
    return found


def _words(template: Template) -> dict:
    """What a function of a template may be called in typed text: its symbol, its name, or its symbol on a screen."""
    return {word: each for each in template.functions for word in (each.name, each.plain, each.symbol)}


def _template_for(assignments) -> Template:
    """The smallest template that has most of the functions in the text, of which no required one is missing, with
    nothing but numbers beside them.

    A number is no optional function but a constant that has the name of one.
    """
    fitting = {}
    for template in templates():
        words = _words(template)
        bodies = {words[word].name: body for word, _, body in assignments if word in words}
        functions = {name for name, body in bodies.items() if name in template.required or _number(body) is None}
        others = [body for word, _, body in assignments if word not in words or words[word].name not in functions]
        if functions >= set(template.required) and None not in map(_number, others):
            fitting[template] = len(functions), -len(template.functions)
    if fitting:
        return max(fitting, key=fitting.get)
    # none: the message is then about what lacks least, in the order in which templates are listed
    given = {word for word, _, body in assignments if _number(body) is None}
    return max(templates(), key=lambda each: len(given & set(_words(each))))


def _number(body: str) -> float | None:
    try:
        return float(body)
    except ValueError:
        return None


def _with_names(template: Template, formulas: dict, values: dict) -> Model:
    """The model of a form: constants keep their names, those without a value are NaN."""
    functions = template.functions
    return Model(
        template,
        {each.name: each.parse_form(formulas[each.name], values) for each in functions if each.name in formulas},
    )


def _table() -> dict:
    return json.loads(files(__package__).joinpath("forms.json").read_text(encoding="utf-8"))
