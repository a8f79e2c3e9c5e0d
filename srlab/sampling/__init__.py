"""Where data come from: nested ensemble sampling, crystalline structures, and labelling with DFT or any ASE calculator."""

from srlab.sampling.background import Learning
from srlab.sampling.labelling import LabelReport, label
from srlab.sampling.learning import learn
from srlab.sampling.loop_view import LoopView
from srlab.sampling.nested import Level, NestedSampler, sample

__all__ = ["LabelReport", "Learning", "Level", "LoopView", "NestedSampler", "label", "learn", "sample"]
