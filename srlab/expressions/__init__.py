"""Formulas: operators, the parser, derivatives, equation-learner networks and whole-domain checks."""

from .formula import Formula
from .parser import FormulaError
from .two_densities import TwoDensityFormula

__all__ = ["Formula", "FormulaError", "TwoDensityFormula"]
