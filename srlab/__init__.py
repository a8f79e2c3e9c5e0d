"""srlab: discover interatomic potentials that a person can read.

Everything is loaded when first used, so that ``import srlab`` is quick.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "load_dataset": "srlab.datasets",
    "Dataset": "srlab.datasets",
    "Search": "srlab.search.search",
    "IslandSearch": "srlab.search.islands.island_search",
    "Candidate": "srlab.potentials.candidate",
    "Potential": "srlab.potentials",
    "load_potential": "srlab.loading",
    "fit": "srlab.search.fit",
    "evaluate": "srlab.validation.evaluation",
    "export": "srlab.exports",
    "validate": "srlab.validation",
    "recover": "srlab.search.recovery",
    "Formula": "srlab.expressions",
    "InputError": "srlab.errors",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'srlab' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
