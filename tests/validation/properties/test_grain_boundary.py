import numpy as np
import pytest

from srlab.neighbours import neighbour_pairs
from srlab.validation.properties.bicrystal import BOUNDARIES, Boundary, bicrystal, grain, shortest_period, single_grain
from srlab.validation.properties.grain_boundary import grain_boundary, grain_boundary_cells, lowest_boundary


def test_periods_are_lattice_vectors():
    assert shortest_period((0, 0, 1)) == 1.0
    assert shortest_period((1, -1, 0)) == pytest.approx(np.sqrt(0.5))
    assert shortest_period((1, -3, 0)) == pytest.approx(np.sqrt(10) / 2)
    assert shortest_period((1, 1, -1)) == pytest.approx(np.sqrt(3))
    assert shortest_period((1, 1, -1), "bcc") == pytest.approx(np.sqrt(3) / 2)
    assert shortest_period((1, -1, 0), "bcc") == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=lambda b: b.name)
def test_a_grain_is_an_fcc_crystal(boundary):
    cell, positions = grain(boundary, 3.6, 25.0)
    slab = single_grain("Cu", cell, positions)
    i, _, r, _ = neighbour_pairs(slab, 3.0)
    middle = np.abs(slab.positions[:, 2] - slab.positions[:, 2].mean()) < 5.0
    assert middle.any() and set(np.bincount(i, minlength=len(slab))[middle]) == {12}
    assert r.min() == pytest.approx(3.6 / np.sqrt(2)) and np.ptp(r) < 1e-6


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=lambda b: b.name)
def test_a_bcc_grain_is_a_bcc_crystal(boundary):
    cell, positions = grain(boundary, 2.86, 25.0, "bcc")
    slab = single_grain("Fe", cell, positions)
    i, _, r, _ = neighbour_pairs(slab, 2.6)
    middle = np.abs(slab.positions[:, 2] - slab.positions[:, 2].mean()) < 5.0
    assert middle.any() and set(np.bincount(i, minlength=len(slab))[middle]) == {8}
    assert len(positions) / (np.prod(cell) * 25.0) == pytest.approx(2 / 2.86**3, rel=0.1)


def test_merging_leaves_no_close_pairs():
    cell, positions = grain(BOUNDARIES[1], 3.6, 15.0)
    shared = bicrystal("Cu", cell, positions, (0.0, 0.0), 0.1)  # the mirror plane holds atoms of both grains
    assert len(shared) == 2 * len(positions) - np.sum(positions[:, 2] > -0.01)
    atoms = bicrystal("Cu", cell, positions, (0.3, 0.0), 2.0)
    assert neighbour_pairs(atoms, 4.0)[2].min() > 1.2


def test_mishin_sigma_5(mishin):
    """Suzuki and Mishin 2003 and Cahn, Mishin and Suzuki 2006 give 0.951 and 0.905 J/m2 for (210) and (310) with this
    potential."""
    energy, atoms, converged, tried = lowest_boundary(mishin, BOUNDARIES[1])
    assert energy == pytest.approx(0.951, abs=0.01) and converged
    assert tried == sorted(tried)
    assert lowest_boundary(mishin, BOUNDARIES[2])[0] == pytest.approx(0.905, abs=0.01)


def test_coherent_twin_is_half_a_stacking_fault(mishin):
    energy, *_ = lowest_boundary(mishin, Boundary(3, (1, 1, 1), (1, -1, 0)), shifts=(3, 1))
    assert energy == pytest.approx(0.0222, abs=0.001)


def test_quick_is_one_boundary(mishin):
    assert list(grain_boundary(mishin, quick=True)["values"]) == ["grain_boundary_energy_sigma5_210"]


@pytest.mark.parametrize("shift", [(1, 0), (2, 1), (1, 1)])
def test_opposite_shifts_are_one_boundary(mishin, shift):
    """Upside down it is the same bicrystal, so that of two opposite shifts one is tried."""
    cell, positions = grain(BOUNDARIES[3], mishin.lattice_constant, 25.0)
    energies = []
    for sign in (1, -1):
        atoms = bicrystal("Cu", cell, positions, (sign * shift[0] / 6, sign * shift[1] / 2), 2.0)
        atoms.calc = mishin.calculator
        energies.append(atoms.get_potential_energy())
    assert energies[0] == pytest.approx(energies[1], abs=1e-9)
    starts, _ = grain_boundary_cells(mishin, BOUNDARIES[3])
    assert 8 <= len(starts) <= 16  # two densities of eight shifts, of twelve
