"""Cubic tables on a uniform grid, interpolated exactly as LAMMPS does in `pair_style eam`."""

import numpy as np


class CubicTable:
    """Cubic Hermite interpolation with fourth-order slopes at the knots, the rule of LAMMPS' `PairEAM::interpolate`.

    Using the same rule means that a table file read here gives the energies and forces LAMMPS gives, to rounding, and
    not just those of the same file. Beyond the last knot the value there is kept; the slope, too, is kept, because
    LAMMPS keeps it: a table that has not come to rest at its last knot has forces that are not quite the gradient of
    its energy.

    Parameters
    ----------
    start, step : float
        Position of the first knot and the distance between knots.
    values : (n,) array, n >= 5
    linear_from : float, optional
        From here on the value follows the last slope (what LAMMPS does with F above its largest density).
    linear_below : bool
        Below the first knot the value follows the slope there, and the cubic of the first interval is that of the
        second one: what `eam/he` does. Without
        it the first cubic goes on.
    """

    def __init__(self, start, step, values, linear_from=None, linear_below=False):
        self.start, self.step = float(start), float(step)
        self.values = np.asarray(values, float)
        self.linear_from, self.linear_below = linear_from, linear_below
        self.slopes = _slopes(self.values)

    @property
    def stop(self):
        """Position of the last knot."""
        return self.start + self.step * (len(self.values) - 1)

    def derivatives(self, x):
        """Value, first and second derivative at `x` (any shape)."""
        x = np.asarray(x, float)
        position = (x - self.start) / self.step
        # first clipped, then made an index: a huge number has none
        k = np.clip(position, 1 if self.linear_below else 0, len(self.values) - 2).astype(int)
        p = np.minimum(position - k, 1.0)
        if self.linear_below:
            p = np.maximum(p, -1.0)
        y, dy = self.values[k], self.slopes[k]
        rise, dy_next = self.values[k + 1] - y, self.slopes[k + 1]
        quadratic = 3.0 * rise - 2.0 * dy - dy_next
        cubic = dy + dy_next - 2.0 * rise
        value = y + p * (dy + p * (quadratic + p * cubic))
        first = (dy + p * (2.0 * quadratic + 3.0 * p * cubic)) / self.step
        second = (2.0 * quadratic + 6.0 * p * cubic) / self.step**2
        beyond, below = x > self.stop, (x < self.start) & self.linear_below
        if beyond.any() or below.any():
            second = np.where(beyond | below, 0.0, second)
            value = np.where(below, value + first * (x - self.start), value)
            if self.linear_from is not None:
                value = np.where(x > self.linear_from, value + first * (x - self.linear_from), value)
        return value, first, second

    def value_and_slopes(self, x):
        """Value and first derivative at `x`: the table as an embedding."""
        return self.derivatives(x)[:2]


class ScaledTable:
    """A table times a factor and a power of r: phi from a table of r phi (power -1), or what a sum of vectors u(r)
    r_vec has of r.

    Parameters
    ----------
    table : object with `derivatives(r)`
    power : int
    factor : float
    """

    def __init__(self, table, power, factor=1.0):
        self.table, self.power, self.factor = table, power, factor

    def derivatives(self, r):
        """Value, first and second derivative at `r > 0` (angstrom)."""
        r, n = np.asarray(r, float), self.power
        t, dt, d2t = self.table.derivatives(r)
        scale = self.factor * r**n
        return scale * t, scale * (dt + n * t / r), scale * (d2t + 2.0 * n * dt / r + n * (n - 1) * t / r**2)


def _slopes(y):
    """Slopes per step at the knots: five-point differences inside, lower order at the two ends."""
    slopes = np.empty_like(y)
    slopes[2:-2] = (y[:-4] - y[4:] + 8.0 * (y[3:-1] - y[1:-3])) / 12.0
    slopes[0], slopes[-1] = y[1] - y[0], y[-1] - y[-2]
    slopes[1], slopes[-2] = 0.5 * (y[2] - y[0]), 0.5 * (y[-1] - y[-3])
    return slopes
