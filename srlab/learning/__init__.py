"""The active loop: search, sample on what was found, choose where the forms disagree, label, and search on."""

from srlab.learning.background import Learning
from srlab.learning.loop import learn
from srlab.learning.view import LoopView

__all__ = ["Learning", "LoopView", "learn"]
