"""Export for LAMMPS: a table file (setfl for `eam/alloy`, or `eam/he` where that cannot hold the densities, or `adp`
with angular terms), files of `meam/spline` for angular terms that `adp` cannot hold, and an input script that runs
them.

Formats: LAMMPS manual, pair_style eam and adp. The third block of the file is r phi(r); adp has blocks of u(r) and w(r)
after it.
"""

import shutil
import tempfile
from pathlib import Path

from ase.data import atomic_masses, atomic_numbers

from srlab.errors import InputError, MissingExtra
from srlab.exports.lammps_check import check_with_lammps
from srlab.exports.large import SCRIPT as LARGE_SCRIPT
from srlab.exports.large import coexistence_text
from srlab.exports.meam_spline import spline_text
from srlab.exports.result import ExportReport, file_name, one_line, target_file
from srlab.exports.tabulate import R_GUARD, tabulate
from srlab.loading import load_potential
from srlab.potentials.equilibrium import equilibrium
from srlab.potentials.lammps_session import pair_commands
from srlab.potentials.lattices import neighbour_ratio
from srlab.potentials.self_check_crystals import self_check_frames
from srlab.potentials.zbl import RANGE, with_zbl

SCRIPT = "in.lammps"
SHARE = 0.22
"""Temperature of the crystal in this script, over the melting point: 300 K in copper."""
ROOM = 300.0
"""K, where nobody gives a melting point."""


def write(
    potential,
    path,
    overwrite=False,
    frames=None,
    check=True,
    n_r=10_000,
    n_rho=None,
    large=False,
    melting_point=None,
    zbl=None,
):
    """Write the table and in.lammps, after LAMMPS itself has reproduced our energies and forces with it.

    Parameters
    ----------
    potential : Potential, Candidate, or what `load_potential` takes
    path : path-like
        File for the table, in.lammps goes beside it; or a folder (made if need be) for both. Where the in.lammps of
        another potential is there already, this one's is called in.lammps.NAME, after the table.
    overwrite : bool
    frames : list of ase.Atoms, optional
        Structures for the self-check, the first three are used; their densities widen the table. Default: three rattled
        cells of its own crystal.
    check : bool
        Compare energies (1e-6 eV/atom) and forces (1e-5 eV/A) with LAMMPS before anything is put in place.
    n_r, n_rho : int
        Points of the tables, see `tabulate`.
    large : bool
        Write in.coexistence, too: a melting run of millions of atoms for a cluster, see `srlab.exports.large`.
    melting_point : float, optional
        K, of the element: in.lammps runs at `SHARE` of it, in.coexistence starts there. Without one they start from 300
        K and from that of copper, and say so.
    zbl : bool or two floats
        Join the repulsion of nuclei to the pair function, between these distances (angstrom), or with True those that
        suit the crystal; see `srlab.potentials.zbl`.

    Raises
    ------
    InputError
        If a file exists, the potential cannot be tabulated, or the self-check fails; then nothing is written.
    """
    potential = load_potential(potential)
    crystal = equilibrium(potential)
    structure, a0 = crystal.structure, crystal.lattice_constant
    notes = []
    if zbl:
        inner, outer = (share * neighbour_ratio(structure) * a0 for share in RANGE) if zbl is True else zbl
        potential = with_zbl(potential, inner, outer)
        notes.append(
            f"below {inner:.3f} A the pair function is that of Ziegler, Biersack and Littmark, beyond {outer:.3f} A its "
            f"own; the table goes down to {R_GUARD:g} A, {potential.phi(R_GUARD)[0]:.0f} eV"
        )
    frames = self_check_frames(potential, crystal) if frames is None else list(frames)
    tables = tabulate(potential, crystal.close_packed, frames, n_r, n_rho)
    table_path, script_path = _targets(potential, path, tables.pair_style, overwrite)
    large_path = _script_path(table_path, LARGE_SCRIPT, overwrite) if large else None
    if table_path.parent.is_dir():
        for function in tables.splines:
            target_file(spline_path(table_path, function), overwrite)
    notes += tables.notes
    if not crystal.found:
        notes.append(f"the potential has no {structure} minimum; {SCRIPT} starts from a0 = {a0:.4f} A")
    notes += potential.notes
    result = None
    with tempfile.TemporaryDirectory() as scratch:
        trials = write_tables(potential, tables, a0, structure, Path(scratch) / table_path.name)
        if check:
            try:
                result = _checked(potential, trials, tables.pair_style, frames[:3])
            except MissingExtra as error:
                notes.append(f"not checked against LAMMPS: {error}")
        table_path.parent.mkdir(exist_ok=True)
        files = [Path(shutil.copyfile(trial, table_path.with_name(trial.name))) for trial in trials]
    commands = command_lines(tables.pair_style, files[0].name, potential.element, [file.name for file in files[1:]])
    files.insert(1, script_path)
    script_path.write_text(
        script_text(potential, commands, a0, structure, script_path.name, melting_point), encoding="utf-8"
    )
    if large:
        files.append(large_path)
        text = coexistence_text(potential, commands, a0, structure, melting_point)
        large_path.write_text(text.replace(f"-in {LARGE_SCRIPT}", f"-in {large_path.name}"), encoding="utf-8")
    return ExportReport(files, notes, result)


def _checked(potential, trials, pair_style, frames):
    result = check_with_lammps(potential, trials[0], pair_style, frames, trials[1:])
    if not result.passed:
        raise InputError(
            f"nothing written for {potential.name}. {result}; more points (n_r, n_rho) may help, check=False "
            "writes the files all the same"
        )
    return result


def spline_path(table_path, function):
    """Where the file of an angular function goes that the table cannot hold: beside it."""
    return table_path.with_name(f"{table_path.name.split('.')[0]}.{function.name}.meam.spline")


def write_tables(potential, tables, a0, structure, table_path):
    """Write the table, with lattice constant (angstrom) and structure in its header, and the files of angular terms it
    cannot hold; the list of their paths, the table first."""
    texts = {table_path: table_text(potential, tables, a0, structure)}
    texts |= {spline_path(table_path, each): spline_text(potential, each) for each in tables.splines}
    for path, text in texts.items():
        path.write_text(text, encoding="ascii", errors="replace")
    return list(texts)


def command_lines(pair_style, table, element, splines=()):
    """The lines of an input script that use the files, in columns; see `pair_commands`."""
    style, coefficients = pair_commands(pair_style, table, element, splines)
    return "\n".join([f"pair_style    {style}", *(f"pair_coeff    {arguments}" for arguments in coefficients)])


def _targets(potential, path, pair_style, overwrite):
    """Paths of table and script, neither of which exists unless it may be overwritten."""
    path = Path(path).expanduser()
    if path.is_dir() or not path.suffix:
        if not path.parent.is_dir():
            raise InputError(f"there is no folder {path.parent}: make it first")
        stem = file_name(potential.name.split(".eam")[0], "lammps").removesuffix(".eam.alloy")
        path = path / f"{stem}.{pair_style.replace('/', '.')}"
    if path.parent.is_dir():  # in a folder still to be made nothing can be in the way
        target_file(path, overwrite)
    return path, _script_path(path, SCRIPT, overwrite)


def _script_path(table, name, overwrite):
    """`name` beside the table, or with the name of the table in it where another potential's script has that name
    already."""
    path = table.with_name(name)
    if path.exists() and not overwrite and not _belongs_to(path, table):
        path = table.with_name(f"{name}.{table.name.split('.eam')[0]}")
    return target_file(path, overwrite) if table.parent.is_dir() else path


def _belongs_to(script, table):
    """Whether a script that is there runs this very table."""
    if not script.is_file():
        return False
    text = script.read_text(encoding="utf-8", errors="replace")
    return table.name in text.replace('"', " ").split()  # the name stands there in quotes


def table_text(potential, tables, a0, structure):
    """The file: three lines of comment, header with lattice constant (angstrom) and structure, F, f and r phi, of adp u
    and w, 17 significant digits."""
    number = atomic_numbers[potential.element]
    n_rho, n_r = len(tables.rho), len(tables.r)
    grid = f"{n_rho} {tables.rho[1] - tables.rho[0]:.17g} {n_r} {tables.r[1] - tables.r[0]:.17g} {tables.cutoff:.17g}"
    if tables.pair_style == "eam/he":
        grid += f" {tables.rho[-1]:.17g}"
    formulas = potential.formulas or {}
    head = [
        f"{one_line(potential.name)} for {potential.element}: pair_style {tables.pair_style}, units metal, written "
        f"by srlab; {potential.taper.describe()}",
        "; ".join(f"{key} = {one_line(text)}" for key, text in formulas.items()) or "from tables",
        one_line(potential.source) or "no source given",
        f"1 {potential.element}",
        grid,
        f"{number} {atomic_masses[number]:.6f} {a0:.6f} {structure}",
    ]
    blocks = [tables.embedding, tables.density, tables.r_phi]
    if tables.pair_style == "adp":
        blocks += [tables.dipole, tables.quadrupole]
    return "\n".join(head) + "\n" + "".join("\n".join(f"{x:.16e}" for x in block) + "\n" for block in blocks)


def script_text(potential, commands, a0, structure, name=SCRIPT, melting_point=None):
    """An input script, called `name`: relax a crystal of `structure` and its box, then a short run at constant energy.

    commands : the lines of pair_style and pair_coeff. melting_point : K, see `write`.
    """
    if melting_point:
        temperature = 10.0 * round(0.1 * SHARE * melting_point)
        why = f"{SHARE:g} of the melting point of {potential.element}, {melting_point:g} K"
    else:
        temperature, why = ROOM, f"no melting point of {potential.element} was given to choose by"
    mass = atomic_masses[atomic_numbers[potential.element]]
    axes, said = "iso", "lattice constant ${a} angstrom"
    if structure == "hcp":  # whose box LAMMPS makes of cells of four atoms with edges a, sqrt(3) a and c
        axes, said = "aniso", "lattice constants ${a} and ${c} angstrom"
    return f"""# {one_line(potential.name)} for {potential.element}, written by srlab. Run: lmp -in {name} [-var steps 10000]
variable      steps index 250   # of the run at the end, 2 fs each
units         metal
atom_style    atomic
boundary      p p p

lattice       {structure} {a0:.6f}
region        box block 0 5 0 5 0 5
create_box    1 box
create_atoms  1 box
mass          1 {mass:.6f}

{commands}
neighbor      1.0 bin
neigh_modify  delay 0 every 1 check yes

thermo_style  custom step temp pe ke etotal press vol
thermo        50

# the crystal at rest, box included
fix           box all box/relax {axes} 0.0
minimize      1.0e-12 1.0e-10 200 2000
unfix         box
variable      a equal lx/5
variable      c equal lz/5
variable      e equal pe/atoms
print         "{said}, energy ${{e}} eV/atom"

# constant energy, about {temperature:g} K ({why}): half of the heat goes into stretched bonds
reset_timestep 0
timestep      0.002
velocity      all create {2.0 * temperature:.1f} 4711 mom yes rot no
fix           nve all nve
run           ${{steps}}
"""
