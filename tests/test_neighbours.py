"""Pairs of atoms against ASE's own list, in cells of every kind."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.neighborlist import primitive_neighbor_list

from srlab.errors import InputError
from srlab.neighbours import VerletList, neighbour_pairs, pairs_within

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


def both_ways(i, j, r, d):
    """Pairs in both their orders, sorted: what they are compared by."""
    pairs = np.column_stack([np.r_[i, j], np.r_[j, i], np.r_[r, r], np.vstack([d, -d])])
    return pairs[np.lexsort(np.round(pairs, 8).T[::-1])]


def check_half(half, atoms, cutoff):
    i, j, r, d = neighbour_pairs(atoms, cutoff)
    found, expected = both_ways(*half), both_ways(i, j, r, d)[::2]  # each was there in both orders already
    assert len(found) == len(expected) == 2 * len(half[0])
    np.testing.assert_allclose(found, expected, atol=1e-11)


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("cutoff", [1.5, 3.0, 6.5])
def test_half_of_the_pairs_are_all_of_them(name, cutoff):
    atoms = STRUCTURES[name]
    for skin in (0.0, 0.5):
        check_half(VerletList(cutoff, skin).half_pairs(atoms), atoms, cutoff)


@pytest.fixture
def builds(monkeypatch):
    """Counts how often pairs are searched for."""
    found = []
    search = VerletList._find

    def counted(self, atoms):
        found.append(len(atoms))
        search(self, atoms)

    monkeypatch.setattr(VerletList, "_find", counted)
    return found


@pytest.mark.parametrize("name", ["one atom", "sheared", "slab", "molecule", "wire"])
def test_a_kept_list_follows_moving_atoms(name, builds):
    """A walk of sixty steps, out of the cell at times, has the pairs of each moment; they are searched for only when
    an atom has come half a skin from where it was."""
    atoms, pairs = STRUCTURES[name].copy(), VerletList(3.0, 0.6)
    random = np.random.default_rng(2)
    drift = random.normal(0.0, 0.02, (len(atoms), 3))
    for _ in range(60):
        atoms.positions += drift + random.uniform(-0.01, 0.01, (len(atoms), 3))
        if neighbour_pairs(atoms, 3.0)[2].min(initial=9.0) < 0.5:
            drift = -drift
        check_half(pairs.half_pairs(atoms), atoms, 3.0)
    assert 2 <= len(builds) <= 20
    atoms.positions += random.normal(0.0, 0.05, (len(atoms), 3))
    atoms.wrap()  # a lattice vector is a long way
    check_half(pairs.half_pairs(atoms), atoms, 3.0)


def test_a_kept_list_follows_a_strained_cell(builds):
    """Atoms that follow the strain have not moved; a cell that shrinks brings pairs in."""
    atoms, pairs = bulk("Cu", "hcp", a=2.5, c=4.1).repeat((3, 1, 2)), VerletList(4.0, 0.5)
    atoms.rattle(0.02, seed=1)
    random = np.random.default_rng(5)
    for _ in range(40):
        strain = np.eye(3) + random.normal(0.0, 0.004, (3, 3)) - 0.005 * np.eye(3)
        atoms.set_cell(atoms.cell.array @ strain, scale_atoms=True)
        check_half(pairs.half_pairs(atoms), atoms, 4.0)
    assert 2 <= len(builds) <= 20
    atoms.set_cell(1.01 * atoms.cell.array)  # the atoms stay behind
    check_half(pairs.half_pairs(atoms), atoms, 4.0)
    slab, count = STRUCTURES["slab"].copy(), len(builds)
    for scale in (1.0, 0.99, 0.97):  # strained slabs are looked through anew
        slab.set_cell(scale * slab.cell.array, scale_atoms=True)
        check_half(pairs.half_pairs(slab), slab, 4.0)
    assert len(builds) == count + 3


def test_one_list_takes_any_structure_after_any_other():
    pairs = VerletList(3.0)
    for name in [*STRUCTURES, *STRUCTURES]:
        check_half(pairs.half_pairs(STRUCTURES[name]), STRUCTURES[name], 3.0)
    atoms = fcc111("Cu", (2, 2, 4), vacuum=8.0)
    for pbc in (True, (True, False, True), False, True):
        atoms.pbc = pbc
        check_half(pairs.half_pairs(atoms), atoms, 3.0)


def test_a_kept_list_refuses_what_a_new_one_refuses():
    pairs, atoms = VerletList(3.0, 2.5), Atoms("Cu3", [[0, 0, 0], [2, 0, 0], [0, 2, 0]])
    pairs.half_pairs(atoms)
    atoms.positions[1, 0] = 0.95
    atoms.positions[2] = [0.95, 0.05, 0.0]
    with pytest.raises(InputError, match="atoms 1 and 2 .* overlap"):
        pairs.half_pairs(atoms)
    atoms.positions[1] = np.nan
    with pytest.raises(InputError, match="not finite"):
        pairs.half_pairs(atoms)
    atoms.positions[1] = [0, 0, 2.0]
    check_half(pairs.half_pairs(atoms), atoms, 3.0)
