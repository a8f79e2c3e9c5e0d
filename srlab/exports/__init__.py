"""Export a potential: LAMMPS, torch, standalone Python, ASE, LaTeX, SymPy, JSON.

One module per target, which is loaded when it is asked for.
"""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from srlab.errors import InputError
from srlab.exports.result import file_name
from srlab.loading import load_potential

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
        it; a folder is made if need be.
    overwrite : bool
        Replace existing files; without it they are never touched.
    options : for the target, see the `write` function of its module; lammps takes frames, check, n_r, n_rho, large,
        melting_point, zbl.

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
    potential = load_potential(potential) if isinstance(potential, (str, Path)) else potential
    if to != "lammps" and Path(path).expanduser().is_dir():
        path = Path(path).expanduser() / file_name(getattr(potential, "name", None) or potential.id, to)
    report = import_module(f"{__name__}.{to}").write(potential, path, overwrite=overwrite, **options)
    more = [sentence for sentence in load_potential(potential).notes if sentence not in report.notes]
    return replace(report, notes=[*report.notes, *more])
