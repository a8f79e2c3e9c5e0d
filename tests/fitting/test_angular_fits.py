"""Angular functions in the objective and its fits: the calculator's energies, forces and stresses, strengths,
pursuit, recovery."""

from dataclasses import replace

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.fitting.forms import BEYOND, load_form, parse_form
from srlab.fitting.objective import Objective
from srlab.fitting.pursuit import pursue
from srlab.fitting.refit import refit
from srlab.fitting.varpro import Split, refine
from srlab.potentials.published import published
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model
from srlab.templates.adp import ADP
from srlab.templates.angular import ANGULAR_EAM
from srlab.templates.eam import EAM as EAM_TEMPLATE
from tests.fitting.conftest import labelled, potential

EAM = {"pair": "2736.0*exp(-3.541*r)", "density": "exp(-2.102*r)", "embedding": "-24.86*sqrt(rho)"}
TRUTH = Model.parse({**EAM, "angular_1": "1.5*exp(-1.3*r)", "angular_3_negative": "3.0*exp(-1.5*r)"})
MODELS = [
    TRUTH,
    Model.parse(EAM),
    Model.parse({**EAM, "dipole": "0.3*exp(-0.9*r)", "quadrupole": "0.05*exp(-0.9*r)*cos(1.1*r)"}),
    Model.parse({**EAM, "angular_2": "0.7*exp(-0.8*r)", "angular_2_negative": "0.4*exp(-0.4*r)*cos(1.8*r)"}),
]


def objective_of(model, **settings):
    frames = labelled(model, 12, seed=4)
    energies = [atoms.get_potential_energy() for atoms in frames]
    return Objective(frames, energies, 6.0, Smoothstep(4.5, 6.0), **settings)


@pytest.fixture(scope="module")
def objective():
    return objective_of(TRUTH, stress_weight=0.3)


def test_a_block_of_several_templates_agrees_with_the_calculator(objective):
    frames = labelled(TRUTH, 12, seed=4)
    energies, forces = objective.predict(MODELS, np.float64)
    stress = objective.stress(MODELS)
    for number, model in enumerate(MODELS):
        start = 0
        for k, atoms in enumerate(frames):
            atoms.calc = potential(model).calculator()
            assert energies[number, k] == pytest.approx(atoms.get_potential_energy() / len(atoms), abs=2e-5)
            np.testing.assert_allclose(forces[number, start : start + len(atoms)], atoms.get_forces(), atol=1e-4)
            np.testing.assert_allclose(stress[k, :, number], atoms.get_stress(), atol=5e-6)
            start += len(atoms)
    single = objective.predict(MODELS)
    np.testing.assert_allclose(single[0], energies, atol=1e-4)
    np.testing.assert_allclose(single[1], forces, atol=1e-3)


def test_the_right_model_has_no_loss(objective):
    losses = objective.losses(MODELS)
    assert losses[0] < 1e-8 < losses[1:].min()


def test_the_strength_of_an_angular_function_is_the_best_there_is(objective):
    start = Model.parse({**EAM, "angular_1": "0.002*exp(-1.1*r) + 0.001*exp(-1.6*r)"})
    split = Split(start)
    assert split.scaled == {"angular_1": [4, 6]} and 4 not in [position for position, *_ in split.nonlinear]
    fit = refine(objective, start, 0).model
    best = objective.losses([fit])[0]
    assert fit.angular_1.values[0] / fit.angular_1.values[2] == pytest.approx(2.0)
    for factor in (0.99, 1.01):
        values = fit.constants
        values[[4, 6]] *= factor
        assert objective.losses([fit.with_constants(values)])[0] > best


def test_a_function_that_should_have_the_other_sign_waits_at_the_least_strength(objective):
    start = Model.parse({**EAM, "angular_1": "1.5*exp(-1.3*r)", "angular_3": "3.0*exp(-1.5*r)"})
    fit = refine(objective, start, 0).model
    assert fit.angular_3.values[0] == pytest.approx(3.0e-4)
    without = refine(objective, Model.parse({**EAM, "angular_1": "1.5*exp(-1.3*r)"}), 0)
    assert objective.losses([fit])[0] == pytest.approx(without.loss, rel=1e-4)


def test_frozen_constants_and_terms_without_a_factor_fix_the_strength(objective):
    for texts, frozen in (({"angular_1": "exp(-1.3*r)"}, ()), ({"angular_1": "1.2*exp(-1.3*r)"}, {("angular_1", 0)})):
        start = Model.parse({**EAM, **texts})
        assert Split(start, frozenset(frozen)).scaled == {}
        assert refine(objective, start, 0, frozen=frozenset(frozen)).model.angular_1 == start.angular_1


@pytest.mark.parametrize("missing", ["angular_1", "angular_2_negative"])
def test_pursuit_names_the_missing_rank_and_its_sign(missing):
    objective = objective_of(Model.parse({**EAM, missing: "1.5*exp(-1.3*r)"}))
    start = refine(objective, Model.parse(EAM, template=ANGULAR_EAM), 50).model
    names = [function.name for function in ANGULAR_EAM.moments]
    shares, coefficients = pursue(objective, start, [(name, "exp(-1.3*r)") for name in names])
    found = int(np.argmax(shares))
    assert names[found] == missing and shares[found] > 0.2
    opposite = names.index(missing.removesuffix("_negative") + "_negative" * (not missing.endswith("_negative")))
    assert shares[opposite] == coefficients[opposite] == 0.0
    grown = Model.parse({**start.formulas, missing: f"{float(coefficients[found])!r}*exp(-1.3*r)"})
    assert refine(objective, grown, 50).loss < 0.1 * objective.losses([start])[0]


def test_a_wrong_start_is_refined_to_the_right_constants(objective):
    texts = {"pair": "1000.0*exp(-3.2*r)", "density": "exp(-1.9*r)", "embedding": "-20.0*sqrt(rho)"}
    start = Model.parse({**texts, "angular_1": "0.5*exp(-1.0*r)", "angular_3_negative": "0.5*exp(-1.2*r)"})
    fit = refine(objective, start, 100, tolerance=1e-10, deviations=True)
    assert fit.loss < 1e-8
    np.testing.assert_allclose(fit.model.constants, TRUTH.constants, rtol=2e-2)
    assert np.isfinite(fit.deviations).all() and (fit.deviations > 0).all()


def silicon_of_stillinger_and_weber(cutoff):
    """Hot diamond cells with the labels of the published potential."""
    calculator, frames, random = published("stillinger-weber").calculator(), [], np.random.default_rng(2)
    for a in (5.0, 5.2, 5.4, 5.4, 5.6, 5.8):
        atoms = bulk("Si", "diamond", a, cubic=True)
        atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.03 * random.normal(size=(3, 3))), scale_atoms=True)
        atoms.positions += 0.2 * random.normal(size=atoms.positions.shape)
        atoms.calc = calculator
        labels = {"energy": atoms.get_potential_energy(), "forces": atoms.get_forces()}
        atoms.calc = SinglePointCalculator(atoms, **labels)
        frames.append(atoms)
    energies = [atoms.get_potential_energy() for atoms in frames]
    return Objective(frames, energies, cutoff, Smoothstep(cutoff - 0.1, cutoff))


def test_the_form_of_stillinger_and_weber_is_refitted_to_its_own_silicon():
    cutoff = 3.77118 - BEYOND
    objective, form = silicon_of_stillinger_and_weber(cutoff), load_form("stillinger-weber")
    fixed = [name == "rc" for formula in form.model.functions.values() for name in formula.names]
    values = form.model.constants
    changed = np.where(fixed, values, values * np.exp(np.random.default_rng(0).normal(0.0, 0.08, len(values))))
    start = replace(form, model=form.model.with_constants(changed))
    fit = refit(start, objective, starts=1)
    assert fit.loss < 1e-6 < objective.losses([start.at_cutoff(cutoff).model])[0]
    assert "rc" not in fit.constants
    for name, value in {"a": 5.5096, "b": 5.5096, "h": 2.51412, "k": 2.51412, "e": 10.1187}.items():
        assert fit.constants[name] == pytest.approx(value, rel=0.03), name


def test_functions_end_with_the_cutoff_of_the_fit():
    form = load_form("stillinger-weber")
    assert form.at_cutoff(5.0).model.density.values[-1] == pytest.approx(5.0 + BEYOND)
    other = load_form("gp1")
    assert other.at_cutoff(5.0) is other


def test_text_without_angular_functions_is_of_no_angular_template():
    plain = parse_form("phi = a1*exp(-b1*r); f = exp(-w*r); F = -u*sqrt(rho); a1 = 900; b1 = 3.5; w = 2.0; u = 25")
    assert plain.model.template is EAM_TEMPLATE and plain.start["a1"] == 900.0
    angular = parse_form("phi = A*exp(-p*r); f = exp(-q*r); F = -B*sqrt(rho); a2 = C*exp(-r); A=9; p=3; q=2; B=5; C=1")
    assert angular.model.template is ANGULAR_EAM and list(angular.model.functions)[-1] == "angular_2"
    adp = parse_form("phi = 9.0*exp(-3.0*r); f = exp(-2.0*r); F = -5.0*sqrt(rho); w = exp(-r)")
    assert adp.model.template is ADP
