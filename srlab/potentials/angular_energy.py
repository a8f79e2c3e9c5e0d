"""Energies of atoms from angular sums over their neighbours, and what they change by with each neighbour.

The sum 1/2 s sum_jk a(r_ij) a(r_ik) P_l(cos theta_jik) is half the square of the moments sum_j a(r_ij) C_lm(u_ij), see
`srlab.harmonics`, so its cost grows with pairs of atoms and not with triplets.
"""

import numpy as np

from srlab.harmonics import GRADIENTS, HARMONICS


def energies_and_slopes(function, a, da, i, r, unit, n):
    """Energies of n atoms with one angular function, and their derivatives by the vectors to their neighbours.

    Parameters
    ----------
    function : srlab.templates.Function
        Its rank and sign count.
    a, da : (pairs,) sqrt(eV) and sqrt(eV)/A
        The radial function and the slope of it.
    i, r, unit : (pairs,), (pairs,), (pairs, 3)
        All ordered pairs: first atom, distance (angstrom), unit vector to the second atom.

    Returns
    -------
    energies : (n,) eV
    slopes : (pairs, 3) eV/A, derivative of the energy of atom i by the vector from i to j
    """
    rank = function.rank
    moments = np.array([np.bincount(i, a * values, n) for values in HARMONICS[rank](*unit.T)])
    slope = np.zeros_like(unit)  # sum over the components of s A_m grad C_m
    for moment, gradient in zip(moments, GRADIENTS[rank](*unit.T)):
        slope += (function.sign * moment[i] * np.array(gradient)).T
    radial = (slope * unit).sum(axis=1) / rank  # sum of s A_m C_m, by Euler's theorem
    slopes = (a / r)[:, None] * slope + ((da - rank * a / r) * radial)[:, None] * unit
    return 0.5 * function.sign * (moments**2).sum(axis=0), slopes
