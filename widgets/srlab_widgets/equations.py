"""The equations of a candidate in the forms that the dashboard shows and copies."""

from srlab.errors import InputError
from srlab.exports.latex import atom_energy
from srlab.templates import Model, templates


def parse(formulas):
    """The `Model` of the texts of its functions. Raises InputError where they are those of no template, or not in
    the grammar."""
    return Model.parse(formulas)


def described():
    """What the page needs to know of the functions of all templates: for each template a list of {name, symbol,
    plain, left (LaTeX), said (plain text)}."""
    return [
        [
            {
                "name": each.name,
                "symbol": each.symbol,
                "plain": each.plain,
                "left": each.left_side,
                "said": each.plain_left_side,
            }
            for each in template.functions
        ]
        for template in templates()
    ]


def typeset(thing, digits=4):
    """LaTeX of the formulas of a candidate or reference (a dict with "formulas"), constants to `digits` figures.

    None if a formula is not in the grammar: the dashboard then shows its text.
    """
    if not thing.get("formulas"):
        return {}
    try:
        return {part: formula.latex(digits) for part, formula in parse(thing["formulas"]).functions.items()}
    except InputError:
        return None


def energy(formulas):
    """LaTeX of an atom's energy where there are angular functions, which nobody reads from their names; else None."""
    model = parse(formulas)
    return rf"E_i = {atom_energy(model.template, model.functions)}" if model.moments else None


def copies(formulas):
    """Text for the clipboard, constants to the last digit: {"latex", "python", "sympy"}."""
    model = parse(formulas)
    functions = [(model.template[name], formula) for name, formula in model.functions.items()]
    latex = " \\\\\n".join(f"{function.left_side} &= {formula.latex()}" for function, formula in functions)
    python = "\n\n\n".join(
        f"def {function.symbol}({formula.variable}):\n    return {formula.python()}" for function, formula in functions
    )
    symbols = ", ".join(dict.fromkeys(variable for function, _ in functions for variable in function.variables))
    symbols = f"{symbols} = sympy.symbols('{symbols}', positive=True)"
    sympy = "\n".join(f"{function.symbol} = {formula.sympy()}" for function, formula in functions)
    return {
        "latex": f"\\begin{{aligned}}\n{latex}\n\\end{{aligned}}",
        "python": f"import numpy as np\n\n\n{python}\n",
        "sympy": f"import sympy\nfrom sympy import *\n\n{symbols}\n{sympy}\n",
    }
