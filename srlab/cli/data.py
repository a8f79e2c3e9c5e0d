"""srlab sample, label, learn."""

import shlex
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from srlab.cli import options
from srlab.cli.output import bar, console, new_file, note, notes_on, print_json, say

FAILURES_SHOWN = 10


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
    calculator: Annotated[
        str,
        typer.Option(
            help="gpaw (PBE plane waves, the recipe of the bundled data), the name of an ASE calculator, such as emt, "
            "or a potential: a name, RUN#ID or a file."
        ),
    ] = "gpaw",
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N", help="Only every N-th structure, from the I-th: one process and one output file for each."
        ),
    ] = "0/1",
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many labels.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Begin no further structure after so much time.")] = None,
    workers: Annotated[
        int, typer.Option(min=1, metavar="W", help="Processes that label side by side, into the one output file.")
    ] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Scheduler of a Dask cluster whose workers label instead.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try structures again that failed before.")] = False,
) -> None:
    """Label structures with DFT, or with another calculator.

    Energies, forces and stresses. What the output holds already is passed over, so that the same command goes on after
    a stop.
    """
    from srlab.sampling import label

    failures = []
    with bar("labelling") as advance:

        def progress(done, total, atoms, message):
            advance(done, total, message)
            if atoms is None:
                failures.append(f"{file}, {message}")

        try:
            report = label(
                file,
                output,
                calculator,
                shard=shard,
                limit=limit,
                seconds=seconds,
                retry=retry,
                workers=workers,
                scheduler=scheduler,
                progress=progress,
            )
        except KeyboardInterrupt:
            note(f"interrupted; what is in {output} is whole. The same command goes on")
            raise typer.Exit(130) from None
    say(
        f"{report.labelled} labelled, {report.present} there before, {report.failed} "
        f"failed, {report.passed_over} failed before: {output}"
    )
    for failure in failures[:FAILURES_SHOWN]:
        note(failure)
    if report.failed:
        note(f"all that failed are in {output}.failed.jsonl and are passed over from now on; --retry tries them again")


def learn(
    data: options.Data,
    rounds: Annotated[
        int, typer.Option(metavar="N", help="Times that structures are sampled, labelled and learned.")
    ] = 3,
    seconds: Annotated[
        float | None,
        typer.Option(metavar="S", help="Search so many seconds in each round; 60 unless --evaluations is given."),
    ] = None,
    evaluations: Annotated[
        int | None, typer.Option(metavar="N", help="Search so many evaluations in each round.")
    ] = None,
    frames: Annotated[int, typer.Option(help="Structures labelled in each round.")] = 20,
    atoms: Annotated[str, typer.Option(metavar="N,N,...", help="Sizes of the cells that are sampled.")] = "4,8",
    calculator: Annotated[
        str, typer.Option(help="What made DATA: gpaw, the name of an ASE calculator, such as emt, or a potential.")
    ] = "gpaw",
    members: Annotated[int, typer.Option(help="Members of the front that vote on what to label.")] = 5,
    samplers: Annotated[int, typer.Option(help="How many of them, lowest loss first, are sampled on.")] = 2,
    walkers: Annotated[int, typer.Option(help="Structures carried along by the sampler.")] = 60,
    levels: Annotated[int, typer.Option(help="At most so many halvings of configuration space.")] = 64,
    max_complexity: Annotated[
        int | None, typer.Option(metavar="C", help="Most nodes over the three functions.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, metavar="W", help="Processes of the search and of the labels, threads of the sampler.")
    ] = 1,
    split: options.Split = "stratified",
    seed: options.Seed = 0,
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder of the loop; the same command goes on with it.")
    ] = Path("learn"),
    as_json: options.Json = False,
) -> None:
    """Search, sample on the front, label where it disagrees, search on.

    After Ctrl-C or a kill the same command goes on; a larger --rounds goes on after the end. The test frames of DATA
    stay the same in all rounds.
    """
    from srlab.datasets import load_dataset
    from srlab.errors import InputError
    from srlab.learning import learn
    from srlab.learning.background import stop_requests

    try:
        sizes = tuple(int(size) for size in atoms.split(","))
    except ValueError:
        raise InputError(f"--atoms {atoms}: give the sizes of the cells to sample, such as 4,8") from None
    if seconds is None and evaluations is None:
        seconds = 60.0
    dataset = load_dataset(data, split=split)
    notes_on(dataset)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # a batch system's way of saying Ctrl-C
    try:
        with bar("learning") as advance, stop_requests(out):

            def progress(stage, number, done, total, message):
                advance(round(100 * done / max(total, 1e-9)), 100, f"round {number} of {rounds}: {stage}, {message}")
                if message == "done" and not sys.stderr.isatty():
                    note(f"round {number} of {rounds}: {stage} done")

            found = learn(
                dataset,
                out,
                calculator,
                progress,
                rounds=rounds,
                seconds=seconds,
                evaluations=evaluations,
                frames=frames,
                atoms=sizes,
                seed=seed,
                members=members,
                samplers=samplers,
                walkers=walkers,
                levels=levels,
                max_complexity=max_complexity,
                workers=workers,
            )
    except KeyboardInterrupt:
        note(f"interrupted; everything is saved in {shlex.quote(str(out))}. The same command goes on")
        raise typer.Exit(130) from None
    finally:
        signal.signal(signal.SIGTERM, before)
    if as_json:
        return print_json(found)
    console().print(_rounds_table(found))
    say(
        f"Errors of the form with the lowest loss on the {len(dataset.test)} test frames "
        f"of {dataset.name}, of energies (E, meV/atom) and forces (F, meV/A); new: of the round before's "
        "form on the labels of this round, which it had not seen.\nThe last front: srlab "
        f"front {shlex.quote(str(out))}/round-{found[-1]['round']}/search"
    )


def _rounds_table(found):
    """Errors by round."""
    from rich.table import Table

    from srlab.cli.tables import number
    from srlab.learning.trace import COLUMNS

    # 80 columns hold it with heads of two lines and a blank between; E and F are explained below
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    short = {"labelled": "labels", "energy": "test E", "force": "test F"}
    for title in COLUMNS:
        head = short.get(title, title)
        table.add_column(head.replace(" ", "\n") if " " in head else f"\n{head}", justify="right", no_wrap=True)
    for entry in found:
        values = [entry.get(name) for name in COLUMNS.values()]
        table.add_row(
            *("" if value is None else str(value) if isinstance(value, int) else number(value) for value in values)
        )
    return table
