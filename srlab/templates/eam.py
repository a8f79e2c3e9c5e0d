"""The embedded atom: a pair function, a density function and the embedding of its sum (Daw and Baskes, Phys. Rev. B
29, 6443 (1984))."""

from srlab.expressions.terms import DENSITY, EMBEDDING, RADIAL
from srlab.templates import template
from srlab.templates.template import Function, Template

PAIR_FUNCTION = Function("pair", "phi", template.PAIR, ("r",), RADIAL, "pair function", r"\varphi", "φ")
DENSITY_FUNCTION = Function("density", "f", template.SUM, ("r",), DENSITY, "density function", "f", "f", positive=True)

EAM = Template(
    "eam",
    "embedded-atom potential",
    (
        PAIR_FUNCTION,
        DENSITY_FUNCTION,
        Function("embedding", "F", template.EMBEDDING, ("rho",), EMBEDDING, "embedding function", "F", "F"),
    ),
    lammps="eam/alloy",
)
