"""The moves of the sampler: a random walk of one periodic cell below an energy ceiling.

Three kinds of moves, each accepted when energy, volume, distances and shape stay within bounds: displace one atom, change the
volume, shear the cell at constant volume. The walk is uniform in scaled coordinates and in volume.
"""
from functools import lru_cache

import numpy as np

COMPACT = 0.65              # smallest height of a cell, in units of the cube root of its volume


def random_numbers(rng, steps, atoms):
    """What a walk of `steps` moves needs: kind (steps,) uniform, atom (steps,) integer, normal (steps, 3, 3)."""
    return rng.random(steps), rng.integers(atoms, size=steps), rng.normal(size=(steps, 3, 3))


def _build(energy):
    def walk(scaled, cell, ceiling, min_distance, volumes, sizes, kinds, picks, normals, fixed_cell, extra):
        # ceiling and current energy are totals (eV); volumes are bounds per atom; numbers come from outside, so that a walk is
        # the same compiled or not, in whatever thread
        n = scaled.shape[0]
        volume = abs(np.linalg.det(cell))
        current = energy(scaled, cell, volume, *extra)[0]
        accepted, tried = np.zeros(3), np.zeros(3)
        for step in range(kinds.shape[0]):
            new, box, room = scaled, cell, volume
            if fixed_cell or kinds[step] < 0.8:
                kind = 0
                new = scaled.copy()
                shift = np.linalg.solve(cell.T, normals[step, 0] * sizes[0])
                new[picks[step]] = (scaled[picks[step]] + shift) % 1.0
            elif kinds[step] < 0.9:
                kind = 1
                room = volume + normals[step, 0, 0] * sizes[1] * n
                tried[1] += 1.0
                if room < volumes[0] * n or room > volumes[1] * n:
                    continue
                tried[1] -= 1.0
                box = cell * (room / volume) ** (1.0 / 3.0)
            else:
                kind = 2
                box = cell @ (np.eye(3) + normals[step] * sizes[2])
                size = abs(np.linalg.det(box))
                box = box * (volume / size) ** (1.0 / 3.0)
                widest = 0.0
                for k in range(3):
                    normal = np.cross(box[(k + 1) % 3], box[(k + 2) % 3])
                    widest = max(widest, np.sqrt((normal * normal).sum()))
                if volume / widest < 0.65 * volume ** (1.0 / 3.0):
                    tried[2] += 1.0
                    continue
            tried[kind] += 1.0
            value, shortest = energy(new, box, room, *extra)
            if value < ceiling and shortest > min_distance:
                scaled, cell, volume, current = new, box, room, value
                accepted[kind] += 1.0
        return scaled, cell, current, accepted, tried
    return walk


@lru_cache(maxsize=4)
def _compiled(energy):
    import numba
    return numba.njit(nogil=True)(_build(energy))


def walker(surface):
    """The walk on a surface, compiled where the surface is.

    Returns
    -------
    function (scaled (n, 3), cell (3, 3), ceiling eV, min_distance angstrom, volumes (2,) angstrom^3/atom, sizes (3,) of the moves
        (angstrom, angstrom^3/atom, strain), kinds, picks, normals, fixed_cell, extra) -> scaled, cell, energy (eV), accepted (3,), tried (3,).
    """
    return _compiled(surface.energy) if surface.compiled else _build(surface.energy)


def adapt(sizes, accepted, tried):
    """Move sizes that keep between a quarter and two fifths of the moves accepted."""
    rate = accepted / np.maximum(tried, 1)
    factor = np.where(rate > 0.4, 1.25, np.where(rate < 0.25, 0.8, 1.0))
    return np.clip(sizes * np.where(tried > 0, factor, 1.0), 1e-4, (2.0, 2.0, 0.3))
