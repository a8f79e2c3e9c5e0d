"""Other crystal structures beside the crystal: fcc, hcp, bcc, dhcp, simple cubic, A15 and diamond, each relaxed in
volume (and c/a).

Library: `ase.build.bulk`, scipy.
"""

import numpy as np
from ase import Atoms
from ase.build import bulk
from scipy.optimize import minimize, minimize_scalar

from srlab.errors import InputError
from srlab.potentials.lattices import IDEAL
from srlab.validation.crystal import energies_per_atom

STRUCTURES = ("fcc", "hcp", "bcc", "dhcp", "sc", "a15", "diamond")
_SIZE = {
    "fcc": 1.0,
    "hcp": 1.0,
    "bcc": 1.0,
    "dhcp": 1.0,
    "sc": 1.15,
    "a15": 1.0,
    "diamond": 1.6,
}  # volume per atom over that of fcc, roughly


def polymorph(element, structure, volume, stretch=1.0):
    """A primitive cell of a structure.

    Parameters
    ----------
    element : str
    structure : str
        One of `STRUCTURES`.
    volume : float
        A^3/atom
    stretch : float
        c/a of hcp and dhcp over the ideal one.
    """
    if structure in ("fcc", "bcc", "sc", "diamond"):
        per_cell = {"fcc": 4, "bcc": 2, "sc": 1, "diamond": 8}[structure]
        return bulk(element, structure, (per_cell * volume) ** (1.0 / 3.0))
    if structure == "a15":
        a = (8.0 * volume) ** (1.0 / 3.0)
        sites = [
            (0, 0, 0),
            (0.5, 0.5, 0.5),
            (0.25, 0.5, 0),
            (0.75, 0.5, 0),
            (0, 0.25, 0.5),
            (0, 0.75, 0.5),
            (0.5, 0, 0.25),
            (0.5, 0, 0.75),
        ]
        return Atoms([element] * 8, scaled_positions=sites, cell=[a] * 3, pbc=True)
    letters = {"hcp": "AB", "dhcp": "ABAC"}.get(structure)
    if letters is None:
        raise InputError(f"there is no structure {structure!r}: choose one of {', '.join(STRUCTURES)}")
    height = stretch * np.sqrt(2.0 / 3.0)  # between layers, over the distance of neighbours in a layer
    a = (2.0 * volume / (np.sqrt(3.0) * height)) ** (1.0 / 3.0)
    shifts = {"A": (0.0, 0.0), "B": (1 / 3, 2 / 3), "C": (2 / 3, 1 / 3)}
    sites = [(*shifts[letter], k / len(letters)) for k, letter in enumerate(letters)]
    cell = [[a, 0, 0], [-a / 2, a * np.sqrt(3.0) / 2, 0], [0, 0, len(letters) * height * a]]
    return Atoms([element] * len(letters), scaled_positions=sites, cell=cell, pbc=True)


def relaxed_polymorph(crystal, structure):
    """Volume (A^3/atom), stretch of c/a and energy (eV/atom) of the nearest minimum to a likely volume.

    Raises
    ------
    InputError
        If there is no minimum between 0.7 and 2.5 times the likely volume of fcc.
    """
    start = crystal.volume / _SIZE.get(crystal.structure, 1.0)

    def energy(volume, stretch=1.0):
        return float(energies_per_atom(crystal.calculator, [polymorph(crystal.element, structure, volume, stretch)])[0])

    volumes = start * np.linspace(0.7, 2.5, 46)
    scan = np.array([energy(v) for v in volumes])
    minima = [k for k in range(1, len(scan) - 1) if scan[k] < scan[k - 1] and scan[k] <= scan[k + 1]]
    if not minima:
        raise InputError(
            f"{structure} has no minimum between {volumes[0]:.1f} and {volumes[-1]:.1f} A^3/atom with {crystal.name}"
        )
    k = min(minima, key=lambda index: abs(volumes[index] - start * _SIZE[structure]))
    found = minimize_scalar(energy, bounds=(volumes[k - 1], volumes[k + 1]), method="bounded", options={"xatol": 1e-6})
    if structure not in ("hcp", "dhcp"):
        return float(found.x), 1.0, float(found.fun)
    both = minimize(
        lambda x: energy(x[0] * found.x, x[1]),
        [1.0, 1.0],
        method="Nelder-Mead",
        bounds=[(0.9, 1.1), (0.85, 1.2)],
        options={"xatol": 1e-5, "fatol": 1e-8, "initial_simplex": [[1.0, 1.0], [1.005, 1.0], [1.0, 1.01]]},
    )
    return float(both.x[0] * found.x), float(both.x[1]), float(both.fun)


def polymorphs(crystal, quick=False, tick=None):
    """Energies of the other structures against the crystal's, and their volumes.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        fcc, bcc and hcp only.
    tick : callable, optional
        Called after each structure.

    Returns
    -------
    dict
        values {energy_bcc_fcc ... of a crystal that is fcc, energy_fcc_bcc ... of one that is bcc (meV/atom)},
        warnings, structures {name: {energy (meV/atom against the crystal), volume (A^3/atom), c_over_a}}, order (names
        by energy).
    """
    own = crystal.structure
    structures = {
        own: {
            "energy": 0.0,
            "volume": crystal.volume,
            "c_over_a": crystal.c_over_a if own == "hcp" else None,
        }
    }
    values, warnings = {}, {}
    for structure in ("hcp", "bcc", "fcc") if quick else STRUCTURES:
        if structure == own:
            continue
        name = f"energy_{structure}_{own}"
        try:
            volume, stretch, energy = relaxed_polymorph(crystal, structure)
        except InputError as error:
            values[name], warnings[name] = None, str(error)
            continue
        ideal = {"hcp": IDEAL, "dhcp": 2.0 * IDEAL}.get(structure)
        difference = 1e3 * (energy - crystal.energy)
        structures[structure] = {
            "energy": difference,
            "volume": volume,
            "c_over_a": None if ideal is None else float(stretch * ideal),
        }
        values[name] = difference
        if difference < 0.0:
            warnings[name] = f"wrong ground state: {structure} is {-difference:.1f} meV/atom below {crystal.described}"
        if tick:
            tick()
    return {
        "values": values,
        "warnings": warnings,
        "structures": structures,
        "order": sorted(structures, key=lambda s: structures[s]["energy"]),
    }
