"""Elastic constants of a crystal by plain strain, and the Born criteria, also under pressure.

The cell is strained and the stress differenced. Where atoms may move within the strained cell (hcp, diamond, structure
files) they are relaxed first; in fcc and bcc every atom is a centre of symmetry, and nothing needs relaxing.
"""

import numpy as np
from ase import units

from srlab.errors import InputError
from srlab.validation.crystal import relax, stresses

STRAIN = 1e-3
CUBIC = ("fcc", "bcc", "diamond")
COMPONENTS = {**dict.fromkeys(CUBIC, (0, 3)), "hcp": (0, 2, 3)}
"""Voigt indices of the strains that give all independent constants of a structure; six for a structure file."""
INDEPENDENT = {
    **dict.fromkeys(CUBIC, {"c11": (0, 0), "c12": (1, 0), "c44": (3, 3)}),
    "hcp": {"c11": (0, 0), "c12": (1, 0), "c13": (2, 0), "c33": (2, 2), "c44": (3, 3)},
}
"""Name and place in the stiffness matrix of the independent constants."""
_SHEARS = {3: (1, 2), 4: (0, 2), 5: (0, 1)}


def elastic_cells(cell, strain=STRAIN, components=(0, 3)):
    """A cell under each strain, both ways: by default stretched along x, and sheared in yz.

    Parameters
    ----------
    cell : ase.Atoms
    strain : float
        A shear is the engineering strain, 2 e_yz.
    components : tuple of int
        Voigt indices of the strains.
    """
    cells = []
    for voigt in components:
        for sign in (1.0, -1.0):
            deformation = np.eye(3)
            if voigt < 3:
                deformation[voigt, voigt] += sign * strain
            else:
                i, j = _SHEARS[voigt]
                deformation[i, j] = deformation[j, i] = 0.5 * sign * strain
            atoms = cell.copy()
            atoms.set_cell(atoms.cell.array @ deformation, scale_atoms=True)
            cells.append(atoms)
    return cells


def stiffness_columns(cell_stresses, strain=STRAIN):
    """Columns of the stiffness matrix in GPa, (6, n), from the stresses of `elastic_cells`, (2 n, 6) eV/A^3.

    In a crystal under pressure these are the Birch coefficients of the Cauchy stress, the ones the Born criteria hold
    for.
    """
    cell_stresses = np.asarray(cell_stresses)
    return (cell_stresses[0::2] - cell_stresses[1::2]).T / (2.0 * strain) / units.GPa


def elastic_constants(cell_stresses, strain=STRAIN):
    """C11, C12, C44 in GPa of a cubic crystal from the stresses of its `elastic_cells`, (4, 6) eV/A^3."""
    stretched, sheared = stiffness_columns(cell_stresses, strain).T
    return {"c11": float(stretched[0]), "c12": float(stretched[1:3].mean()), "c44": float(sheared[3])}


def relaxed_stresses(crystal, cells):
    """Stresses (n, 6) eV/A^3 of strained cells, their atoms relaxed where they may move."""
    if crystal.atoms_move:
        cells = [relax(atoms, crystal.calculator, fmax=1e-5)[0] for atoms in cells]
    return stresses(crystal.calculator, cells)


def crystal_constants(crystal, cell=None):
    """The independent elastic constants of a crystal, atoms relaxed: {"c11": GPa, ...}; all 21 of a structure file.

    cell : its primitive cell at another volume, by default at rest.
    """
    cell = crystal.primitive() if cell is None else cell
    components = COMPONENTS.get(crystal.structure, tuple(range(6)))
    found = relaxed_stresses(crystal, elastic_cells(cell, components=components))
    if crystal.structure in CUBIC:
        return elastic_constants(found)
    columns = stiffness_columns(found)
    if crystal.structure == "hcp":
        return {
            name: float(columns[row, components.index(column)]) for name, (row, column) in INDEPENDENT["hcp"].items()
        }
    symmetric = 0.5 * (columns + columns.T)
    return {f"c{i + 1}{j + 1}": float(symmetric[i, j]) for i in range(6) for j in range(i, 6)}


def stiffness_matrix(constants):
    """The (6, 6) stiffness matrix, GPa, of the constants of a cubic, hexagonal or any other crystal, as
    `crystal_constants` names them."""
    if "c66" in constants:
        upper = np.zeros((6, 6))
        for i in range(6):
            for j in range(i, 6):
                upper[i, j] = constants[f"c{i + 1}{j + 1}"]
        return upper + np.triu(upper, 1).T
    c11, c12, c44 = constants["c11"], constants["c12"], constants["c44"]
    c13, c33 = constants.get("c13", c12), constants.get("c33", c11)
    matrix = np.diag([c11, c11, c33, c44, c44, 0.5 * (c11 - c12) if "c33" in constants else c44])
    matrix[0, 1] = matrix[1, 0] = c12
    matrix[2, :2] = matrix[:2, 2] = c13
    return matrix


def born_violations(constants):
    """Sentences for each Born criterion a crystal violates; an empty list if it is stable.

    Criteria of cubic, hexagonal and triclinic crystals: F. Mouhat and F.-X. Coudert, Phys. Rev. B 90, 224104 (2014).
    """
    c11, c12, c44 = constants["c11"], constants["c12"], constants["c44"]
    if "c66" in constants:
        criteria = {"the smallest eigenvalue of the stiffness": np.linalg.eigvalsh(stiffness_matrix(constants)).min()}
    elif "c33" in constants:
        c13, c33 = constants["c13"], constants["c33"]
        criteria = {
            "C44": c44,
            "C11 - C12": c11 - c12,
            # per C33, so that it is a modulus like the others
            "C11 + C12 - 2 C13^2 / C33": c11 + c12 - 2.0 * c13**2 / c33 if c33 > 0.0 else c33,
        }
    else:
        criteria = {"C44": c44, "C11 - C12": c11 - c12, "C11 + 2 C12": c11 + 2.0 * c12}
    return [
        f"unstable crystal: {name} = {value:.1f} GPa is not positive"
        for name, value in criteria.items()
        if not value > 0.0
    ]


def elastic(crystal, quick=False, tick=None):
    """Elastic constants of a crystal at zero pressure, and, if it is cubic, under pressure.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        Zero pressure only.
    tick : callable, optional
        Called between the steps.

    Returns
    -------
    dict
        values {c11, c12, c44 (GPa); also c13, c33 of hcp; all 21 of a structure file}, warnings, clamped {name: GPa
        with atoms not relaxed} where atoms move, and arrays over pressure (GPa): pressure, c11_at, c12_at, c44_at
        (GPa), empty where the crystal is not cubic.
    """
    constants = crystal_constants(crystal)
    violations = born_violations(constants)
    result = {"values": constants, "warnings": {name: violations[0] for name in constants} if violations else {}}
    if crystal.structure == "diamond":
        clamped = elastic_constants(stresses(crystal.calculator, elastic_cells(crystal.primitive())))
        result["clamped"] = clamped
    cubic = crystal.structure in CUBIC
    pressures, table = [], []
    for scale in np.linspace(0.94, 1.01, 8) if cubic and not quick else ():
        cell = crystal.primitive(scale)
        pressures.append(float(-stresses(crystal.calculator, [cell])[0][:3].mean() / units.GPa))
        try:
            table.append(crystal_constants(crystal, cell))
        except InputError:  # atoms fell upon each other: no crystal at this pressure
            pressures.pop()
            continue
        if tick:
            tick()
        if scale < 1.0 and not violations and born_violations(table[-1]):
            # keep the lowest pressure of instability: scales rise, so later ones overwrite
            result["warnings"]["c44"] = f"under {pressures[-1]:.0f} GPa: {born_violations(table[-1])[0]}"
    order = np.argsort(pressures)
    result["pressure"] = [pressures[k] for k in order]
    for name in ("c11", "c12", "c44"):
        result[f"{name}_at"] = [table[k][name] for k in order]
    return result
