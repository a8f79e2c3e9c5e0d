"""Pairs of atoms against ASE's own list, in cells of every kind."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.neighborlist import primitive_neighbor_list

from srlab.neighbours import neighbour_pairs, pairs_within

STRUCTURES = {
    "one atom": bulk("Cu"), "sheared": bulk("Cu", "hcp", a=2.5, c=4.1).repeat((3, 1, 2)), "slab": fcc111("Cu", (2, 2, 4), vacuum=8.0), "molecule": molecule("C6H6"),
    "free atom": Atoms("Cu"), "wire": Atoms("Cu2", [[0, 0, 0], [1.2, 0.3, 0]], cell=[2.4, 0, 0], pbc=[True, False, False]),
}


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("cutoff", [1.5, 3.0, 6.5])
def test_the_pairs_are_those_of_ase(name, cutoff):
    atoms = STRUCTURES[name]
    i, j, r, d = pairs_within(atoms, cutoff)
    first, second, distance = primitive_neighbor_list("ijd", atoms.pbc, atoms.cell.complete().array, atoms.positions, cutoff)
    assert sorted(zip(i, j, np.round(r, 9))) == sorted(zip(first, second, np.round(distance, 9)))
    assert np.allclose(np.linalg.norm(d, axis=1), r) if len(r) else d.shape == (0, 3)


@pytest.mark.parametrize("span", [1e3, 1e5, 1e8])
def test_an_empty_cell_costs_no_memory(span, recwarn):
    """A mistyped coordinate must not fill the memory with empty boxes."""
    i, j, r, _ = pairs_within(Atoms("Cu3", [[0, 0, 0], [1, 0, 0], [span, span, span]]), 1.2)
    assert sorted(zip(i, j)) == [(0, 1), (1, 0)] and r == pytest.approx([1, 1]) and not recwarn.list
    slab = Atoms("Cu", cell=[2.5, 2.5, span], pbc=True)
    assert len(neighbour_pairs(slab, 3.0)[0]) == 4
