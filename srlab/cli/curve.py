"""srlab curve."""

from pathlib import Path
from typing import Annotated

import typer

from srlab.cli import options
from srlab.cli.output import busy, console, print_json

Column = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Name or number of a column; x is the first by default, y the second."),
]


def curve(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Table of numbers: columns separated by commas, tabs or blanks, with or without names."
        ),
    ],
    x: Column = None,
    y: Column = None,
    seconds: Annotated[
        float | None,
        typer.Option(metavar="S", help="Stop after so many seconds (30 by default), or at an exact fit."),
    ] = None,
    evaluations: Annotated[
        int | None, typer.Option(metavar="N", help="Stop after so many evaluations of a formula.")
    ] = None,
    seed: options.Seed = 0,
    max_complexity: Annotated[
        int, typer.Option(metavar="C", help="Most operators + variables + constants of a formula.")
    ] = 50,
    as_json: options.Json = False,
) -> None:
    """Search formulas y(x) for a table of numbers.

    Prints the front: the shortest formula for each error. The same search as for potentials, on one function.
    """
    with busy("searching"):
        from srlab.curves import fit_curve
        from srlab.curves.table import read_columns

        xs, ys, labels = read_columns(file, x, y)
        result = fit_curve(xs, ys, seconds=seconds, evaluations=evaluations, seed=seed, max_complexity=max_complexity)
    knee = result.knee
    if as_json:
        return print_json(
            {
                "x": labels[0],
                "y": labels[1],
                "rows": len(xs),
                "exact": result.exact,
                "evaluations": result.evaluations,
                "seconds": result.seconds,
                "front": [
                    {
                        "complexity": m.complexity,
                        "error": m.error,
                        "loss": m.loss,
                        "knee": m is knee,
                        "formula": m.formula.text,
                        "latex": m.formula.latex(),
                    }
                    for m in result.front
                ],
            }
        )
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("nodes", justify="right", no_wrap=True)
    table.add_column("error (rms)", justify="right", no_wrap=True)
    table.add_column(f"{labels[1]} = ... of x = {labels[0]} (* knee)", overflow="fold", ratio=1)
    for m in result.front:
        table.add_row(f"{m.complexity}{' *' if m is knee else '  '}", f"{m.error:.3g}", Text(m.formula.short(6)))
    console().print(table)
    print(
        f"{len(xs)} rows, {result.evaluations:,} evaluations, {result.seconds:.1f} s"
        + (", an exact fit" if result.exact else "")
    )
