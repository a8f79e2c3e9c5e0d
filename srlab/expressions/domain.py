"""Checks of a formula over its whole domain: poles, overflow, negative densities, holes. Data points alone do not
show them."""

from __future__ import annotations

import numpy as np

from srlab.errors import InputError
from srlab.expressions.formula import Formula
from srlab.expressions.jet import evaluate
from srlab.expressions.syntax import Call, nodes, terms

R_MIN = 0.5
HOLE_FREE_FROM = 1.0
LARGEST = 1e12


def _tail(cutoff):
    return np.linspace(0.8 * cutoff, cutoff, 64), np.linspace(cutoff, 1.5 * cutoff, 64)


class DomainError(InputError):
    """A formula that is undefined, infinite or unphysical somewhere in its domain; the message says where."""


def check_radial(formula: Formula, cutoff: float, positive: bool = False) -> None:
    """Check a function of r on [0.5 A, cutoff], and that no term of it grows beyond.

    positive : also refuse negative values (a density).
    Raises DomainError naming the first bad r in angstrom.
    """
    r = np.linspace(R_MIN, cutoff, 1024)
    value = _check(formula, r, "r", "A")
    for term in terms(formula.root):
        inside, beyond = (
            np.abs(np.broadcast_to(evaluate(term, formula.values, part), part.shape)).max() for part in _tail(cutoff)
        )
        if beyond > 1.001 * inside + 1e-12:
            raise DomainError(f"a term of {formula.short()} grows beyond r = {cutoff:g} A: only the taper holds it")
    if positive and value.min() < -1e-12 * np.abs(value).max():
        raise DomainError(f"the density {formula.short()} is negative at r = {r[np.argmax(value < 0)]:.2f} A")


def check_embedding(formula: Formula, largest, allow_divergence: bool = False) -> None:
    """Check a function of one density on (0, largest], or of two on (0, largest] of each.

    largest : a number for each density; allow_divergence : accept an energy that grows without bound as the densities
        go to zero. Raises DomainError naming the first bad density.
    """
    largest = np.atleast_1d(largest)
    if len(largest) > 1:
        return _check_two_densities(formula, largest, allow_divergence)
    rho = largest[0] * np.concatenate([np.logspace(-9, -2, 64), np.linspace(0.011, 1.0, 512)])
    value = _check(formula, rho, "rho", "")
    if not allow_divergence:
        bulk = np.abs(value[64:]).max()
        if np.abs(value[:16]).max() > 10 * bulk or abs(value[0]) > 0.2 * bulk + 1e-6:
            raise DomainError(
                f"the embedding {formula.short()} does not vanish as rho goes to zero, so an "
                "isolated atom would have an energy"
            )


def _check_two_densities(formula, largest, allow_divergence) -> None:
    """As `check_embedding`, in all combinations of the densities."""
    share = np.concatenate([np.logspace(-9, -2, 16), np.linspace(0.011, 1.0, 48)])
    rho1, rho2 = (part.ravel() for part in np.meshgrid(largest[0] * share, largest[1] * share, indexing="ij"))
    values = formula.value_and_slopes(rho1, rho2)
    good = np.all([np.isfinite(part) for part in values], axis=0) & (np.abs(values[0]) < LARGEST)
    if not good.all():
        first = np.argmin(good)
        raise DomainError(
            f"{formula.short()} has a pole, overflows or is undefined at rho1 = "
            f"{rho1[first]:.4g}, rho2 = {rho2[first]:.4g}"
        )
    if not allow_divergence:
        along = formula.value(largest[0] * share, largest[1] * share)
        bulk = np.abs(along[16:]).max()
        if np.abs(along[:4]).max() > 10 * bulk or abs(along[0]) > 0.2 * bulk + 1e-6:
            raise DomainError(
                f"the embedding {formula.short()} does not vanish with both densities, so an "
                "isolated atom would have an energy"
            )


def check_repulsion(pair: Formula, scale: float = 1.0) -> None:
    """Refuse a pair function with a hole: between 1.0 and 1.9 A it must lie above its value at 2.0 A.

    scale : what these distances, which are copper's, are multiplied with.

    Raises DomainError naming the r of the hole.
    """
    r = scale * np.linspace(HOLE_FREE_FROM, 1.9, 91)
    value = pair.value(r)
    if value.min() < max(float(pair.value(np.array(2.0 * scale))), 0.0):
        raise DomainError(
            f"the pair function {pair.short()} has a hole at r = {r[np.argmin(value)]:.2f} A: it does not repel there"
        )


def check_monotone(pair: Formula, nearest: float, farthest: float) -> None:
    """Refuse a pair function that does not fall all the way between two distances, angstrom.

    Raises DomainError naming the first r at which it does not.
    """
    r = np.linspace(nearest, farthest, 256)
    falling = pair.derivatives(r)[1] < 0.0  # false for nan, too
    if not falling.all():
        raise DomainError(f"the pair function {pair.short()} does not repel at r = {r[np.argmin(falling)]:.2f} A")


def _check(formula, x, name, unit) -> np.ndarray:
    value, first, second = formula.derivatives(x)
    good = np.isfinite(value) & np.isfinite(first) & np.isfinite(second) & (np.abs(value) < LARGEST)
    with np.errstate(all="ignore"):
        for node in nodes(formula.root):
            if isinstance(node, Call):
                arguments = [evaluate(a, formula.values, x) for a in node.arguments]
                good &= node.operator.allowed(*arguments)
    if not good.all():
        raise DomainError(
            f"{formula.short()} has a pole, overflows or is undefined at {name} = "
            f"{x[np.argmin(good)]:.4g} {unit}".rstrip()
        )
    return value
