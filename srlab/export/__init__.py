"""Export a potential: LAMMPS, torch, standalone Python, ASE, LaTeX, SymPy, JSON. One module per target.

The package can be called: `srlab.export(potential, to="lammps", path="cu.eam.alloy")`.
"""

import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType

from srlab.errors import InputError

TARGETS = ("lammps", "torch", "python", "ase", "latex", "sympy", "json")


def export(potential, to, path, overwrite=False, **options):
    """Write a potential for another program.

    Parameters
    ----------
    potential : Potential, Candidate, or anything `srlab.load_potential` takes
    to : str
        One of "lammps", "torch", "python", "ase", "latex", "sympy", "json".
    path : path-like
        File to write, or a folder in which it gets a name of its own. For lammps the table, with an input script beside
        it; a folder is
        made if need be.
    overwrite : bool
        Replace existing files; without it they are never touched.
    options : for the target, see the `write` function of its module; lammps takes frames, check, n_r, n_rho, large,
        temperature, zbl.

    Returns
    -------
    ExportReport
        Files written, notes, and for lammps the self-check. Its text is what the command line prints.

    Raises
    ------
    InputError
        If the target is unknown, a file exists already, or the potential cannot be written this way.
    MissingExtra
        If a package the target needs is not installed.
    """
    if to not in TARGETS:
        raise InputError(f"cannot export to {to!r}: choose one of {', '.join(TARGETS)}")
    from srlab.export.result import file_name
    from srlab.loading import load_potential

    potential = load_potential(potential) if isinstance(potential, (str, Path)) else potential
    if to != "lammps" and Path(path).expanduser().is_dir():
        path = Path(path).expanduser() / file_name(getattr(potential, "name", None) or potential.id, to)
    report = import_module(f"{__name__}.{to}").write(potential, path, overwrite=overwrite, **options)
    more = [sentence for sentence in load_potential(potential).notes if sentence not in report.notes]
    return replace(report, notes=[*report.notes, *more])


class _CallablePackage(ModuleType):
    """Importing this package puts a module where `srlab.export` was; being callable, it is the function all the
    same."""

    def __call__(self, *args, **kwargs):
        return export(*args, **kwargs)


sys.modules[__name__].__class__ = _CallablePackage
