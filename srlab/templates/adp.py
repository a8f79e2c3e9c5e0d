"""The angular-dependent potential of Mishin, Mehl and Papaconstantopoulos, Acta Mater. 53, 4029 (2005).

To an embedded atom it adds 1/2 |mu|^2 + 1/2 |lambda|^2 - 1/6 (tr lambda)^2 for each atom, with dipoles mu = sum_j
u(r_ij) r_vec and quadrupoles lambda = sum_j w(r_ij) r_vec r_vec. Only the traceless part of lambda counts; so these are
the angular sums of ranks 1 and 2 with a_1 = u r and a_2 = sqrt(2/3) w r^2.
"""

from math import sqrt

from srlab.expressions.terms import ANGULAR
from srlab.templates import template
from srlab.templates.eam import EAM
from srlab.templates.template import Function, Template

ADP = Template(
    "adp",
    "angular-dependent potential",
    (
        *EAM.functions,
        Function(
            *("dipole", "u", template.SUM, ("r",), ANGULAR, "dipole function", "u", "u"),
            rank=1,
            power=1,
            optional=True,
        ),
        Function(
            *("quadrupole", "w", template.SUM, ("r",), ANGULAR, "quadrupole function", "w", "w"),
            rank=2,
            factor=sqrt(2.0 / 3.0),
            power=2,
            optional=True,
        ),
    ),
    lammps="adp",
)
