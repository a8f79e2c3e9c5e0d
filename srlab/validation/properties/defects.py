"""What vacancies and interstitials share: the supercell, and the energy of a relaxed defect at zero pressure."""

import numpy as np
from ase.build import bulk
from ase.geometry import find_mic

from srlab.errors import InputError
from srlab.validation.crystal import relax, stresses, supercell_size
from srlab.validation.properties.elastic import born_violations, elastic_cells, elastic_constants


def host(crystal, repeat, width=9.0):
    """The perfect supercell for a defect, and its size checked: images must not reach each other through one atom between them.

    `width` (angstrom) is the least size where the reach of the potential asks for no more: below 9 A the strain fields of a defect and its images
    change the energy by more than 0.05 eV.

    Raises
    ------
    InputError
        If the supercell is too small.
    """
    supercell_size(crystal, repeat, max(width, crystal.reach))
    return crystal.conventional(repeat)


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
    cells = [bulk(crystal.element, "fcc", crystal.lattice_constant * (1.0 + sign * step)) for sign in (1.0, -1.0)]
    tension = stresses(crystal.calculator, cells)[:, :3].mean(axis=1)
    return float((tension[0] - tension[1]) / (6.0 * step))


def require_stable(crystal):
    """Raise an InputError if the crystal is unstable: a defect in it, or its melting, would have no meaning.

    The Born criteria see long waves only; for the others a rattled crystal is relaxed, which must not end below the perfect one.
    """
    constants = elastic_constants(
        stresses(crystal.calculator, elastic_cells(crystal.element, crystal.lattice_constant))
    )
    violations = born_violations(constants)
    if violations:
        raise InputError(f"{crystal.name}: {violations[0]}, so this property has no meaning")
    atoms = crystal.conventional(3 if crystal.potential is not None else 2)
    atoms.rattle(0.05, seed=1)
    relaxed, _ = relax(atoms, crystal.calculator, fmax=0.01, steps=60)
    gain = len(relaxed) * crystal.energy - relaxed.get_potential_energy()
    if gain > 0.02:
        raise InputError(
            f"{crystal.name}: unstable crystal: a rattled fcc crystal relaxes to {1e3 * gain / len(relaxed):.1f} meV/atom below the perfect one,"
            " so this property has no meaning"
        )


def nearest(atoms, point, count):
    """Indices of the `count` atoms nearest to a point (angstrom), periodic images included."""
    vectors, _ = find_mic(atoms.positions - np.asarray(point), atoms.cell, atoms.pbc)
    return np.argsort(np.round(np.linalg.norm(vectors, axis=1), 6), kind="stable")[:count]
