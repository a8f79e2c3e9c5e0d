"""Export as LaTeX: the whole potential as one block of aligned equations, taper and cutoff stated."""

from srlab.export.result import as_formula_potential, one_line, write_text


def write(potential, path, overwrite=False, digits=6):
    """Write the equations with constants of `digits` significant digits. See `srlab.export.export` for what it raises."""
    potential = as_formula_potential(potential, "latex")
    comment = f"% {one_line(potential.name)}: embedded-atom potential for {potential.element}, written by srlab. Needs amsmath.\n"
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
    offset = f"{potential.offset:.{digits}g}\\,\\mathrm{{eV}} + " if potential.offset else ""
    if not is_many_body(potential):
        constant = rf" + N \, ({potential.offset:.{digits}g}) \, \mathrm{{eV}}" if potential.offset else ""
        return _aligned(
            potential,
            [
                rf"E &= \tfrac{{1}}{{2}} \sum_i \sum_{{j \ne i}} \phi(r_{{ij}}){constant}",
                rf"\phi(r) &= {_tapered(potential.pair, digits)} \quad \mathrm{{eV}}",
            ],
            r"\phi",
        )
    two = potential.second_density is not None
    rho = r"\rho_i^{(1)}, \rho_i^{(2)}" if two else r"\rho_i"
    lines = [rf"E &= \sum_i \Big[ {offset}F({rho}) + \tfrac{{1}}{{2}} \sum_{{j \ne i}} \phi(r_{{ij}}) \Big]"]
    if two:
        lines += [rf"\rho_i^{{({k})}} &= \sum_{{j \ne i}} f_{k}(r_{{ij}})" for k in (1, 2)]
    else:
        lines += [r"\rho_i &= \sum_{j \ne i} f(r_{ij})"]
    lines += [rf"\phi(r) &= {_tapered(potential.pair, digits)} \quad \mathrm{{eV}}"]
    if two:
        lines += [
            rf"f_1(r) &= {_tapered(potential.density, digits)}",
            rf"f_2(r) &= {_tapered(potential.second_density, digits)}",
        ]
        lines += [rf"F(\rho_1, \rho_2) &= {potential.embedding.latex(digits)} \quad \mathrm{{eV}}"]
    else:
        lines += [rf"f(r) &= {_tapered(potential.density, digits)}"]
        lines += [rf"F(\rho) &= {potential.embedding.latex(digits)} \quad \mathrm{{eV}}"]
    return _aligned(potential, lines, r"\phi = f_1 = f_2" if two else r"\phi = f")


def is_many_body(potential) -> bool:
    """Whether there is more than a pair function: a pair potential has zero for density and embedding."""
    return not (potential.density.text == "0" and potential.embedding.text == "0")


def _aligned(potential, lines, vanishing):
    lines = [
        *lines,
        potential.taper.latex(),
        rf"&\text{{with }} r \text{{ in Å, and }} {vanishing} = 0 \text{{ from the cutoff of {potential.cutoff:g} Å on}}",
    ]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _tapered(formula, digits):
    text = formula.latex(digits)
    if text == "1":
        return "t(r)"
    operator = getattr(formula.root, "operator", None)
    is_sum = operator is not None and operator.name in ("add", "sub", "neg")
    return rf"\left( {text} \right) t(r)" if is_sum else rf"{text}\; t(r)"
