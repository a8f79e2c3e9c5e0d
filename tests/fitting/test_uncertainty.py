"""Deviations of constants: those of repeated experiments, exact for what is frozen, unknown for what the data do not
say."""

import numpy as np

from srlab.fitting.objective import Objective
from srlab.fitting.uncertainty import constant_deviations, uncertain_texts
from srlab.fitting.varpro import refine
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model
from tests.fitting.conftest import labelled, potential

NOISE = 0.003  # eV/atom
BROKEN = {"pair": "1.0*log(r - 3.0)", "density": "exp(-2.0*r)", "embedding": "-1.0*sqrt(rho)"}


def noisy(frames, truth, seed):
    """Energies only, with independent noise of NOISE: the case the formula is exact for."""
    rng = np.random.default_rng(seed)
    energies = [atoms.get_potential_energy() + NOISE * len(atoms) * rng.normal() for atoms in frames]
    return Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), force_weight=0.0)


def test_repeated_experiments_scatter_as_the_deviations_say(truth):
    frames = labelled(truth, 48, seed=2)
    fits = [refine(noisy(frames, truth, seed), truth, 60, tolerance=1e-9) for seed in range(30)]
    scatter = np.std([fit.model.constants for fit in fits], axis=0, ddof=1)
    said = np.mean([constant_deviations(noisy(frames, truth, seed), fits[seed].model) for seed in range(5)], axis=0)
    inner = [1, 2]  # the exponents; factors run along a curved valley with them
    np.testing.assert_allclose(said[inner], scatter[inner], rtol=0.5)
    assert potential(truth).offset == 0.0


def test_frozen_constants_are_exact_and_sharpen_those_they_trade_with(frames, truth):
    objective = noisy(frames, truth, 0)
    model = refine(objective, truth, 60).model
    free, frozen = (
        constant_deviations(objective, model),
        constant_deviations(objective, model, frozenset({("density", 0)})),
    )
    assert frozen[2] == 0.0 < free[2]
    assert 0.0 < frozen[3] < 0.5 * free[3]  # the scale of the embedding goes with the range of the density


def test_constants_that_trade_against_each_other_are_not_determined(objective):
    model = Model.parse(
        {"pair": "2000.0*exp(-3.5*r) + 700.0*exp(-3.5*r)", "density": "exp(-2.1*r)", "embedding": "-24.0*sqrt(rho)"}
    )
    deviations = constant_deviations(objective, model)
    assert np.isnan(deviations[[0, 2]]).all() and np.isfinite(deviations[[4, 5]]).all()


def test_a_model_without_energies_has_no_deviations(objective):
    assert np.isnan(constant_deviations(objective, Model.parse(BROKEN))).all()


def test_texts_take_their_own_constants(truth):
    texts = uncertain_texts(truth, [12.0, 0.002, 0.004, 0.03])
    assert texts == {
        "pair": "2736(12)*exp(-3.541(2)*r)",
        "density": "exp(-2.102(4)*r)",
        "embedding": "-24.86(3)*sqrt(rho)",
    }
