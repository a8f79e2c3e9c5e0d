"""What vacancies and interstitials share: the supercell, and the energy of a relaxed defect at zero pressure."""

import numpy as np
from ase.geometry import find_mic

from srlab.errors import InputError
from srlab.validation.crystal import check_supercell, relax, stresses
from srlab.validation.properties.elastic import born_violations, crystal_constants

WIDTH, LEAST = 14.0, 9.0
"""Angstrom between opposite faces of a supercell, by default and at least: below the latter the strain fields of a
defect and its images change the energy by more than 0.05 eV."""


def host(crystal, repeats=None, quick=False, least=LEAST):
    """The perfect supercell for a defect, and its size checked: images must not reach each other through one atom
    between them.

    Parameters
    ----------
    crystal : Crystal
    repeats : int or three of them, optional
        Conventional cells along each edge. Default: as many as make `WIDTH`; `LEAST` with `quick`.
    least : float
        The least width where the reach of the potential asks for no more, angstrom.

    Raises
    ------
    InputError
        If the supercell is too small.
    """
    repeats = repeats or crystal.repeats(max(least if quick else WIDTH, crystal.reach) + 1e-6)
    check_supercell(crystal, repeats, max(least, crystal.reach))
    return crystal.conventional(repeats)


def formation_energy(crystal, defect, bulk_modulus, fmax=2e-3):
    """Relax a defect in a fixed cell and give its formation energy at zero pressure.

    The elastic energy stored because the cell could not relax, P^2 V / 2 B, is taken off.

    Parameters
    ----------
    crystal : Crystal
    defect : ase.Atoms
    bulk_modulus : float
        eV/A^3

    Returns
    -------
    energy : float, eV
    relaxed : ase.Atoms
    converged : bool
    """
    relaxed, converged = relax(defect, crystal.calculator, fmax)
    pressure = -float(relaxed.get_stress()[:3].mean())
    stored = pressure**2 * relaxed.get_volume() / (2.0 * bulk_modulus)
    return float(relaxed.get_potential_energy() - len(relaxed) * crystal.energy - stored), relaxed, converged


def bulk_modulus(crystal):
    """Bulk modulus in eV/A^3 from the stress of two slightly strained cells."""
    step = 1e-3
    tension = stresses(crystal.calculator, [crystal.primitive(1.0 + sign * step) for sign in (1.0, -1.0)])
    return float((tension[0] - tension[1])[:3].mean() / (6.0 * step))


def require_stable(crystal):
    """Raise an InputError if the crystal is unstable: a defect in it, or its melting, would have no meaning.

    The Born criteria see long waves only; for the others a rattled crystal is relaxed, which must not end below the
    perfect one.
    """
    violations = born_violations(crystal_constants(crystal))
    if violations:
        raise InputError(f"{crystal.name}: {violations[0]}, so this property has no meaning")
    atoms = crystal.conventional(crystal.repeats(10.0 if crystal.potential is not None else 7.0))
    atoms.rattle(0.05, seed=1)
    relaxed, _ = relax(atoms, crystal.calculator, fmax=0.01, steps=60)
    gain = len(relaxed) * crystal.energy - relaxed.get_potential_energy()
    if gain > 0.02:
        raise InputError(
            f"{crystal.name}: unstable crystal: a rattled {crystal.described} crystal relaxes to "
            f"{1e3 * gain / len(relaxed):.1f} meV/atom below the perfect one,"
            " so this property has no meaning"
        )


def nearest(atoms, point, count):
    """Indices of the `count` atoms nearest to a point (angstrom), periodic images included."""
    vectors, _ = find_mic(atoms.positions - np.asarray(point), atoms.cell, atoms.pbc)
    return np.argsort(np.round(np.linalg.norm(vectors, axis=1), 6), kind="stable")[:count]
