"""The equations of a candidate in the forms that the dashboard shows and copies."""

from srlab.errors import InputError
from srlab.expressions import Formula

VARIABLES = {"pair": "r", "density": "r", "embedding": "rho"}
NAMES = {"pair": "phi", "density": "f", "embedding": "F"}


def parse(formulas):
    """Formula objects of {"pair", "density", "embedding"} texts; others (a second density) are left out."""
    return {part: Formula.parse(formulas[part], variable=variable) for part, variable in VARIABLES.items() if formulas.get(part)}


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
    left = {"pair": r"\varphi(r)", "density": "f(r)", "embedding": r"F(\rho)"}
    latex = " \\\\\n".join(f"{left[part]} &= {formula.latex()}" for part, formula in parsed.items())
    python = "\n\n\n".join(f"def {NAMES[part]}({formula.variable}):\n    return {formula.python()}" for part, formula in parsed.items())
    symbols = "r, rho = sympy.symbols('r rho', positive=True)"
    sympy = "\n".join(f"{NAMES[part]} = {formula.sympy()}" for part, formula in parsed.items())
    return {
        "latex": f"\\begin{{aligned}}\n{latex}\n\\end{{aligned}}",
        "python": f"import numpy as np\n\n\n{python}\n",
        "sympy": f"import sympy\nfrom sympy import *\n\n{symbols}\n{sympy}\n",
    }
