"""Self-interstitials: dumbbells along the usual directions, and atoms at the usual sites between the others. Library:
ASE (L-BFGS)."""

import numpy as np
from ase import Atom

from srlab.errors import InputError
from srlab.validation.properties.defects import bulk_modulus, formation_energy, host, require_stable

THIRD = 1.0 / 3.0
SITES = {
    "fcc": {
        "interstitial_dumbbell_energy": ("dumbbell", (1.0, 0.0, 0.0), 0.3),
        "interstitial_octahedral_energy": ("site", (0.5, 0.0, 0.0)),
        "interstitial_tetrahedral_energy": ("site", (0.25, 0.25, 0.25)),
    },
    "bcc": {
        "interstitial_dumbbell_110_energy": ("dumbbell", (1.0, 1.0, 0.0), 0.37),
        "interstitial_dumbbell_111_energy": ("dumbbell", (1.0, 1.0, 1.0), 0.37),
        "interstitial_dumbbell_100_energy": ("dumbbell", (1.0, 0.0, 0.0), 0.37),
        "interstitial_octahedral_energy": ("site", (0.5, 0.0, 0.0)),
        "interstitial_tetrahedral_energy": ("site", (0.5, 0.25, 0.0)),
    },
    "hcp": {
        "interstitial_octahedral_energy": ("site", (2 * THIRD, THIRD, 0.25)),
        "interstitial_basal_octahedral_energy": ("site", (2 * THIRD, THIRD, 0.0)),
        "interstitial_dumbbell_0001_energy": ("dumbbell", (0.0, 0.0, 1.0), 0.4),
    },
    "diamond": {
        "interstitial_dumbbell_110_energy": ("dumbbell", (1.0, 1.0, 0.0), 0.22),
        "interstitial_hexagonal_energy": ("site", (0.625, 0.625, 0.625)),
        "interstitial_tetrahedral_energy": ("site", (0.5, 0.5, 0.5)),
    },
}
"""Property: a dumbbell along a direction with half its length in lattice constants a, or a site in units of the edges
of the conventional cell, from an atom."""


def interstitial_cell(perfect, place, edges, lattice_constant):
    """A supercell with one atom too many, not relaxed.

    Parameters
    ----------
    perfect : ase.Atoms
        The supercell.
    place : tuple
        One of `SITES`.
    edges : (3, 3) array
        Of the conventional cell, angstrom.
    lattice_constant : float
        angstrom
    """
    atoms = perfect.copy()
    symbol, origin = atoms.symbols[0], perfect.positions[0]
    if place[0] == "dumbbell":
        _, direction, half_length = place
        half = half_length * lattice_constant * np.array(direction) / np.linalg.norm(direction)
        atoms.append(Atom(symbol, origin + half))
        atoms.positions[0] -= half
    else:
        atoms.append(Atom(symbol, origin + np.array(place[1]) @ edges))
    return atoms


def interstitial(crystal, quick=False, repeats=None, tick=None):
    """Formation energies of interstitials at zero pressure.

    Sites that are not minima keep their symmetry when they are relaxed from the ideal place, and that is what is
    reported.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        The first of `SITES` only, in a supercell of 9 A instead of 14 if that is large enough.
    repeats : int or three of them, optional
        Conventional cells along each edge.
    tick : callable, optional
        Called after each site.

    Returns
    -------
    dict
        values {those of `SITES` (eV)}, warnings, atoms.

    Raises
    ------
    InputError
        If the crystal is unstable or the supercell too small, or its structure has no usual sites.
    """
    if crystal.structure not in SITES:
        raise InputError(
            f"which interstitials are usual in {crystal.described} is not known: fcc, bcc, hcp and diamond have theirs"
        )
    require_stable(crystal)
    perfect = host(crystal, repeats, quick)  # too small a supercell is refused for all sites, a hole for one
    modulus, edges = bulk_modulus(crystal), crystal.conventional().cell.array
    values, warnings = {}, {}
    for name, place in list(SITES[crystal.structure].items())[: 1 if quick else None]:
        try:
            values[name], _, converged = formation_energy(
                crystal, interstitial_cell(perfect, place, edges, crystal.lattice_constant), modulus, fmax=5e-3
            )
        except InputError as error:
            values[name], warnings[name] = None, str(error)
            continue
        if values[name] < 0.0:
            warnings[name] = "unstable crystal: it gains energy by taking up atoms"
        elif not converged:
            warnings[name] = "the relaxation did not converge"
        if tick:
            tick()
    return {"values": values, "warnings": warnings, "atoms": len(perfect)}
