"""Transformation paths: the Bain path fcc - bcc (tetragonal) and the trigonal path fcc - simple cubic - bcc, at relaxed volume.

Library: scipy. Along each path the cell has one atom and one shape parameter; the volume is relaxed at every point.
"""

import numpy as np
from ase import Atoms
from scipy.optimize import minimize_scalar

from srlab.validation.crystal import energies_per_atom

BCC_ANGLE = float(np.degrees(np.arccos(-1.0 / 3.0)))


def tetragonal_cell(element, c_over_a, volume):
    """Body-centred tetragonal primitive cell of `volume` (A^3/atom); c/a = 1 is bcc, sqrt(2) fcc."""
    a = (2.0 * volume / c_over_a) ** (1.0 / 3.0)
    c = a * c_over_a
    return Atoms([element], cell=[[-a / 2, a / 2, c / 2], [a / 2, -a / 2, c / 2], [a / 2, a / 2, -c / 2]], pbc=True)


def trigonal_cell(element, angle, volume):
    """Rhombohedral primitive cell of `volume` (A^3/atom) with `angle` degrees between its vectors: 60 is fcc, 90 simple cubic, 109.47 bcc."""
    cosine = np.cos(np.radians(angle))
    gram = np.full((3, 3), cosine) + (1.0 - cosine) * np.eye(3)
    shape = np.linalg.cholesky(gram)
    return Atoms([element], cell=shape * (volume / np.linalg.det(shape)) ** (1.0 / 3.0), pbc=True)


def path_energies(calculator, element, make_cell, parameters, volume):
    """Energy (eV/atom) and volume (A^3/atom) at each parameter, volume relaxed from that of the point before; two (n,) arrays."""
    energies, volumes = [], []
    for parameter in parameters:
        found = minimize_scalar(
            lambda v: energies_per_atom(calculator, [make_cell(element, parameter, v)])[0],
            bounds=(0.85 * volume, 1.2 * volume),
            method="bounded",
            options={"xatol": 1e-4},
        )
        volume = float(found.x)
        energies.append(float(found.fun))
        volumes.append(volume)
    return np.array(energies), np.array(volumes)


def bain(crystal, quick=False, tick=None):
    """Bain and trigonal path of a crystal.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        Fewer points.
    tick : callable, optional
        Called between the two.

    Returns
    -------
    dict
        values {bain_path_maximum, trigonal_path_maximum (meV/atom)}, warnings, and arrays: c_over_a, bain_energy (meV/atom), bain_volume (A^3/atom);
        angle (degrees), trigonal_energy, trigonal_volume.
    """
    start = crystal.lattice_constant**3 / 4.0
    bcc, fcc = 1.0, np.sqrt(2.0)
    # from fcc both ways, so that each relaxation starts next to a relaxed point
    upward = np.linspace(fcc, 1.7, 4 if quick else 9)
    downward = np.concatenate(
        [np.linspace(fcc, bcc, 9 if quick else 17), np.linspace(bcc, 0.85, 4 if quick else 7)[1:]]
    )
    c_over_a, bain_energy, bain_volume = _both_ways(crystal, tetragonal_cell, downward, upward, start)
    if tick:
        tick()
    sharper = np.linspace(60.0, 52.0, 3 if quick else 6)
    flatter = np.concatenate(
        [np.linspace(60.0, 90.0, 9 if quick else 25), np.linspace(90.0, BCC_ANGLE, 5 if quick else 13)[1:], [112.0]]
    )
    angle, trigonal_energy, trigonal_volume = _both_ways(crystal, trigonal_cell, sharper, flatter, start)
    between = (c_over_a >= bcc - 1e-9) & (c_over_a <= fcc + 1e-9)
    inside = (angle >= 60.0 - 1e-9) & (angle <= BCC_ANGLE + 1e-9)
    warnings = {}
    for name, parameter, energy, unit in (
        ("bain_path_maximum", c_over_a, bain_energy, "c/a"),
        ("trigonal_path_maximum", angle, trigonal_energy, "degrees"),
    ):
        k = int(np.argmin(energy))
        if energy[k] < -0.5:
            warnings[name] = (
                f"wrong ground state: the path falls {-energy[k]:.1f} meV/atom below fcc at {parameter[k]:.2f} {unit}"
            )
    return {
        "values": {
            "bain_path_maximum": float(bain_energy[between].max()),
            "trigonal_path_maximum": float(trigonal_energy[inside].max()),
        },
        "warnings": warnings,
        "c_over_a": c_over_a.tolist(),
        "bain_energy": bain_energy.tolist(),
        "bain_volume": bain_volume.tolist(),
        "angle": angle.tolist(),
        "trigonal_energy": trigonal_energy.tolist(),
        "trigonal_volume": trigonal_volume.tolist(),
    }


def _both_ways(crystal, make_cell, down, up, volume):
    low, low_volume = path_energies(crystal.calculator, crystal.element, make_cell, down, volume)
    high, high_volume = path_energies(crystal.calculator, crystal.element, make_cell, up[1:], volume)
    energy = 1e3 * (np.concatenate([low[::-1], high]) - crystal.energy)
    return np.concatenate([down[::-1], up[1:]]), energy, np.concatenate([low_volume[::-1], high_volume])
