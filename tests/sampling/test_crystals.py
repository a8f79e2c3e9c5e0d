"""Crystalline structures are what their names say."""

import numpy as np
import pytest
from ase.neighborlist import neighbor_list

from srlab.datasets.checks import closest_pair
from srlab.sampling import crystals


def coordination(atoms, factor=1.1):
    nearest = closest_pair(atoms, 4.0)[0]
    return np.bincount(neighbor_list("i", atoms, factor * nearest), minlength=len(atoms))


@pytest.mark.parametrize("lattice, neighbours", [("fcc", 12), ("hcp", 12), ("bcc", 8), ("sc", 6)])
def test_equation_of_state_keeps_lattice_and_volume(lattice, neighbours):
    for atoms in crystals.equations_of_state((lattice,), volumes=(8.0, 12.0, 20.0)):
        assert (coordination(atoms) == neighbours).all()
    assert [
        atoms.get_volume() / len(atoms) for atoms in crystals.equations_of_state((lattice,), (8.0, 20.0))
    ] == pytest.approx([8, 20])


def test_stackings_are_close_packed():
    for sequence in ("ABC", "AB", "ABAC", "ABABCBCAC", "ABCACB"):
        assert (coordination(crystals.stacking(sequence)) == 12).all(), sequence


def test_shift_of_one_is_an_intrinsic_fault_and_of_a_half_is_not_close_packed():
    assert (coordination(crystals.stacking("ABC", shift=1.0)) == 12).all()
    assert (coordination(crystals.stacking("ABC", shift=0.5), 1.001) < 12).any()


def second_neighbours_like_hcp(atoms):
    """Pairs at sqrt(8/3) nearest distances exist in hcp and not in fcc."""
    nearest = closest_pair(atoms, 4.0)[0]
    return np.any(abs(neighbor_list("d", atoms, 1.7 * nearest) / nearest - np.sqrt(8 / 3)) < 1e-3)


def test_fcc_and_hcp_are_told_apart():
    assert not second_neighbours_like_hcp(crystals.stacking("ABC"))
    assert second_neighbours_like_hcp(crystals.stacking("AB"))
    assert second_neighbours_like_hcp(crystals.stacking("ABC", shift=1.0))


def test_bain_path_passes_bcc_and_fcc():
    bcc, fcc = crystals.bain_path(ratios=(1.0, np.sqrt(2)), volumes=(12.0,))
    assert coordination(bcc).tolist() == [8] and coordination(fcc).tolist() == [12]
    assert bcc.get_volume() == pytest.approx(12.0)


def test_trigonal_path_passes_fcc_and_simple_cubic():
    fcc, sc = crystals.trigonal_path(angles=(60, 90))
    assert coordination(fcc).tolist() == [12] and coordination(sc).tolist() == [6]


def test_slabs_have_vacuum_wider_than_a_cutoff():
    for atoms in crystals.slabs():
        assert atoms.pbc.tolist() == [True, True, False]
        assert atoms.cell[2, 2] - np.ptp(atoms.positions[:, 2]) > 8.0
        assert atoms.info["kind"][:6] in ("fcc111", "fcc100", "fcc110")


def test_molecules_do_not_see_their_images():
    for atoms in crystals.molecules():
        assert not atoms.pbc.any() and np.ptp(atoms.positions, axis=0).max() + 5.0 < 10.1


def test_point_defects_count():
    sizes = {(atoms.info["family"], len(atoms)) for atoms in crystals.point_defects()}
    assert sizes == {("vacancy", 3), ("vacancy", 7), ("interstitial", 5)}


def test_rattled_volumes_and_families():
    frames = crystals.strained_and_rattled(count=5, volumes=(9.0, 15.0), seed=3)
    assert all(9.0 <= atoms.get_volume() / len(atoms) <= 15.0 for atoms in frames)
    assert {atoms.info["family"] for atoms in frames} == {"rattled"}
    assert {atoms.info["family"] for atoms in crystals.strained_and_rattled(count=1, displacement=0)} == {"strained"}
    again = crystals.strained_and_rattled(count=5, volumes=(9.0, 15.0), seed=3)
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(frames, again))


def test_interleaving_is_balanced_wherever_it_stops():
    lists = [crystals.equations_of_state(), crystals.bain_path(), crystals.molecules()]
    merged = crystals.interleave(lists)
    assert len(merged) == sum(map(len, lists))
    total = len(merged)
    for stop in (10, 25, 40):
        for frames in lists:
            part = sum(any(atoms is other for other in frames) for atoms in merged[:stop])
            assert abs(part - stop * len(frames) / total) <= 2
