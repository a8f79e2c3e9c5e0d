"""Real solid harmonics of rank 1 to 3: what angular sums over neighbours are made of.

With Racah's normalisation, sum_m C_lm(u) C_lm(v) = P_l(u . v) for unit vectors u, v (the addition theorem; Edmonds,
Angular Momentum in Quantum Mechanics, 1957, section 4.6). So a sum over pairs of neighbours, sum_jk a(r_j) a(r_k)
P_l(cos theta_jik), is the square of the 2 l + 1 moments A_m = sum_j a(r_j) C_lm(u_j): they are the independent
components of the symmetric traceless tensor sum_j a(r_j) u_j (x) ... (x) u_j, and no contraction has to take a trace
off.

The functions are homogeneous polynomials of degree l, written with +, - and * only: they take numbers, arrays, and
the compiler of the fitting kernels.
"""

from math import sqrt

RANKS = (1, 2, 3)

_S3, _S15, _S3_8, _S5_8 = sqrt(3.0), sqrt(15.0), sqrt(3.0 / 8.0), sqrt(5.0 / 8.0)


def first(x, y, z):
    """The three harmonics of rank 1."""
    return y, z, x


def second(x, y, z):
    """The five harmonics of rank 2."""
    return (
        _S3 * (x * y),
        _S3 * (y * z),
        z * z - 0.5 * (x * x + y * y),
        _S3 * (x * z),
        0.5 * _S3 * (x * x - y * y),
    )


def third(x, y, z):
    """The seven harmonics of rank 3."""
    xx, yy, zz = x * x, y * y, z * z
    return (
        _S5_8 * y * (3.0 * xx - yy),
        _S15 * (x * y * z),
        _S3_8 * y * (4.0 * zz - xx - yy),
        z * (zz - 1.5 * (xx + yy)),
        _S3_8 * x * (4.0 * zz - xx - yy),
        0.5 * _S15 * z * (xx - yy),
        _S5_8 * x * (xx - 3.0 * yy),
    )


def first_gradients(x, y, z):
    """Gradients of the harmonics of rank 1, three tuples of (d/dx, d/dy, d/dz)."""
    zero, one = 0.0 * x, 0.0 * x + 1.0
    return (zero, one, zero), (zero, zero, one), (one, zero, zero)


def second_gradients(x, y, z):
    """Gradients of the harmonics of rank 2, five tuples of (d/dx, d/dy, d/dz)."""
    zero = 0.0 * x
    return (
        (_S3 * y, _S3 * x, zero),
        (zero, _S3 * z, _S3 * y),
        (-x, -y, 2.0 * z),
        (_S3 * z, zero, _S3 * x),
        (_S3 * x, -_S3 * y, zero),
    )


def third_gradients(x, y, z):
    """Gradients of the harmonics of rank 3, seven tuples of (d/dx, d/dy, d/dz)."""
    xx, yy, zz, xy, xz, yz = x * x, y * y, z * z, x * y, x * z, y * z
    return (
        (6.0 * _S5_8 * xy, 3.0 * _S5_8 * (xx - yy), 0.0 * x),
        (_S15 * yz, _S15 * xz, _S15 * xy),
        (-2.0 * _S3_8 * xy, _S3_8 * (4.0 * zz - xx - 3.0 * yy), 8.0 * _S3_8 * yz),
        (-3.0 * xz, -3.0 * yz, 3.0 * zz - 1.5 * (xx + yy)),
        (_S3_8 * (4.0 * zz - 3.0 * xx - yy), -2.0 * _S3_8 * xy, 8.0 * _S3_8 * xz),
        (_S15 * xz, -_S15 * yz, 0.5 * _S15 * (xx - yy)),
        (3.0 * _S5_8 * (xx - yy), -6.0 * _S5_8 * xy, 0.0 * x),
    )


HARMONICS = {1: first, 2: second, 3: third}
"""rank -> function of the components of a vector that gives its 2 rank + 1 harmonics"""

GRADIENTS = {1: first_gradients, 2: second_gradients, 3: third_gradients}
"""rank -> function that gives their gradients"""
