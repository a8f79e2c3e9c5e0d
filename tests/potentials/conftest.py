"""Structures and files the tests of potentials share."""

import numpy as np
import pytest
from ase.build import bulk


@pytest.fixture
def rattled():
    """A 4-atom copper cell, rattled and sheared: smaller than every cutoff, no symmetry left."""
    atoms = bulk("Cu", "fcc", 3.62, cubic=True)
    atoms.rattle(0.1, seed=1)
    strain = 0.03 * np.random.default_rng(0).normal(size=(3, 3))
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + strain), scale_atoms=True)
    return atoms
