"""Embedding functions of two densities. Those of one density are plain formulas."""

import re
from dataclasses import dataclass

import numpy as np

from srlab.errors import InputError

_RATIO = re.compile(r"\(\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*-\s*rho1\s*\)\s*/\s*rho2\s*")


@dataclass(frozen=True)
class RatioEmbedding:
    """F(rho1, rho2) = (constant - rho1) / rho2 in eV, the form of GP2 and GP3 (Hernandez et al. 2019). Diverges for an isolated atom."""

    constant: float

    @classmethod
    def parse(cls, text):
        """Read "(27.32 - rho1)/rho2"; nothing else is understood.

        Raises
        ------
        InputError
            If the text is of another form.
        """
        match = _RATIO.fullmatch(text.strip())
        if match is None:
            raise InputError(f"the two-density embedding {text!r} is not of the form (number - rho1)/rho2, the only one there is")
        return cls(float(match.group(1)))

    def partials(self, rho1, rho2):
        """F and its derivatives with respect to both densities, shaped like them (eV)."""
        with np.errstate(all="ignore"):
            value = (self.constant - rho1) / rho2
            return value, -1.0 / rho2, -value / rho2

    @property
    def text(self):
        return f"({self.constant!r} - rho1)/rho2"

    complexity = 5  # constant, rho1, rho2, difference, quotient

    def sympy(self):
        """SymPy expression of the positive symbols rho1 and rho2."""
        import sympy

        rho1, rho2 = sympy.symbols("rho1 rho2", positive=True)
        return (sympy.Float(repr(self.constant)) - rho1) / rho2

    def latex(self, digits=6):
        return rf"\frac{{{self.constant:.{digits}g} - \rho_1}}{{\rho_2}}"
