"""Moves stay in bounds, reach what they should and respect the window."""

import numpy as np
import pytest

from srlab.search import moves
from srlab.search.model_network import ModelNetwork
from srlab.templates.angular import ANGULAR_EAM
from srlab.templates.eam import EAM


@pytest.fixture(scope="module")
def network():
    return ModelNetwork(EAM.default_groups, EAM)


def test_seeds_are_short_and_differ(network):
    rng = np.random.default_rng(0)
    models = [network.model(moves.seed_vector(network, rng)) for _ in range(40)]
    assert max(model.complexity for model in models) <= 40
    assert len({model.structure for model in models}) > 15


def test_perturbations_stay_in_the_unit_cube_and_shrink_with_depth(network):
    rng = np.random.default_rng(1)
    vector = moves.seed_vector(network, rng)
    reach = []
    for depth in (1, 8):
        window = moves.window_at(depth, 1.0)
        steps = []
        for _ in range(200):
            new = moves.perturb(network, vector, window, rng)
            assert (new >= 0).all() and (new <= 1).all()
            steps.append(np.median(np.abs(new - vector)))
        reach.append(np.mean(steps))
    assert reach[1] < 0.5 * reach[0]


def test_a_swap_keeps_the_number_of_terms(network):
    rng = np.random.default_rng(2)
    vector = moves.seed_vector(network, rng)
    changed = [moves.swap(network, vector, rng) for _ in range(30)]
    assert all(len(network.active(new)) == len(network.active(vector)) for new in changed)
    assert len({network.model(new).structure for new in changed}) > 3


def test_a_cross_takes_whole_functions(network):
    rng = np.random.default_rng(3)
    a, b = moves.seed_vector(network, rng), moves.seed_vector(network, rng)
    for _ in range(20):
        child = network.model(moves.cross(network, a, b, rng))
        for part in ("pair", "density", "embedding"):
            assert getattr(child, part).text in (
                getattr(network.model(a), part).text,
                getattr(network.model(b), part).text,
            )


def test_pruning_removes_one_term(network):
    rng = np.random.default_rng(4)
    vector = moves.seed_vector(network, rng)
    while len(network.active(vector)) < 5:
        vector = moves.perturb(network, vector, 1.0, rng)
    shorter = moves.without_one_term(network, vector)
    assert shorter and all(len(network.active(new)) == len(network.active(vector)) - 1 for new in shorter)


def test_a_model_absorbs_into_its_vector(network):
    rng = np.random.default_rng(5)
    vector = moves.seed_vector(network, rng)
    model = network.model(vector)
    np.testing.assert_allclose(network.absorb(vector, model), vector, atol=1e-12)


def test_growth_switches_one_more_unit_on(network):
    rng = np.random.default_rng(6)
    vector = moves.seed_vector(network, rng)
    while (
        network.learners["density"].active(vector[network.spans["density"]])[0]
        is not network.learners["density"].slots[0]
    ):
        vector = moves.seed_vector(network, rng)  # a new density term goes behind the first
    before = {position for _, _, position in network.active(vector)}
    grown = moves.growths(network, vector, 60, rng)
    assert len(grown) == 60 and {growth.part for growth in grown} == {"pair", "density", "embedding"}
    for growth in grown:
        assert len({position for _, _, position in network.active(growth.vector)} - before) == 1
        structure, complexity = network.shape(growth.vector)
        model = network.model(growth.vector)
        assert (structure, complexity) == (model.structure, model.complexity)
        term, place = network.term(growth.vector, growth.part, growth.slot)
        assert (place is None) == (growth.part != "density")
        if place is not None:  # where the coefficient of the new term stands among the constants of its function
            slot_weight = network.learners["density"].coefficient(growth.slot, growth.vector[network.spans["density"]])
            assert model.density.constants[place] == slot_weight


def test_terms_without_constants_take_the_place_of_those_that_have_some(network):
    rng = np.random.default_rng(14)
    vector = np.full(network.size, 0.5)
    for part, slot, position in network.slots:
        if (part, slot.term.pattern) in (("pair", "r^({0})"), ("density", "r^({0})"), ("embedding", "rho^({0})")):
            network.switch_on(vector, slot, position, rng)
    found = [network.model(each) for each in moves.plainer(network, vector)]
    assert {model.embedding.structure for model in found} == {
        network.template["embedding"].parse(f"1.5*{term}").structure
        for term in ("sqrt(rho)", "rho", "rho^2", "rho*log(rho)")
    }
    assert {model.pair.structure for model in found} == {network.model(vector).pair.structure}


def test_new_terms_start_within_their_range(network):
    rng = np.random.default_rng(7)
    for _ in range(20):
        vector = moves.seed_vector(network, rng)
        for part, slot, _position in network.active(vector):
            values = network.learners[part].constants(slot, vector[network.spans[part]])
            assert (values >= np.array(slot.term.low) - 1e-9).all() and (
                values <= np.array(slot.term.high) + 1e-9
            ).all()


@pytest.fixture(scope="module")
def angular():
    return ModelNetwork(ANGULAR_EAM.default_groups, ANGULAR_EAM)


def absent(network, vector):
    return [part for part, learner in network.learners.items() if not learner.active(vector[network.spans[part]])]


def test_seeds_have_about_one_of_all_optional_functions(angular):
    rng = np.random.default_rng(8)
    counts = [6 - len(absent(angular, moves.seed_vector(angular, rng))) for _ in range(200)]
    assert 0.5 < np.mean(counts) < 1.3 and {0, 1, 2} <= set(counts)


def test_optional_functions_come_and_go(angular):
    """By perturbation, growth, shortening and crossing; required ones stay."""
    rng = np.random.default_rng(9)
    vector = moves.seed_vector(angular, rng)
    before, seen = set(absent(angular, vector)), set()
    for _ in range(600):
        new = set(absent(angular, moves.perturb(angular, vector, 1.0, rng)))
        assert len(before - new) <= 1  # no more than one absent function enters at a time
        seen |= before ^ new
    assert before <= seen
    assert {growth.part for growth in moves.growths(angular, vector, 200, rng)} > before
    full = vector.copy()
    for part, slot, position in angular.slots:
        if part in before:
            angular.switch_on(full, slot, position, rng)
    assert absent(angular, full) == []
    assert any(absent(angular, moves.cross(angular, full, vector, rng)) for _ in range(20))
    limit = angular.shape(vector)[1]
    shorter = moves.shortened(angular, full, limit, rng)
    assert angular.shape(shorter)[1] <= limit and absent(angular, shorter)
    assert set(angular.model(shorter).functions) >= set(ANGULAR_EAM.required)
