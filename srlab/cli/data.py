"""srlab sample, label."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from srlab.cli import options
from srlab.cli.output import bar, new_file, note


def sample(
    potential: options.Potential,
    output: options.Output,
    atoms: Annotated[int, typer.Option(help="Atoms in the periodic cell.")] = 8,
    levels: Annotated[int, typer.Option(help="At most so many halvings of configuration space.")] = 64,
    walkers: Annotated[int, typer.Option(help="Structures carried along.")] = 60,
    per_level: Annotated[int, typer.Option(help="Structures written from each level.")] = 1,
    seed: options.Seed = 0,
    workers: Annotated[int, typer.Option(min=1, help="Threads.")] = 1,
    force: options.Force = False,
) -> None:
    """Sample structures with POTENTIAL.

    Nested ensemble sampling: from gas-like disorder to the crystal.
    """
    from ase.io import write
    from srlab.potentials import load_potential
    from srlab.sampling import sample

    output, found, interrupted = new_file(output, force), [], False
    surface = load_potential(potential)
    with bar("sampling") as advance:

        def progress(done, total, level):
            found.extend(level.samples)
            advance(done, total, f"ceiling {level.ceiling:.3f}, lowest {level.lowest:.3f} eV/atom")

        try:
            sample(surface, atoms, walkers, levels, seed, progress=progress, per_level=per_level, workers=workers)
        except KeyboardInterrupt:
            interrupted = True
    if found:
        write(output, found, format="extxyz")
        print(f"wrote {len(found)} structures of {atoms} atoms to {output}")
    if interrupted:
        note(f"interrupted after {len(found)} structures")
        raise typer.Exit(130)


def label(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Structures to label, any format ASE reads.")],
    output: options.Output,
    calculator: Annotated[str, typer.Option(help="gpaw (PBE plane waves, the recipe of the bundled data) or the name of an ASE calculator, such as emt.")] = "gpaw",
    shard: Annotated[str, typer.Option(metavar="I/N", help="Only every N-th structure, from the I-th: one process and one output file for each.")] = "0/1",
    limit: Annotated[Optional[int], typer.Option(min=1, help="Stop after so many labels.")] = None,
    seconds: Annotated[Optional[float], typer.Option(help="Begin no further structure after so much time.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try structures again that failed before.")] = False,
) -> None:
    """Label structures with DFT.

    Energies, forces and stresses. What the output holds already is passed over, so that the same command goes on after a stop.
    """
    from srlab.sampling import label

    with bar("labelling") as advance:
        try:
            report = label(file, output, calculator, shard=shard, limit=limit, seconds=seconds, retry=retry,
                           progress=lambda done, total, atoms, message: advance(done, total, message))
        except KeyboardInterrupt:
            note(f"interrupted; what is in {output} is whole. The same command goes on")
            raise typer.Exit(130) from None
    print(f"{report.labelled} labelled, {report.present} there before, {report.failed} failed, {report.passed_over} failed before: {output}")
    if report.failed:
        note(f"why they failed is in {output}.failed.jsonl; --retry tries them again")
