"""What the molecular-dynamics protocols share: a LAMMPS session with a crystal in it, and the order parameter that
tells solid from liquid.

Settings are a plain dictionary, because every run is a process of its own (see `md_runs`).
"""

import json
import os
from pathlib import Path

import numpy as np
from ase.data import atomic_masses, atomic_numbers

from srlab.errors import InputError
from srlab.exports.lammps import command_lines, write_tables
from srlab.exports.tabulate import tabulate
from srlab.potentials.lammps_session import lammps
from srlab.potentials.lattices import conventional_cell

TIMESTEP = 0.002
"""ps"""
COHERENT = 10
"""An atom is solid-like if at least that many of its neighbours are oriented like itself (degree 6, coherence above
0.5). On copper near melting 3.6 per cent of the atoms are told wrongly; centro-symmetry and common-neighbour analysis
tell 29 to 95 per cent wrongly. On bcc iron, hcp magnesium and diamond silicon at 0.9 of their melting points, and their
melts at the same temperatures, fewer than 1 per cent are told wrongly."""
FLOWN = 1.6
"""Volume of a liquid over that of the crystal from which on it flies apart: metals melt to 1.03 to 1.1, and have 1.2 at
1.5 times their melting points."""
NEIGHBOURS = {"fcc": (12, 1.697), "hcp": (12, 1.697), "bcc": (14, 1.697), "diamond": (16, 1.9)}
"""Structure: nearest neighbours whose bonds make an atom's orientation, and how far (in neighbour distances) neighbours
reach that are compared with it."""


def write_table(crystal, folder):
    """Write the crystal's potential as a LAMMPS table into a folder; returns the settings every run needs.

    Raises
    ------
    InputError
        If there is no potential behind the crystal, LAMMPS cannot take it, it has a hole at short range that a hot atom
        can reach, or the crystal comes from a structure file, of which solid and liquid cannot be told apart.
    """
    from srlab.validation.properties.eos import eos

    if crystal.potential is None:
        raise InputError(
            "molecular dynamics needs a potential that can be tabulated for LAMMPS, not a bare calculator: use a "
            "Potential"
        )
    if crystal.structure not in NEIGHBOURS:
        raise InputError(
            f"molecular dynamics tells solid from liquid in fcc, bcc, hcp and diamond crystals, not in "
            f"{crystal.described}"
        )
    walls = eos(crystal, quick=True)["warnings"]
    if "repulsive_down_to" in walls:
        raise InputError(f"{crystal.name} cannot be run at high temperature: {walls['repulsive_down_to']}")
    tables = tabulate(crystal.potential, np.sqrt(2.0) * crystal.neighbour_distance)
    table, *splines = write_tables(
        crystal.potential, tables, crystal.lattice_constant, crystal.structure, Path(folder) / "table"
    )
    return {
        "potential": crystal.name,
        "element": crystal.element,
        "commands": command_lines(tables.pair_style, table, crystal.element, splines),
        "structure": crystal.structure,
        "neighbour": crystal.neighbour_distance,
        **_cell(crystal),
        "energy": crystal.energy,
        "cutoff": crystal.reach,
    }


def _cell(crystal):
    """Edges (angstrom) of the orthorhombic cell, and its atoms in units of them."""
    atoms = conventional_cell(
        crystal.element, crystal.structure, crystal.lattice_constant, crystal.c_over_a, orthorhombic=True
    )
    return {"edges": atoms.cell.lengths().tolist(), "basis": atoms.get_scaled_positions().round(12).tolist()}


def cell_counts(crystal, side, height):
    """How many orthorhombic cells make a box as wide and high as `side` and `height` cubic cells of an fcc crystal with
    the same neighbour distance."""
    fcc = np.sqrt(2.0) * crystal.neighbour_distance
    counts = np.array([side, side, height]) * fcc / _cell(crystal)["edges"]
    return [max(1, int(n)) for n in np.rint(counts)]


def open_session(settings):
    """LAMMPS with a crystal of settings["cells"] = (nx, ny, nz) orthorhombic cells, slightly expanded, and the order
    parameter defined.

    Raises
    ------
    RuntimeError
        If LAMMPS does not reproduce the crystal's energy: then its table is wrong.
    """
    session = lammps("-sf", "opt")
    nx, ny, nz = settings["cells"]
    (ax, ay, az), basis = settings["edges"], settings["basis"]
    places = " ".join(f"basis {x:.12f} {y:.12f} {z:.12f}" for x, y, z in basis)
    run(
        session,
        f"""units metal
atom_style atomic
atom_modify map array sort 200 0
boundary p p p
lattice custom 1.0 a1 {ax:.10f} 0 0 a2 0 {ay:.10f} 0 a3 0 0 {az:.10f} {places}
region cell block 0 {nx} 0 {ny} 0 {nz}
create_box 1 cell
create_atoms 1 box
mass 1 {atomic_masses[atomic_numbers[settings["element"]]]:.6f}
{settings["commands"]}
neighbor 1.0 bin
neigh_modify delay 4 every 2 check yes
timestep {TIMESTEP}
thermo 1000000
run 0 post no""",
    )
    energy = session.get_thermo("pe") / session.get_natoms()
    if not abs(energy - settings["energy"]) < 1e-3:
        raise RuntimeError(
            f"LAMMPS gives the crystal {energy:.5f} eV/atom, srlab {settings['energy']:.5f}: the table is wrong"
        )
    nearest, reach = NEIGHBOURS[settings["structure"]]
    reach *= 1.015 * settings["neighbour"]  # about right for a hot crystal
    run(
        session,
        f"""change_box all x scale 1.015 y scale 1.015 z scale 1.015 remap units box
compute q all orientorder/atom degrees 1 6 nnn {nearest} cutoff {reach:.6f} components 6
compute coherent all coord/atom orientorder q 0.5
variable solid atom c_coherent>={COHERENT}
variable T equal temp
variable P equal press
variable H equal enthalpy
variable V equal vol
variable Lx equal lx
variable Ly equal ly
variable Lz equal lz
run 0 post no""",
    )
    return session


def run(session, commands):
    """Send lines of commands to LAMMPS."""
    for line in commands.strip().splitlines():
        session.command(line)


def steps(picoseconds, multiple=1):
    """Number of time steps, a multiple of `multiple`."""
    return multiple * max(1, int(round(picoseconds / TIMESTEP / multiple)))


def solid_profile(session, bins):
    """Share of solid-like atoms in the cell, and in each of `bins` slices along z; the order parameter of the last step
    of a run."""
    n = session.get_natoms()
    solid = np.asarray(session.numpy.extract_variable("solid", "all", 1))[:n]
    z = session.numpy.extract_atom("x")[:n, 2]
    low, high = session.extract_box()[:2]
    slice_of = (np.mod((z - low[2]) / (high[2] - low[2]), 1.0) * bins).astype(int) % bins
    counts = np.bincount(slice_of, minlength=bins)
    return float(solid.mean()), (np.bincount(slice_of, solid, minlength=bins) / np.maximum(counts, 1)).round(3).tolist()


def show(session, settings, text):
    """Write the atoms as they are now to the file settings["view"], for who watches the run; without that setting,
    nothing.

    The file holds one JSON object: text (what is being done), cell (three edges, angstrom), positions (n x 3, angstrom,
    inside the cell) and solid (n, 1 for solid-like atoms). It is replaced as a whole, so that a reader never sees half
    of it.
    """
    if not settings.get("view"):
        return
    n = session.get_natoms()
    solid = np.asarray(session.numpy.extract_variable("solid", "all", 1))[:n]
    low, high = (np.array(corner) for corner in session.extract_box()[:2])
    positions = np.mod(session.numpy.extract_atom("x")[:n] - low, high - low)
    order = np.argsort(session.numpy.extract_atom("id")[:n])
    view = {
        "text": text,
        "cell": (high - low).round(3).tolist(),
        "positions": positions[order].round(2).tolist(),
        "solid": solid[order].astype(int).tolist(),
    }
    part = Path(f"{settings['view']}.part")
    part.write_text(json.dumps(view), encoding="utf-8")
    os.replace(part, settings["view"])


def averages(session, picoseconds):
    """Run and average: dict of T (K), P (bar), H (eV), V (A^3), Lx, Ly, Lz (A)."""
    n = steps(picoseconds, 10)
    # the window of ave/time ends at multiples of its length
    run(
        session,
        f"""reset_timestep 0
fix mean all ave/time 5 {n // 5} {n} v_T v_P v_H v_V v_Lx v_Ly v_Lz
run {n} post no""",
    )
    values = [session.extract_fix("mean", 0, 1, k) for k in range(7)]
    run(session, "unfix mean")
    return dict(zip(("T", "P", "H", "V", "Lx", "Ly", "Lz"), values))
