"""Export as SymPy: a Python file that builds the expressions, every constant to the last digit."""

import re

from srlab.exports.result import as_formula_potential, one_line, write_text
from srlab.templates.template import EMBEDDING, PAIR

_FUNCTIONS = ("cos", "exp", "log", "sin", "sqrt", "tanh")


def write(potential, path, overwrite=False):
    """Write a file that defines the functions, the taper, and the functions times the taper as SymPy expressions.

    See `srlab.exports.export` for what it raises.
    """
    return write_text(path, source(as_formula_potential(potential, "sympy")), overwrite)


def source(potential):
    """The text of the file."""
    texts = {key: text.replace("^", "**") for key, text in potential.formulas.items()}
    functions = [each for each in potential.template.functions if each.name in texts]
    used = [name for name in _FUNCTIONS if any(re.search(rf"\b{name}\(", text) for text in texts.values())]
    names = ", ".join(["Piecewise", "Symbol", *used])
    lines = [
        f'"""{one_line(potential.name)}: {potential.template.title} for '
        f"{potential.element} as SymPy expressions, written by srlab.",
        "",
        f"{potential.template.energy_text(present=potential.functions)}, in eV and angstrom.",
        *([one_line(potential.source)] if potential.source else []),
        '"""',
        "",
        f"from sympy import {names}",
        "",
        'r = Symbol("r", positive=True)  # distance, angstrom',
        *(
            f'{variable} = Symbol("{variable}", positive=True)'
            for each in functions
            if each.role == EMBEDDING
            for variable in each.variables
        ),
        f"cutoff = {potential.cutoff!r}  # angstrom",
        f"offset = {potential.offset!r}  # eV per atom",
        "",
        *_taper_lines(potential.taper),
        *(f"{each.name} = {texts[each.name]}" for each in functions),
        "",
        *(
            f"{each.symbol} = {each.name}  # eV"
            if each.role == EMBEDDING
            else f"{each.symbol} = Piecewise(({each.name} * taper, r < cutoff), (0, "
            f"True)){'  # eV' * (each.role == PAIR)}"
            for each in functions
        ),
    ]
    return "\n".join(lines) + "\n"


def _taper_lines(taper):
    if taper.kind == "none":
        return ["taper = 1  # none: a sharp cutoff"]
    lines = [f"start, stop = {taper.start!r}, {taper.stop!r}  # angstrom"]
    if taper.kind == "smoothstep":
        lines += ["x = (r - start) / (stop - start)", "inside = 1 - x**3 * (10 - 15 * x + 6 * x**2)"]
    else:
        lines += ["inside = (2 * r**2 - 3 * start**2 + stop**2) * (stop**2 - r**2) ** 2 / (stop**2 - start**2) ** 3"]
    return [*lines, "taper = Piecewise((1, r <= start), (inside, r < stop), (0, True))"]
