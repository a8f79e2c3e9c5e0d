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


def table(found, folder: Path):
    """A rich table of `srlab.runs.catalogue.RunSummary`s, names relative to their folder."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    shown.add_column("run", overflow="fold")
    for head in ("state", "data"):
        shown.add_column(head, overflow="fold")
    for head in ("search\ns", "\nevaluations", "best\nmeV/atom", "\nmeV/A"):
        shown.add_column(head, justify="right", no_wrap=True)
    shown.add_column("last change", no_wrap=True)
    shown.add_column("note", overflow="fold", ratio=1)
    for run in found:
        best = run.best or {}
        shown.add_row(
            Text(run.path.relative_to(folder).as_posix()),
            run.state,
            Text(f"{run.dataset} ({run.frames})"),
            f"{run.seconds:.0f}",
            f"{run.evaluations:,}",
            *(f"{best[name]:.2f}" if name in best else "-" for name in ("energy_mae", "force_mae")),
            time.strftime("%Y-%m-%d %H:%M", time.localtime(run.changed)),
            Text(
                " · ".join(filter(None, (f"fork of {Path(run.forked_from).name}" if run.forked_from else "", run.note)))
            ),
        )
    return shown
