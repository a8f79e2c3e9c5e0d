"""Validation: physical properties of a potential beside PBE and experiment. One module per property."""

from importlib import import_module

_HOME = dict.fromkeys(
    (
        "DEFAULT",
        "DYNAMICS",
        "GROUPS",
        "QUICK",
        "chosen_groups",
        "compute",
        "details",
        "relaxed",
        "scorecard",
        "validate",
    ),
    "srlab.validation.groups",
)
__all__ = list(_HOME)


def __getattr__(name):
    # modules load on first use: `import srlab` must stay light
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
