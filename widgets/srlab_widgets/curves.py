"""The functions of a candidate as curves that can be compared with those of another potential.

Two potentials of the embedded-atom form may differ and still be the same: the density may be scaled, and a term
linear in the density may move between the embedding and the pair function (Johnson, Phys. Rev. B 37, 3924 (1988)). So
densities are drawn relative to rho_0, the density in the perfect crystal, and the effective pair function, which both
freedoms leave as it is, is drawn beside the plain one. The embedding of two densities is drawn along the line on which
both keep their ratio in the crystal.

What the angular functions do together is drawn as the energy that they give an atom with two neighbours, both at the
nearest-neighbour distance, against the angle between them.
"""

from functools import lru_cache

import numpy as np
from numpy.polynomial.legendre import Legendre

from srlab.potentials.convexity import room_crystal, shells
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.templates import columns
from srlab.templates.template import EMBEDDING, SUM

from .equations import parse

POINTS = 161


def curves(formulas, element, cutoff, taper_start, structure=None):
    """Curves of one potential.

    Parameters
    ----------
    formulas : texts of the functions by name.
    element : chemical symbol.
    cutoff, taper_start : angstrom; the taper is the quintic smoothstep of the fits.
    structure : of the crystal in which the density is one; None is the element's own.

    Returns
    -------
    dict of part -> (x, y) arrays. Parts are the functions that it has: radial ones, tapered, against distances
    (angstrom), densities in units of rho_0, and the embedding (eV) against rho / rho_0; "effective", the effective pair
    function (eV), where there is an embedding; and "triplet", the angular energy (eV) against the angle in degrees,
    where there are angular functions.
    """
    potential = Potential.of_model(parse(formulas), "curves", element, cutoff, Smoothstep(taper_start, cutoff))
    template, (distances, counts) = potential.template, shells(element, cutoff, structure)
    r = np.linspace(0.62 * distances[0], cutoff, POINTS)
    found = {
        function.name: (r, potential.tapered(function.name, r)[0])
        for function in potential.present(template.functions)
        if function.role != EMBEDDING
    }
    if template.embedding:
        crystal = [float(np.sum(counts * density)) for density, _ in potential.densities(distances)]
        slopes = potential.F(*(np.array([density]) for density in crystal))[1:]
        effective = potential.phi(r)[0]
        for function, slope, whole in zip(template.densities, slopes, crystal):
            density = found[function.name][1]
            effective = effective + 2.0 * float(slope[0]) * density
            found[function.name] = (r, density / whole)
        share = np.linspace(0.0, 2.2, POINTS)[1:]
        found[template.embedding.name] = (share, potential.F(*(share * whole for whole in crystal))[0])
        found["effective"] = (r, effective)
    if potential.moments(distances[:1]):
        angle = np.linspace(0.0, 180.0, POINTS)
        found["triplet"] = (angle, triplet_energy(potential, distances[0], np.cos(np.radians(angle))))
    return found


def triplet_energy(potential, distance, cosine):
    """What the angular functions give an atom with two neighbours, both at `distance` (angstrom): sum_l s_l a_l^2 (1 +
    P_l(cos theta)) in eV, of 1/2 sum_jk a_l(r_j) a_l(r_k) P_l(cos theta_jk) with j = k included.

    cosine : of the angle between them, any shape; the energy has the same.
    """
    energy = np.zeros(np.shape(cosine))
    for function, a, _ in potential.moments(np.array([distance])):
        energy = energy + function.sign * float(a[0]) ** 2 * (1.0 + Legendre.basis(function.rank)(cosine))
    return energy


def panels(many):
    """The plots that the curves of some potentials need, in order.

    many : list of texts of functions by name, or of names.

    Returns
    -------
    list of {part, as in `curves`; left, what is drawn, in LaTeX; title, in words with its unit; axis: "distance",
    "density" or "angle"; least, from where values count for the limits of the plot: the repulsive core would flatten
    all else. In units of the nearest-neighbour distance, of rho_0, or degrees}.
    """
    functions = [each for each in columns(many) if any(each.name in formulas for formulas in many)]
    plots = []
    for each in functions:
        density = each.role == SUM and each.rank == 0
        axis, least = ("density", 0.15) if each.role == EMBEDDING else ("distance", 0.72 if density else 0.82)
        left = rf"{each.left_side}/\rho_0" if density else each.left_side
        plots.append(_plot(each.name, left, each.title + (f", {each.unit}" if each.unit else ""), axis, least))
    if any(each.role == EMBEDDING for each in functions):
        plots.append(_plot("effective", r"\varphi(r) + 2F'(\rho_0) f(r)", "effective, eV", "distance", 0.82))
    if any(each.rank for each in functions):
        plots.append(_plot("triplet", r"E(\theta)", "angular energy of a triplet, eV", "angle", 0.0))
    return plots


def _plot(part, left, title, axis, least):
    return {"part": part, "left": left, "title": title, "axis": axis, "least": least}


@lru_cache(maxsize=16)
def angles(element, structure=None):
    """Angles between nearest neighbours in an element's `room_crystal`, degrees, ascending."""
    from ase.neighborlist import neighbor_list

    crystal, (distances, _) = room_crystal(element, structure), shells(element, 12.0, structure)
    i, towards = neighbor_list("iD", crystal, 1.01 * distances[0])
    first = towards[i == 0] / np.linalg.norm(towards[i == 0], axis=1)[:, None]
    between = np.degrees(np.arccos(np.clip(first @ first.T, -1.0, 1.0)))
    return [float(angle) for angle in np.unique(np.round(between, 2)) if angle > 0.0]


def limits(plots, many, nearest):
    """Limits [low, high] of the values in each of some `panels`, over several `curves`; nearest : neighbours' distance,
    angstrom."""
    out = {}
    for plot in plots:
        part, least = plot["part"], plot["least"] * (nearest if plot["axis"] == "distance" else 1.0)
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
