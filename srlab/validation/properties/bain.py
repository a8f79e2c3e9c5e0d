"""Transformation paths at relaxed volume: Bain's fcc - bcc (tetragonal), the trigonal one fcc - simple cubic - bcc, and
Burgers' bcc - hcp.

Library: scipy. Along each path the cell has one shape parameter; the volume is relaxed at every point. W. G. Burgers,
Physica 1, 561 (1934).
"""

import numpy as np
from ase import Atoms
from scipy.optimize import minimize_scalar

from srlab.errors import InputError
from srlab.potentials.lattices import IDEAL
from srlab.validation.crystal import energies_per_atom

BCC_ANGLE = float(np.degrees(np.arccos(-1.0 / 3.0)))


def tetragonal_cell(element, c_over_a, volume):
    """Body-centred tetragonal primitive cell of `volume` (A^3/atom); c/a = 1 is bcc, sqrt(2) fcc."""
    a = (2.0 * volume / c_over_a) ** (1.0 / 3.0)
    c = a * c_over_a
    return Atoms([element], cell=[[-a / 2, a / 2, c / 2], [a / 2, -a / 2, c / 2], [a / 2, a / 2, -c / 2]], pbc=True)


def trigonal_cell(element, angle, volume):
    """Rhombohedral primitive cell of `volume` (A^3/atom) with `angle` degrees between its vectors: 60 is fcc, 90 simple
    cubic, 109.47 bcc."""
    cosine = np.cos(np.radians(angle))
    gram = np.full((3, 3), cosine) + (1.0 - cosine) * np.eye(3)
    shape = np.linalg.cholesky(gram)
    return Atoms([element], cell=shape * (volume / np.linalg.det(shape)) ** (1.0 / 3.0), pbc=True)


def burgers_cell(element, share, volume):
    """Orthorhombic cell of four atoms, `volume` in A^3/atom, on the straight way from bcc (`share` 0) to hcp with ideal
    axes (1).

    Edges along bcc's [001], [110] and [1-10]: shear makes every second (110) plane close packed, shuffle moves it by a
    twelfth of the middle edge.
    """
    b = np.sqrt(2.0) + share * (np.sqrt(3.0) - np.sqrt(2.0))
    c = np.sqrt(2.0) + share * (IDEAL - np.sqrt(2.0))
    edges = np.array([1.0, b, c]) * (4.0 * volume / (b * c)) ** (1.0 / 3.0)
    y = 0.5 - share / 6.0
    sites = [(0.0, 0.0, 0.0), (0.5, 0.5, 0.0), (0.0, y, 0.5), (0.5, y + 0.5, 0.5)]
    return Atoms([element] * 4, scaled_positions=sites, cell=edges, pbc=True)


def path_energies(calculator, element, make_cell, parameters, volume):
    """Energy (eV/atom) and volume (A^3/atom) at each parameter, volume relaxed from that of the point before; two (n,)
    arrays."""
    energies, volumes = [], []
    for parameter in parameters:
        found = minimize_scalar(
            lambda v, parameter=parameter: energies_per_atom(calculator, [make_cell(element, parameter, v)])[0],
            bounds=(0.85 * volume, 1.2 * volume),
            method="bounded",
            options={"xatol": 1e-4},
        )
        volume = float(found.x)
        energies.append(float(found.fun))
        volumes.append(volume)
    return np.array(energies), np.array(volumes)


def bain(crystal, quick=False, tick=None):
    """Bain and trigonal path of an fcc crystal, these and Burgers' of a bcc crystal, Burgers' of an hcp crystal.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        Fewer points.
    tick : callable, optional
        Called between the paths.

    Returns
    -------
    dict
        values {bain_path_maximum, trigonal_path_maximum, burgers_path_maximum (meV/atom above the crystal, between the
        two structures)}, warnings, and arrays, of the first path c_over_a, bain_energy (meV/atom), bain_volume
        (A^3/atom), of the second angle (degrees), trigonal_energy, trigonal_volume, of the third burgers_share,
        burgers_energy, burgers_volume.

    Raises
    ------
    InputError
        If no such path leads away from the crystal's structure.
    """
    found = {"values": {}, "warnings": {}}
    if crystal.structure not in ("fcc", "bcc", "hcp"):
        raise InputError(
            f"the Bain, trigonal and Burgers paths join fcc, bcc and hcp: none leads away from {crystal.described}"
        )
    start, bcc, fcc = crystal.volume, 1.0, np.sqrt(2.0)
    if crystal.structure in ("fcc", "bcc"):
        # from fcc both ways, so that each relaxation starts next to a relaxed point
        upward = np.linspace(fcc, 1.7, 4 if quick else 9)
        downward = np.concatenate(
            [np.linspace(fcc, bcc, 9 if quick else 17), np.linspace(bcc, 0.85, 4 if quick else 7)[1:]]
        )
        c_over_a, energy, volume = _both_ways(crystal, tetragonal_cell, downward, upward, start)
        _add(found, crystal, "bain", ("c_over_a", c_over_a, "c/a"), energy, volume, (bcc, fcc))
        if tick:
            tick()
        sharper = np.linspace(60.0, 52.0, 3 if quick else 6)
        flatter = np.concatenate(
            [np.linspace(60.0, 90.0, 9 if quick else 25), np.linspace(90.0, BCC_ANGLE, 5 if quick else 13)[1:], [112.0]]
        )
        angle, energy, volume = _both_ways(crystal, trigonal_cell, sharper, flatter, start)
        _add(found, crystal, "trigonal", ("angle", angle, "degrees"), energy, volume, (60.0, BCC_ANGLE))
    if crystal.structure in ("bcc", "hcp"):
        if tick:
            tick()
        share = np.linspace(0.0, 1.0, 9 if quick else 21)
        energy, volume = path_energies(crystal.calculator, crystal.element, burgers_cell, share, start)
        energy = 1e3 * (energy - crystal.energy)
        _add(found, crystal, "burgers", ("burgers_share", share, "of the way"), energy, volume, (0.0, 1.0))
    return found


def _add(found, crystal, path, parameter, energy, volume, ends):
    """Put a path into what `bain` returns: its highest point between the two structures, its arrays, and a warning if
    it falls below the crystal."""
    key, values, unit = parameter
    between = (values >= ends[0] - 1e-9) & (values <= ends[1] + 1e-9)
    name = f"{path}_path_maximum"
    found["values"][name] = float(energy[between].max())
    k = int(np.argmin(energy))
    if energy[k] < -0.5:
        found["warnings"][name] = (
            f"wrong ground state: the path falls {-energy[k]:.1f} meV/atom below {crystal.described} at "
            f"{values[k]:.2f} {unit}"
        )
    found |= {key: values.tolist(), f"{path}_energy": energy.tolist(), f"{path}_volume": volume.tolist()}


def _both_ways(crystal, make_cell, down, up, volume):
    low, low_volume = path_energies(crystal.calculator, crystal.element, make_cell, down, volume)
    high, high_volume = path_energies(crystal.calculator, crystal.element, make_cell, up[1:], volume)
    energy = 1e3 * (np.concatenate([low[::-1], high]) - crystal.energy)
    return np.concatenate([down[::-1], up[1:]]), energy, np.concatenate([low_volume[::-1], high_volume])
