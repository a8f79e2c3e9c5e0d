"""Small rattled crystals for self-checks."""

import numpy as np
from ase.build import bulk

from srlab.potentials.equilibrium import lattice_constant
from srlab.potentials.lattices import touching_distance


def covalent_lattice_constant(element):
    """fcc lattice constant (angstrom) whose neighbours touch at their covalent radii: the scale to go by where a
    potential has none."""
    return float(np.sqrt(2.0) * touching_distance(element))


def reference_lattice_constant(potential):
    """The potential's fcc lattice constant, or one from covalent radii where the potential has no fcc minimum
    (angstrom)."""
    return lattice_constant(potential) or covalent_lattice_constant(potential.element)


def rattled_fcc(potential, repeat=1, seed=0, amplitude=0.1, scale=1.0, shear=0.03):
    """A conventional fcc cell, repeated, scaled, sheared at random and rattled.

    Parameters
    ----------
    potential : Potential
    repeat : int
        Cells along each direction.
    seed : int
    amplitude : float
        Standard deviation of the displacements, angstrom.
    scale : float
        Factor on the equilibrium lattice constant.
    shear : float
        Standard deviation of the strain components.

    Returns
    -------
    ase.Atoms
    """
    random = np.random.default_rng(seed)
    atoms = bulk(potential.element, "fcc", scale * reference_lattice_constant(potential), cubic=True) * repeat
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + shear * random.normal(size=(3, 3))), scale_atoms=True)
    atoms.positions += amplitude * random.normal(size=atoms.positions.shape)
    return atoms


def self_check_frames(potential):
    """Three frames far apart: a small sheared cell, a compressed one, and an expanded block with a vacancy."""
    small = rattled_fcc(potential, repeat=1, seed=1)
    dense = rattled_fcc(potential, repeat=1, seed=2, scale=0.92, amplitude=0.05)
    vacancy = rattled_fcc(potential, repeat=2, seed=3, scale=1.03, amplitude=0.15)
    del vacancy[5]
    return [small, dense, vacancy]
