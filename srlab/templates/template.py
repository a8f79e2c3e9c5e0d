"""What an energy is made of.

The functions of a template, their variables, their places in the energy and the terms a search may give them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from srlab.errors import InputError
from srlab.expressions import Formula, TwoDensityFormula
from srlab.expressions.costs import Costs
from srlab.expressions.own_operators import OwnOperator
from srlab.expressions.terms import GROUPS, ON_REQUEST, Term

PAIR, SUM, EMBEDDING = "pair", "sum", "embedding"
"""Places of a function: a pair function, summed over pairs of atoms; a radial function whose sums over the neighbours
of an atom enter its energy; the
embedding, a function of the sums of rank 0."""

_LATEX = {"r": "r", "rho": r"\rho", "rho1": r"\rho_1", "rho2": r"\rho_2"}
_PLAIN = {"rho": "ρ", "rho1": "ρ₁", "rho2": "ρ₂"}


@dataclass(frozen=True, eq=False)
class Function:
    """One function of a template.

    Attributes
    ----------
    name : str
        Key of its text wherever formulas are kept: "pair".
    symbol : str
        What people call it in typed formulas and Python: "phi".
    role : str
        `PAIR`, `SUM` or `EMBEDDING`.
    variables : tuple of str
        ("r",) in angstrom, or the sums that an embedding is a function of, in the order of the template's functions of
        rank 0.
    terms : tuple of Term
        The terms that a search may give it.
    title : str
        What it is, for messages and headings.
    latex, plain : str
        Its symbol in LaTeX, and in plain text on a screen.
    rank : int
        Of a sum over neighbours: 0 for sum_j f(r_ij), up to 3 for angular ones.
    sign : float
        Of an angular sum: s in 1/2 s sum_jk a(r_ij) a(r_ik) P_l(cos theta_jik), 1 or -1.
    factor, power : float, int
        Of an angular sum: a(r) is factor * r^power times the function.
    positive : bool
        It must not be negative, and another function takes its scale: the coefficient of its first term is one.
    optional : bool
        A model may do without it.
    """

    name: str
    symbol: str
    role: str
    variables: tuple[str, ...]
    terms: tuple[Term, ...]
    title: str
    latex: str
    plain: str
    rank: int = 0
    sign: float = 1.0
    factor: float = 1.0
    power: int = 0
    positive: bool = False
    optional: bool = False

    @property
    def linear(self) -> bool:
        """Whether the energy is linear in this function, so that fits solve for the factors of its terms."""
        return self.role != SUM

    @property
    def arguments(self) -> str:
        """Its variables in LaTeX: "r", or two densities with commas."""
        return ", ".join(_LATEX.get(variable, rf"\mathrm{{{variable}}}") for variable in self.variables)

    @property
    def left_side(self) -> str:
        """What stands before the equals sign in LaTeX."""
        return f"{self.latex}({self.arguments})"

    @property
    def strength(self) -> Fraction:
        """Factor of the sum over pairs of neighbours of an angular function, but for its sign.

        1/2, or 1/3 for w of adp.
        """
        return Fraction(0.5 * self.factor**2).limit_denominator(100)

    @property
    def angular_text(self) -> str:
        """What an angular function adds to the energy of atom i, in plain text, with its sign."""
        pair = [
            f"{self.symbol}(r_{ij})" + (f" r_{ij}" + (f"^{self.power}" if self.power > 1 else "") if self.power else "")
            for ij in ("ij", "ik")
        ]
        sign = "+" if self.sign > 0 else "-"
        return f"{sign} {self.strength} sum_jk {' '.join(pair)} P_{self.rank}(cos theta_jik)"

    def radial(self, r, value, slope):
        """Radial part of an angular function.

        Parameters
        ----------
        r : array
            Angstrom; of numpy or torch, as the others.
        value, slope : array
            The function's own at r, of its shape or with lanes behind it.

        Returns
        -------
        a, da/dr : ndarray
            sqrt(eV), sqrt(eV)/A.
        """
        r = r[:, None] if r.ndim < value.ndim else r
        scale = self.factor * r**self.power
        return scale * value, scale * (slope + self.power * value / r)

    @property
    def unit(self) -> str:
        """Unit of its values, on a screen.

        eV, of an angular function the root of it; "" of a density, whose scale is free.
        """
        if self.role != SUM:
            return "eV"
        if self.rank == 0:
            return ""
        return "√eV" + ("", "/Å", "/Å²", "/Å³")[self.power]

    @property
    def plain_left_side(self) -> str:
        """What stands before the equals sign in plain text on a screen."""
        return f"{self.plain}({', '.join(_PLAIN.get(variable, variable) for variable in self.variables)})"

    def parse(self, text: str, names: dict[str, float] | None = None) -> Formula:
        """Read the function's text.

        Parameters
        ----------
        text : str
        names : dict of str to float, optional
            Values of named constants.

        Raises
        ------
        FormulaError
            With the position, where the text does not parse.
        """
        return self._kind.parse(text, ", ".join(self.variables), names)

    def parse_form(self, text: str, names: dict[str, float]) -> Formula:
        """As `parse`, with constants that keep their names; one without a value is NaN, for a fit to find."""
        return self._kind.parse_form(text, ", ".join(self.variables), names)

    @property
    def _kind(self):
        return Formula if len(self.variables) == 1 else TwoDensityFormula

    def terms_with(self, own: Iterable[OwnOperator]) -> tuple[Term, ...]:
        """The terms that a search may give it with operators of a person's own."""
        return (*self.terms, *(term for operator in own for term in operator.terms(self.variables)))

    def shortest_weighed(self, costs: Costs) -> int:
        """Nodes of the shortest term with its coefficient, which a positive function does not need."""
        factor = 0 if self.positive else 1 + costs["mul"]
        return min(costs.complexity(self.parse(term.text(term.low))) for term in self.terms) + factor


@dataclass(frozen=True, eq=False)
class Template:
    """The form of an energy, and all that search, fits, files and screens need to know of it.

    The energy of atom i is offset + F(rho_1, rho_2, ...) + 1/2 sum_j phi(r_ij) + 1/2 sum_l s_l sum_jk a_l(r_ij)
    a_l(r_ik) P_l(cos theta_jik), where phi is the sum of all pair functions, rho_k = sum_j f_k(r_ij) are the sums of
    rank 0, F is the embedding, and l are the ranks of the angular sums. Those run over all pairs of neighbours, j = k
    included; P_l are Legendre's polynomials c, (3 c^2 - 1)/2, (5 c^3 - 3 c)/2, and the double sum is a square of
    moments (`srlab.harmonics`).

    Attributes
    ----------
    name : str
        What ``--template`` takes.
    title : str
        What it is, in a few words.
    functions : tuple of Function
        In the order in which formulas are shown and constants count.
    lammps : str
        The pair style whose tables hold it; "" where there is none.
    without_lammps : str
        Why no table can hold it, and what to do, to follow the name of a potential in a sentence.
    """

    name: str
    title: str
    functions: tuple[Function, ...]
    lammps: str = ""
    without_lammps: str = ""

    def __post_init__(self):
        embeddings = [function for function in self.functions if function.role == EMBEDDING]
        if (
            len(embeddings) > 1
            or [len(each.variables) for each in embeddings] != [len(self.densities)][: len(embeddings)]
        ):
            raise ValueError(f"the template {self.name} needs one embedding with a variable for each sum of rank 0")
        if bool(self.densities) != bool(embeddings):
            raise ValueError(f"the template {self.name} has sums of rank 0 without an embedding")
        if bool(self.lammps) == bool(self.without_lammps):
            raise ValueError(f"the template {self.name} must say which LAMMPS style holds it, or why none does")

    def __repr__(self) -> str:
        return f"<template {self.name}>"

    def __getitem__(self, name: str) -> Function:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    @cached_property
    def _by_name(self) -> dict[str, Function]:
        return {function.name: function for function in self.functions}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the functions."""
        return tuple(self._by_name)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the functions that no model can do without."""
        return tuple(function.name for function in self.functions if not function.optional)

    @cached_property
    def pairs(self) -> tuple[Function, ...]:
        """The pair functions."""
        return tuple(function for function in self.functions if function.role == PAIR)

    @cached_property
    def densities(self) -> tuple[Function, ...]:
        """The functions whose sums of rank 0 the embedding takes, in the order of its variables."""
        return tuple(function for function in self.functions if function.role == SUM and function.rank == 0)

    @cached_property
    def moments(self) -> tuple[Function, ...]:
        """The functions with sums of rank 1 and more."""
        return tuple(function for function in self.functions if function.role == SUM and function.rank > 0)

    @cached_property
    def embedding(self) -> Function | None:
        """The embedding; None where no sum of rank 0 enters the energy."""
        return next((function for function in self.functions if function.role == EMBEDDING), None)

    # -- what a search may use ---------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Groups of terms (operators) of its functions."""
        return tuple(dict.fromkeys(term.group for function in self.functions for term in function.terms))

    @cached_property
    def default_groups(self) -> tuple[str, ...]:
        """The groups that a search uses unless told otherwise."""
        return tuple(group for group in self.groups if group not in ON_REQUEST)

    def check_groups(self, groups, own: Iterable[OwnOperator] = ()) -> tuple[str, ...]:
        """Bring groups of terms, names or a text of names with commas, into their usual order.

        Parameters
        ----------
        groups : str or iterable of str
        own : iterable of OwnOperator, optional
            Operators of a person's own, which are groups, too.

        Raises
        ------
        InputError
            For an unknown name, or a set that leaves a function without a term.
        """
        names = [name.strip() for name in groups.split(",")] if isinstance(groups, str) else groups
        more = [operator.name for operator in own]
        groups, known = tuple(names), tuple(dict.fromkeys((*self.groups, *GROUPS, *more)))
        for group in groups:
            if group not in known:
                raise InputError(f"unknown operator {group!r}: choose from {', '.join((*self.groups, *more))}")
        for function in self.functions:
            terms = function.terms_with(own)
            if not (function.optional or any(term.group in groups for term in terms)):
                have = ", ".join(dict.fromkeys(term.group for term in terms))
                raise InputError(f"no operator is left for the {function.title}: allow at least one of {have}")
        return tuple(group for group in known if group in groups)

    @cached_property
    def shortest(self) -> int:
        """Nodes of the shortest model."""
        return self.shortest_weighed(Costs())

    def shortest_weighed(self, costs: Costs) -> int:
        """Nodes of the shortest model where some operators cost more than one."""
        return sum(self[name].shortest_weighed(costs) for name in self.required)

    # -- texts -------------------------------------------------------------------------------------------------------

    def check_names(self, names) -> None:
        """Check that the functions of a model are those of the template.

        Raises
        ------
        InputError
            Names the function that is missing or is none of this template, and the remedy.
        """
        for name in self.required:
            if name not in names:
                function = self[name]
                raise InputError(f"the {function.title} is missing: add '{function.symbol} = ...'")
        for name in names:
            if name not in self:
                raise InputError(f"the template {self.name} has no function {name!r}: it has {', '.join(self.names)}")

    def energy_text(self, offset: str = "offset", present=None) -> str:
        """The energy in one line of plain text.

        Parameters
        ----------
        offset : str
            What stands for the offset.
        present : iterable of str, optional
            Names of the functions that are there, all by default.
        """
        terms = [offset]
        if self.embedding:
            sums = ", ".join(f"{variable}_i" for variable in self.embedding.variables)
            terms.append(f"{self.embedding.symbol}({sums})")
        terms += [f"1/2 sum_j {each.symbol}(r_ij)" for each in self.pairs]
        angular = [each.angular_text for each in self.moments if present is None or each.name in present]
        text = f"E = sum_i [ {' '.join([' + '.join(terms), *angular])} ]"
        densities = zip(self.embedding.variables if self.embedding else (), self.densities)
        return ", ".join([text, *(f"{variable}_i = sum_j {each.symbol}(r_ij)" for variable, each in densities)])
