"""Lennard-Jones clusters: the sampler against exact integrals (two and three atoms) and against a published melting
peak (thirteen)
and parallel tempering.

Everything is in reduced units: epsilon is 1 eV, sigma 1 angstrom, temperatures are k_B T / epsilon. The clusters are
held together as in the literature: no atom may be farther than `radius` from the centre of mass. The periodic cell is
so wide that no image is ever felt; a pair is free in its cube, and each atom feels the nearest image of the other.
"""

from functools import lru_cache

import numpy as np
import pytest

from srlab.sampling.nested import NestedSampler
from srlab.sampling.thermodynamics import BOLTZMANN, heat_capacity


@lru_cache(maxsize=1)
def cluster_energy():
    import numba

    @numba.njit(nogil=True)
    def energy(scaled, cell, volume, radius):
        n, side = scaled.shape[0], cell[0, 0]
        x, centre = np.empty((n, 3)), np.zeros(3)
        for i in range(n):
            for k in range(3):
                # nearest image to the first atom: unique, because the cell is wider than two containers
                shift = scaled[i, k] - scaled[0, k]
                x[i, k] = side * (shift - np.round(shift))
                centre[k] += x[i, k] / n
        for i in range(n):
            if (x[i, 0] - centre[0]) ** 2 + (x[i, 1] - centre[1]) ** 2 + (x[i, 2] - centre[2]) ** 2 > radius * radius:
                return np.inf, 1e9
        total = 0.0
        for i in range(n):
            for j in range(i):
                inverse = 1.0 / ((x[i, 0] - x[j, 0]) ** 2 + (x[i, 1] - x[j, 1]) ** 2 + (x[i, 2] - x[j, 2]) ** 2)
                sixth = inverse * inverse * inverse
                total += 4.0 * sixth * (sixth - 1.0)
        return total, 1e9

    return energy


class Cluster:
    """The untruncated Lennard-Jones energy inside a sphere around the centre of mass; outside it no energy is low
    enough."""

    element, compiled = "Cu", True

    def __init__(self, radius):
        self.energy, self.extra = cluster_energy(), (float(radius),)


def density_of_states(atoms, radius, walkers, levels, seed, sweeps=60, rule="worst", floor=-np.inf):
    """Energies and log volumes of a run, all walkers begun at one loose heap of atoms."""
    side = 4.5 * radius
    grid = np.array([(a, b, c) for a in (0, 1, -1) for b in (0, 1, -1) for c in (0, 1, -1)], float)
    start = 0.5 + 0.55 * radius * grid[np.argsort((grid**2).sum(axis=1), kind="stable")][:atoms] / side
    sampler = NestedSampler(
        Cluster(radius),
        atoms=atoms,
        walkers=walkers,
        seed=seed,
        rule=rule,
        sweeps=sweeps,
        min_distance=0.0,
        fixed=(start, np.eye(3) * side),
    )
    run = []
    for level in sampler:
        run.append(level)
        if len(run) == levels or level.ceiling < floor:
            break
    return tuple(np.concatenate([getattr(level, name) for level in run]) for name in ("dead", "log_volumes"))


def redrawn(log_volumes, rng):
    """Log volumes as they might have been: what a run's statistical error is, short of repeating it.

    Every walker that goes shrinks the space by a factor whose logarithm is distributed exponentially; `log_volumes`
    (k,) hold its mean. The scatter of anything calculated with a few dozens of these is its standard error. Skilling,
    Bayesian Anal. 1, 833 (2006).
    """
    logs = np.asarray(log_volumes, dtype=float)
    return np.cumsum(np.diff(logs, prepend=0.0) * rng.exponential(size=len(logs)))


def with_errors(energies, logs, temperatures, draws=60):
    """Mean energy and heat capacity (t,), and the standard error of each from redrawn volumes."""
    rng, kelvin = np.random.default_rng(0), np.asarray(temperatures) / BOLTZMANN
    again = np.array([heat_capacity(energies, redrawn(logs, rng), kelvin) for _ in range(draws)])
    return (*heat_capacity(energies, logs, kelvin), *again.std(axis=0))


def integrated(energy, measure, temperatures):
    """Mean energy and heat capacity of states of given energy and measure."""
    found = []
    for temperature in temperatures:
        p = measure * np.exp(-(energy - energy.min()) / temperature)
        p /= p.sum()
        mean = p @ energy
        found.append((mean, p @ (energy - mean) ** 2 / temperature**2))
    return np.array(found).T


def lennard_jones(r):
    return 4.0 * (r**-12.0 - r**-6.0)


def two_atoms(radius):
    """Energy and measure of a pair by its distance, which is at most the diameter of the container."""
    edges = np.linspace(0.7, 2 * radius, 20_001)
    r = 0.5 * (edges[1:] + edges[:-1])
    return lennard_jones(r), np.diff(edges**3)


@lru_cache(maxsize=1)
def three_atoms(radius, points=120):
    """Energy and measure of a triangle by two sides and the cosine between them, on the midpoints of a grid."""
    edges = np.linspace(0.8, 2 * radius, points + 1)
    r = 0.5 * (edges[1:] + edges[:-1])
    cosine = -1.0 + (np.arange(points) + 0.5) * 2.0 / points
    a, b, c = np.meshgrid(r, r, cosine, indexing="ij", sparse=True)
    dot, third = a * b * c, np.maximum(a * a + b * b - 2 * a * b * c, 0.3)
    # squared distances of the three atoms from the centre of mass, times nine
    inside = (
        np.maximum(np.maximum(a * a + b * b + 2 * dot, 4 * a * a + b * b - 4 * dot), a * a + 4 * b * b - 4 * dot)
        < 9 * radius**2
    )
    energy = lennard_jones(a) + lennard_jones(b) + lennard_jones(np.sqrt(third))
    keep = inside & (energy < 20.0)
    return energy[keep], (np.diff(edges**3)[:, None, None] * np.diff(edges**3)[None, :, None] * np.ones(points))[keep]


@pytest.mark.parametrize("rule", ["worst", "median"])
def test_volumes_of_a_dimer(rule):
    """Below E the distance of two atoms lies between the two roots of u(r) = E: the volume of that shell is known."""
    radius, walkers = 2.0, 100
    energies, logs = density_of_states(2, radius, walkers, 12, seed=1, rule=rule)
    bound = (energies < -0.02) & (energies > -0.999)
    root = np.sqrt(1.0 + energies[bound])
    outer, inner = (2.0 / (1.0 - root)) ** 0.5, (2.0 / (1.0 + root)) ** 0.5  # cubes of the roots in r
    exact = np.log((np.minimum(outer, 64.0) - inner) / 64.0)
    allowed = 4 * np.sqrt(np.maximum(-logs[bound], 1.0) / walkers)
    assert bound.sum() > 300
    assert (abs(logs[bound] - exact) < allowed).all()


@pytest.mark.parametrize(
    "atoms, states, rule",
    [
        (2, two_atoms, "worst"),
        (3, three_atoms, "median"),
        pytest.param(3, three_atoms, "worst", marks=pytest.mark.slow),
    ],
)
def test_energy_and_heat_capacity_are_the_integrals(atoms, states, rule):
    """Evaporation of two and three atoms in a container: mean energy and heat capacity at every temperature within
    four standard errors."""
    radius, temperatures = 2.0, np.array([0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4, 0.6, 1.0])
    energies, logs = density_of_states(atoms, radius, 300, 60, seed=2, rule=rule, floor=(-0.49999, -0.9995)[atoms == 3])
    mean, capacity, mean_error, capacity_error = with_errors(energies, logs, temperatures)
    exact_mean, exact_capacity = integrated(*states(radius), temperatures)
    assert (capacity_error < 0.12 * exact_capacity + 0.02).all()  # or the comparison would say nothing
    assert (abs(mean - exact_mean) < 4 * mean_error + 1e-3).all()
    assert (abs(capacity - exact_capacity) < 4 * capacity_error + 5e-3).all()
    # the evaporation peak stands out of what the ends have
    assert exact_capacity.max() > 2 * exact_capacity[[0, -1]].max()


@pytest.mark.slow
def test_a_pair_in_a_periodic_cube_dissociates_where_it_must():
    """The space below each energy and the heat capacity are one integral over the cube; the capacity's peak is
    dissociation.

    Every run must stay within four standard errors of log X, sqrt(-log X / K); the mean peak and height of three
    within 8 and 20 %, where single ones scatter by 2 and 4.
    """
    side, walkers, temperatures = 5.2, 250, np.linspace(0.09, 0.52, 81)
    middle = (np.arange(80) + 0.5) * (side / 2 / 80)  # one octant stands for all
    grid = np.sort(lennard_jones(np.sqrt(middle[:, None, None] ** 2 + middle[None, :, None] ** 2 + middle**2).ravel()))
    _, exact = integrated(grid[grid < 20.0], np.ones((grid < 20.0).sum()), temperatures)
    peaks, heights = [], []
    for seed in range(3):
        sampler = NestedSampler(
            Cluster(np.inf),
            atoms=2,
            walkers=walkers,
            seed=seed,
            sweeps=30,
            min_distance=0.0,
            fixed=(np.array([[0.1] * 3, [0.6] * 3]), np.eye(3) * side),
        )
        run = [level for level, _ in zip(sampler, range(22))]
        energies, logs = (np.concatenate([getattr(level, name) for level in run]) for name in ("dead", "log_volumes"))
        below = np.searchsorted(grid, energies) / len(grid)
        known = (below > 1e-3) & (energies < 0)  # below it the shell is thinner than the grid
        error = logs[known] - np.log(below[known])
        assert known.sum() > 800 and (abs(error) < 4 * np.sqrt(np.maximum(-logs[known], 1.0) / walkers)).all()
        capacity = heat_capacity(energies, logs, temperatures / BOLTZMANN)[1]
        peaks.append(temperatures[capacity.argmax()])
        heights.append(capacity.max())
    assert np.mean(peaks) == pytest.approx(temperatures[exact.argmax()], rel=0.08)
    assert np.mean(heights) == pytest.approx(exact.max(), rel=0.20)


@lru_cache(maxsize=1)
def compiled_tempering():
    import numba

    @numba.njit
    def tempering(x, radius, temperatures, sweeps, seed):
        # Metropolis moves of one atom at each temperature, then exchanges of neighbours: shares no line with the
        # sampler
        np.random.seed(seed)
        m, n = x.shape[0], x.shape[1]
        energy, step, kept = np.zeros(m), np.full(m, 0.15), np.empty((m, sweeps))
        for t in range(m):
            for i in range(n):
                for j in range(i):
                    s = 1.0 / ((x[t, i] - x[t, j]) ** 2).sum() ** 3
                    energy[t] += 4.0 * s * (s - 1.0)
        for sweep in range(-sweeps // 5, sweeps):
            for t in range(m):
                accepted = 0
                for _ in range(n):
                    i, old, change = np.random.randint(n), np.zeros(3), 0.0
                    new = np.zeros(3)
                    for k in range(3):
                        old[k] = x[t, i, k]
                        new[k] = old[k] + step[t] * (2.0 * np.random.random() - 1.0)
                    for j in range(n):
                        if j != i:
                            a = (
                                1.0
                                / ((new[0] - x[t, j, 0]) ** 2 + (new[1] - x[t, j, 1]) ** 2 + (new[2] - x[t, j, 2]) ** 2)
                                ** 3
                            )
                            b = (
                                1.0
                                / ((old[0] - x[t, j, 0]) ** 2 + (old[1] - x[t, j, 1]) ** 2 + (old[2] - x[t, j, 2]) ** 2)
                                ** 3
                            )
                            change += 4.0 * (a * (a - 1.0) - b * (b - 1.0))
                    if np.random.random() >= np.exp(min(0.0, -change / temperatures[t])):
                        continue
                    for k in range(3):
                        x[t, i, k] = new[k]
                    centre = np.zeros(3)
                    for j in range(n):
                        for k in range(3):
                            centre[k] += x[t, j, k] / n
                    outside = False
                    for j in range(n):
                        outside |= (x[t, j, 0] - centre[0]) ** 2 + (x[t, j, 1] - centre[1]) ** 2 + (
                            x[t, j, 2] - centre[2]
                        ) ** 2 > radius * radius
                    if outside:
                        for k in range(3):
                            x[t, i, k] = old[k]
                        continue
                    accepted += 1
                    energy[t] += change
                if sweep < 0:
                    step[t] *= 1.02 if accepted > 0.4 * n else 0.98
            for t in range((sweep + sweeps) % 2, m - 1, 2):
                if np.random.random() < np.exp(
                    min(0.0, (energy[t] - energy[t + 1]) * (1.0 / temperatures[t] - 1.0 / temperatures[t + 1]))
                ):
                    energy[t], energy[t + 1] = energy[t + 1], energy[t]
                    other = x[t].copy()
                    x[t] = x[t + 1]
                    x[t + 1] = other
            if sweep >= 0:
                kept[:, sweep] = energy
        return kept

    return tempering


def peak(temperatures, capacity):
    """Where a parabola through the upper tenth of a heat capacity has its top."""
    top = capacity > 0.9 * capacity.max()
    curvature, slope, _ = np.polyfit(temperatures[top], capacity[top], 2)
    return -slope / (2.0 * curvature)


@pytest.mark.slow
def test_the_melting_peak_of_thirteen_atoms():
    """The icosahedron melts at 0.28 to 0.29, where parallel tempering of this file has it too; the sampler agrees
    within three standard errors.

    Published: J-walking, Frantz, J. Chem. Phys. 102, 3747 (1995) and Tsai and Jordan, J. Chem. Phys. 99, 6957 (1993);
    the container of radius 2, from the centre of mass, is as in Neirotti, Calvo, Freeman and Doll, J. Chem. Phys. 112,
    10340 (2000), who took 2.65 for 38 atoms.
    """
    atoms, radius, grid = 13, 2.0, np.linspace(0.24, 0.33, 181)
    energies, logs = density_of_states(atoms, radius, 400, 400, seed=1, floor=-43.6 / atoms)
    assert energies.min() > -44.3269  # the icosahedron, and nothing can lie below it
    rng = np.random.default_rng(0)
    found = peak(grid, heat_capacity(energies, logs, grid / BOLTZMANN)[1])
    error = np.std([peak(grid, heat_capacity(energies, redrawn(logs, rng), grid / BOLTZMANN)[1]) for _ in range(40)])

    ladder = np.linspace(0.24, 0.33, 19)
    golden = 0.5 * (1 + 5**0.5)
    corners = (
        np.array([p for a in (1, -1) for b in (golden, -golden) for p in ((0, a, b), (a, b, 0), (b, 0, a))])
        * 1.08
        / (1 + golden**2) ** 0.5
    )
    start = np.repeat(np.vstack([np.zeros(3), corners])[None], len(ladder), axis=0)
    kept = compiled_tempering()(start, radius, ladder, 400_000, 7)
    blocks = np.array([block.var(axis=1) / ladder**2 for block in np.array_split(kept, 10, axis=1)])
    reference = peak(ladder, kept.var(axis=1) / ladder**2)
    reference_error = np.std([peak(ladder, block) for block in blocks]) / 10**0.5
    print(f"nested sampling {found:.4f} +- {error:.4f}, parallel tempering {reference:.4f} +- {reference_error:.4f}")
    assert error < 0.008 and reference_error < 0.002
    assert abs(found - reference) < 3 * np.hypot(error, reference_error)
    assert 0.28 - 0.002 < reference < 0.29 + 0.002
    assert 0.28 - 3 * error < found < 0.29 + 3 * error
    # height and energy, too
    mean, capacity, mean_error, capacity_error = with_errors(energies, logs, ladder)
    assert (abs(mean - kept.mean(axis=1)) < 4 * mean_error + 0.1).all()
    assert (abs(capacity - kept.var(axis=1) / ladder**2) < 4 * capacity_error + 2.0).all()
