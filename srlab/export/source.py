"""Python source of the functions of a potential, with analytic derivatives: what the standalone files are made of."""

import textwrap
from importlib import metadata

from srlab.export.result import one_line


def functions_source(potential):
    """Source of pair(r), density(r), [second_density(r),] embedding and taper(r); it needs only numpy as np.

    Each returns value and derivative(s), shaped like its argument.
    """
    parts = [
        function_source("pair", potential.pair, ["r"], "Pair function without the taper (eV) and its derivative (eV/A)")
    ]
    parts.append(
        function_source(
            "density", potential.density, ["r"], "Density function without the taper, and its derivative (1/A)"
        )
    )
    if potential.second_density is None:
        parts.append(
            function_source("embedding", potential.embedding, ["rho"], "Embedding energy (eV) and its derivative")
        )
    else:
        parts.append(
            function_source(
                "second_density",
                potential.second_density,
                ["r"],
                "Second density function without the taper, and its derivative (1/A)",
            )
        )
        parts.append(
            function_source(
                "embedding",
                potential.embedding,
                ["rho1", "rho2"],
                "Embedding energy (eV) and its derivatives by both densities",
            )
        )
    return "\n\n".join([*parts, potential.taper.python()])


def function_source(name, formula, variables, doc):
    """Source of one function returning value and first derivatives; the value keeps every digit of the constants."""
    import sympy
    from sympy.printing.numpy import NumPyPrinter

    expression = formula.sympy()
    symbols = [sympy.Symbol(variable, positive=True) for variable in variables]

    def shaped(text, expression):  # a constant is a number, not an array: give it the shape of the argument
        return text if expression.has(*symbols) else f"np.full_like({variables[0]}, {text})"

    lines = [f"value = {shaped(formula.python(), expression)}"]
    names = ["derivative"] if len(symbols) == 1 else [f"derivative{number}" for number in range(1, 1 + len(symbols))]
    for slope_name, symbol in zip(names, symbols):
        slope = sympy.diff(expression, symbol)
        printed = NumPyPrinter({"precision": 17}).doprint(slope).replace("numpy.", "np.")
        lines.append(f"{slope_name} = {shaped(printed, slope)}")
    body = "\n    ".join([*lines, f"return value, {', '.join(names)}"])
    return f'def {name}({", ".join(variables)}):\n    """{doc}."""\n    {body}\n'


def header(potential, what, usage):
    """Opening docstring of a standalone file."""
    lines = [
        f"{one_line(potential.name)}: embedded-atom potential for {potential.element}, {what}.",
        "",
        "E = sum_i [ OFFSET + F(rho_i) + 1/2 sum_j phi(r_ij) ], rho_i = sum_j f(r_ij); phi and f are pair and density times the taper",
        f"({potential.taper.describe()}), zero from the cutoff of {potential.cutoff:g} A on. eV and angstrom.",
        *(["", *textwrap.wrap(f"Source: {one_line(potential.source)}", 120)] if potential.source else []),
        "",
        *usage,
        "",
        f"Written by srlab{_version()}; this file does not need srlab.",
    ]
    return '"""' + "\n".join(lines) + '\n"""\n'


def _version():
    try:
        return f" {metadata.version('srlab')}"
    except metadata.PackageNotFoundError:  # run from a source tree
        return ""


ENERGY = '''def _energies_forces_virial(n, i, j, r, d):
    """Energies (n,) in eV, forces (n, 3) in eV/A and the strain derivative (3, 3) in eV from all ordered pairs."""
    with np.errstate(all="ignore"):
        t, dt = taper(r)
        phi, dphi = pair(r)
        phi, dphi = phi * t, dphi * t + phi * dt
        f, df = density(r)
        f, df = f * t, df * t + f * dt
        rho = np.bincount(i, f, n)
{embedding}
    energies = OFFSET + F + 0.5 * np.bincount(i, phi, n)
    if not np.isfinite(energies).all():
        raise ValueError("the potential is not defined for atom %d: is it isolated?" % np.flatnonzero(~np.isfinite(energies))[0])
    weighted = ((dphi + slope) / r)[:, None] * d
    forces = np.stack([np.bincount(i, weighted[:, k], n) for k in range(3)], axis=1)
    return energies, forces, 0.5 * weighted.T @ d


def _both(slope, rho, i, j):
    # without neighbours dF/drho may be infinite, but it multiplies zero
    slope = np.where(rho == 0.0, 0.0, slope)
    return slope[i] + slope[j]
'''

_ONE_DENSITY = """        F, dF = embedding(rho)
        slope = _both(dF, rho, i, j) * df"""

_TWO_DENSITIES = """        g, dg = second_density(r)
        g, dg = g * t, dg * t + g * dt
        rho2 = np.bincount(i, g, n)
        F, dF1, dF2 = embedding(rho, rho2)
        slope = _both(dF1, rho, i, j) * df + _both(dF2, rho2, i, j) * dg"""


def energy_source(potential):
    """Source of `_energies_forces_virial(n, i, j, r, d)`, the sum over pairs."""
    return ENERGY.replace("{embedding}", _ONE_DENSITY if potential.second_density is None else _TWO_DENSITIES)


def self_test_structure(potential):
    """A rattled fcc cell and its energy and forces, for the self-test of a standalone file.

    Returns
    -------
    atoms : ase.Atoms, four atoms
    energy : float, eV
    forces : (4, 3) eV/A
    """
    from srlab.potentials.calculator import energies_forces_virial
    from srlab.potentials.structures import rattled_fcc

    atoms = rattled_fcc(potential, repeat=1, seed=1)
    energies, forces, _ = energies_forces_virial(potential, atoms)
    return atoms, float(energies.sum()), forces


def literal(array, indent=4):
    """An array as Python source that gives back the same doubles."""
    rows = [", ".join(repr(float(x)) for x in row) for row in array]
    return "[\n" + "".join(f"{' ' * indent}[{row}],\n" for row in rows) + "]"
