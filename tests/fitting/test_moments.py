"""Angular sums of the pair table against a sum over all triplets, finite differences, and rotations."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from matscipy.neighbours import neighbour_list
from numpy.polynomial.legendre import Legendre
from scipy.spatial.transform import Rotation

from srlab.fitting.moments import Moments
from srlab.fitting.pair_table import PairTable
from srlab.fitting.stress import VOIGT

CUTOFF = 4.2
RANKS = (1, 2, 3)
DECAYS = (0.9, 1.4, 2.1)


def radial(r, decay, shift=0.0):
    """A smooth function that ends at the cutoff, and its slope."""
    rest, wave = CUTOFF - r, np.cos(2.0 * r + shift)
    value = rest**3 * np.exp(-decay * r) * wave
    slope = -np.exp(-decay * r) * rest**2 * ((3.0 + decay * rest) * wave + 2.0 * rest * np.sin(2.0 * r + shift))
    return value, slope


def structures():
    """A sheared diamond, a primitive cell whose atom sees its own images, one of two atoms, and a cluster."""
    random = np.random.default_rng(1)
    small = bulk("Si", "fcc", 4.0)
    small.set_cell(small.cell.array @ (np.eye(3) + 0.05 * random.normal(size=(3, 3))), scale_atoms=True)
    frames = [bulk("Si", "diamond", 5.2, cubic=True), small, bulk("Si", "hcp", 2.8, 4.4)]
    frames.append(Atoms("Si5", positions=3.2 * random.random((5, 3)) + 2.0 * np.eye(5, 3)))
    for atoms in frames[::2]:
        atoms.positions += 0.1 * random.normal(size=atoms.positions.shape)
    return frames


@pytest.fixture(scope="module")
def frames():
    return structures()


@pytest.fixture(scope="module")
def table(frames):
    return PairTable.build(frames, CUTOFF, grid_points=200_000)


def tables(table, decays=DECAYS, dtype=np.float64):
    value, slope = radial(table.grid[:, None], np.array(decays))
    return value.astype(dtype), slope.astype(dtype)


def triplet_energy(atoms, rank, decay):
    """1/2 sum over i, j, k of a(r_ij) a(r_ik) P_l(cos theta), written as it stands."""
    i, d = neighbour_list("iD", atoms, CUTOFF) if atoms.pbc.any() else cluster_pairs(atoms)
    energy = 0.0
    for atom in range(len(atoms)):
        vectors = d[i == atom]
        r = np.linalg.norm(vectors, axis=1)
        cosines = np.clip((vectors / r[:, None]) @ (vectors / r[:, None]).T, -1.0, 1.0)
        a = radial(r, decay)[0]
        energy += 0.5 * a @ Legendre.basis(rank)(cosines) @ a
    return energy


def cluster_pairs(atoms):
    vectors = atoms.get_all_distances(vector=True)
    r = np.linalg.norm(vectors, axis=2)
    near = (r < CUTOFF) & (r > 0.0)
    return np.nonzero(near)[0], vectors[near]


def energy_of(frames, rank, grid_points=200_000):
    """Energies (n_frames, decays) by the kernels."""
    table = PairTable.build(frames, CUTOFF, grid_points)
    sums = Moments(table, rank)
    return sums.energies(sums.of(tables(table)[0]))


@pytest.mark.parametrize("rank", RANKS)
def test_energies_are_those_of_all_triplets(rank, table, frames):
    sums = Moments(table, rank)
    found = sums.energies(sums.of(tables(table)[0]), np.array([1.0, -1.0, 0.5]))
    expected = [
        [sign * triplet_energy(atoms, rank, decay) for sign, decay in zip((1, -1, 0.5), DECAYS)] for atoms in frames
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    assert np.abs(expected).max() > 0.1


@pytest.mark.parametrize("rank", RANKS)
def test_forces_and_virials_are_derivatives_of_the_energy(rank, table, frames):
    sums, (a, da) = Moments(table, rank), tables(table)
    signs = np.array([1.0, -1.0, 2.0])
    forces, virials = sums.forces(a, da, sums.of(a), signs, virials=True)
    step, moved, analytic = 1e-4, [], []
    for number, atoms in enumerate(frames):
        for atom, axis in ((0, 0), (len(atoms) - 1, 2)):
            for sign in (1.0, -1.0):
                moved.append(atoms.copy())
                moved[-1].positions[atom, axis] += sign * step
            analytic.append(-forces[table.atom_start[number] + atom, axis])
        for row, (x, y) in enumerate(VOIGT):
            strain = np.zeros((3, 3))
            strain[x, y] += 0.5 * step
            strain[y, x] += 0.5 * step
            for sign in (1.0, -1.0):
                moved.append(atoms.copy())
                moved[-1].set_cell(atoms.cell.array @ (np.eye(3) + sign * strain))
                moved[-1].positions = atoms.positions @ (np.eye(3) + sign * strain)
            analytic.append(virials[number, row])
    energies = energy_of(moved, rank)
    numerical = signs * (energies[::2] - energies[1::2]) / (2.0 * step)
    np.testing.assert_allclose(analytic, numerical, rtol=1e-5, atol=1e-4)
    assert np.abs(forces).max() > 0.1 and np.abs(virials).max() > 0.1


@pytest.mark.parametrize("rank", RANKS)
def test_turned_atoms_have_the_same_energy_and_turned_forces(rank):
    atoms = structures()[3]
    turn = Rotation.random(rng=5).as_matrix()
    turned = Atoms(atoms.symbols, positions=atoms.positions @ turn.T)
    mirrored = Atoms(atoms.symbols, positions=-atoms.positions)
    table = PairTable.build([atoms, turned, mirrored], CUTOFF)
    sums, (a, da) = Moments(table, rank), tables(table)
    moments = sums.of(a)
    energies, (forces, _) = sums.energies(moments), sums.forces(a, da, moments)
    np.testing.assert_allclose(energies[1:], [energies[0]] * 2, rtol=1e-9)
    first, second, third = np.split(forces, 3)
    np.testing.assert_allclose(np.einsum("xy,ayl->axl", turn, first), second, atol=1e-10)
    np.testing.assert_allclose(-first, third, atol=1e-10)


@pytest.mark.parametrize("rank", RANKS)
def test_columns_are_derivatives_by_the_radial_function(rank, table):
    """Twenty changes, more than one pass takes, by central differences of energies, forces and virials."""
    sums = Moments(table, rank)
    (a, da), changes = (part[:, 0] for part in tables(table)), np.linspace(0.5, 2.5, 20)
    a_change, da_change = tables(table, changes)
    own = sums.of(a[:, None])[:, :, 0]
    energy, forces, virials = sums.columns(a, da, own, a_change, da_change, sign=-1.0, virials=True)
    step = 1e-5
    for lane in (0, 7, 19):
        results = []
        for sign in (1.0, -1.0):
            changed, slope = (
                x[:, None] + sign * step * dx[:, lane : lane + 1] for x, dx in ((a, a_change), (da, da_change))
            )
            moments = sums.of(changed)
            results.append((sums.energies(moments, -1.0), *sums.forces(changed, slope, moments, -1.0, virials=True)))
        for analytic, high, low in zip((energy, forces, virials), *results):
            np.testing.assert_allclose(analytic[..., lane], (high - low)[..., 0] / (2.0 * step), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("rank", RANKS)
def test_single_precision_and_lanes_of_every_number(rank, table):
    decays = np.linspace(0.8, 2.4, 19)
    sums, (a, da) = Moments(table, rank), tables(table, decays)
    moments = sums.of(a)
    forces, virials = sums.forces(a, da, moments)
    assert virials.shape == (0, 6, 19)
    for lanes in (slice(3), slice(4, 5), slice(9, 19)):
        alone = sums.of(np.ascontiguousarray(a[:, lanes]))
        np.testing.assert_allclose(alone, moments[..., lanes], rtol=1e-10, atol=1e-12)
    single = [part[:, :4].astype(np.float32) for part in (a, da)]
    found = sums.of(single[0])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, moments[..., :4], atol=2e-6 * np.abs(moments).max())
    pushed, _ = sums.forces(*single, found)
    assert pushed.dtype == np.float32
    np.testing.assert_allclose(pushed, forces[..., :4], atol=2e-5 * np.abs(forces).max())
