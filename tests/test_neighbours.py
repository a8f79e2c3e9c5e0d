"""Pairs of atoms against ASE's own list, in cells of every kind."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.neighborlist import primitive_neighbor_list

from srlab.errors import InputError
from srlab.neighbours import neighbour_pairs, pairs_within

STRUCTURES = {
    "one atom": bulk("Cu"),
    "sheared": bulk("Cu", "hcp", a=2.5, c=4.1).repeat((3, 1, 2)),
    "slab": fcc111("Cu", (2, 2, 4), vacuum=8.0),
    "molecule": molecule("C6H6"),
    "free atom": Atoms("Cu"),
    "wire": Atoms("Cu2", [[0, 0, 0], [1.2, 0.3, 0]], cell=[2.4, 0, 0], pbc=[True, False, False]),
}


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("cutoff", [1.5, 3.0, 6.5])
def test_the_pairs_are_those_of_ase(name, cutoff):
    atoms = STRUCTURES[name]
    i, j, r, d = pairs_within(atoms, cutoff)
    first, second, distance = primitive_neighbor_list(
        "ijd", atoms.pbc, atoms.cell.complete().array, atoms.positions, cutoff
    )
    assert sorted(zip(i, j, np.round(r, 9))) == sorted(zip(first, second, np.round(distance, 9)))
    assert np.allclose(np.linalg.norm(d, axis=1), r) if len(r) else d.shape == (0, 3)


@pytest.mark.parametrize(
    "atoms", [Atoms("Cu3", [[0, 0, 0], [1, 0, 0], [1e4, 1e4, 1e4]]), Atoms("Cu", cell=[1e4, 1e4, 1e4], pbc=True)]
)
def test_an_empty_cell_costs_no_memory(atoms):
    """A mistyped coordinate must not fill the memory with empty boxes."""
    with pytest.raises(InputError, match=r"nearly empty, [13] atoms? in 1.0e\+12 cubic angstrom"):
        pairs_within(atoms, 3.0)


@pytest.mark.parametrize("place", [1e9, 1e300, np.nan])
def test_what_is_nowhere_is_said(place):
    with pytest.raises(InputError, match="angstrom from the origin: correct its position"):
        pairs_within(Atoms("Cu", [[place, 0, 0]], cell=[3, 3, 3], pbc=True), 3.0)


def test_flat_and_thin_cells():
    """Ten images of each atom and five and five of the other one within the cutoff."""
    plate = Atoms("Cu2", [[0, 0, 0], [0, 1, 0]], cell=[0.2, 5e3, 5e3], pbc=True)
    assert len(neighbour_pairs(plate, 1.1)[0]) == 2 * 10 + 2 * 5
    assert len(neighbour_pairs(Atoms("Cu", [[1e7, 0, -3e6]], cell=[2.5, 2.5, 1e4], pbc=True), 3.0)[0]) == 4
