"""Tapers that bring the pair and density functions smoothly to zero at the cutoff.

A sharp cutoff is not an option: for Sutton-Chen copper it changes the sign of the hcp-fcc energy difference and makes
false minima. Each taper is one class that holds all its forms: numbers, SymPy, LaTeX, Python source and JSON.
"""

from dataclasses import dataclass

import numpy as np

from srlab.errors import InputError


def _check_range(start, stop):
    if not (np.isfinite(start) and np.isfinite(stop) and 0.0 <= start < stop):
        raise InputError(f"the taper from {start} to {stop} A is not a range: give 0 <= start < stop, in angstrom")


@dataclass(frozen=True)
class Smoothstep:
    """Quintic smoothstep: 1 up to `start`, 0 from `stop` on, two continuous derivatives.

    s(x) = 1 - x^3 (10 - 15 x + 6 x^2) with x = (r - start) / (stop - start).

    Parameters
    ----------
    start, stop : float
        Where the taper begins and where it reaches zero, angstrom.
    """

    start: float
    stop: float
    kind = "smoothstep"

    def __post_init__(self):
        _check_range(self.start, self.stop)

    def derivatives(self, r):
        """Value, first (1/A) and second (1/A^2) derivative at the distances `r` (any shape, angstrom)."""
        width = self.stop - self.start
        x = np.clip((np.asarray(r, float) - self.start) / width, 0.0, 1.0)
        value = 1.0 - x**3 * (10.0 - 15.0 * x + 6.0 * x * x)
        first = -30.0 * (x * (1.0 - x)) ** 2 / width
        second = -60.0 * x * (1.0 - x) * (1.0 - 2.0 * x) / width**2
        return value, first, second

    def sympy(self, r):
        """The taper as a `sympy.Piecewise` of the symbol `r`."""
        import sympy

        start, stop = sympy.Float(repr(self.start)), sympy.Float(repr(self.stop))
        x = (r - start) / (stop - start)
        return sympy.Piecewise((1, r <= start), (1 - x**3 * (10 - 15 * x + 6 * x**2), r < stop), (0, True))

    def python(self):
        """Source of a function `taper(r)` that returns value and first derivative; needs only numpy as np."""
        return (
            f"def taper(r, start={self.start!r}, stop={self.stop!r}):\n"
            '    """Quintic smoothstep, 1 below start and 0 above stop (angstrom), and its derivative."""\n'
            "    x = np.clip((r - start) / (stop - start), 0.0, 1.0)\n"
            "    return 1.0 - x**3 * (10.0 - 15.0 * x + 6.0 * x * x), -30.0 * (x * (1.0 - x)) ** 2 / (stop - start)\n"
        )

    def latex(self):
        """The taper t(r) as LaTeX, one line of an `aligned` block."""
        return (
            r"t(r) &= 1 - x^3\,(10 - 15x + 6x^2), \quad x = \min\left(1, \max\left(0, "
            rf"\frac{{r - {self.start:g}}}{{{self.stop - self.start:g}}}\right)\right)"
        )

    def describe(self):
        """One phrase for people."""
        return f"quintic smoothstep from {self.start:g} to {self.stop:g} A"

    def to_json(self):
        return {"kind": self.kind, "start": self.start, "stop": self.stop}


@dataclass(frozen=True)
class HernandezTaper:
    """Taper of Hernandez et al., npj Comput. Mater. 5, 112 (2019): 1 up to `start`, 0 from `stop` on, one continuous
    derivative.

    t(r) = (2 r^2 - 3 start^2 + stop^2) (stop^2 - r^2)^2 / (stop^2 - start^2)^3; the paper calls start r_in (3 A) and
    stop r_out (5 A).
    """

    start: float
    stop: float
    kind = "hernandez"

    def __post_init__(self):
        _check_range(self.start, self.stop)

    def derivatives(self, r):
        """Value, first (1/A) and second (1/A^2) derivative at the distances `r` (any shape, angstrom)."""
        r = np.asarray(r, float)
        inner, outer = self.start**2, self.stop**2
        u = np.clip(r * r, inner, outer)
        scale = (outer - inner) ** 3
        value = (2.0 * u - 3.0 * inner + outer) * (outer - u) ** 2 / scale
        slope = 6.0 * (outer - u) * (inner - u) / scale  # dt/d(r^2)
        bend = 6.0 * (2.0 * u - inner - outer) / scale
        inside = (r > self.start) & (r < self.stop)
        return value, 2.0 * r * slope, np.where(inside, 2.0 * slope + 4.0 * u * bend, 0.0)

    def sympy(self, r):
        """The taper as a `sympy.Piecewise` of the symbol `r`."""
        import sympy

        start, stop = sympy.Float(repr(self.start)), sympy.Float(repr(self.stop))
        body = (2 * r**2 - 3 * start**2 + stop**2) * (stop**2 - r**2) ** 2 / (stop**2 - start**2) ** 3
        return sympy.Piecewise((1, r <= start), (body, r < stop), (0, True))

    def python(self):
        """Source of a function `taper(r)` that returns value and first derivative; needs only numpy as np."""
        return (
            f"def taper(r, start={self.start!r}, stop={self.stop!r}):\n"
            '    """Taper of Hernandez et al. (2019), 1 below start and 0 above stop '
            '(angstrom), and its derivative."""\n'
            "    u = np.clip(r * r, start**2, stop**2)\n"
            "    scale = (stop**2 - start**2) ** 3\n"
            "    value = (2.0 * u - 3.0 * start**2 + stop**2) * (stop**2 - u) ** 2 / scale\n"
            "    return value, 12.0 * r * (stop**2 - u) * (start**2 - u) / scale\n"
        )

    def latex(self):
        """The taper t(r) as LaTeX, one line of an `aligned` block."""
        inner, outer = f"{self.start:g}^2", f"{self.stop:g}^2"
        return (
            rf"t(r) &= \frac{{(2r^2 - 3\cdot {inner} + {outer})\,({outer} - r^2)^2}}{{({outer} - {inner})^3}}"
            rf" \quad ({self.start:g} < r < {self.stop:g};\ 1 \text{{ below}},\ 0 \text{{ above}})"
        )

    def describe(self):
        """One phrase for people."""
        return f"taper of Hernandez et al. (2019) from {self.start:g} to {self.stop:g} A"

    def to_json(self):
        return {"kind": self.kind, "start": self.start, "stop": self.stop}


@dataclass(frozen=True)
class NoTaper:
    """No taper: the functions are used as they are up to the cutoff (setfl files, lattice sums)."""

    kind = "none"

    def derivatives(self, r):
        """Ones and zeros shaped like `r`."""
        r = np.asarray(r, float)
        return np.ones_like(r), np.zeros_like(r), np.zeros_like(r)

    def sympy(self, r):
        import sympy

        return sympy.Integer(1)

    def python(self):
        """Source of a function `taper(r)` that returns value and first derivative; needs only numpy as np."""
        return (
            'def taper(r):\n    """No taper: the functions stop at the cutoff."""\n    '
            "return np.ones_like(r), np.zeros_like(r)\n"
        )

    def latex(self):
        return r"t(r) &= 1"

    def describe(self):
        """One phrase for people."""
        return "no taper (sharp cutoff)"

    def to_json(self):
        return {"kind": self.kind}


def taper_from_json(data):
    """The taper that `to_json` wrote.

    Raises
    ------
    InputError
        If the kind is unknown or a number is missing.
    """
    kinds = {"smoothstep": Smoothstep, "hernandez": HernandezTaper}
    try:
        if data["kind"] == NoTaper.kind:
            return NoTaper()
        return kinds[data["kind"]](float(data["start"]), float(data["stop"]))
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"the taper {data!r} cannot be read: give kind (smoothstep, hernandez or none), start and stop in angstrom"
        ) from error
