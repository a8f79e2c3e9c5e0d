"""Export as SymPy: a Python file that builds the expressions, every constant to the last digit."""

import re

from srlab.export.result import as_formula_potential, one_line, write_text

_FUNCTIONS = ("cos", "exp", "log", "sin", "sqrt", "tanh")


def write(potential, path, overwrite=False):
    """Write a file that defines pair, density, embedding, taper, phi and f as SymPy expressions. See `srlab.export.export` for what it raises."""
    return write_text(path, source(as_formula_potential(potential, "sympy")), overwrite)


def source(potential):
    """The text of the file."""
    texts = {key: text.replace("^", "**") for key, text in potential.formulas.items()}
    two = "second_density" in texts
    used = [name for name in _FUNCTIONS if any(re.search(rf"\b{name}\(", text) for text in texts.values())]
    names = ", ".join(["Piecewise", "Symbol", *used])
    lines = [
        f'"""{one_line(potential.name)}: embedded-atom potential for {potential.element} as SymPy expressions, written by srlab.',
        "",
        "E = sum_i [ offset + F(rho_i) + 1/2 sum_j phi(r_ij) ], rho_i = sum_j f(r_ij), in eV and angstrom.",
        *([one_line(potential.source)] if potential.source else []),
        '"""',
        "",
        f"from sympy import {names}",
        "",
        'r = Symbol("r", positive=True)  # distance, angstrom',
    ]
    if two:
        lines += ['rho1, rho2 = Symbol("rho1", positive=True), Symbol("rho2", positive=True)']
    else:
        lines += ['rho = Symbol("rho", positive=True)']
    lines += [
        f"cutoff = {potential.cutoff!r}  # angstrom",
        f"offset = {potential.offset!r}  # eV per atom",
        "",
        *_taper_lines(potential.taper),
        f"pair = {texts['pair']}",
        f"density = {texts['density']}",
        *([f"second_density = {texts['second_density']}"] if two else []),
        f"embedding = {texts['embedding']}",
        "",
        "phi = Piecewise((pair * taper, r < cutoff), (0, True))  # eV",
        "f = Piecewise((density * taper, r < cutoff), (0, True))",
        *(["g = Piecewise((second_density * taper, r < cutoff), (0, True))"] if two else []),
        f"F = embedding  # eV, {'of rho1 = sum f and rho2 = sum g' if two else 'of rho = sum f'}",
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
