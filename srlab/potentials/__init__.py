"""Potentials: one type for search results, published forms and setfl files, and its ASE calculator."""

from importlib import import_module

# `published` is not here: its module has the same name and would hide it
_HOME = {
    "Potential": "potential",
    "Smoothstep": "taper",
    "HernandezTaper": "taper",
    "NoTaper": "taper",
    "published_names": "published",
    "read_setfl": "setfl",
    "load_potential": "srlab.loading",
    "potential_names": "srlab.loading",
    "PotentialCalculator": "calculator",
    "lammps": "lammps_session",
}
__all__ = list(_HOME)


def __getattr__(name):
    # modules load on first use: `import srlab` must stay light
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOME[name]
    return getattr(import_module(home if "." in home else f"{__name__}.{home}"), name)
