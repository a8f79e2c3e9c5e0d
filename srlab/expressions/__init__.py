"""Formulas: operators, the parser, derivatives, equation-learner networks and whole-domain checks."""

from srlab.expressions.formula import Formula
from srlab.expressions.parser import FormulaError
from srlab.expressions.two_densities import TwoDensityFormula

__all__ = ["Formula", "FormulaError", "TwoDensityFormula"]
