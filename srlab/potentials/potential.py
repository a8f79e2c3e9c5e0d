"""The one type that everything downstream takes: a potential of one element."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from srlab.errors import InputError
from srlab.potentials.taper import NoTaper
from srlab.templates import Model, Template, template_of


@dataclass(frozen=True)
class Potential:
    """The functions of a template with cutoff, taper and element: a search result, a published form or a table file.

    What the energy is made of, its `template` says; for an embedded atom E = sum_i [ offset + F(rho_i) + 1/2 sum_j
    phi(r_ij) ] with rho_i = sum_j f(r_ij).

    Parameters
    ----------
    name, element : str
        Name for people, chemical symbol of the one element.
    functions : dict of str to object
        By their names in the template, for example pair, density and embedding. Radial functions (the pair function in
        eV) come *without* the taper: anything with `derivatives(r) -> (value, first, second)`, a `Formula` or a table;
        where there is a quicker `value_and_slope(r)` it is taken for energies and forces.
        The embedding (eV) is anything with `value_and_slopes(rho) -> (F, dF/drho)`, with as many densities and slopes
        as the template has. They are attributes, too: ``potential.pair``.
    cutoff : float
        Angstrom. All radial functions are zero at and beyond it.
    taper : object
        Multiplies the radial functions; see `srlab.potentials.taper`.
    offset : float
        Constant energy per atom, eV.
    source : str
        Where the form and its numbers come from.
    template : Template, optional
        By default the one that has just these functions.
    notes : tuple of str
        Sentences a user of the potential should read: what of its file was left out, that it makes the wrong crystal.
    atomic_scale : bool
        Whether energies are measured from isolated atoms, which `offset` cannot be without the energy of one; if not, a
        cohesive energy means nothing.
    structure : str, optional
        fcc, bcc, hcp or diamond: the crystal of the data it was fitted to, which validation and exports take unless
        told otherwise; None is the ground state of the element.

    Raises
    ------
    InputError
        For functions that are those of no template, or a cutoff, taper or element that cannot be.
    """

    name: str
    element: str
    functions: dict[str, Any]
    cutoff: float
    taper: Any = NoTaper()
    offset: float = 0.0
    source: str = ""
    template: Template = field(default=None)  # type: ignore[assignment]  # never None after __post_init__
    notes: tuple = ()
    atomic_scale: bool = True
    structure: str | None = None

    def __post_init__(self):
        if self.template is None:
            object.__setattr__(self, "template", template_of(list(self.functions)))
        if not (np.isfinite(self.cutoff) and self.cutoff > 0.0):
            raise InputError(f"the cutoff of {self.name} is {self.cutoff} A: give a positive number of angstrom")
        if not re.fullmatch("[A-Z][a-z]?", self.element):
            raise InputError(f"{self.element!r} is not a chemical symbol: give one element, for example Cu")
        stop = getattr(self.taper, "stop", self.cutoff)
        if stop > self.cutoff + 1e-9:
            raise InputError(
                f"the taper of {self.name} ends at {stop:g} A, beyond the cutoff of "
                f"{self.cutoff:g} A: lower one or raise the other"
            )

    @classmethod
    def of_model(
        cls, model: Model, name, element, cutoff, taper, source="", atomic_scale=True, structure=None
    ) -> Potential:
        """Make a potential of a model: the one way from formulas to a potential.

        Parameters
        ----------
        model : Model
            Functions, and offset in eV/atom.
        name, element : str
        cutoff : float
            Angstrom.
        taper : object
            See `srlab.potentials.taper`.
        source, atomic_scale, structure
            As of the class.

        Returns
        -------
        Potential
        """
        functions = dict(model.functions)
        return cls(
            *(name, element, functions, cutoff, taper, model.offset, source, model.template),
            atomic_scale=atomic_scale,
            structure=structure,
        )

    def with_functions(self, **functions) -> Potential:
        """The same potential with other functions in place of its own, by name."""
        return replace(self, functions={**self.functions, **functions})

    def __getattr__(self, name):
        functions = self.__dict__.get("functions", {})  # empty while a copy of it is being made
        if name not in functions:
            raise AttributeError(f"a potential has no {name!r}; the functions of this one are {', '.join(functions)}")
        return functions[name]

    @property
    def embedding(self):
        """The embedding, or None where the template has none."""
        return self.functions[self.template.embedding.name] if self.template.embedding else None

    def phi(self, r):
        """Tapered pair function, the sum of all there are, and its derivative.

        Parameters
        ----------
        r : array_like, any shape
            Angstrom.

        Returns
        -------
        value, slope : ndarray, shaped like r
            eV, eV/A.
        """
        value, slope = np.zeros((2, *np.shape(r)))
        for function in self.present(self.template.pairs):
            more, bend = self.tapered(function.name, r)
            value, slope = value + more, slope + bend
        return value, slope

    def densities(self, r):
        """Tapered density functions at `r` (any shape, angstrom).

        Returns
        -------
        list of (value, derivative), shaped like r
            One for each sum that the embedding takes; the scale of a density is free.
        """
        return [self.tapered(function.name, r) for function in self.template.densities]

    def moments(self, r):
        """The angular functions that it has, at `r` (any shape, angstrom).

        Returns
        -------
        list of (Function, a, da/dr)
            sqrt(eV) and sqrt(eV)/A, shaped like r.
        """
        return [(function, *self.moment(function, r)) for function in self.present(self.template.moments)]

    def moment(self, function, r):
        """An angular function of the template, tapered, and its derivative.

        Parameters
        ----------
        function : srlab.templates.Function
        r : array_like, any shape
            Angstrom.

        Returns
        -------
        a, da/dr : ndarray, shaped like r
            sqrt(eV), sqrt(eV)/A.
        """
        r = np.asarray(r, float)
        return function.radial(r, *self.tapered(function.name, r))

    def present(self, functions):
        """Those of some functions of the template that it has: optional ones may be missing."""
        return [function for function in functions if function.name in self.functions]

    def F(self, *rho):
        """Embedding energy, without the offset, and its derivative with respect to each density.

        Parameters
        ----------
        rho : array_like
            As many densities as the template has, shaped alike.

        Returns
        -------
        value, first : ndarray
            eV; one derivative for each density. Without an embedding the energy is zero. Where all densities are zero,
            at a lone atom, an embedding such as rho*log(rho) has its limit.
        """
        rho = [np.asarray(each, float) for each in rho]
        if self.embedding is None:
            return (np.zeros(np.shape(rho[0]) if rho else ()),) * (1 + len(rho))
        with np.errstate(all="ignore"):  # not finite is reported where it matters, naming the atom
            found = self.embedding.value_and_slopes(*rho)
            alone = np.isnan(found[0]) & np.all([each == 0.0 for each in rho], axis=0)
            if alone.any():
                limit = self.embedding.value_and_slopes(*(np.where(alone, np.finfo(float).tiny, each) for each in rho))
                found = tuple(np.where(alone, near, at) for near, at in zip(limit, found))
        return found

    @property
    def atom_energy(self):
        """Energy of a lone atom, offset + F(0), in eV; not finite where the potential is not defined for one."""
        return float(self.offset + self.F(*np.zeros(len(self.template.densities)))[0])

    def calculator(self):
        """An ASE calculator with energy, forces and stress."""
        from srlab.potentials.calculator import PotentialCalculator

        return PotentialCalculator(self)

    @property
    def formulas(self):
        """Texts of the functions by name, or None if one of them is a table."""
        texts = {name: getattr(function, "text", None) for name, function in self.functions.items()}
        return None if None in texts.values() else texts

    def __repr__(self):
        texts = self.formulas or {}
        text = "; ".join(f"{self.template[name].symbol} = {text}" for name, text in texts.items()) or "tables"
        return f"<potential {self.name} of {self.element}, {self.template.name}, cutoff {self.cutoff:g} A: {text}>"

    @property
    def complexity(self):
        """Operators, variables and constants over all functions; None for tables."""
        counts = [getattr(function, "complexity", None) for function in self.functions.values()]
        return None if None in counts else int(sum(counts))

    def tapered(self, name, r):
        """One radial function times the taper, and the derivative of that.

        Parameters
        ----------
        name : str
            Of the function in the template.
        r : array_like, any shape
            Angstrom.

        Returns
        -------
        value, slope : ndarray, shaped like r
            Zero from the cutoff on.
        """
        function, r = self.functions[name], np.asarray(r, float)
        inside = r < self.cutoff
        # beyond the cutoff the function is never asked: it may be undefined there
        distance = r if inside.all() else np.where(inside, r, self.cutoff)
        with np.errstate(all="ignore"):
            value, first = getattr(function, "value_and_slope", function.derivatives)(distance)[:2]
            factor, slope, _ = self.taper.derivatives(distance)
            tapered, derivative = value * factor, first * factor + value * slope
        if inside.all():
            return tapered, derivative
        return np.where(inside, tapered, 0.0), np.where(inside, derivative, 0.0)
