"""Every operator: its forms agree, its derivatives are right, and it says where it is undefined."""

import numpy as np
import pytest
import sympy
import torch

from srlab.expressions.operators import FUNCTIONS, INFIX, OPERATORS

POSITIVE = np.array([0.3, 0.9, 1.7, 2.4])


def arguments(operator):
    return (POSITIVE,) if operator.arity == 1 else (POSITIVE, np.array([1.5, -0.7, 2.0, 0.4]))


@pytest.mark.parametrize("name", OPERATORS)
def test_torch_and_sympy_give_the_same_value(name):
    operator = OPERATORS[name]
    u = arguments(operator)
    np.testing.assert_allclose(operator.torch(*(torch.tensor(a) for a in u)).numpy(), operator.value(*u), rtol=1e-14)
    symbols = sympy.symbols("a b")[: operator.arity]
    function = sympy.lambdify(symbols, operator.sympy(*symbols), "numpy")
    np.testing.assert_allclose(function(*u), operator.value(*u), rtol=1e-14)


@pytest.mark.parametrize("name", OPERATORS)
def test_partials_agree_with_torch(name):
    operator = OPERATORS[name]
    u = [torch.tensor(a, requires_grad=True) for a in arguments(operator)]
    gradient, hessian = operator.partials(*arguments(operator))
    first = torch.autograd.grad(operator.torch(*u).sum(), u, create_graph=True)
    for i, g in enumerate(first):
        np.testing.assert_allclose(np.broadcast_to(gradient[i], POSITIVE.shape), g.detach(), rtol=1e-12, atol=1e-14)
        second = (
            torch.autograd.grad(g.sum(), u, retain_graph=True, allow_unused=True)
            if g.requires_grad
            else [None] * len(u)
        )
        for j, h in enumerate(second):
            if j >= i:
                expected = np.zeros_like(POSITIVE) if h is None else h.numpy()
                np.testing.assert_allclose(
                    np.broadcast_to(hessian.get((i, j), 0.0), POSITIVE.shape), expected, rtol=1e-12, atol=1e-14
                )


@pytest.mark.parametrize("name", OPERATORS)
def test_no_numbers_have_no_derivatives(name):
    """Atoms without neighbours are asked for, too: a dimer beyond the cutoff."""
    operator, nothing = OPERATORS[name], np.array([])
    with np.errstate(all="ignore"):
        first, _ = operator.partials(*(nothing for _ in range(operator.arity)))
    assert all(np.shape(each) in ((), (0,)) for each in first if each is not None)


def test_a_pole_between_two_grid_points_is_seen():
    x = np.linspace(0.0, 2.0, 8)
    good = OPERATORS["div"].allowed(np.ones_like(x), x - 0.99)
    assert not good.all() and good.sum() >= len(x) - 2


def test_powers_of_negative_numbers_are_allowed_for_whole_exponents_only():
    base = np.array([-2.0, -1.0, 1.0])
    with np.errstate(all="ignore"):
        assert OPERATORS["pow"].allowed(base, 2.0).all()
        assert not OPERATORS["pow"].allowed(base, 0.5).all()


def test_names_and_symbols_are_unique():
    assert set(FUNCTIONS) == {"exp", "log", "sqrt", "cos", "sin", "tanh"}
    assert set(INFIX) == {"+", "-", "*", "/", "^"}
