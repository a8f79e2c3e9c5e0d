"""Crystalline structures are what their names say."""

import numpy as np
import pytest
from ase import units
from ase.build import bulk
from ase.neighborlist import neighbor_list

from srlab.datasets.checks import closest_pair
from srlab.datasets.identity import content_key
from srlab.potentials import load_potential
from srlab.sampling import crystals
from srlab.validation.crystal import relaxed_crystal
from srlab.validation.properties.phonons import frequencies_at, solved_model, special_points


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
    lists = [crystals.equations_of_state(), crystals.bain_path(), crystals.point_defects(count=8)]
    merged = crystals.interleave(lists)
    assert len(merged) == sum(map(len, lists))
    total = len(merged)
    for stop in (10, 25, 40):
        for frames in lists:
            part = sum(any(atoms is other for other in frames) for atoms in merged[:stop])
            assert abs(part - stop * len(frames) / total) <= 2


@pytest.mark.parametrize("lattice, atoms", [("fcc", 4), ("bcc", 2), ("hcp", 2)])
def test_conventional_cells_are_the_primitive_crystals(lattice, atoms):
    conventional, primitive = crystals.conventional(lattice, 12.0), crystals.primitive(lattice, 12.0)
    assert len(conventional) == atoms and content_key(conventional) == content_key(primitive)


def test_strains_are_engineering_strains_of_the_cell():
    frames = crystals.strains("fcc", 12.0, amplitudes=(0.02,))
    assert [frame.info["kind"] for frame in frames[:2]] == ["fcc xx +0.02", "fcc xx -0.02"] and len(frames) == 12
    a = 48.0 ** (1 / 3)
    assert frames[0].cell.lengths() == pytest.approx([1.02 * a, a, a])
    sheared = frames[6]
    assert sheared.info["kind"] == "fcc yz +0.02"
    # an engineering shear of 0.02 is the angle, in radians, by which two axes come closer
    assert np.radians(90.0 - sheared.cell.angles()[0]) == pytest.approx(0.02, rel=1e-3)
    # six strains, both ways, of a cubic crystal: two uniaxial ones, and one shear
    assert len({content_key(frame) for frame in frames}) == 3


def test_frozen_phonons_hold_a_whole_wave():
    for atoms in crystals.frozen_phonons(amplitudes=(0.1,)):
        name, polarisation, _ = atoms.info["kind"].split()
        q = np.array(crystals._WAVES[name][0]) @ bulk("Cu", "fcc", a=crystals.COPPER_A).cell.reciprocal()
        assert atoms.cell @ q == pytest.approx(np.round(atoms.cell @ q), abs=1e-9)
        assert len(atoms) == {"X": 2, "L": 2}.get(name, 4)
        moved = atoms.positions - crystals.frozen_phonons(amplitudes=(0.0,), waves=(name,))[0].positions
        assert np.linalg.norm(moved, axis=1).max() == pytest.approx(0.1)
        assert np.allclose(moved @ q, 0) == (polarisation != "L")


def test_frozen_phonons_have_the_energies_of_their_frequencies():
    """Every atom at u or -u: m w^2 u^2 / 2 an atom, on a potential, against phonopy's frequencies at X and L."""
    potential = load_potential("cleri-rosato")
    crystal = relaxed_crystal(potential)
    perfect = bulk("Cu", "fcc", a=crystal.lattice_constant)
    frequencies = dict(
        zip("XL", frequencies_at(solved_model(crystal), [special_points(crystal)[name] for name in "XL"]))
    )
    perfect.calc = crystal.calculator
    for atoms in crystals.frozen_phonons(crystal.lattice_constant, amplitudes=(0.01,), waves=("X", "L")):
        name, polarisation, _ = atoms.info["kind"].split()
        atoms.calc = crystal.calculator
        energy = atoms.get_potential_energy() / len(atoms) - perfect.get_potential_energy()
        frequency = np.sqrt(2 * energy / atoms.get_masses()[0]) / 0.01 / (2 * np.pi) * units.fs * 1e3  # THz
        assert frequency == pytest.approx(frequencies[name][2 if polarisation == "L" else 0], rel=0.01)


def test_displaced_atoms_move_one_atom():
    frames = crystals.displaced_atom(amplitudes=(0.1,))
    assert [len(frame) for frame in frames] == [4, 8] * 3
    for atoms in frames:
        perfect = bulk("Cu", "fcc", a=crystals.COPPER_A, cubic=len(atoms) == 4).repeat(1 if len(atoms) == 4 else 2)
        moved = np.linalg.norm(atoms.positions - perfect.positions, axis=1)
        assert moved[0] == pytest.approx(0.1) and np.allclose(moved[1:], 0)


def test_fault_arrays_are_crystals_without_their_fault():
    fcc = content_key(crystals.conventional("fcc", crystals.COPPER_A**3 / 4))
    for layers in (3, 4, 5, 6, 7):
        perfect, half, fault = crystals.fault_arrays(layers=(layers,), shifts=(0.0, 0.5, 1.0))
        assert content_key(perfect) == fcc and content_key(fault) != fcc
        assert (coordination(fault) == 12).all() and second_neighbours_like_hcp(fault)
        assert (coordination(half, 1.001) < 12).any()


def test_polytypes_are_close_packed_and_none_is_another():
    frames = crystals.polytypes(spacings=(1.0,))
    assert all((coordination(atoms) == 12).all() for atoms in frames)
    assert len({content_key(atoms) for atoms in frames}) == len(frames)


def test_interstitials_are_one_atom_too_many():
    frames = crystals.interstitials()
    assert [frame.info["kind"] for frame in frames[:3]] == ["dumbbell", "octahedral", "tetrahedral"]
    assert all(len(frame) == 9 and closest_pair(frame, 4.0)[0] > 1.4 for frame in frames)
    # before they are rattled, in units of the cubic cell, which is dilated by 3 %
    a = 1.03 * crystals.COPPER_A
    nearest = [closest_pair(frame, 4.0)[0] / a for frame in frames[:3]]
    assert nearest == pytest.approx([np.hypot(0.2, 0.5), 0.5, np.sqrt(3) / 4])
