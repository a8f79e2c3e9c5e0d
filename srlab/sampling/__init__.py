"""Where data come from: nested ensemble sampling, crystalline structures, and labelling with DFT or any ASE
calculator."""

from srlab.sampling.labelling import LabelReport, label
from srlab.sampling.nested import Level, NestedSampler, sample

__all__ = ["LabelReport", "Level", "NestedSampler", "label", "sample"]
