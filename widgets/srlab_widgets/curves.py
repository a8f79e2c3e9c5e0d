"""The functions of a candidate as curves that can be compared with those of another potential.

Two potentials of the embedded-atom form may differ and still be the same: the density may be scaled, and a term linear in
the density may move between the embedding and the pair function (Johnson, Phys. Rev. B 37, 3924 (1988)). So densities are
drawn relative to rho_0, the density in the perfect crystal, and the effective pair function, which both freedoms leave as
it is, is drawn beside the plain one. The embedding of two densities is drawn along the line on which both keep their ratio in the crystal.
"""

import numpy as np

from srlab.potentials.convexity import shells

from .equations import parse

POINTS = 161


def curves(formulas, element, cutoff, taper_start):
    """Curves of one potential.

    Parameters
    ----------
    formulas : {"pair", "density", "embedding"[, "second_density"]} texts.
    element : chemical symbol.
    cutoff, taper_start : angstrom; the taper is the quintic smoothstep of the fits.

    Returns
    -------
    dict of "pair", "density", "embedding", "effective" -> (x, y) arrays: distances (angstrom) or rho / rho_0 against eV,
    or for the density against units of rho_0.
    """
    from srlab.fitting.model import DENSITY_PARTS
    from srlab.potentials.taper import Smoothstep

    parts = parse(formulas)
    taper = Smoothstep(taper_start, cutoff)

    def tapered(part, r):
        return parts[part].value(r) * taper.derivatives(r)[0]

    distances, counts = shells(element, cutoff)
    densities = [part for part in parts if part in DENSITY_PARTS]
    crystal = [float(np.sum(counts * tapered(part, distances))) for part in densities]
    r = np.linspace(0.62 * distances[0], cutoff, POINTS)
    share = np.linspace(0.0, 2.2, POINTS)[1:]
    slopes = parts["embedding"].value_and_slopes(*(np.array([density]) for density in crystal))[1:]
    pair, drawn = tapered("pair", r), [tapered(part, r) for part in densities]
    effective = pair + sum(2.0 * float(slope[0]) * density for slope, density in zip(slopes, drawn))
    embedding = parts["embedding"].value(*(share * density for density in crystal))
    return {
        "pair": (r, pair),
        "density": (r, drawn[0] / crystal[0]),
        "embedding": (share, embedding),
        "effective": (r, effective),
    }


def limits(many, nearest):
    """Plot limits [low, high] for each part, over several `curves`.

    The repulsive core would flatten everything else, so distances count from 0.82 (the density: 0.72) of the
    nearest-neighbour distance `nearest` (angstrom), and the embedding from 0.15 rho_0.
    """
    start = {"pair": 0.82 * nearest, "effective": 0.82 * nearest, "density": 0.72 * nearest, "embedding": 0.15}
    out = {}
    for part, least in start.items():
        values = np.concatenate([y[(x >= least) & np.isfinite(y)] for x, y in (c[part] for c in many)])
        if len(values):
            low, high = float(values.min()), float(values.max())
            air = 0.07 * (high - low or 1.0)
            out[part] = [low - air, high + air]
    return out


def compact(drawn):
    """The same as lists of rounded numbers, for a message."""
    return {
        part: {"x": [float(f"{v:.5g}") for v in x], "y": [float(f"{v:.5g}") for v in y]}
        for part, (x, y) in drawn.items()
    }
