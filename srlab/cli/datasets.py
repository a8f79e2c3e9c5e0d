"""srlab data."""

from pathlib import Path
from typing import Annotated

import typer

from srlab.cli import options
from srlab.cli.output import busy, console, new_file, note, print_json, say


def data(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUNS...",
            help="Files, folders or patterns: extended XYZ, VASP, Quantum ESPRESSO, CP2K, "
            "FHI-aims, GPAW, LAMMPS dumps, whatever ASE reads; or a bundled data set.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write all of them, each structure once, as one extended XYZ file."
        ),
    ] = None,
    energy_key: options.EnergyKey = None,
    forces_key: options.ForcesKey = None,
    min_distance: options.MinDistance = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Read what DFT runs left, or a bundled data set, and say what is in it.

    Elements, families, energies, forces, closest pairs and stresses; what was left out, what is doubtful, and what to
    add before a fit.
    """
    with busy("reading"):
        from srlab.datasets.library import read_sources
        from srlab.datasets.reader import screen
        from srlab.datasets.summary import advice, describe, without_duplicates

        if output is not None:
            output = new_file(output, force)
        reading = read_sources(runs)
        kept, dropped, remarks = screen(
            reading.frames, ", ".join(runs), min_distance, energy_key, forces_key, reading.places
        )
        chosen, different = without_duplicates(kept)
        frames = [kept[index] for index in chosen]
        found = describe(frames)
    notes = [*reading.notes(), *remarks]
    if dropped:
        notes.append(f"left out {len(dropped)} frames with atoms closer than {min_distance:g} A")
    if len(kept) > len(frames):
        notes.append(
            f"{len(kept) - len(frames)} frames are there more than once: each structure is kept once"
            + (f"; {different} of them had another energy, so settings may differ" if different else "")
        )
    if output is not None:
        from ase.io import write

        write(output, frames, format="extxyz")
    files = [{"file": str(path), "format": form, "frames": count} for path, form, count in reading.files]
    if as_json:
        return print_json({**found, "files": files, "notes": notes, "advice": advice(found)})
    _print(found, files)
    for sentence in [*notes, *advice(found)]:
        note(sentence)
    if output is not None:
        print(f"wrote {len(frames)} frames to {output}")


def _print(found, files):
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from srlab.datasets.dataset import NEAR

    formats = sorted({row["format"] for row in files})
    elements = ", ".join(f"{count} {symbol}" for symbol, count in found["elements"].items())
    say(
        f"{found['frames']} frames, {found['atoms']} atoms ({elements}) of {len(files)} "
        f"file{'s' * (len(files) != 1)} ({', '.join(formats)})"
    )
    if found["frames"]:
        above, force, near = found["above_lowest"], found["force"], found["closest_pair"]
        print(
            f"energies {found['energy']['min']:.4f} to {found['energy']['max']:.4f} eV/atom; half are within "
            f"{above[2]:.3f} of the lowest"
        )
        print(f"{found['near_equilibrium']} frames near equilibrium, within {NEAR:g} eV/atom of the lowest")
        print(f"forces on atoms {force['median']:.3f} in the middle, {force['max']:.2f} at most, eV/A")
        if near:
            print(f"closest pairs {near[0]:.2f} A, {near[1]:.2f} in the middle")
        if found["volume"]:
            print(f"volumes {found['volume'][0]:.2f} to {found['volume'][1]:.2f} A^3/atom")
        if found["stress"]["frames"]:
            low, high = found["stress"]["pressure"]
            print(f"stresses of {found['stress']['frames']} frames, pressures {low:.1f} to {high:.1f} GPa")
    for symbol, energy in found["isolated_atoms"].items():
        print(f"isolated atom of {symbol}: {energy:.4f} eV")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("family")
    for title in ("frames", "atoms", "eV/atom"):
        table.add_column(title, justify="right", no_wrap=True)
    for name, row in found["families"].items():
        table.add_row(
            Text(name), str(row["frames"]), str(row["atoms"]), f"{row['energy'][0]:.3f} to {row['energy'][1]:.3f}"
        )
    console().print(table)
