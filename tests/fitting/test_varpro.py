"""Refinement: analytic Jacobians against finite differences, exact linear constants, recovery of the truth."""

import numpy as np
import pytest

from srlab.datasets.weights import FrameWeights
from srlab.fitting import varpro
from srlab.fitting.objective import Objective
from srlab.fitting.varpro import refine
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model

STARTS = [
    {"pair": "1.0*exp(-3.0*r)", "density": "exp(-1.5*r)", "embedding": "-1.0*sqrt(rho)"},
    {"pair": "1.0*exp(-4.5*r)", "density": "exp(-3.0*r)", "embedding": "-1.0*sqrt(rho)"},
]


@pytest.mark.parametrize("start", STARTS)
def test_the_truth_is_found(objective, truth, start):
    fit = refine(objective, Model.parse(start), 100, tolerance=1e-10)
    assert fit.converged and fit.loss < 1e-9
    np.testing.assert_allclose(fit.model.pair.constants[1], truth.pair.constants[1], rtol=1e-3)
    np.testing.assert_allclose(fit.model.density.constants, truth.density.constants, rtol=1e-3)
    assert fit.model.offset == pytest.approx(0.0, abs=2e-3)


@pytest.mark.parametrize(
    "texts",
    [
        {
            "pair": "300.0*r^(-7.0) + 0.1*exp(-1.2*(r - 2.9)^2)",
            "density": "r^(-4.0) + 0.3*exp(-1.0*r)",
            "embedding": "-8.0*rho^0.4 + 0.1*rho",
        },
        {
            "pair": "900.0*exp(-3.5*r) + 0.2*exp(-0.9*r)*cos(3.0*r + 1.0)",
            "density": "r^(2.2 - 1.5*r)",
            "embedding": "-3.0*log(1 + 2.4*rho)",
        },
        {
            "pair": "900.0*exp(-3.5*r)",
            "density": "exp(-1.9*r) + 0.3*r^(-5.0)",
            "second_density": "r^(2.2 - 1.5*r)",
            "embedding": "-3.0*log(1 + 2.4*rho1) + 0.4*rho2*rho1^(-0.3) - 0.2*rho1*rho2",
        },
        {
            "pair": "900.0*exp(-3.5*r)",
            "density": "exp(-1.9*r)",
            "embedding": "-9.0*sqrt(rho)",
            "dipole": "exp(-1.3*r) - 0.4*exp(-1.6*r)",
            "quadrupole": "exp(-1.9*r)*cos(1.2*r)",
        },
        {
            "pair": "900.0*exp(-3.5*r)",
            "density": "exp(-1.9*r)",
            "embedding": "-9.0*sqrt(rho)",
            "angular_2": "exp(-1.2*r)",
            "angular_3": "exp(-0.8*r) - 0.2*exp(-1.1*(r - 3.0)^2)",
            "angular_1_negative": "exp(-1.1*r)",
        },
    ],
)
@pytest.mark.parametrize(
    ("stress_weight", "frame_weights", "correlation_length"),
    [(0.0, None, 0.0), (0.4, FrameWeights(np.linspace(2, 0.1, 12), np.linspace(0.1, 1, 12)), 0.1)],
)
def test_the_jacobian_agrees_with_finite_differences(frames, stress_weight, frame_weights, correlation_length, texts):
    objective = Objective(
        frames,
        [atoms.get_potential_energy() for atoms in frames],
        6.0,
        Smoothstep(4.5, 6.0),
        stress_weight=stress_weight,
        frame_weights=frame_weights,
        correlation_length=correlation_length,
    )
    model = Model.parse(texts)
    split = varpro.Split(model)
    point = varpro.project(objective, model, split)
    analytic = varpro.nonlinear_jacobian(objective, point, split)

    def rows(m):
        energies, forces = objective.predict([m], np.float64)
        parts = [objective.energy_errors.rows(energies[0]), (forces[0] * objective.force_scale[:, None]).ravel()]
        if stress_weight:
            parts.append((objective.stress([m])[..., 0] * objective.stress_scale[:, None]).ravel())
        return np.concatenate(parts)

    for column, (position, _, _) in enumerate(split.nonlinear):
        values = point.model.constants
        step = 1e-5 * max(1.0, abs(values[position]))
        up, down = values.copy(), values.copy()
        up[position] += step
        down[position] -= step
        numeric = (rows(point.model.with_constants(up)) - rows(point.model.with_constants(down))) / (2 * step)
        np.testing.assert_allclose(analytic[:, column], numeric, atol=2e-5 * np.abs(numeric).max())


def test_linear_constants_are_the_best_there_are(objective):
    model = refine(
        objective,
        Model.parse({"pair": "1.0*exp(-3.0*r)", "density": "exp(-1.5*r)", "embedding": "-1.0*sqrt(rho) + 0.1*rho"}),
        0,
    ).model
    best = objective.losses([model])[0]
    for position in (0, 3, 4):
        for factor in (0.99, 1.01):
            values = model.constants
            values[position] *= factor
            assert objective.losses([model.with_constants(values)])[0] > best


def test_frozen_constants_stay(objective):
    fit = refine(objective, Model.parse(STARTS[0]), 30, frozen=frozenset({("density", 0), ("pair", 1)}))
    assert fit.model.density.values == (-1.5,) and fit.model.pair.values[1] == -3.0


def test_a_redundant_constant_does_no_harm(objective):
    twice = Model.parse(
        {"pair": "1.0*exp(-3.0*r) + 1.0*exp(-3.0*r)", "density": "exp(-1.5*r)", "embedding": "-1.0*sqrt(rho)"}
    )
    fit = refine(objective, twice, 60, tolerance=1e-9, deviations=True)
    assert fit.loss < 1e-6 and np.isfinite(fit.model.constants).all()


def test_a_start_without_a_value_is_given_back(objective):
    fit = refine(
        objective, Model.parse({"pair": "1.0*log(r - 3.0)", "density": "exp(-2.0*r)", "embedding": "-1.0*sqrt(rho)"})
    )
    assert fit.loss == np.inf


def test_deviations_shrink_with_the_noise(frames, truth):
    spread = []
    for noise in (0.001, 0.01):
        rng = np.random.default_rng(0)
        energies = [atoms.get_potential_energy() + noise * len(atoms) * rng.normal() for atoms in frames]
        objective = Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0))
        fit = refine(objective, truth, 50, tolerance=1e-10, deviations=True)
        spread.append(fit.deviations)
    ratio = spread[1] / spread[0]
    assert ((ratio > 5) & (ratio < 20)).all()


@pytest.mark.parametrize(
    ("density", "embedding"),
    [("exp(-1.5*(r - 2.5))", "-1.0*sqrt(rho)"), ("exp(-1.5*(r - 2.5))", "-1.0*log(1 + 0.4*rho)")],
)
def test_a_constant_that_the_data_do_not_determine_holds_up_no_other(objective, density, embedding):
    """A factor of the density can be traded against the embedding's constants: r0 = 2.5 and r0 = 0 fit alike."""
    with_it = {"pair": "1.0*exp(-3.0*r)", "density": density, "embedding": embedding}
    free, without = (
        refine(objective, Model.parse(texts), 200, tolerance=1e-10, deviations=True)
        for texts in (with_it, {**with_it, "density": "exp(-1.5*r)"})
    )
    assert free.loss == pytest.approx(without.loss, rel=1e-3, abs=1e-9)
    b, r0 = free.model.density.constants
    assert b == pytest.approx(without.model.density.constants[0], rel=1e-3)
    start = len(free.model.pair.values)
    assert np.isnan(free.deviations[start + 1]) and np.isfinite(free.deviations[[1, start]]).all()
    assert np.isfinite(without.deviations).all()


def test_steps_stay_within_the_limit_of_each_constant():
    normal = np.array([[4.0, 1.0], [1.0, 1e-6]]) + np.diag([0.0, 1.0])
    gradient, limit, free = np.array([1.0, 50.0]), np.array([10.0, 2.0]), np.array([True, True])
    step = varpro.limited_step(normal, gradient, limit, free)
    assert step[1] == 2.0 and 4.0 * step[0] + 1.0 * step[1] == pytest.approx(1.0)  # the first one solved for anew
    assert (np.abs(step) <= limit).all()
    np.testing.assert_allclose(
        varpro.limited_step(normal, gradient, np.array([1e3, 1e3]), free), np.linalg.solve(normal, gradient)
    )
    assert varpro.limited_step(normal, gradient, limit, np.array([True, False]))[1] == 0.0
