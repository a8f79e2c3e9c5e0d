"""The pair table: every pair once, images included, and nothing that is not there."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from matscipy.neighbours import neighbour_list

from srlab.errors import InputError
from srlab.fitting.pair_table import PairTable


def test_every_pair_stands_once():
    frames = [bulk("Cu", "fcc", 3.6), bulk("Cu", "fcc", 3.6, cubic=True), bulk("Cu", "bcc", 2.9)]
    table = PairTable.build(frames, 6.0)
    for number, atoms in enumerate(frames):
        full = neighbour_list("d", atoms, 6.0)
        half = table.distance[table.pair_start[number] : table.pair_start[number + 1]]
        assert 2 * len(half) == len(full)
        np.testing.assert_allclose(np.sort(np.repeat(half, 2)), np.sort(full), atol=1e-9)


def test_an_atom_sees_its_own_images():
    table = PairTable.build([bulk("Cu", "fcc", 3.6)], 2.6)
    assert table.n_pairs == 6 and (table.i == table.j).all()  # 12 nearest neighbours, each pair once


def test_the_grid_spans_the_data_and_interpolation_positions_are_inside():
    table = PairTable.build([bulk("Cu", "fcc", 3.6, cubic=True)], 6.0)
    assert table.grid[0] < table.distance.min() and table.grid[-1] == pytest.approx(6.0)
    assert (np.diff(table.grid) > 0).all()
    assert (table.weight > -1e-9).all() and (table.weight < 1 + 1e-9).all()
    inverse = 1 / table.grid[table.bin] + table.weight * (1 / table.grid[table.bin + 1] - 1 / table.grid[table.bin])
    np.testing.assert_allclose(1 / inverse, table.distance, rtol=1e-9)


def test_molecules_without_a_cell():
    table = PairTable.build([Atoms("Cu2", positions=[[0, 0, 0], [2.2, 0, 0]])], 6.0)
    assert table.n_pairs == 1 and table.distance[0] == pytest.approx(2.2)
    assert np.isnan(table.volumes[0])


def test_overlapping_atoms_are_named():
    clash = Atoms("Cu2", positions=[[0, 0, 0], [0.1, 0, 0]], cell=[5, 5, 5], pbc=True)
    with pytest.raises(InputError, match="frame 1 has atoms 0.10 A apart.*--min-distance"):
        PairTable.build([bulk("Cu"), clash], 6.0)


def test_nothing_to_fit():
    with pytest.raises(InputError, match="no frames"):
        PairTable.build([], 6.0)
    with pytest.raises(InputError, match="positive number"):
        PairTable.build([bulk("Cu")], 0.0)
