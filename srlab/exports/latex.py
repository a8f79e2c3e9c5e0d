"""Export as LaTeX: the whole potential as one block of aligned equations, taper and cutoff stated."""

from srlab.exports.result import as_formula_potential, one_line, write_text
from srlab.templates.template import EMBEDDING, PAIR

_EV = r" \quad \mathrm{eV}"
_LEGENDRE = {
    1: r"P_1(c) = c",
    2: r"P_2(c) = \tfrac{1}{2} (3 c^2 - 1)",
    3: r"P_3(c) = \tfrac{1}{2} (5 c^3 - 3 c)",
}


def write(potential, path, overwrite=False, digits=6):
    """Write the equations with constants of `digits` significant digits.

    See `srlab.exports.export` for what it raises.
    """
    potential = as_formula_potential(potential, "latex")
    comment = (
        f"% {one_line(potential.name)}: {potential.template.title} for "
        f"{potential.element}, written by srlab. Needs amsmath.\n"
    )
    if potential.source:
        comment += f"% {one_line(potential.source)}\n"
    return write_text(path, f"{comment}\\[\n{equations(potential, digits)}\n\\]\n", overwrite)


def equations(potential, digits=6):
    """The potential as an `aligned` block, for a LaTeX document or MathJax.

    Parameters
    ----------
    potential : Potential
        Made of formulas.
    digits : int
        Significant digits of the constants.
    """
    template = potential.template
    offset = f"{potential.offset:.{digits}g}\\,\\mathrm{{eV}} + " if potential.offset else ""
    functions = [each for each in template.functions if each.name in potential.functions]
    radial = [each for each in functions if each.role != EMBEDDING]
    sums = template.embedding.arguments.split(", ") if template.embedding else []
    ranks = sorted({each.rank for each in potential.present(template.moments)})
    lines = [
        rf"E &= \sum_i \Big[ {offset}{atom_energy(template, potential.functions)}\Big]",
        *(
            rf"{_of_atom(variable)} &= \sum_{{j \ne i}} {each.latex}(r_{{ij}})"
            for variable, each in zip(sums, template.densities)
        ),
        *([", ".join(_LEGENDRE[rank] for rank in ranks).replace("=", "&=", 1)] if ranks else []),
        *(
            f"{each.left_side} &= {_tapered(potential.functions[each.name], digits)}{_EV * (each.role == PAIR)}"
            for each in radial
        ),
        *(
            f"{each.left_side} &= {potential.functions[each.name].latex(digits)}{_EV}"
            for each in functions
            if each.role == EMBEDDING
        ),
        potential.taper.latex(),
        rf"&\text{{with }} r \text{{ in Å, and }} {' = '.join(each.latex for each in radial)} = 0"
        rf" \text{{ from the cutoff of {potential.cutoff:g} Å on}}",
    ]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def atom_energy(template, present):
    """The energy of atom i in LaTeX, without the offset; present : names of the functions that are there."""
    sums = template.embedding.arguments.split(", ") if template.embedding else []
    terms = [f"{template.embedding.latex}({', '.join(_of_atom(each) for each in sums)})"] if template.embedding else []
    terms += [rf"\tfrac{{1}}{{2}} \sum_{{j \ne i}} {each.latex}(r_{{ij}})" for each in template.pairs]
    return f"{' + '.join(terms)} {' '.join(_angular(each) for each in template.moments if each.name in present)}"


def _angular(function):
    """What an angular function adds to the energy of atom i, with its sign."""
    strength = function.strength
    power = f"^{function.power}" if function.power > 1 else ""
    pair = [
        f"{function.latex}(r_{{{ij}}})" + (f" \\, r_{{{ij}}}{power}" if function.power else "") for ij in ("ij", "ik")
    ]
    fraction = rf"\tfrac{{{strength.numerator}}}{{{strength.denominator}}}"
    sign = "+" if function.sign > 0 else "-"
    return rf"{sign} {fraction} \sum_{{j, k \ne i}} {' '.join(pair)} \, P_{function.rank}(\cos \theta_{{jik}}) "


def _of_atom(density):
    """A density in LaTeX with the index of its atom: \\rho_i, \\rho_{1,i}."""
    symbol, _, number = density.partition("_")
    return f"{symbol}_{{{number},i}}" if number else f"{symbol}_i"


def _tapered(formula, digits):
    text = formula.latex(digits)
    if text == "1":
        return "t(r)"
    operator = getattr(formula.root, "operator", None)
    is_sum = operator is not None and operator.name in ("add", "sub", "neg")
    return rf"\left( {text} \right) t(r)" if is_sum else rf"{text}\; t(r)"
