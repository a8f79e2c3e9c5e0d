"""Real solid harmonics against Legendre's polynomials, finite differences and Euler's theorem."""

import numpy as np
import pytest
from numpy.polynomial.legendre import Legendre

from srlab.harmonics import GRADIENTS, HARMONICS, RANKS


@pytest.fixture
def vectors():
    found = np.random.default_rng(3).normal(size=(2, 200, 3))
    return found / np.linalg.norm(found, axis=2, keepdims=True)


@pytest.mark.parametrize("rank", RANKS)
def test_addition_theorem(rank, vectors):
    u, v = vectors
    products = sum(a * b for a, b in zip(HARMONICS[rank](*u.T), HARMONICS[rank](*v.T)))
    np.testing.assert_allclose(products, Legendre.basis(rank)((u * v).sum(axis=1)), atol=1e-14)
    assert len(HARMONICS[rank](*u.T)) == 2 * rank + 1


@pytest.mark.parametrize("rank", RANKS)
def test_gradients_are_those_of_the_harmonics(rank, vectors):
    x = 1.7 * vectors[0]  # anywhere in space, not on the unit sphere only
    gradients = np.array(GRADIENTS[rank](*x.T))
    for axis, step in enumerate(1e-5 * np.eye(3)):
        numerical = (np.array(HARMONICS[rank](*(x + step).T)) - np.array(HARMONICS[rank](*(x - step).T))) / 2e-5
        np.testing.assert_allclose(gradients[:, axis], numerical, atol=1e-8)


@pytest.mark.parametrize("rank", RANKS)
def test_they_are_homogeneous_of_the_degree_of_their_rank(rank, vectors):
    """Euler: x . grad f = l f; the kernels rely on it."""
    x = 0.6 * vectors[1]
    radial = (np.array(GRADIENTS[rank](*x.T)) * x.T).sum(axis=1)
    np.testing.assert_allclose(radial, rank * np.array(HARMONICS[rank](*x.T)), atol=1e-14)


@pytest.mark.parametrize("rank", RANKS)
def test_odd_ranks_change_sign_with_the_vector(rank, vectors):
    x = vectors[0]
    np.testing.assert_allclose(HARMONICS[rank](*(-x).T), (-1) ** rank * np.array(HARMONICS[rank](*x.T)), atol=1e-15)
