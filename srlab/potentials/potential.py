"""The one type that everything downstream takes: an embedded-atom potential of one element."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from srlab.errors import InputError
from srlab.potentials.taper import NoTaper


@dataclass(frozen=True)
class Potential:
    """An embedded-atom potential, E = sum_i [ offset + F(rho_i) + 1/2 sum_j phi(r_ij) ] with rho_i = sum_j f(r_ij).

    It may have angular terms besides, see `srlab.potentials.angular`.

    A search result, a published form and a setfl file are all a `Potential`.

    Parameters
    ----------
    name, element : str
        Name for people, chemical symbol of the one element.
    pair, density : object
        The pair function (eV) and the density function, *without* the taper: anything with `derivatives(r) -> (value, first, second)`, a
        `Formula` or a table.
    embedding : object
        F in eV: `derivatives(rho)` likewise; with a second density `value_and_slopes(rho1, rho2) -> (F, dF/drho1, dF/drho2)`.
    cutoff : float
        Angstrom. phi and f are zero at and beyond it.
    taper : object
        Multiplies phi and f; see `srlab.potentials.taper`.
    offset : float
        Constant energy per atom, eV.
    second_density : object, optional
        The second density function of a two-density form (GP2, GP3).
    angular : tuple of AngularTerm
        Their radial functions are tapered like phi and f.
    source : str
        Where the form and its numbers come from.
    notes : tuple of str
        Sentences a user of the potential should read: what of its file was left out.
    atomic_scale : bool
        Whether energies are measured from isolated atoms, which `offset` cannot be without the energy of one; if not, a cohesive energy means nothing.
    """

    name: str
    element: str
    pair: Any
    density: Any
    embedding: Any
    cutoff: float
    taper: Any = NoTaper()
    offset: float = 0.0
    second_density: Any = None
    angular: tuple = ()
    source: str = ""
    notes: tuple = ()
    atomic_scale: bool = True

    def __post_init__(self):
        if not (np.isfinite(self.cutoff) and self.cutoff > 0.0):
            raise InputError(f"the cutoff of {self.name} is {self.cutoff} A: give a positive number of angstrom")
        if not re.fullmatch("[A-Z][a-z]?", self.element):
            raise InputError(f"{self.element!r} is not a chemical symbol: give one element, for example Cu")
        stop = getattr(self.taper, "stop", self.cutoff)
        if stop > self.cutoff + 1e-9:
            raise InputError(
                f"the taper of {self.name} ends at {stop:g} A, beyond the cutoff of {self.cutoff:g} A: lower one or raise the other"
            )

    def phi(self, r):
        """Tapered pair function and its derivative at `r` (any shape, angstrom): (eV, eV/A)."""
        return self._tapered(self.pair, r)

    def f(self, r):
        """Tapered density function and its derivative at `r` (any shape, angstrom)."""
        return self._tapered(self.density, r)

    def g(self, r):
        """Tapered second density function and its derivative; zeros where the form has one density."""
        if self.second_density is None:
            zero = np.zeros_like(np.asarray(r, float))
            return zero, zero
        return self._tapered(self.second_density, r)

    def a(self, term, r):
        """Tapered radial function of one of the angular terms and its derivative at `r`: (sqrt(eV), sqrt(eV)/A)."""
        return self._tapered(term.radial, r)

    def F(self, rho, second=None):
        """Embedding energy (eV, without the offset) and its derivatives with respect to the densities.

        One density: `F(rho) -> (value, first)`; two: `F(rho1, rho2) -> (value, d/drho1, d/drho2)`; shaped like the densities. At rho = 0, a lone atom, an
        embedding such as rho*log(rho) has its limit.
        """
        rho = np.asarray(rho, float)
        with np.errstate(all="ignore"):  # not finite is reported where it matters, naming the atom
            if self.second_density is None:
                value, first, _ = self.embedding.derivatives(rho)
                alone = np.isnan(value) & (rho == 0.0)
                if alone.any():
                    limit = self.embedding.derivatives(np.where(alone, np.finfo(float).tiny, rho))
                    value, first = (np.where(alone, near, at) for near, at in zip(limit, (value, first)))
                return value, first
            return self.embedding.value_and_slopes(rho, np.asarray(second, float))

    @property
    def atom_energy(self):
        """Energy of a lone atom, offset + F(0), in eV; not finite where the potential is not defined for one."""
        zero = self.F(0.0) if self.second_density is None else self.F(0.0, 0.0)
        return float(self.offset + zero[0])

    def calculator(self):
        """An ASE calculator with energy, forces and stress."""
        from srlab.potentials.calculator import PotentialCalculator

        return PotentialCalculator(self)

    @property
    def functions(self):
        """The functions by name: pair, density, second_density if there is one, embedding, and those of the angular terms."""
        parts = {"pair": self.pair, "density": self.density, "second_density": self.second_density}
        parts |= {"embedding": self.embedding} | {term.name: term.radial for term in self.angular}
        return {name: part for name, part in parts.items() if part is not None}

    @property
    def formulas(self):
        """Texts of the functions by name, or None if one of them is a table."""
        texts = {name: getattr(part, "text", None) for name, part in self.functions.items()}
        return None if None in texts.values() else texts

    @property
    def complexity(self):
        """Operators, variables and constants over all functions; None for tables."""
        counts = [getattr(part, "complexity", None) for part in self.functions.values()]
        return None if None in counts else int(sum(counts))

    def _tapered(self, function, r):
        r = np.asarray(r, float)
        inside = r < self.cutoff
        # beyond the cutoff the function is never asked: it may be undefined there
        distance = r if inside.all() else np.where(inside, r, self.cutoff)
        with np.errstate(all="ignore"):
            value, first, _ = function.derivatives(distance)
            factor, slope, _ = self.taper.derivatives(distance)
            tapered, derivative = value * factor, first * factor + value * slope
        if inside.all():
            return tapered, derivative
        return np.where(inside, tapered, 0.0), np.where(inside, derivative, 0.0)
