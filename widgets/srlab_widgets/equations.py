"""The equations of a candidate in the forms that the dashboard shows and copies."""

from srlab.errors import InputError
from srlab.fitting.forms import SYMBOLS
from srlab.fitting.model import parse_function, parts_of


def parse(formulas):
    """Formula objects of the texts of a model, by part; those that are missing are left out."""
    return {part: parse_function(formulas, part) for part in parts_of(formulas) if formulas.get(part)}


def typeset(thing, digits=4):
    """LaTeX of the formulas of a candidate or reference (a dict with "formulas"), constants to `digits` figures.

    None if a formula is not in the grammar: the dashboard then shows its text.
    """
    try:
        return {part: formula.latex(digits) for part, formula in parse(thing.get("formulas") or {}).items()}
    except InputError:
        return None


def copies(formulas):
    """Text for the clipboard, constants to the last digit: {"latex", "python", "sympy"}."""
    parsed = parse(formulas)
    left = {
        "pair": r"\varphi(r)",
        "density": "f(r)",
        "second_density": "g(r)",
        "embedding": r"F(\rho_1, \rho_2)" if "second_density" in parsed else r"F(\rho)",
    }
    latex = " \\\\\n".join(f"{left[part]} &= {formula.latex()}" for part, formula in parsed.items())
    python = "\n\n\n".join(
        f"def {SYMBOLS[part]}({formula.variable}):\n    return {formula.python()}" for part, formula in parsed.items()
    )
    symbols = ", ".join(["r", *(["rho1", "rho2"] if "second_density" in parsed else ["rho"])])
    symbols = f"{symbols} = sympy.symbols('{symbols}', positive=True)"
    sympy = "\n".join(f"{SYMBOLS[part]} = {formula.sympy()}" for part, formula in parsed.items())
    return {
        "latex": f"\\begin{{aligned}}\n{latex}\n\\end{{aligned}}",
        "python": f"import numpy as np\n\n\n{python}\n",
        "sympy": f"import sympy\nfrom sympy import *\n\n{symbols}\n{sympy}\n",
    }
