"""The sampler against known answers, and its promises about bounds, seeds and bad input."""

import numpy as np
import pytest
from ase.calculators.emt import EMT

from srlab.datasets.checks import closest_pair
from srlab.errors import InputError
from srlab.potentials.published import published
from srlab.sampling.nested import NestedSampler, default_bounds, sample, shortest_distance
from srlab.sampling.thermodynamics import BOLTZMANN, heat_capacity, log_weights


class Harmonic:
    """Every atom on its own spring (eV/angstrom^2) at the middle of a fixed cell: the density of states is known
    exactly."""

    element, compiled, extra = "Cu", False, ()

    def __init__(self, spring=1.0):
        self.spring = spring

    def energy(self, scaled, cell, volume=None):
        displacement = (scaled - 0.5) @ cell
        return 0.5 * self.spring * (displacement**2).sum(), 1e9


class Ideal(Harmonic):
    """No energy but a grain of noise, so that ceilings exist: an ideal gas."""

    def energy(self, scaled, cell, volume=None):
        return 0.0, 1e9


def harmonic_run(rule, levels, walkers, seed, atoms=1, sweeps=40):
    side = 8.0
    sampler = NestedSampler(
        Harmonic(),
        atoms=atoms,
        walkers=walkers,
        seed=seed,
        rule=rule,
        sweeps=sweeps,
        fixed=(np.full((atoms, 3), 0.5), np.eye(3) * side),
    )
    run = []
    for level in sampler:
        run.append(level)
        if len(run) == levels:
            return run


@pytest.mark.parametrize("rule", ["median", "worst"])
def test_harmonic_space_shrinks_as_it_must(rule):
    """Below E a particle on a spring has the volume 4/3 pi (2E/k)^(3/2) of the cube: log X(E) is known, not only its
    slope."""
    run = harmonic_run(rule, levels=14, walkers=80, seed=3)
    energies = np.concatenate([level.dead for level in run])
    found = np.concatenate([level.log_volumes for level in run])
    inside = energies < 0.5 * 3.9**2  # the sphere must lie inside the cube
    exact = np.log(4 / 3 * np.pi * (2 * energies[inside]) ** 1.5 / 8.0**3)
    # the error of log X after L nats of compression with K walkers is sqrt(L / K)
    allowed = 4 * np.sqrt(np.maximum(-found[inside], 1.0) / 80)
    assert inside.sum() > 200
    assert (abs(found[inside] - exact) < allowed).all()
    assert found[-1] < -8.5


@pytest.mark.slow
def test_harmonic_heat_capacity():
    """Three halves of Boltzmann's constant, and three halves of kT, for one particle."""
    run = harmonic_run("median", levels=22, walkers=120, seed=5)
    energies, logs = (np.concatenate([getattr(level, name) for level in run]) for name in ("dead", "log_volumes"))
    temperatures = np.array([600.0, 1500.0, 4000.0])
    mean, capacity = heat_capacity(energies, logs, temperatures)
    assert np.allclose(capacity, 1.5, atol=0.35)
    assert np.allclose(mean / (BOLTZMANN * temperatures), 1.5, atol=0.35)


def test_log_weights_sum_to_the_space_left_behind():
    logs = -np.cumsum(np.random.default_rng(0).random(50) * 0.1)
    assert np.exp(log_weights(logs)).sum() == pytest.approx(1 - np.exp(logs[-1]))


def test_ideal_gas_fills_the_volumes_evenly():
    """Without energy the walk is uniform in volume between its bounds (the energies tie, and ties are allowed)."""
    sampler = NestedSampler(Ideal(), atoms=1, walkers=200, seed=1, volumes=(9.0, 20.0), min_distance=0.1, sweeps=150)
    next(iter(sampler))
    volumes = np.array([abs(np.linalg.det(cell)) for _, cell, _ in sampler._state])
    assert volumes.min() >= 9.0 and volumes.max() <= 20.0
    fractions = np.histogram(volumes, bins=4, range=(9, 20))[0] / 200
    assert np.allclose(fractions, 0.25, atol=0.10)


def test_compiled_energy_is_the_calculators():
    from srlab.sampling.energy_surface import CalculatorSurface, TableSurface

    rng = np.random.default_rng(2)
    for name in ("sutton-chen", "cleri-rosato", "gp1"):
        potential = published(name)
        fast, slow = TableSurface(potential, 1.8), CalculatorSurface(potential.calculator(), "Cu", 1.8)
        for _ in range(5):
            cell = np.eye(3) * 4.0 + rng.normal(0, 0.3, (3, 3))
            scaled = (
                np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]) + rng.normal(0, 0.03, (4, 3))
            ) % 1.0
            assert fast(scaled, cell)[0] == pytest.approx(slow(scaled, cell)[0], abs=1e-6)
            assert fast(scaled, cell)[1] == pytest.approx(shortest_distance(scaled, cell), abs=1e-12)


def test_densities_that_change_sign():
    """A density function with both signs, an embedding defined for both: tabulated over rho itself."""
    from srlab.expressions import Formula
    from srlab.potentials import Potential
    from srlab.potentials.taper import Smoothstep
    from srlab.sampling.energy_surface import CalculatorSurface, TableSurface

    potential = Potential(
        name="wave",
        element="Cu",
        functions={
            "pair": Formula.parse("2000*exp(-3.5*r)"),
            "density": Formula.parse("cos(2.5*r)"),
            "embedding": Formula.parse("0.05*rho^2 - 0.1*rho", "rho"),
        },
        cutoff=5.5,
        taper=Smoothstep(4.0, 5.5),
        offset=-1.25,
    )
    fast, slow = TableSurface(potential, 1.8), CalculatorSurface(potential.calculator(), "Cu", 1.8)
    assert not fast.extra[8]
    cell, rng = np.diag([3.6, 3.7, 3.9]), np.random.default_rng(1)
    for _ in range(5):
        scaled = (
            np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]) + rng.normal(0, 0.04, (4, 3))
        ) % 1.0
        assert fast(scaled, cell)[0] == pytest.approx(slow(scaled, cell)[0], abs=1e-6)


def test_energies_that_are_not_finite_are_never_accepted():
    class Holed(Harmonic):
        def energy(self, scaled, cell, volume=None):
            value = super().energy(scaled, cell)[0]
            return (np.nan if value < 1.0 else value), 1e9

    sampler = NestedSampler(
        Holed(), atoms=1, walkers=20, seed=0, sweeps=20, fixed=(np.full((1, 3), 0.9), np.eye(3) * 8.0)
    )
    for level in sampler:
        assert np.isfinite(level.dead).all() and level.lowest >= 1.0
        if level.index == 8:
            break


@pytest.fixture(scope="module")
def copper():
    levels = []
    frames = sample(
        published("cleri-rosato"),
        atoms=4,
        walkers=24,
        levels=45,
        seed=11,
        per_level=2,
        progress=lambda done, total, level: levels.append(level),
    )
    return frames, levels


@pytest.mark.parametrize("element", ["Cu", "Ag", "Al", "Ni", "Fe", "Mg", "Si"])
def test_default_bounds_hold_the_crystal_and_its_neighbours(element):
    """Covalent radii do not: twice that of aluminium is a sixth shorter than its bond."""
    from ase.build import bulk

    crystal = bulk(element)
    volume, nearest = crystal.get_volume() / len(crystal), bulk(element).repeat(3).get_all_distances(mic=True)
    distance, volumes = default_bounds(element)
    assert distance < 0.9 * nearest[nearest > 0.1].min()
    assert volumes[0] < 0.9 * volume and volumes[1] > 1.3 * volume


def test_default_bounds_of_an_element_without_a_crystal_go_by_its_radius():
    assert default_bounds("O")[0] == pytest.approx(0.66 * 2 * 0.66)


def test_samples_keep_their_bounds(copper):
    frames, levels = copper
    distance, volumes = default_bounds("Cu")
    assert len(frames) == 2 * len(levels)
    for frame in frames:
        assert volumes[0] - 1e-6 <= frame.get_volume() / 4 <= volumes[1] + 1e-6
        assert closest_pair(frame, 2 * distance)[0] > distance
        assert frame.info["family"] == "nested-ensemble"


def test_ceiling_falls_and_holds(copper):
    frames, levels = copper
    ceilings = [level.ceiling for level in levels]
    assert (np.diff(ceilings) < 0).all()
    potential = published("cleri-rosato")
    for frame in frames:
        frame.calc = potential.calculator()
        energy = frame.get_potential_energy() / 4
        assert energy == pytest.approx(frame.info["surrogate_energy"], abs=1e-5)
        assert energy <= frame.info["ceiling"] + 1e-5


def test_it_goes_from_disorder_to_the_crystal(copper):
    frames, _ = copper
    assert frames[0].info["surrogate_energy"] > -3.0
    assert min(frame.info["surrogate_energy"] for frame in frames) < -3.50  # fcc: -3.544


def test_cells_are_niggli_reduced(copper):
    from ase.build import niggli_reduce

    for frame in copper[0][::7]:
        again = frame.copy()
        niggli_reduce(again)
        assert np.allclose(sorted(again.cell.lengths()), sorted(frame.cell.lengths()), atol=1e-6)


def test_the_seed_decides_and_threads_do_not():
    def run(**options):
        return sample(published("cleri-rosato"), atoms=2, walkers=8, levels=6, **options)

    first, same, threaded, other = run(seed=4), run(seed=4), run(seed=4, workers=2), run(seed=5)
    for reference, again in ((first, same), (first, threaded)):
        assert all(
            np.array_equal(a.positions, b.positions) and np.array_equal(a.cell, b.cell)
            for a, b in zip(reference, again)
        )
    assert not np.array_equal(first[-1].positions, other[-1].positions)


def test_any_ase_calculator():
    frames = sample(EMT(), element="Cu", atoms=2, walkers=4, levels=2, seed=0, sweeps=4)
    assert len(frames) == 2
    frames[-1].calc = EMT()
    assert frames[-1].get_potential_energy() / 2 == pytest.approx(frames[-1].info["surrogate_energy"], abs=1e-5)


def test_two_density_potentials():
    frames = sample(published("gp3"), atoms=2, walkers=4, levels=2, seed=0, sweeps=5)
    frames[-1].calc = published("gp3").calculator()
    assert frames[-1].get_potential_energy() / 2 == pytest.approx(frames[-1].info["surrogate_energy"], abs=1e-5)


def test_progress_can_stop_the_run():
    frames = sample(published("cleri-rosato"), atoms=2, walkers=6, levels=50, progress=lambda done, *_: done < 3)
    assert len(frames) == 3


@pytest.mark.parametrize(
    "options, words",
    [
        (dict(atoms=0), "at least 1 atom"),
        (dict(walkers=2), "4 walkers"),
        (dict(per_level=99), "samples a level"),
        (dict(rule="mean"), "median or worst"),
        (dict(volumes=(20, 9)), "smaller and a larger"),
        (dict(levels=0), "levels 0"),
        (dict(min_distance=30.0), "beyond the potential's cutoff"),
        (dict(volumes=(6.0, 6.5), min_distance=2.4), "fits 6.5 .* allow larger volumes"),
        (dict(volumes=(9.8, 9.9), min_distance=2.4, atoms=2), "allow larger volumes"),
    ],
)
def test_bad_arguments_say_what_to_change(options, words):
    with pytest.raises(InputError, match=words):
        sample(published("cleri-rosato"), **{"atoms": 4, "walkers": 6, "levels": 2, **options})


def test_a_calculator_needs_its_element():
    with pytest.raises(InputError, match="element"):
        sample(EMT(), atoms=2)
    with pytest.raises(InputError, match="cannot sample on str"):
        sample("cleri-rosato", atoms=2)
