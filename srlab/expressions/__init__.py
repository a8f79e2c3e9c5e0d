"""Formulas: operators, the parser, derivatives, equation-learner networks and whole-domain checks."""

from .formula import Formula
from .parser import FormulaError

__all__ = ["Formula", "FormulaError"]
