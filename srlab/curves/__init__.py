"""Formulas for tables y(x): the tree search, equation learners and refinement of `srlab` on one function of one variable."""

from srlab.curves.search import CurveResult, fit_curve

__all__ = ["CurveResult", "fit_curve"]
