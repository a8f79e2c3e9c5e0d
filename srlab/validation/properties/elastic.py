"""Elastic constants of the cubic crystal by plain strain, and the Born criteria, also under pressure.

The cell is strained and the stress differenced; an fcc cell has no internal coordinate, so nothing needs relaxing.
"""

import numpy as np
from ase import units
from ase.build import bulk

from srlab.validation.crystal import stresses

STRAIN = 1e-3


def elastic_cells(element, lattice_constant, strain=STRAIN):
    """Four primitive fcc cells: stretched along x and sheared in yz, each both ways.

    Parameters
    ----------
    element : str
    lattice_constant : float
        angstrom
    strain : float
        The shear is the engineering strain, 2 e_yz.
    """
    cells = []
    for voigt in (0, 3):
        for sign in (1.0, -1.0):
            deformation = np.eye(3)
            if voigt == 0:
                deformation[0, 0] += sign * strain
            else:
                deformation[1, 2] = deformation[2, 1] = 0.5 * sign * strain
            atoms = bulk(element, "fcc", lattice_constant)
            atoms.set_cell(atoms.cell.array @ deformation, scale_atoms=True)
            cells.append(atoms)
    return cells


def elastic_constants(cell_stresses, strain=STRAIN):
    """C11, C12, C44 in GPa from the stresses of `elastic_cells`, (4, 6) eV/A^3.

    In a crystal under pressure these are the Birch coefficients of the Cauchy stress, the ones the Born criteria hold for.
    """
    stretched, sheared = (
        (cell_stresses[0] - cell_stresses[1]) / (2.0 * strain),
        (cell_stresses[2] - cell_stresses[3]) / (2.0 * strain),
    )
    return {
        "c11": float(stretched[0] / units.GPa),
        "c12": float(stretched[1:3].mean() / units.GPa),
        "c44": float(sheared[3] / units.GPa),
    }


def born_violations(constants):
    """Sentences for each Born criterion a cubic crystal violates; an empty list if it is stable."""
    c11, c12, c44 = constants["c11"], constants["c12"], constants["c44"]
    criteria = {"C44": c44, "C11 - C12": c11 - c12, "C11 + 2 C12": c11 + 2.0 * c12}
    return [
        f"unstable crystal: {name} = {value:.1f} GPa is not positive"
        for name, value in criteria.items()
        if not value > 0.0
    ]


def elastic(crystal, quick=False, tick=None):
    """Elastic constants of a crystal at zero pressure, and under pressure.

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
        values {c11, c12, c44 (GPa)}, warnings, and arrays over pressure (GPa): c11_at, c12_at, c44_at (GPa).
    """
    a0 = crystal.lattice_constant
    constants = elastic_constants(stresses(crystal.calculator, elastic_cells(crystal.element, a0)))
    violations = born_violations(constants)
    result = {"values": constants, "warnings": {name: violations[0] for name in constants} if violations else {}}
    pressures, table = [], []
    for scale in () if quick else np.linspace(0.94, 1.01, 8):
        a = scale * a0
        pressures.append(
            float(-stresses(crystal.calculator, [bulk(crystal.element, "fcc", a)])[0][:3].mean() / units.GPa)
        )
        table.append(elastic_constants(stresses(crystal.calculator, elastic_cells(crystal.element, a))))
        if tick:
            tick()
        if scale < 1.0 and not violations and born_violations(table[-1]):
            # keep the lowest pressure of instability: scales rise, so later ones overwrite
            result["warnings"]["c44"] = f"under {pressures[-1]:.0f} GPa: {born_violations(table[-1])[0]}"
    order = np.argsort(pressures)
    result["pressure"] = [pressures[k] for k in order]
    for name in constants:
        result[f"{name}_at"] = [table[k][name] for k in order]
    return result
