"""Cubic tables on a uniform grid, interpolated exactly as LAMMPS does in `pair_style eam`."""

import numpy as np


class CubicTable:
    """Cubic Hermite interpolation with fourth-order slopes at the knots, the rule of LAMMPS' `PairEAM::interpolate`.

    Using the same rule means that a setfl file read here gives the energies LAMMPS gives, to rounding, and not just those of the same file.

    Parameters
    ----------
    start, step : float
        Position of the first knot and the distance between knots.
    values : (n,) array, n >= 5
    linear_beyond : bool
        Beyond the last knot: go on along the last slope (what LAMMPS does with F), or keep the last value (phi and f end at the cutoff anyway).
    """

    def __init__(self, start, step, values, linear_beyond=False):
        self.start, self.step = float(start), float(step)
        self.values = np.asarray(values, float)
        self.linear_beyond = linear_beyond
        self.slopes = _slopes(self.values)

    @property
    def stop(self):
        """Position of the last knot."""
        return self.start + self.step * (len(self.values) - 1)

    def derivatives(self, x):
        """Value, first and second derivative at `x` (any shape)."""
        x = np.asarray(x, float)
        position = (x - self.start) / self.step
        k = np.clip(position.astype(int), 0, len(self.values) - 2)
        p = np.minimum(position - k, 1.0)
        y, dy = self.values[k], self.slopes[k]
        rise, dy_next = self.values[k + 1] - y, self.slopes[k + 1]
        quadratic = 3.0 * rise - 2.0 * dy - dy_next
        cubic = dy + dy_next - 2.0 * rise
        value = y + p * (dy + p * (quadratic + p * cubic))
        first = (dy + p * (2.0 * quadratic + 3.0 * p * cubic)) / self.step
        second = (2.0 * quadratic + 6.0 * p * cubic) / self.step**2
        beyond = x > self.stop
        if beyond.any():
            second = np.where(beyond, 0.0, second)
            if self.linear_beyond:
                value = np.where(beyond, value + first * (x - self.stop), value)
            else:
                first = np.where(beyond, 0.0, first)
        return value, first, second

    def value_and_slopes(self, x):
        """Value and first derivative at `x`: the table as an embedding."""
        return self.derivatives(x)[:2]


class ScaledPairTable:
    """phi(r) from a table of r phi(r), the third block of a setfl file (eV A)."""

    def __init__(self, table):
        self.table = table

    def derivatives(self, r):
        """phi in eV, its first (eV/A) and second (eV/A^2) derivative at `r > 0`."""
        r = np.asarray(r, float)
        z, dz, d2z = self.table.derivatives(r)
        value = z / r
        first = (dz - value) / r
        return value, first, (d2z - 2.0 * first) / r


def _slopes(y):
    """Slopes per step at the knots: five-point differences inside, lower order at the two ends."""
    slopes = np.empty_like(y)
    slopes[2:-2] = (y[:-4] - y[4:] + 8.0 * (y[3:-1] - y[1:-3])) / 12.0
    slopes[0], slopes[-1] = y[1] - y[0], y[-1] - y[-2]
    slopes[1], slopes[-2] = 0.5 * (y[2] - y[0]), 0.5 * (y[-1] - y[-3])
    return slopes
