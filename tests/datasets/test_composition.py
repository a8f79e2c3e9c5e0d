"""Energies are compared within a composition, whatever the size of the cell."""

import numpy as np
from ase import Atoms
from ase.build import bulk

from srlab.datasets.composition import composition, energies_above, lowest_energies


def test_a_supercell_has_the_composition_of_its_cell():
    assert composition(bulk("Cu", cubic=True)) == composition(bulk("Cu").repeat(3)) == ((29, 1),)
    assert composition(Atoms("Cu2Al4")) == composition(Atoms("Al2Cu")) == ((13, 2), (29, 1))
    assert composition(Atoms("CuAl")) != composition(Atoms("CuAl2"))


def test_energies_are_measured_from_the_lowest_of_the_composition():
    frames = [Atoms(symbols) for symbols in ("Cu2", "Cu4", "CuAl", "AlCuAlCu", "Al")]
    energies = [-6.0, -13.6, -4.0, -10.0, -1.0]
    lowest = lowest_energies(frames, energies)
    np.testing.assert_allclose(energies_above(frames, energies, lowest), [0.4, 0.0, 0.5, 0.0, 0.0])
    # a frame that is lower than what is known, or of another composition, is no higher than the lowest
    others = [Atoms("Cu"), Atoms("Al3Cu")]
    np.testing.assert_array_equal(energies_above(others, [-3.6, -36.0], lowest), [0.0, 0.0])
