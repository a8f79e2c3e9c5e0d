"""Templates: what an energy is made of, one file each, and `Model`, the functions of one with their constants.

To add a template, write a file with its `Template` and name it below.
"""

from srlab.templates.adp import ADP
from srlab.templates.angular import ANGULAR_EAM
from srlab.templates.eam import EAM
from srlab.templates.model import Model
from srlab.templates.pair import PAIR
from srlab.templates.registry import (
    columns,
    functions_in,
    register,
    template_named,
    template_names,
    template_of,
    templates,
    unregister,
)
from srlab.templates.template import Function, Template
from srlab.templates.two_density import TWO_DENSITY

for _template in (EAM, PAIR, TWO_DENSITY, ADP, ANGULAR_EAM):
    register(_template)

__all__ = [
    "Function",
    "Model",
    "Template",
    "columns",
    "functions_in",
    "register",
    "template_named",
    "template_names",
    "template_of",
    "templates",
    "unregister",
]
