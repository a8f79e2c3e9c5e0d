"""Compiled loops for sums over neighbours of rank 1 to 3; see `srlab.harmonics` for what they are made of,
`srlab.fitting.kernels` for lanes.

A moment of an atom is A_m = sum_j a(r_j) C_m(u_j), u_j the unit vector to neighbour j; moments and what an energy
changes by with them, the gains dE/dA, are arrays (atoms, 2 rank + 1, lanes). Seen from the other end of a pair the
vector is turned round, which changes the sign of odd ranks.

With X = sum_m G_m grad C_m(u), the derivative of sum_m G_m a(r) C_m(u) by the vector between the atoms is a(r)/r X +
(a'(r) - l a(r)/r) (X.u / l) u, for X.u = l sum_m G_m C_m (Euler's theorem). Its two radial factors are the tables
`across` = a/r and `along` = a'/l - a/r.

Forces and virials come from one pass: virial (frames, 6, lanes) takes r_a dE/dr_b in Voigt's order xx, yy, zz, yz,
xz, xy, summed over the pairs of a frame (only the sum over all pairs is symmetric), or has no frames where nobody
asks for it.
"""

from __future__ import annotations

import numpy as np

from srlab import harmonics
from srlab.compiled import njit
from srlab.fitting.simd import accumulate, add, first, interpolate, load, multiply, scale

_OPTIONS = dict(nogil=True, cache=True, fastmath=True, error_model="numpy")

_first, _second, _third = (njit(**_OPTIONS)(harmonics.HARMONICS[rank]) for rank in harmonics.RANKS)
_first_gradients, _second_gradients, _third_gradients = (
    njit(**_OPTIONS)(harmonics.GRADIENTS[rank]) for rank in harmonics.RANKS
)


@njit(**_OPTIONS)
def _add_moments(out, row_i, row_j, lanes, value, turned, values):
    """Add lanes times harmonics, a tuple, to the moments of both atoms of a pair."""
    for m in range(len(values)):
        accumulate(out, row_i + m * lanes, value, values[m])
        accumulate(out, row_j + m * lanes, value, turned * values[m])


@njit(**_OPTIONS)
def moments(i, j, bins, weight, unit, a, rank, width, out):
    """Moments of the neighbours of each atom from the radial table a (grid, lanes); out (atoms, 2 rank + 1, lanes)."""
    lanes = len(width)
    row = (2 * rank + 1) * lanes
    for p in range(i.shape[0]):
        # components in float64, so that all harmonics are of one type; a tuple of each rank, so that loops over it
        # have a fixed length and are unrolled
        x, y, z = np.float64(unit[p, 0]), np.float64(unit[p, 1]), np.float64(unit[p, 2])
        value = interpolate(a, bins[p] * lanes, weight[p], width)
        if rank == 1:
            _add_moments(out, i[p] * row, j[p] * row, lanes, value, -1.0, _first(x, y, z))
        elif rank == 2:
            _add_moments(out, i[p] * row, j[p] * row, lanes, value, 1.0, _second(x, y, z))
        else:
            _add_moments(out, i[p] * row, j[p] * row, lanes, value, -1.0, _third(x, y, z))


@njit(**_OPTIONS)
def _of_one(gain, row_i, row_j, turned, gradient, width):
    """What one harmonic adds to X: the gains of both atoms times the three components of its gradient."""
    both = add(load(gain, row_i, width), scale(load(gain, row_j, width), turned))
    return scale(both, gradient[0]), scale(both, gradient[1]), scale(both, gradient[2])


@njit(**_OPTIONS)
def _of_two(a, b):
    return add(a[0], b[0]), add(a[1], b[1]), add(a[2], b[2])


@njit(**_OPTIONS)
def _slope(gain, i, j, rank, lanes, ux, uy, uz, width):
    """X of a pair whose unit vector is (ux, uy, uz): lanes of its three components."""
    ux, uy, uz = np.float64(ux), np.float64(uy), np.float64(uz)
    row = (2 * rank + 1) * lanes
    i, j = i * row, j * row
    if rank == 1:  # written out, as a loop over a tuple of many lanes is not unrolled
        g = _first_gradients(ux, uy, uz)
        total = _of_one(gain, i, j, -1.0, g[0], width)
        total = _of_two(total, _of_one(gain, i + lanes, j + lanes, -1.0, g[1], width))
        total = _of_two(total, _of_one(gain, i + 2 * lanes, j + 2 * lanes, -1.0, g[2], width))
    elif rank == 2:
        g = _second_gradients(ux, uy, uz)
        total = _of_one(gain, i, j, 1.0, g[0], width)
        total = _of_two(total, _of_one(gain, i + lanes, j + lanes, 1.0, g[1], width))
        total = _of_two(total, _of_one(gain, i + 2 * lanes, j + 2 * lanes, 1.0, g[2], width))
        total = _of_two(total, _of_one(gain, i + 3 * lanes, j + 3 * lanes, 1.0, g[3], width))
        total = _of_two(total, _of_one(gain, i + 4 * lanes, j + 4 * lanes, 1.0, g[4], width))
    else:
        g = _third_gradients(ux, uy, uz)
        total = _of_one(gain, i, j, -1.0, g[0], width)
        total = _of_two(total, _of_one(gain, i + lanes, j + lanes, -1.0, g[1], width))
        total = _of_two(total, _of_one(gain, i + 2 * lanes, j + 2 * lanes, -1.0, g[2], width))
        total = _of_two(total, _of_one(gain, i + 3 * lanes, j + 3 * lanes, -1.0, g[3], width))
        total = _of_two(total, _of_one(gain, i + 4 * lanes, j + 4 * lanes, -1.0, g[4], width))
        total = _of_two(total, _of_one(gain, i + 5 * lanes, j + 5 * lanes, -1.0, g[5], width))
        total = _of_two(total, _of_one(gain, i + 6 * lanes, j + 6 * lanes, -1.0, g[6], width))
    return total


@njit(**_OPTIONS)
def _push(forces, i, j, lanes, x, y, z, one):
    """A force (x, y, z) on atom i and its reaction on atom j."""
    first, second = i * 3 * lanes, j * 3 * lanes
    accumulate(forces, first, x, one)
    accumulate(forces, first + lanes, y, one)
    accumulate(forces, first + 2 * lanes, z, one)
    accumulate(forces, second, x, -one)
    accumulate(forces, second + lanes, y, -one)
    accumulate(forces, second + 2 * lanes, z, -one)


@njit(**_OPTIONS)
def _strain(virial, frame, lanes, x, y, z, rx, ry, rz):
    """The virial of a slope (x, y, z) at the vector (rx, ry, rz)."""
    row = frame * 6 * lanes
    accumulate(virial, row, x, rx)
    accumulate(virial, row + lanes, y, ry)
    accumulate(virial, row + 2 * lanes, z, rz)
    accumulate(virial, row + 3 * lanes, z, ry)
    accumulate(virial, row + 4 * lanes, z, rx)
    accumulate(virial, row + 5 * lanes, y, rx)


@njit(**_OPTIONS)
def moment_forces(pair_start, i, j, bins, weight, unit, distance, across, along, gain, rank, width, forces, virial):
    """Forces and virials of a block of candidates, one a lane.

    across, along : tables (grid, lanes); gain : (atoms, 2 rank + 1, lanes).
    """
    lanes = len(width)
    one = weight.dtype.type(1.0)
    for frame in range(pair_start.shape[0] - 1):
        for p in range(pair_start[frame], pair_start[frame + 1]):
            a, b, row = i[p], j[p], bins[p] * lanes
            ux, uy, uz = unit[p, 0], unit[p, 1], unit[p, 2]
            x, y, z = _slope(gain, a, b, rank, lanes, ux, uy, uz, width)
            radial = add(add(scale(x, ux), scale(y, uy)), scale(z, uz))
            radial = multiply(radial, interpolate(along, row, weight[p], width))
            factor = interpolate(across, row, weight[p], width)
            x = add(multiply(x, factor), scale(radial, ux))
            y = add(multiply(y, factor), scale(radial, uy))
            z = add(multiply(z, factor), scale(radial, uz))
            _push(forces, a, b, lanes, x, y, z, one)
            if virial.shape[0]:
                r = distance[p]
                _strain(virial, frame, lanes, x, y, z, r * ux, r * uy, r * uz)


@njit(**_OPTIONS)
def moment_columns(
    pair_start,
    i,
    j,
    bins,
    weight,
    unit,
    distance,
    across,
    along,
    gain,
    across_change,
    along_change,
    gain_change,
    rank,
    width,
    forces,
    virial,
):
    """Forces and virials, to first order, of changes of a radial function, one change a lane.

    across, along (grid,) and gain (atoms, 2 rank + 1) of the function itself, shared by all lanes; across_change,
    along_change (grid, lanes) and gain_change (atoms, 2 rank + 1, lanes).
    """
    lanes = len(width)
    one = weight.dtype.type(1.0)
    for frame in range(pair_start.shape[0] - 1):
        for p in range(pair_start[frame], pair_start[frame + 1]):
            a, b, k, row = i[p], j[p], bins[p], bins[p] * lanes
            ux, uy, uz = unit[p, 0], unit[p, 1], unit[p, 2]
            x, y, z = _slope(gain_change, a, b, rank, lanes, ux, uy, uz, width)
            own = _slope(gain, a, b, rank, 1, ux, uy, uz, (0,))
            sx, sy, sz = first(own[0]), first(own[1]), first(own[2])
            radial = add(
                scale(
                    add(add(scale(x, ux), scale(y, uy)), scale(z, uz)), along[k] + weight[p] * (along[k + 1] - along[k])
                ),
                scale(interpolate(along_change, row, weight[p], width), sx * ux + sy * uy + sz * uz),
            )
            factor = across[k] + weight[p] * (across[k + 1] - across[k])
            factor_change = interpolate(across_change, row, weight[p], width)
            x = add(add(scale(x, factor), scale(factor_change, sx)), scale(radial, ux))
            y = add(add(scale(y, factor), scale(factor_change, sy)), scale(radial, uy))
            z = add(add(scale(z, factor), scale(factor_change, sz)), scale(radial, uz))
            _push(forces, a, b, lanes, x, y, z, one)
            if virial.shape[0]:
                r = distance[p]
                _strain(virial, frame, lanes, x, y, z, r * ux, r * uy, r * uz)
