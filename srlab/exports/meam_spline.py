"""An angular function as a file for LAMMPS' `meam/spline`, which holds any rank up to 3 and either sign.

That style has E = sum over pairs of phi + sum_i U(n_i), n_i = sum_j rho(r_ij) + sum_{j<k} f(r_ij) f(r_ik) g(cos theta),
all of them cubic splines. With f = a, g = s P_l and U(x) = x it sums each two neighbours once; what is left of
1/2 s sum_jk a a P_l, the part with j = k, is s a^2 / 2 in both atoms of a pair, so phi = s a^2. A polynomial of degree
3 is a cubic spline: U and g are exact. Source: LAMMPS manual, pair_style meam/spline.
"""

import numpy as np
from numpy.polynomial.legendre import Legendre

from srlab.errors import InputError
from srlab.exports.result import one_line

R_FIRST = 0.5
"""angstrom; LAMMPS goes on linearly below the first knot"""
KNOTS = 4000


def spline_text(potential, function, first=R_FIRST, knots=KNOTS):
    """The file of one angular function of the template, on `knots` points from `first` (angstrom) to the cutoff.

    Raises
    ------
    InputError
        If the radial function is not finite there.
    """
    r = np.linspace(first, potential.cutoff, knots)
    a, da = potential.moment(function, r)
    finite = np.isfinite(a) & np.isfinite(da)
    if not finite.all():
        raise InputError(
            f"{function.name} of {potential.name} is not finite at r = {r[~finite][-1]:.3f} A: "
            "a potential with a pole there cannot be tabulated"
        )
    cosine = np.linspace(-1.0, 1.0, 9)
    legendre = function.sign * Legendre.basis(function.rank)
    nothing = (np.array([first, potential.cutoff]), np.zeros(2), np.zeros(2))
    identity = (np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.ones(2))
    splines = {
        "phi": (r, function.sign * a**2, 2.0 * function.sign * a * da),
        "rho": nothing,
        "U": identity,
        "f": (r, a, da),
        "g": (cosine, legendre(cosine), legendre.deriv()(cosine)),
    }
    head = (
        f"# {function.name} of {one_line(potential.name)}, rank {function.rank}: pair_style meam/spline, "
        f"units metal, written by srlab\nmeam/spline 1 {potential.element}\n"
    )
    return head + "".join(_spline(*spline) for spline in splines.values())


def _spline(x, y, slope):
    """Knots x, values y and the slopes at both ends; LAMMPS finds the second derivatives, the third column, itself."""
    head = f"spline3eq\n{len(x)}\n{slope[0]:.17g} {slope[-1]:.17g}\n"
    return head + "".join(f"{position:.17g} {value:.17g} 0\n" for position, value in zip(x, y))
