"""Energies, forces and virials of the batched engine against the float64 calculator, and what the loss means."""

import numpy as np
import pytest

from srlab.errors import InputError
from srlab.fitting.model import Model
from srlab.fitting.objective import Objective
from srlab.potentials.taper import Smoothstep
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
    frames[3].calc.results.pop("stress")
    with pytest.raises(InputError, match="frame 3 has no stress"):
        Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), stress_weight=0.3)


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
