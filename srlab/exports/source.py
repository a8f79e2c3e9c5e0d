"""Python source of the functions of a potential, with analytic derivatives: what the standalone files are made of."""

import textwrap
from importlib import metadata

from srlab.exports.result import one_line
from srlab.potentials.calculator import energies_forces_virial
from srlab.potentials.self_check_crystals import rattled_crystal
from srlab.templates.template import EMBEDDING, PAIR, SUM


def settings_source(potential):
    """Source of ELEMENT, CUTOFF and OFFSET."""
    return (
        f'ELEMENT = "{potential.element}"\nCUTOFF = {potential.cutoff!r}  # angstrom\n'
        f"OFFSET = {potential.offset!r}  # eV per atom\n\n"
    )


def expected_source(atoms, energy, forces):
    """Source of what a self-test compares with: TEST_CELL, TEST_POSITIONS, TEST_ENERGY and TEST_FORCES."""
    return (
        f"TEST_CELL = {literal(atoms.cell.array)}\nTEST_POSITIONS = {literal(atoms.positions)}\n"
        f"TEST_ENERGY = {energy!r}\nTEST_FORCES = {literal(forces)}\n\n"
    )


def functions_source(potential):
    """Source of the functions of a potential by their names, for example pair(r), density(r) and embedding(rho), and of
    taper(r); it needs only numpy as np.

    Each returns value and derivative(s), shaped like its argument.
    """
    parts = [
        function_source(each.name, potential.functions[each.name], each.variables, _DOCS[each.role].format(each.title))
        for each in potential.template.functions
        if each.name in potential.functions
    ]
    return "\n\n".join([*parts, potential.taper.python()])


_DOCS = {
    PAIR: "The {} without the taper (eV) and its derivative (eV/A)",
    SUM: "The {} without the taper, and its derivative by r",
    EMBEDDING: "The {} (eV) and its derivative by each density",
}


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
    radial = [
        each for each in potential.template.functions if each.name in potential.functions and each.role != EMBEDDING
    ]
    lines = [
        f"{one_line(potential.name)}: {potential.template.title} for {potential.element}, {what}.",
        "",
        f"{potential.template.energy_text('OFFSET', potential.functions)}. The functions of r",
        *(f"    {each.symbol} = {each.name}" for each in radial),
        f"are multiplied by a taper, {potential.taper.describe()}, and zero from the "
        f"cutoff of {potential.cutoff:g} A on. eV and angstrom.",
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
        phi, slope = np.zeros_like(r), np.zeros_like(r)
        for value, derivative in ({pairs}):
            phi, slope = phi + value * t, slope + derivative * t + value * dt
        radial = [(value * t, derivative * t + value * dt) for value, derivative in ({densities})]
        rho = [np.bincount(i, f, n) for f, _ in radial]
        F, *gains = {embedding}
        for (_, df), gain, density_at in zip(radial, gains, rho):
            # without neighbours dF/drho may be infinite, but it multiplies zero
            gain = np.where(density_at == 0.0, 0.0, gain)
            slope = slope + (gain[i] + gain[j]) * df
    energies = OFFSET + F + 0.5 * np.bincount(i, phi, n)
    if not np.isfinite(energies).all():
        raise ValueError("the potential is not defined for atom %d: is it isolated?" % np.flatnonzero(~np.isfinite(energies))[0])
    weighted = (slope / r)[:, None] * d
    forces = np.stack([np.bincount(i, weighted[:, k], n) for k in range(3)], axis=1)
    virial = 0.5 * weighted.T @ d
{angular}    return energies, forces, virial
'''

_ANGULAR_LOOP = """    for (value, derivative), rank, strength, power in [{functions}]:
        a, da = r**power * value * t, r**power * (derivative * t + value * dt + power * value * t / r)
        own, slopes = _triplets(n, i, r, d, a, da, rank, strength)
        energies += own
        forces += np.stack([np.bincount(i, x, n) - np.bincount(j, x, n) for x in slopes.T], axis=1)
        virial += slopes.T @ d
"""

_TRIPLETS = '''

def _triplets(n, i, r, d, a, da, rank, strength):
    """Energies (n,) = strength * sum_jk a_j a_k P_rank(cos theta_jik), and their slopes (pairs, 3) by the vectors to the neighbours."""
    energies, slopes = np.zeros(n), np.zeros_like(d)
    for atom in range(n):
        near = np.flatnonzero(i == atom)
        u, a_near = d[near] / r[near, None], a[near]
        c = u @ u.T
        legendre, bend = [
            (c, np.ones_like(c)),
            ((3.0 * c * c - 1.0) / 2.0, 3.0 * c),
            ((5.0 * c**3 - 3.0 * c) / 2.0, (15.0 * c * c - 3.0) / 2.0),
        ][rank - 1]
        field, weights = legendre @ a_near, bend * a_near
        energies[atom] = strength * a_near @ field
        across = weights @ u - (weights * c).sum(axis=1)[:, None] * u
        slopes[near] = 2.0 * strength * ((da[near] * field)[:, None] * u + (a_near / r[near])[:, None] * across)
    return energies, slopes
'''


def energy_source(potential):
    """Source of `_energies_forces_virial(n, i, j, r, d)`, the sum over pairs."""
    template = potential.template
    pairs, densities = (
        "".join(f"{each.name}(r), " for each in those) for those in (template.pairs, template.densities)
    )
    embedding = f"{template.embedding.name}(*rho)" if template.embedding else "[np.zeros(n)]"
    angular = [
        f"({each.name}(r), {each.rank}, {0.5 * each.sign * each.factor**2!r}, {each.power})"
        for each in potential.present(template.moments)
    ]
    loop = _ANGULAR_LOOP.format(functions=", ".join(angular)) if angular else ""
    text = ENERGY.format(pairs=pairs.strip(), densities=densities.strip(), embedding=embedding, angular=loop)
    return text + _TRIPLETS if angular else text


def self_test_structure(potential):
    """A rattled cell of the potential's crystal and its energy and forces, for the self-test of a standalone file.

    Returns
    -------
    atoms : ase.Atoms, two to eight atoms
    energy : float, eV
    forces : (n, 3) eV/A
    """
    atoms = rattled_crystal(potential, seed=1)
    energies, forces, _ = energies_forces_virial(potential, atoms)
    return atoms, float(energies.sum()), forces


def literal(array, indent=4):
    """An array as Python source that gives back the same doubles."""
    rows = [", ".join(repr(float(x)) for x in row) for row in array]
    return "[\n" + "".join(f"{' ' * indent}[{row}],\n" for row in rows) + "]"
