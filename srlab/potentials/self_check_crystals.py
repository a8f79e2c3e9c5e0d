"""Small rattled crystals for self-checks."""

import numpy as np

from srlab.potentials.equilibrium import equilibrium
from srlab.potentials.lattices import conventional_cell, touching_distance


def covalent_lattice_constant(element):
    """fcc lattice constant (angstrom) whose neighbours touch at their covalent radii: the scale to go by where a
    potential has none."""
    return float(np.sqrt(2.0) * touching_distance(element))


def rattled_crystal(potential, crystal=None, repeat=1, seed=0, amplitude=0.1, scale=1.0, shear=0.03):
    """A conventional cell of a potential's crystal, repeated, scaled, sheared at random and rattled.

    Parameters
    ----------
    potential : Potential
    crystal : Equilibrium, optional
        Its crystal, where that is known already.
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
    crystal = crystal or equilibrium(potential)
    cell = conventional_cell(potential.element, crystal.structure, scale * crystal.lattice_constant)
    atoms = cell.repeat(repeat)
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + shear * random.normal(size=(3, 3))), scale_atoms=True)
    atoms.positions += amplitude * random.normal(size=atoms.positions.shape)
    return atoms


def self_check_frames(potential, crystal=None):
    """Three frames far apart, of a potential's crystal (an `Equilibrium`, if it is known already): a small sheared
    cell, a compressed one, and an expanded block with a vacancy."""
    crystal = crystal or equilibrium(potential)
    small = rattled_crystal(potential, crystal, seed=1)
    dense = rattled_crystal(potential, crystal, seed=2, scale=0.92, amplitude=0.05)
    vacancy = rattled_crystal(potential, crystal, repeat=2, seed=3, scale=1.03, amplitude=0.15)
    del vacancy[5]
    return [small, dense, vacancy]
