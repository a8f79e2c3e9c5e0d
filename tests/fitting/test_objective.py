"""Energies, forces and virials of the batched engine against the float64 calculator, and what the loss means."""

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.datasets.weights import FrameWeights
from srlab.errors import InputError
from srlab.fitting.objective import Objective
from srlab.fitting.varpro import refine
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model
from tests.fitting.conftest import labelled, potential

OTHERS = [
    {"pair": "385.2*r^(-7.098)", "density": "r^(-4.646)", "embedding": "-20.33*sqrt(rho)"},
    {"pair": "15.6*r^(3.27 - 3.42*r)", "density": "0.21^r", "embedding": "-5.0*rho^0.4 + 0.3*rho"},
    {
        "pair": "6051.0*exp(-4.2*r) + 0.23*exp(-0.87*r)*cos(3.3*r + 1.4)",
        "density": "exp(-1.5*r)",
        "embedding": "-9.0*rho^0.3",
    },
]


def test_a_block_agrees_with_the_calculator(objective, frames, truth):
    models = [truth] + [Model.parse(texts) for texts in OTHERS]
    energies, forces = objective.predict(models * 20)  # 80 candidates: a whole block and a part of one
    for number, model in enumerate(models):
        calculator = potential(model).calculator()
        start = 0
        for k, atoms in enumerate(frames):
            atoms = atoms.copy()
            atoms.calc = calculator
            assert energies[number, k] == pytest.approx(atoms.get_potential_energy() / len(atoms), abs=2e-5)
            np.testing.assert_allclose(forces[number, start : start + len(atoms)], atoms.get_forces(), atol=1e-4)
            start += len(atoms)
    np.testing.assert_allclose(energies[:4], energies[76:], atol=1e-6)


def test_the_right_model_has_no_loss_and_a_wrong_one_has(objective, truth):
    losses = objective.losses([truth, Model.parse(OTHERS[0])])
    assert losses[0] < 1e-8 < losses[1]


def test_the_loss_is_the_sum_of_scaled_mean_squares(objective):
    model = Model.parse(OTHERS[0])
    energies, forces = objective.predict([model], np.float64)
    error = energies[0] - objective.energies
    expected = (error - error.mean()).var() / objective.energies.var() + 0.5 * (
        (forces[0] - objective.forces) ** 2
    ).mean() / objective.forces.var()
    assert objective.losses([model])[0] == pytest.approx(expected, rel=1e-4)


def test_another_taper_is_another_objective_of_the_same_data(objective, frames):
    models, loss = [Model.parse(OTHERS[0])], objective.losses([Model.parse(OTHERS[0])])
    fresh = Objective(frames, objective.energies * objective.table.counts, 6.0, Smoothstep(3.0, 6.0))
    np.testing.assert_array_equal(objective.with_taper(Smoothstep(3.0, 6.0)).losses(models), fresh.losses(models))
    np.testing.assert_array_equal(objective.losses(models), loss)
    assert fresh.losses(models) != loss


def test_a_constant_energy_per_atom_does_not_count(frames, truth):
    shifted = Objective(
        frames, [atoms.get_potential_energy() + 3.0 * len(atoms) for atoms in frames], 6.0, Smoothstep(4.5, 6.0)
    )
    assert shifted.losses([truth])[0] < 1e-8


def test_a_candidate_that_is_not_finite_has_infinite_loss(objective):
    broken = Model.parse({"pair": "1.0*log(r - 3.0)", "density": "exp(-2.0*r)", "embedding": "-1.0*sqrt(rho)"})
    assert objective.losses([broken])[0] == np.inf


def test_stresses_agree_with_the_calculator(objective, frames, truth):
    stress = objective.stress([truth, Model.parse(OTHERS[1])])
    for k, atoms in enumerate(frames):
        np.testing.assert_allclose(stress[k, :, 0], atoms.get_stress(), atol=2e-6)


def test_stress_counts_where_it_has_a_weight(truth):
    frames = labelled(truth)
    energies = [atoms.get_potential_energy() for atoms in frames]
    plain = Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0))
    with_stress = Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), stress_weight=0.3)
    wrong = Model.parse(OTHERS[0])
    expected = (
        0.3 * ((with_stress.stress([wrong])[..., 0] - with_stress.stresses) ** 2).mean() / with_stress.stresses.var()
    )
    assert with_stress.losses([wrong])[0] - plain.losses([wrong])[0] == pytest.approx(expected, rel=1e-6)
    assert with_stress.losses([truth])[0] < 1e-7


def test_frames_without_stress_count_for_what_they_have(truth):
    frames = labelled(truth)
    energies = [atoms.get_potential_energy() for atoms in frames]
    wrong = Model.parse(OTHERS[0])

    def loss(**weights):
        return Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), **weights).losses([wrong])[0]

    for atoms in frames[3:]:
        atoms.calc.results.pop("stress")
    part = Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), stress_weight=0.3)
    known = part.stress([wrong])[:3, :, 0], part.stresses[:3]
    expected = 0.3 * ((known[0] - known[1]) ** 2).mean() / known[1].var()
    assert loss(stress_weight=0.3) - loss() == pytest.approx(expected, rel=1e-6)
    for atoms in frames[:3]:
        atoms.calc.results.pop("stress")
    with pytest.raises(InputError, match="no frame has a stress"):
        loss(stress_weight=0.3)


WEIGHTS = FrameWeights(np.linspace(0.2, 3.0, 12), np.linspace(2.0, 0.1, 12))


def test_weighted_means_and_variances(frames):
    energies = [atoms.get_potential_energy() for atoms in frames]
    objective = Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), stress_weight=0.3, frame_weights=WEIGHTS)
    model = Model.parse(OTHERS[0])
    (predicted,), (forces,) = objective.predict([model], np.float64)

    def share(errors, labels, weights):  # of the weighted mean square in the weighted variance
        mean = np.average(labels, weights=weights)
        return np.average(errors**2, weights=weights) / np.average((labels - mean) ** 2, weights=weights)

    error = predicted - objective.energies
    error -= np.average(error, weights=WEIGHTS.energies)
    by_component = np.repeat(WEIGHTS.forces, 3 * objective.table.counts)
    by_stress = np.repeat(WEIGHTS.forces, 6)
    expected = (
        share(error, objective.energies, WEIGHTS.energies)
        + 0.5 * share((forces - objective.forces).ravel(), objective.forces.ravel(), by_component)
        + 0.3
        * share((objective.stress([model])[..., 0] - objective.stresses).ravel(), objective.stresses.ravel(), by_stress)
    )
    assert objective.losses([model])[0] == pytest.approx(expected, rel=1e-10)
    assert objective.best_offset(model) == pytest.approx(
        np.average(objective.energies - predicted, weights=WEIGHTS.energies), rel=1e-12
    )


def test_a_weight_of_two_is_the_frame_twice(frames):
    twice = [*frames, frames[4]]
    doubled, weighted = (
        Objective(
            each,
            [atoms.get_potential_energy() for atoms in each],
            6.0,
            Smoothstep(4.5, 6.0),
            stress_weight=0.2,
            **given,
        )
        for each, given in ((twice, {}), (frames, {"frame_weights": FrameWeights(*2 * [1.0 + (np.arange(12) == 4)])}))
    )
    models = [Model.parse(texts) for texts in OTHERS]
    np.testing.assert_allclose(weighted.losses(models), doubled.losses(models), rtol=1e-9)
    np.testing.assert_allclose(
        refine(weighted, models[0], 5).model.constants, refine(doubled, models[0], 5).model.constants, rtol=1e-6
    )


def test_equal_weights_are_the_plain_loss(frames, objective):
    energies = [atoms.get_potential_energy() for atoms in frames]
    equal = FrameWeights(np.full(12, 3.7), np.full(12, 0.01))
    weighted = Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), frame_weights=equal)
    models = [Model.parse(texts) for texts in OTHERS]
    np.testing.assert_allclose(weighted.losses(models), objective.losses(models), rtol=1e-12)


def test_frames_all_at_one_energy_are_fitted_by_their_forces(frames):
    objective = Objective(
        frames[:4],
        [2.0 * len(atoms) for atoms in frames[:4]],
        6.0,
        Smoothstep(4.5, 6.0),
        frame_weights=FrameWeights.equal(4),
    )
    assert np.isfinite(refine(objective, Model.parse(OTHERS[0]), 5).loss)


LONE = ["-20.0*sqrt(rho)", "-5.0*rho^0.4 + 0.3*rho", "-9.0*rho^0.9", "-3.0*log(1 + 2.4*rho)"]


@pytest.mark.parametrize("embedding", LONE)
def test_a_lone_atom_has_the_limit_of_the_embedding(frames, embedding):
    model = Model.parse({**OTHERS[0], "embedding": embedding})
    lone = Atoms("Cu", cell=[20.0] * 3, pbc=True)
    lone.calc = SinglePointCalculator(lone, energy=0.0, forces=np.zeros((1, 3)), stress=np.zeros(6))
    far = Atoms("Cu2", [[0, 0, 0], [0, 0, 9.0]])
    far.calc = SinglePointCalculator(far, energy=0.0, forces=np.zeros((2, 3)))
    many = [*frames, lone, far]
    objective = Objective(
        many, [atoms.get_potential_energy() for atoms in many], 6.0, Smoothstep(4.5, 6.0), stress_weight=0.1
    )
    for dtype in (np.float32, np.float64):
        energies, forces = objective.predict([model], dtype)
        np.testing.assert_allclose(energies[0, -2:], 0.0, atol=1e-9)
        assert not forces[0, -3:].any()
    assert np.isfinite(objective.losses([model])[0])
    fit = refine(objective, model, 20, deviations=True)
    assert fit.loss < objective.losses([model])[0] and np.isfinite(fit.model.constants).all()
    assert objective.losses([fit.model])[0] == pytest.approx(fit.loss, rel=1e-6)


@pytest.mark.parametrize("embedding", ["0.97/rho", "2.0*log(rho)"])
def test_a_lone_atom_is_too_much_for_an_embedding_that_diverges(frames, embedding):
    lone = Atoms("Cu", cell=[20.0] * 3, pbc=True)
    lone.calc = SinglePointCalculator(lone, energy=0.0, forces=np.zeros((1, 3)))
    many = [*frames, lone]
    objective = Objective(many, [atoms.get_potential_energy() for atoms in many], 6.0, Smoothstep(4.5, 6.0))
    model = Model.parse({**OTHERS[0], "embedding": embedding})
    assert objective.losses([model])[0] == np.inf and refine(objective, model, 5).loss == np.inf


def test_errors_on_parts_of_the_frames(objective, truth):
    near = np.arange(12) < 5
    wrong = Model.parse(OTHERS[0], offset=1.0)
    everything, some, none = objective.errors_on(wrong, [near | True, near, near & False])
    energies, forces = objective.predict([wrong], np.float64)
    assert none is None and everything == objective.errors(wrong)
    assert some.energy_mae == pytest.approx(1e3 * np.abs(energies[0] + 1.0 - objective.energies)[:5].mean())
    atoms = int(objective.table.atom_start[5])
    assert some.force_rmse == pytest.approx(1e3 * np.sqrt(((forces[0] - objective.forces)[:atoms] ** 2).mean()))


def test_weights_are_checked(frames):
    energies = [atoms.get_potential_energy() for atoms in frames]
    for weights in ({"energy_weight": 0.0, "force_weight": 0.0}, {"force_weight": -1.0}):
        with pytest.raises(InputError, match="weights"):
            Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), **weights)


def test_lanes_of_every_number_give_the_same(objective):
    rng = np.random.default_rng(0)
    slopes = rng.random((len(objective.table.grid), 37))
    together = objective.pair_columns(slopes)
    for lane in (0, 5, 16, 36):
        np.testing.assert_allclose(
            together[..., lane], objective.pair_columns(slopes[:, lane : lane + 1])[..., 0], rtol=1e-12, atol=1e-12
        )


def test_frames_of_the_conftest_are_smaller_than_the_cutoff(frames):
    assert min(np.linalg.norm(atoms.cell, axis=1).min() for atoms in frames) < 6.0
    assert len(labelled(Model.parse(OTHERS[0]), 2)) == 2
