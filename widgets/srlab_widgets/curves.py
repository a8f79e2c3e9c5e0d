"""The functions of a candidate as curves that can be compared with those of another potential.

Two potentials of the embedded-atom form may differ and still be the same: the density may be scaled, and a term
linear in the density may move between the embedding and the pair function (Johnson, Phys. Rev. B 37, 3924 (1988)). So
densities are
drawn relative to rho_0, the density in the perfect crystal, and the effective pair function, which both freedoms
leave as
it is, is drawn beside the plain one. The embedding of two densities is drawn along the line on which both keep their
ratio in the crystal.
"""

import numpy as np

from srlab.potentials.convexity import shells

from .equations import parse

POINTS = 161


def curves(formulas, element, cutoff, taper_start):
    """Curves of one potential.

    Parameters
    ----------
    formulas : texts of the functions by name.
    element : chemical symbol.
    cutoff, taper_start : angstrom; the taper is the quintic smoothstep of the fits.

    Returns
    -------
    dict of "pair", "density", "embedding", "effective" -> (x, y) arrays: distances (angstrom) or rho / rho_0 against
    eV, or for the density against units of rho_0; of a template without embedding only the pair function.
    """
    from srlab.potentials.potential import Potential
    from srlab.potentials.taper import Smoothstep

    potential = Potential.of_model(parse(formulas), "curves", element, cutoff, Smoothstep(taper_start, cutoff))
    distances, counts = shells(element, cutoff)
    r = np.linspace(0.62 * distances[0], cutoff, POINTS)
    pair = potential.phi(r)[0]
    if potential.embedding is None:
        return {"pair": (r, pair)}
    drawn = [density for density, _ in potential.densities(r)]
    crystal = [float(np.sum(counts * density)) for density, _ in potential.densities(distances)]
    share = np.linspace(0.0, 2.2, POINTS)[1:]
    slopes = potential.F(*(np.array([density]) for density in crystal))[1:]
    effective = pair + sum(2.0 * float(slope[0]) * density for slope, density in zip(slopes, drawn))
    embedding = potential.F(*(share * density for density in crystal))[0]
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
        drawn = [c[part] for c in many if part in c]
        values = np.concatenate([np.array([]), *(y[(x >= least) & np.isfinite(y)] for x, y in drawn)])
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
