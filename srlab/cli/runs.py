"""srlab runs: what lies below a folder of runs."""

import shlex
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from srlab.cli import options
from srlab.cli.output import console, note, print_json


def runs(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where the runs lie; by default runs/.", show_default=False)
    ] = Path("runs"),
    stop: Annotated[
        str | None, typer.Option(metavar="RUN", help="End the search of this run; its results stay.")
    ] = None,
    delete: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Delete this run with all that is in its folder; asks before it does."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    remark: Annotated[
        tuple[str, str] | None,
        typer.Option("--note", metavar="RUN TEXT", help='Write a note of your own to a run; "" takes it away.'),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """List the runs below a folder: state, data, best values, notes.

    RUN is a name of the list, or the path of its folder.
    """
    from srlab.errors import InputError
    from srlab.runs.catalogue import Catalogue, delete_run, stop_run
    from srlab.runs.notes import write_note

    catalogue = Catalogue(folder)
    if stop is not None:
        run = catalogue.find(stop)
        stop_run(run)
        note(f"{run} was told to stop")
    if remark is not None:
        write_note(catalogue.find(remark[0]), remark[1])
    if delete is not None:
        run = catalogue.find(delete)
        if not yes and not sys.stdin.isatty():
            raise InputError(f"to delete {run} without being asked, add --yes")
        if yes or typer.confirm(f"Delete {run} with all that is in it?", err=True):
            delete_run(run)
            note(f"{run} is deleted")
    found = catalogue.runs()
    if as_json:
        return print_json([summary.to_json() for summary in found])
    if not found:
        print(f"There are no runs below {folder}.")
        return
    console().print(table(found, folder))
    print(f"Go on with one: srlab resume {shlex.quote(str(found[0].path))}")


def when(seconds: float) -> str:
    """Seconds since 1970 as the hour of today, or the day."""
    then, today = time.localtime(seconds), time.localtime()
    return time.strftime("%H:%M" if then[:3] == today[:3] else "%Y-%m-%d", then)


def table(found, folder: Path):
    """A rich table of `srlab.runs.catalogue.RunSummary`s, names relative to their folder."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    # what has no width of its own stands under the name of the run, so that 80 columns are enough
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    shown.add_column("run", overflow="fold", ratio=1)
    shown.add_column("state", no_wrap=True)
    for head in ("\nevaluations", "best\nmeV/atom", "\nmeV/A"):
        shown.add_column(head, justify="right", no_wrap=True)
    shown.add_column("changed", no_wrap=True)
    for run in found:
        best = run.best or {}
        about = [f"{run.dataset} ({run.frames}), {run.seconds:.0f} s"]
        about += [f"fork of {Path(run.forked_from).name}"] if run.forked_from else []
        about += [run.note] if run.note else []
        shown.add_row(
            Text("\n  ".join([run.path.relative_to(folder).as_posix(), *about])),
            run.state,
            f"{run.evaluations:,}",
            *(f"{best[name]:.2f}" if name in best else "-" for name in ("energy_mae", "force_mae")),
            when(run.changed),
        )
    return shown
