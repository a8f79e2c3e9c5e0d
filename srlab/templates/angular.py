"""An embedded atom with a radial function for each rank of the angle between neighbours, 1 to 3.

What the function of rank l adds is 1/2 sum_jk a_l(r_ij) a_l(r_ik) P_l(cos theta_jik), which is never negative; with b_l
it is taken off. Together with the embedding, whose density is the sum of rank 0, they hold every three-body energy
h(r_ij) h(r_ik) g(cos theta) with a polynomial g of degree 3, so Stillinger and Weber's silicon (Phys. Rev. B 31, 5262
(1985)).
"""

from srlab.expressions.terms import ANGULAR
from srlab.harmonics import RANKS
from srlab.templates import template
from srlab.templates.eam import EAM
from srlab.templates.template import Function, Template


def _function(rank, sign):
    letter, ending, what = ("a", "", "angular") if sign > 0 else ("b", "_negative", "negative angular")
    return Function(
        f"angular_{rank}{ending}",
        f"{letter}{rank}",
        template.SUM,
        ("r",),
        ANGULAR,
        f"{what} function of rank {rank}",
        f"{letter}_{rank}",
        letter + "₁₂₃"[rank - 1],
        rank=rank,
        sign=sign,
        optional=True,
    )


ANGULAR_EAM = Template(
    "angular",
    "embedded-atom potential with angular terms",
    (*EAM.functions, *(_function(rank, sign) for sign in (1.0, -1.0) for rank in RANKS)),
    lammps="adp",
)
