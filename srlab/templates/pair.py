"""A pair potential alone. LAMMPS holds it as an embedded atom without embedding."""

from srlab.templates.eam import PAIR_FUNCTION
from srlab.templates.template import Template

PAIR = Template("pair", "pair potential", (PAIR_FUNCTION,), lammps="eam/alloy")
