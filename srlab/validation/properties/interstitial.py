"""Self-interstitials: (100) dumbbell, octahedral and tetrahedral. Library: ASE (L-BFGS)."""

import numpy as np
from ase import Atom

from srlab.errors import InputError
from srlab.validation.properties.defects import bulk_modulus, formation_energy, host, require_stable

SITES = ("dumbbell", "octahedral", "tetrahedral")


def interstitial_cell(crystal, site, repeat=4):
    """A supercell with one atom too many at a site (one of `SITES`), not relaxed."""
    a = crystal.lattice_constant
    atoms = host(crystal, repeat)
    if site == "dumbbell":
        half = np.array([0.3 * a, 0.0, 0.0])  # relaxed copper dumbbells are about 0.6 a0 long
        atoms.append(Atom(crystal.element, atoms.positions[0] + half))
        atoms.positions[0] -= half
    else:
        offset = {"octahedral": [0.5, 0.0, 0.0], "tetrahedral": [0.25, 0.25, 0.25]}[site]
        atoms.append(Atom(crystal.element, atoms.positions[0] + a * np.array(offset)))
    return atoms


def interstitial(crystal, quick=False, repeat=4, tick=None):
    """Formation energies of interstitials at zero pressure.

    The octahedral and tetrahedral sites are not minima in copper; relaxing from the ideal site keeps its symmetry, and that is what is reported.

    Parameters
    ----------
    crystal : Crystal
    quick : bool
        The dumbbell only, in a 3x3x3 supercell if that is large enough.
    repeat : int
        Conventional cells along each edge.
    tick : callable, optional
        Called after each site.

    Returns
    -------
    dict
        values {interstitial_dumbbell_energy, interstitial_octahedral_energy, interstitial_tetrahedral_energy (eV)}, warnings, atoms.

    Raises
    ------
    InputError
        If the crystal is unstable or the supercell too small.
    """
    require_stable(crystal)
    if quick and 3 * crystal.lattice_constant > max(9.0, crystal.reach):
        repeat = 3
    host(crystal, repeat)  # too small a supercell is refused for all sites, a hole for one
    modulus = bulk_modulus(crystal)
    values, warnings = {}, {}
    for site in SITES[:1] if quick else SITES:
        name = f"interstitial_{site}_energy"
        try:
            values[name], _, converged = formation_energy(
                crystal, interstitial_cell(crystal, site, repeat), modulus, fmax=5e-3
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
    return {"values": values, "warnings": warnings, "atoms": 4 * repeat**3}
