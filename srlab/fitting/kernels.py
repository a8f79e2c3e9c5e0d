"""Compiled loops over the pair list. Lanes (the last axis) are candidates of a block, or columns of a Jacobian.

Each pair is read once for all lanes, and the innermost loops run over contiguous lanes, so that they vectorise.
All tables are (grid points, lanes); rho and its derivatives are (atoms, lanes); lanes of unequal type never mix.
"""

from __future__ import annotations

import numba

_OPTIONS = dict(nogil=True, cache=True, fastmath=True, error_model="numpy")


@numba.njit(**_OPTIONS)
def radial_sums(i, j, bins, weight, pair_start, phi, f, energy, rho):
    """Pair energies per frame and densities per atom: adds to energy (frames, lanes) and rho (atoms, lanes)."""
    pair_lanes, density_lanes = phi.shape[1], f.shape[1]
    for frame in range(energy.shape[0]):
        for p in range(pair_start[frame], pair_start[frame + 1]):
            k, w, a, b = bins[p], weight[p], i[p], j[p]
            for c in range(pair_lanes):
                energy[frame, c] += phi[k, c] + w * (phi[k + 1, c] - phi[k, c])
            for c in range(density_lanes):
                value = f[k, c] + w * (f[k + 1, c] - f[k, c])
                rho[a, c] += value
                rho[b, c] += value


@numba.njit(**_OPTIONS)
def block_forces(i, j, bins, weight, unit, dphi, df, dembedding, forces):
    """Forces of a block of candidates, one a lane: adds to forces (atoms, 3, lanes).

    dphi, df : (grid, lanes) radial derivatives; dembedding : (atoms, lanes) dF/drho at each atom.
    """
    lanes = dphi.shape[1]
    for p in range(i.shape[0]):
        k, w, a, b = bins[p], weight[p], i[p], j[p]
        x, y, z = unit[p, 0], unit[p, 1], unit[p, 2]
        for c in range(lanes):
            slope = df[k, c] + w * (df[k + 1, c] - df[k, c])
            g = dphi[k, c] + w * (dphi[k + 1, c] - dphi[k, c]) + (dembedding[a, c] + dembedding[b, c]) * slope
            forces[a, 0, c] += g * x
            forces[a, 1, c] += g * y
            forces[a, 2, c] += g * z
            forces[b, 0, c] -= g * x
            forces[b, 1, c] -= g * y
            forces[b, 2, c] -= g * z


@numba.njit(**_OPTIONS)
def pair_columns(i, j, bins, weight, unit, dphi, forces):
    """Columns that are pair functions: adds to forces (atoms, 3, lanes) what the slopes dphi (grid, lanes) give."""
    lanes = dphi.shape[1]
    for p in range(i.shape[0]):
        k, w, a, b = bins[p], weight[p], i[p], j[p]
        x, y, z = unit[p, 0], unit[p, 1], unit[p, 2]
        for c in range(lanes):
            g = dphi[k, c] + w * (dphi[k + 1, c] - dphi[k, c])
            forces[a, 0, c] += g * x
            forces[a, 1, c] += g * y
            forces[a, 2, c] += g * z
            forces[b, 0, c] -= g * x
            forces[b, 1, c] -= g * y
            forces[b, 2, c] -= g * z


@numba.njit(**_OPTIONS)
def embedding_columns(i, j, bins, weight, unit, df, slope_change, forces):
    """Columns that change dF/drho only: df (grid,) is shared, slope_change (atoms, lanes)."""
    lanes = slope_change.shape[1]
    for p in range(i.shape[0]):
        k, w, a, b = bins[p], weight[p], i[p], j[p]
        slope = df[k] + w * (df[k + 1] - df[k])
        x, y, z = unit[p, 0] * slope, unit[p, 1] * slope, unit[p, 2] * slope
        for c in range(lanes):
            g = slope_change[a, c] + slope_change[b, c]
            forces[a, 0, c] += g * x
            forces[a, 1, c] += g * y
            forces[a, 2, c] += g * z
            forces[b, 0, c] -= g * x
            forces[b, 1, c] -= g * y
            forces[b, 2, c] -= g * z


@numba.njit(**_OPTIONS)
def density_columns(i, j, bins, weight, unit, df, slope_change, dembedding, df_change, forces):
    """Columns that change the density function: slope_change = F'' drho (atoms, lanes), df_change (grid, lanes)."""
    lanes = slope_change.shape[1]
    for p in range(i.shape[0]):
        k, w, a, b = bins[p], weight[p], i[p], j[p]
        slope = df[k] + w * (df[k + 1] - df[k])
        both = dembedding[a] + dembedding[b]
        x, y, z = unit[p, 0], unit[p, 1], unit[p, 2]
        for c in range(lanes):
            change = df_change[k, c] + w * (df_change[k + 1, c] - df_change[k, c])
            g = (slope_change[a, c] + slope_change[b, c]) * slope + both * change
            forces[a, 0, c] += g * x
            forces[a, 1, c] += g * y
            forces[a, 2, c] += g * z
            forces[b, 0, c] -= g * x
            forces[b, 1, c] -= g * y
            forces[b, 2, c] -= g * z


@numba.njit(**_OPTIONS)
def pair_virials(i, j, bins, weight, unit, distance, pair_start, dphi, df, dembedding, virial):
    """Adds sum of g r_a r_b / r over half pairs (xx, yy, zz, yz, xz, xy) to virial (frames, 6, lanes), in eV."""
    lanes = dphi.shape[1]
    for frame in range(virial.shape[0]):
        for p in range(pair_start[frame], pair_start[frame + 1]):
            k, w, a, b = bins[p], weight[p], i[p], j[p]
            x, y, z, r = unit[p, 0], unit[p, 1], unit[p, 2], distance[p]
            for c in range(lanes):
                slope = df[k, c] + w * (df[k + 1, c] - df[k, c])
                g = r * (dphi[k, c] + w * (dphi[k + 1, c] - dphi[k, c]) + (dembedding[a, c] + dembedding[b, c]) * slope)
                virial[frame, 0, c] += g * x * x
                virial[frame, 1, c] += g * y * y
                virial[frame, 2, c] += g * z * z
                virial[frame, 3, c] += g * y * z
                virial[frame, 4, c] += g * x * z
                virial[frame, 5, c] += g * x * y
