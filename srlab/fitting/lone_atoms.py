"""What an embedding says of atoms without neighbours: its limit as the density goes to zero.

Square roots and powers below one have the limit zero there, but no finite slope, and the derivative of a power by its
exponent is zero times a logarithm of zero. No pair asks for that slope, so it is set to zero, and everything else is
evaluated at a density that is small enough.
"""

from __future__ import annotations

import numpy as np

NO_DENSITY = 1e-200
"""Stands for a density of zero; so small that a power of 0.05 of it is below 1e-9."""


def with_floor(rho):
    """Densities, an array of numpy or torch that is changed, with `NO_DENSITY` in place of zero."""
    rho[rho == 0.0] = NO_DENSITY
    return rho


def values_and_slopes(embedding, *rho) -> tuple[np.ndarray, ...]:
    """Value and slopes of an embedding at densities (n,) from `with_floor`; slopes by a density of zero are zero."""
    value, *slopes = embedding.value_and_slopes(*rho)
    if diverges(embedding, *rho):
        return np.full_like(value, np.inf), *slopes
    return value, *quiet(rho, slopes)


def quiet(rho, slopes) -> list[np.ndarray]:
    """Derivatives by each density, (n,) or (n, lanes), with zero where that density is zero."""
    return [
        np.where(_along(each == NO_DENSITY, slope), 0.0, slope) if (each == NO_DENSITY).any() else slope
        for each, slope in zip(rho, slopes)
    ]


def diverges(embedding, *rho) -> bool:
    """Whether some density is zero and the embedding infinite there, as log(rho) or 1/rho."""
    if not any((each == NO_DENSITY).any() for each in rho):
        return False
    return bool(np.isinf(embedding.value(*(np.where(each == NO_DENSITY, 0.0, each) for each in rho))).any())


def _along(mask, values):
    return mask if np.ndim(values) == 1 else mask[:, None]
