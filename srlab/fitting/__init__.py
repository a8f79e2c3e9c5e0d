"""Fitting: the pair table, the objective of a block of candidates, and the refinement of constants."""
