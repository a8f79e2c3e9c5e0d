"""Moves stay in bounds, reach what they should and respect the window."""

import numpy as np
import pytest

from srlab.expressions.units import DEFAULT_GROUPS
from srlab.search import moves
from srlab.search.network import ModelNetwork


@pytest.fixture(scope="module")
def network():
    return ModelNetwork(DEFAULT_GROUPS)


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
            assert getattr(child, part).text in (getattr(network.model(a), part).text, getattr(network.model(b), part).text)


def test_pruning_removes_one_term(network):
    rng = np.random.default_rng(4)
    vector = moves.seed_vector(network, rng)
    while len(network.active(vector)) < 5:
        vector = moves.perturb(network, vector, 1.0, rng)
    shorter = moves.without_one_unit(network, vector)
    assert shorter and all(len(network.active(new)) == len(network.active(vector)) - 1 for new in shorter)


def test_a_model_absorbs_into_its_vector(network):
    rng = np.random.default_rng(5)
    vector = moves.seed_vector(network, rng)
    model = network.model(vector)
    np.testing.assert_allclose(network.absorb(vector, model), vector, atol=1e-12)
