"""Equation learners: the dead zone switches terms, extraction means what the network computes, vectors absorb fits."""

import numpy as np
import pytest

from srlab.errors import InputError
from srlab.expressions import Formula
from srlab.expressions.domain import DomainError, check_embedding, check_radial, check_repulsion
from srlab.expressions.equation_learner import COEFFICIENTS, DEAD_ZONE, EquationLearner
from srlab.expressions.terms import RADIAL
from srlab.templates import templates
from srlab.templates.angular import ANGULAR_EAM
from srlab.templates.eam import EAM

FUNCTIONS = list(
    {function.title + str(function.variables): function for each in templates() for function in each.functions}.values()
)


def learner_of(function, groups=None):
    terms = tuple(term for term in function.terms if groups is None or term.group in groups)
    return EquationLearner(terms, function.variables, function.positive)


def network(learner, vector, variables):
    """The network as it is drawn: the sum of all its terms, each times the weight of its edge."""
    total, begun = 0.0, False
    for slot in learner.slots:
        weight = 2.0 * vector[slot.start] - 1.0
        if abs(weight) <= DEAD_ZONE:
            continue
        if learner.positive:
            low, high = COEFFICIENTS
            share = (abs(weight) - DEAD_ZONE) / (1.0 - DEAD_ZONE)
            weight = 10.0 ** (low + (high - low) * share) if begun else 1.0
        least, most = np.array(slot.term.least), np.array(slot.term.most)
        term = learner.parse(slot.term.text(least + (most - least) * vector[slot.inner]))
        total, begun = total + weight * term.value(*variables), True
    return total


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: f"{each.name}({each.arguments})")
def test_the_extracted_formula_is_the_network(function):
    learner, rng = learner_of(function), np.random.default_rng(1)
    x = np.linspace(1.5, 5.0, 9)
    compared = 0
    for _ in range(30):
        vector = rng.random(learner.size)
        weights = learner.weights(vector)
        if not weights.any():
            continue
        variables = (x, 0.3 * x[::-1].copy())[: len(function.variables)]
        formula = learner.formula(vector).value(*variables)
        np.testing.assert_allclose(formula, network(learner, vector, variables), rtol=1e-9)
        compared += 1
    assert compared >= 5


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: f"{each.name}({each.arguments})")
def test_the_dead_zone_switches_a_term(function):
    learner = learner_of(function, EAM.default_groups)
    vector = np.full(learner.size, 0.5)
    first, second = learner.slots[0], learner.slots[1]
    vector[first.start] = 1.0
    assert learner.formula(vector).text.count(function.variables[0][:3]) >= 1
    alone = learner.formula(vector).complexity
    vector[second.start] = 0.5 + 0.5 * (DEAD_ZONE + 1e-6)
    assert learner.formula(vector).complexity > alone
    vector[second.start] = 0.5 + 0.5 * (DEAD_ZONE - 1e-6)
    assert learner.formula(vector).complexity == alone


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: f"{each.name}({each.arguments})")
def test_a_vector_absorbs_the_constants_of_its_own_formula(function):
    learner, rng = learner_of(function), np.random.default_rng(3)
    for _ in range(20):
        vector = rng.random(learner.size)
        formula, absorbed = learner.formula(vector), learner.absorb(vector, learner.formula(vector))
        for slot in learner.slots:  # a weight may change its sign or, where it stands for nothing, stay
            np.testing.assert_allclose(absorbed[slot.inner], vector[slot.inner], atol=1e-12)
        np.testing.assert_allclose(learner.formula(absorbed).constants, formula.constants, rtol=1e-12)
        values = formula.constants * 1.01
        moved = learner.formula(learner.absorb(vector, formula.with_constants(values)))
        assert moved.structure == formula.structure


def test_a_squared_function_keeps_how_its_terms_are_to_each_other():
    """A fit solves for its scale alone, so the vector must know the rest, signs and all."""
    function = ANGULAR_EAM["angular_2"]
    learner = EquationLearner(function.terms, function.variables, optional=True, squared=True)
    vector = np.full(learner.size, 0.5)
    for slot in learner.slots[:3]:
        vector[slot.start] = 0.9
    formula = learner.formula(vector)
    values = formula.constants
    coefficients = sorted(formula.linear)
    values[coefficients] = -4.0, 0.02, -300.0
    kept = learner.formula(learner.absorb(vector, formula.with_constants(values))).constants
    np.testing.assert_allclose(kept[coefficients], [1.0, -0.005, 75.0], rtol=1e-9)
    others = [k for k in range(len(values)) if k not in coefficients]
    np.testing.assert_allclose(kept[others], values[others], rtol=1e-9)


def test_operators_are_checked_by_name():
    assert EAM.check_groups(["sqrt", "exp"]) == ("exp", "sqrt")
    with pytest.raises(InputError, match="unknown operator 'sinh': choose from exp"):
        EAM.check_groups(["exp", "sinh"])
    with pytest.raises(InputError, match="no operator is left for the pair function"):
        EAM.check_groups(["sqrt"])
    with pytest.raises(InputError, match="no operator is left for the embedding"):
        EAM.check_groups(["exp"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.0/(r - 3.0)", "r = 3"),
        ("exp(800.0*r)", "r = 0.5 A"),
        ("log(r - 1.0)", "r = 0.5"),
        ("0.1*exp(0.5*r) + r^(-9.0)", "grows beyond"),
    ],
)
def test_poles_and_overflow_are_found_over_the_whole_domain(text, words):
    with pytest.raises(DomainError, match=words):
        check_radial(Formula.parse(text), 6.0)
    check_radial(Formula.parse("900.0*exp(-3.5*r)"), 6.0)


def test_a_density_must_not_be_negative():
    with pytest.raises(DomainError, match="negative at r ="):
        check_radial(Formula.parse("exp(-1.0*r) - 0.5*exp(-0.8*r)"), 6.0, positive=True)


def test_an_isolated_atom_has_no_energy():
    check_embedding(Formula.parse("-2.0*sqrt(rho)", "rho"), 10.0)
    with pytest.raises(DomainError, match="isolated atom"):
        check_embedding(Formula.parse("1.0/rho", "rho"), 10.0)
    check_embedding(Formula.parse("1.0/rho", "rho"), 10.0, allow_divergence=True)


def test_holes_are_found():
    check_repulsion(Formula.parse("385.0*r^(-7.0)"))
    with pytest.raises(DomainError, match="hole at r = 1.00 A"):
        check_repulsion(Formula.parse("exp(-2.0*(r - 2.0)^2)"))
    within = Formula.parse("-1.0*exp(-60.0*(r - 2.25)^2) + 50.0*exp(-3.0*r)")  # lithium's hole, not copper's
    check_repulsion(within)
    with pytest.raises(DomainError, match="hole at r = 2.2"):
        check_repulsion(within, 1.2)


def test_ranges_follow_the_neighbour_distance():
    """A term with constants at the ends of their ranges has the same value at the same share of a length."""
    reduced = np.linspace(0.6, 2.4, 7)
    for unit in RADIAL:
        for scale in (0.8, 1.25):
            for ends in ("low", "high", "least", "most"):
                value = [
                    Formula.parse(each.text(getattr(each, ends))).value(length * reduced)
                    for each, length in ((unit, 1.0), (unit.scaled(scale), scale))
                ]
                if unit.group == "exp" or unit.group in ("gauss", "cos", "wave"):
                    assert value[1] == pytest.approx(value[0], rel=1e-9), unit
                else:  # powers of r in angstrom: the same constants without a length, decays in 1/A
                    assert unit.scaled(scale).low[:1] == unit.low[:1] or unit.lengths[0]
        assert unit.scaled(1.0) is unit
