"""srlab validate."""

from typing import Annotated, Optional

import typer

from srlab.cli import options
from srlab.cli.output import bar, console, print_json


def validate(
    potential: options.Potential,
    only: Annotated[Optional[str], typer.Option(metavar="eos,elastic,...", help="Groups of properties; an unknown name lists them.")] = None,
    reference: Annotated[str, typer.Option(metavar="pbe|experiment", help="What errors refer to.")] = "pbe",
    quick: Annotated[bool, typer.Option("--quick", help="Smaller cells, fewer points; without --only just eos, elastic and phonons.")] = False,
    as_json: options.Json = False,
) -> None:
    """Physical properties of POTENTIAL beside PBE and experiment."""
    from srlab.potentials import load_potential
    from srlab.validation import validate

    loaded = load_potential(potential)
    with bar("validating") as advance:
        card = validate(loaded, only, reference, quick, advance)
    if as_json:
        return print_json(card)
    console().print(table(card, reference))


def table(card: dict, reference: str):
    """A rich table of property, value, references, error and score; says where an error refers to the other reference."""
    from rich import box
    from rich.table import Table

    rows = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    rows.add_column("property", no_wrap=True)
    for head in ("value", "PBE", "experiment", "error"):
        rows.add_column(head, justify="right", no_wrap=True)
    rows.add_column("unit", no_wrap=True)
    rows.add_column("", overflow="fold")
    for name, entry in card.items():
        numbers = ["-" if entry[key] is None else f"{entry[key]:.4g}" for key in ("value", "pbe", "experiment", "error")]
        other = f"against {entry['reference']}" if entry["error"] is not None and entry["reference"] != reference else ""
        remarks = [entry.get("score"), other, entry.get("warning")]
        rows.add_row(name, *numbers, entry["unit"], ", ".join(remark for remark in remarks if remark))
    return rows
