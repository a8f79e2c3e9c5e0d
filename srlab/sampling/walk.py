"""The moves of the sampler: a random walk of one periodic cell below an energy ceiling.

Three kinds of moves, each accepted when energy, volume, distances and shape stay within bounds: displace one atom,
change the volume, shear the cell at constant volume. The walk is uniform in scaled coordinates and in volume. On the
tables of a one-density potential it is compiled, once for all runs.
"""

from functools import partial

import numpy as np

from srlab.compiled import njit, uninterrupted

FORBIDDEN = 1e9  # eV: stands for an energy that is not finite
COMPACT = 0.65  # smallest height of a cell, in units of the cube root of its volume


def random_numbers(rng, steps, atoms):
    """What a walk of `steps` moves needs: kind (steps,) uniform, atom (steps,) integer, normal (steps, 3, 3)."""
    return rng.random(steps), rng.integers(atoms, size=steps), rng.normal(size=(steps, 3, 3))


# numpy's own cross, det, solve and products of matrices take twenty seconds to compile


@njit(nogil=True, cache=True)
def heights(cell):
    """Volume (with sign) of a cell (3, 3), and the vectors (3, 3) that stand on its faces, each as long as its face is
    large: of the face without axis k, the k-th."""
    faces = np.empty((3, 3))
    for k in range(3):
        a, b = (k + 1) % 3, (k + 2) % 3
        for i in range(3):
            p, q = (i + 1) % 3, (i + 2) % 3
            faces[k, i] = cell[a, p] * cell[b, q] - cell[a, q] * cell[b, p]
    return cell[0, 0] * faces[0, 0] + cell[0, 1] * faces[0, 1] + cell[0, 2] * faces[0, 2], faces


@njit(nogil=True, cache=True)
def product(rows, cell):
    """Rows (n, 3) times a matrix (3, 3)."""
    found = np.empty((rows.shape[0], 3))
    for i in range(rows.shape[0]):
        for k in range(3):
            found[i, k] = rows[i, 0] * cell[0, k] + rows[i, 1] * cell[1, k] + rows[i, 2] * cell[2, k]
    return found


@njit(nogil=True, cache=True)
def propose(scaled, cell, volume, volumes, sizes, dice, pick, normal, fixed_cell):
    """One move: its kind (0 an atom, 1 the volume, 2 the shape), whether it stays within the bounds, and where it
    leads (scaled, cell, volume)."""
    n = scaled.shape[0]
    if fixed_cell or dice < 0.8:
        new, (signed, faces) = scaled.copy(), heights(cell)
        for k in range(3):
            along = normal[0, 0] * faces[k, 0] + normal[0, 1] * faces[k, 1] + normal[0, 2] * faces[k, 2]
            new[pick, k] = (scaled[pick, k] + along * sizes[0] / signed) % 1.0
        return 0, True, new, cell, volume
    if dice < 0.9:
        room = volume + normal[0, 0] * sizes[1] * n
        if room < volumes[0] * n or room > volumes[1] * n:
            return 1, False, scaled, cell, volume
        return 1, True, scaled, cell * (room / volume) ** (1.0 / 3.0), room
    box = cell + product(cell, normal * sizes[2])
    box = box * (volume / abs(heights(box)[0])) ** (1.0 / 3.0)
    faces, widest = heights(box)[1], 0.0
    for k in range(3):
        widest = max(widest, np.sqrt((faces[k] * faces[k]).sum()))
    return 2, volume / widest >= COMPACT * volume ** (1.0 / 3.0), scaled, box, volume


@njit(nogil=True, cache=True)
def table_energy(
    scaled, cell, volume, cutoff, start, r_scale, phi, density, u_start, u_scale, embedding, rooted, offset
):
    """Energy (eV) and shortest distance (angstrom) of scaled positions (n, 3) in a cell (3, 3) of a volume
    (angstrom^3), all float64.

    The rest are the tables of :func:`srlab.sampling.energy_surface.potential_tables`. An energy that is not in them is
    FORBIDDEN.
    """
    n = scaled.shape[0]
    x, rho, reach = product(scaled, cell), np.zeros(n), np.zeros(3, np.int64)
    faces = heights(cell)[1]
    for k in range(3):
        reach[k] = int(cutoff * np.sqrt((faces[k] * faces[k]).sum()) / volume) + 1
    total, shortest = offset * n, 1e9
    for a in range(0, reach[0] + 1):
        for b in range(-reach[1], reach[1] + 1):
            for c in range(-reach[2], reach[2] + 1):
                # one of each image and its opposite
                if a == 0 and (b < 0 or (b == 0 and c < 0)):
                    continue
                home = a == 0 and b == 0 and c == 0
                tx = a * cell[0, 0] + b * cell[1, 0] + c * cell[2, 0]
                ty = a * cell[0, 1] + b * cell[1, 1] + c * cell[2, 1]
                tz = a * cell[0, 2] + b * cell[1, 2] + c * cell[2, 2]
                for i in range(n):
                    for j in range(i + 1 if home else 0, n):
                        dx, dy, dz = x[j, 0] - x[i, 0] + tx, x[j, 1] - x[i, 1] + ty, x[j, 2] - x[i, 2] + tz
                        r = dx * dx + dy * dy + dz * dz
                        if r >= cutoff * cutoff:
                            continue
                        r = np.sqrt(r)
                        shortest = min(shortest, r)
                        if r < start:
                            return FORBIDDEN, r
                        t = (r - start) * r_scale
                        k = min(int(t), phi.shape[0] - 1)
                        t -= k
                        total += phi[k, 0] + t * (phi[k, 1] + t * (phi[k, 2] + t * phi[k, 3]))
                        g = density[k, 0] + t * (density[k, 1] + t * (density[k, 2] + t * density[k, 3]))
                        rho[i] += g
                        rho[j] += g
    for i in range(n):
        u = np.sqrt(max(rho[i], 0.0)) if rooted else rho[i]
        t = (u - u_start) * u_scale
        k = int(np.floor(t))
        if k < 0 or k >= embedding.shape[0]:
            return FORBIDDEN, shortest
        t -= k
        total += embedding[k, 0] + t * (embedding[k, 1] + t * (embedding[k, 2] + t * embedding[k, 3]))
    return total, shortest


def _walk(
    energy, propose, scaled, cell, ceiling, min_distance, volumes, sizes, kinds, picks, normals, fixed_cell, extra
):
    # ceiling and current energy are totals (eV); volumes are bounds per atom; numbers come from outside, so that a walk
    # is
    # the same compiled or not, in whatever thread
    volume = abs(heights(cell)[0])
    current = energy(scaled, cell, volume, *extra)[0]
    accepted, tried = np.zeros(3), np.zeros(3)
    for step in range(kinds.shape[0]):
        kind, within, new, box, room = propose(
            scaled, cell, volume, volumes, sizes, kinds[step], picks[step], normals[step], fixed_cell
        )
        tried[kind] += 1.0
        if not within:
            continue
        value, shortest = energy(new, box, room, *extra)
        if value < ceiling and shortest > min_distance:
            scaled, cell, volume, current = new, box, room, value
            accepted[kind] += 1.0
    return scaled, cell, current, accepted, tried


_compiled_walk = njit(nogil=True, inline="always")(_walk)


@njit(nogil=True, cache=True)
def table_walk(scaled, cell, ceiling, min_distance, volumes, sizes, kinds, picks, normals, fixed_cell, extra):
    """:func:`walker`'s walk on tables.

    It is in one file with all that it calls: when that changes, it is compiled again.
    """
    return _compiled_walk(
        table_energy,
        propose,
        scaled,
        cell,
        ceiling,
        min_distance,
        volumes,
        sizes,
        kinds,
        picks,
        normals,
        fixed_cell,
        extra,
    )


def walker(surface):
    """The walk on a surface, compiled where the surface is.

    Returns
    -------
    function (scaled (n, 3), cell (3, 3), ceiling eV, min_distance angstrom, volumes (2,) angstrom^3/atom, sizes (3,) of
    the moves
        (angstrom, angstrom^3/atom, strain), kinds, picks, normals, fixed_cell, extra) -> scaled, cell, energy (eV),
        accepted (3,), tried (3,).
    """
    if surface.energy is table_energy:
        return uninterrupted(table_walk)
    return (
        uninterrupted(partial(_compiled_walk, surface.energy, propose))
        if surface.compiled
        else partial(_walk, surface.energy, propose.py_func)
    )


def adapt(sizes, accepted, tried):
    """Move sizes that keep between a quarter and two fifths of the moves accepted."""
    rate = accepted / np.maximum(tried, 1)
    factor = np.where(rate > 0.4, 1.25, np.where(rate < 0.25, 0.8, 1.0))
    return np.clip(sizes * np.where(tried > 0, factor, 1.0), 1e-4, (2.0, 2.0, 0.3))
