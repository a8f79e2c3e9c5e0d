"""Where data come from: nested ensemble sampling, crystalline structures, and labelling with DFT or any ASE
calculator."""

from importlib import import_module

_HOME = {
    **dict.fromkeys(("LabelReport", "label"), "srlab.sampling.labelling"),
    **dict.fromkeys(("Level", "NestedSampler", "sample"), "srlab.sampling.nested"),
}
__all__ = list(_HOME)


def __getattr__(name):
    # modules load on first use: a process that labels does without the compiler that sampling needs
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
