"""Compiled loops over the pair list. Lanes (the last axis) are candidates of a block, or columns of a Jacobian.

Each pair is read once for all lanes. All arrays are contiguous; tables are (grid points, lanes), quantities of atoms
(atoms, lanes), forces (atoms, 3, lanes). `width` is a tuple of as many zeros as there are lanes: the compiled code is
made for that number. A call adds to its last arguments.
"""

from __future__ import annotations

from srlab.compiled import njit
from srlab.fitting.simd import accumulate, add, interpolate, load, multiply, scale

_OPTIONS = dict(nogil=True, cache=True, fastmath=True, error_model="numpy")


@njit(**_OPTIONS)
def densities(i, j, bins, weight, f, width, rho):
    """Sum of f over the neighbours of each atom; rho (atoms, lanes)."""
    lanes = len(width)
    one = weight.dtype.type(1.0)
    for p in range(i.shape[0]):
        value = interpolate(f, bins[p] * lanes, weight[p], width)
        accumulate(rho, i[p] * lanes, value, one)
        accumulate(rho, j[p] * lanes, value, one)


@njit(**_OPTIONS)
def _push(forces, i, j, lanes, g, x, y, z):
    """A force g along (x, y, z) on atom i and its reaction on atom j."""
    first, second = i * 3 * lanes, j * 3 * lanes
    accumulate(forces, first, g, x)
    accumulate(forces, first + lanes, g, y)
    accumulate(forces, first + 2 * lanes, g, z)
    accumulate(forces, second, g, -x)
    accumulate(forces, second + lanes, g, -y)
    accumulate(forces, second + 2 * lanes, g, -z)


@njit(**_OPTIONS)
def block_forces(i, j, bins, weight, unit, dphi, df, dembedding, width, forces):
    """Forces of a block of candidates, one a lane: slopes dphi, df (grid, lanes), dF/drho at each atom (atoms,
    lanes)."""
    lanes = len(width)
    for p in range(i.shape[0]):
        a, b, row = i[p], j[p], bins[p] * lanes
        both = add(load(dembedding, a * lanes, width), load(dembedding, b * lanes, width))
        g = add(interpolate(dphi, row, weight[p], width), multiply(both, interpolate(df, row, weight[p], width)))
        _push(forces, a, b, lanes, g, unit[p, 0], unit[p, 1], unit[p, 2])


@njit(**_OPTIONS)
def pair_columns(i, j, bins, weight, unit, dphi, width, forces):
    """Forces of pair functions with the slopes dphi (grid, lanes)."""
    lanes = len(width)
    for p in range(i.shape[0]):
        g = interpolate(dphi, bins[p] * lanes, weight[p], width)
        _push(forces, i[p], j[p], lanes, g, unit[p, 0], unit[p, 1], unit[p, 2])


@njit(**_OPTIONS)
def embedding_columns(i, j, bins, weight, unit, df, slope_change, width, forces):
    """Forces of changes of dF/drho, slope_change (atoms, lanes), at the density slope df (grid,) that all lanes
    share."""
    lanes = len(width)
    for p in range(i.shape[0]):
        a, b, k = i[p], j[p], bins[p]
        slope = df[k] + weight[p] * (df[k + 1] - df[k])
        g = add(load(slope_change, a * lanes, width), load(slope_change, b * lanes, width))
        _push(forces, a, b, lanes, g, slope * unit[p, 0], slope * unit[p, 1], slope * unit[p, 2])


@njit(**_OPTIONS)
def density_columns(i, j, bins, weight, unit, df, slope_change, dembedding, df_change, width, forces):
    """Forces of changes of the density function: slope_change = F'' drho (atoms, lanes), df_change (grid, lanes)."""
    lanes = len(width)
    for p in range(i.shape[0]):
        a, b, k = i[p], j[p], bins[p]
        slope = df[k] + weight[p] * (df[k + 1] - df[k])
        both = add(load(slope_change, a * lanes, width), load(slope_change, b * lanes, width))
        g = add(
            scale(both, slope),
            scale(interpolate(df_change, k * lanes, weight[p], width), dembedding[a] + dembedding[b]),
        )
        _push(forces, a, b, lanes, g, unit[p, 0], unit[p, 1], unit[p, 2])
