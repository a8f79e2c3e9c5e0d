"""An embedding of two densities, as in GP2 and GP3 (Hernandez et al., npj Comput. Mater. 5, 112 (2019))."""

from srlab.expressions.terms import DENSITY, TWO_DENSITIES
from srlab.templates import template
from srlab.templates.eam import DENSITY_FUNCTION, PAIR_FUNCTION
from srlab.templates.template import Function, Template

TWO_DENSITY = Template(
    "two-density",
    "two-density potential",
    (
        PAIR_FUNCTION,
        DENSITY_FUNCTION,
        Function(
            "second_density", "g", template.SUM, ("r",), DENSITY, "second density function", "g", "g", positive=True
        ),
        Function("embedding", "F", template.EMBEDDING, ("rho1", "rho2"), TWO_DENSITIES, "embedding function", "F", "F"),
    ),
    without_lammps="has two densities, which no LAMMPS table can hold: use its ASE calculator, or "
    "export it to python or ase",
)
