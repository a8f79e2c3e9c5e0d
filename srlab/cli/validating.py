"""srlab validate."""

import textwrap
from pathlib import Path
from typing import Annotated

import typer

from srlab.cli import options
from srlab.cli.output import bar, console, note, print_json, say

Structure = Annotated[
    str | None,
    typer.Option(
        metavar="fcc|bcc|hcp|diamond|FILE",
        help="The crystal; by default that of the data, or the ground state of the element.",
    ),
]
References = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Reference values of your own (JSON: element, property, pbe or experiment), before ours."
    ),
]


def validate(
    potential: options.Potential,
    only: Annotated[
        str | None, typer.Option(metavar="eos,elastic,...", help="Groups of properties; an unknown name lists them.")
    ] = None,
    reference: Annotated[str, typer.Option(metavar="pbe|experiment", help="What errors refer to.")] = "pbe",
    quick: Annotated[
        bool, typer.Option("--quick", help="Smaller cells, fewer points; without --only just eos, elastic and phonons.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write a report with figures, others beside it: HTML and Markdown."),
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Potentials that stand beside it in the report; by default Sutton-Chen's, if there is one.",
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Keep finished groups there; the same command goes on after a stop."),
    ] = None,
    structure: Structure = None,
    references: References = None,
    as_json: options.Json = False,
) -> None:
    """Physical properties of POTENTIAL's crystal beside PBE and experiment."""
    from srlab.potentials import load_potential
    from srlab.validation import validate

    loaded = load_potential(potential)
    for sentence in loaded.notes:
        note(sentence)
    if report is not None:
        return write_report(
            loaded,
            report,
            only,
            reference,
            quick,
            as_json,
            beside,
            keep,
            structure,
            references,
        )
    with bar("validating") as advance:
        card = validate(loaded, only, reference, quick, advance, keep, structure, references)
    if as_json:
        return print_json(card)
    console().print(table(card, reference))


def judge(
    run: options.Run,
    only: Annotated[
        str | None,
        typer.Option(metavar="eos,elastic,...", help="Groups of properties; by default those that take seconds."),
    ] = None,
    max_complexity: Annotated[int, typer.Option(min=1, metavar="C", help="Most nodes of a candidate.")] = 45,
    limit: Annotated[int, typer.Option(min=2, metavar="N", help="Most candidates that are validated.")] = 40,
    workers: Annotated[int, typer.Option(min=1, metavar="W", help="Processes.")] = 1,
    scheduler: options.Scheduler = None,
    structure: Structure = None,
    references: References = None,
    as_json: options.Json = False,
) -> None:
    """Rank the candidates of RUN by their physical properties.

    The refitted Sutton-Chen of the run stands beside them: the table says on which lines it is nearer to PBE. The
    scorecards stay in the run: srlab front RUN --columns c44,stacking_fault_energy shows them beside the errors.
    """
    from srlab.search.search import Search
    from srlab.validation.columns import keep_card
    from srlab.validation.ranking import GROUPS, rank, refitted, shortlist

    view = Search.attach(run).view
    reference = refitted(view)
    with bar("judging") as advance:
        ranked = rank(
            shortlist(view.candidates.values(), max_complexity, limit),
            reference,
            only or GROUPS,
            workers,
            advance,
            scheduler,
            structure,
            references,
        )
    if structure is None and references is None:  # of another crystal, or beside other numbers, they are no columns
        for each in ranked:
            keep_card(run, f"{each.id}-judge", each.id, {"table": each.card})
    if as_json:
        return print_json([each.to_json() for each in ranked])
    print(ranking(ranked, console().width))
    say(
        "misfit: root mean square of error / acceptable error over the scorecard. behind: lines on which refitted "
        "Sutton-Chen is nearer to the reference, and lost: those of them that are not good either."
    )


def ranking(ranked, width: int) -> str:
    """The ranked candidates, the best first, each a line with what it lost and its formulas below.

    width : columns of the screen; names and formulas are folded between words and terms.
    """
    from srlab.cli.tables import formula_lines

    across = max(4, *(len(each.id) for each in ranked)) if ranked else 4
    head = f"{'id':{across}}  nodes  misfit  behind"
    lines = [head, "─" * len(head)]
    for each in ranked:
        lines.append(f"{each.id:{across}}  {each.complexity:5d}  {each.misfit:6.2f}  {len(each.behind):6d}")
        if each.lost:
            lost = f"lost to Sutton-Chen: {', '.join(each.lost)}"
            lines += textwrap.wrap(lost, width, initial_indent="    ", subsequent_indent="        ")
        lines += formula_lines(each.formulas, width)
    return "\n".join(lines)


def write_report(potential, folder: Path, only, reference, quick, as_json, beside, keep, structure, references) -> None:
    """The report of `srlab.validation.report`, and where it is. Raises InputError where the folder holds something
    already."""
    from srlab.errors import InputError
    from srlab.potentials.published import published_names
    from srlab.validation.report import report

    if beside is None:
        own = "sutton-chen" if potential.element == "Cu" else f"sutton-chen-{potential.element.lower()}"
        others = [own] if own in published_names() else []
    else:
        others = [name.strip() for name in beside.split(",") if name.strip()]

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists: choose another folder for the report")
    with bar("validating") as advance:
        page = report(
            potential,
            folder,
            only=only,
            reference=reference,
            quick=quick,
            progress=advance,
            beside=others,
            keep=keep,
            structure=structure,
            references=references,
        )
    if as_json:
        print((folder / "report.json").read_text(encoding="utf-8"), end="")
    else:
        note(f"the report is in {page}, with report.md and report.json beside it")


def table(card: dict, reference: str):
    """A rich table of property, value, references, error and score; says where an error refers to the other reference,
    and where there is none."""
    from rich import box
    from rich.table import Table

    from srlab.validation.scores import NO_REFERENCE

    # in 80 columns the judgement must be there: words too long for a column stand under the name
    rows = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    rows.add_column("property", width=max(map(len, card)), overflow="fold")
    for head in ("value", "PBE", "exp.", "error"):
        rows.add_column(head, justify="right", no_wrap=True)
    for head in ("unit", ""):
        rows.add_column(head, no_wrap=True)
    for name, entry in card.items():
        numbers = [_short(entry[key]) for key in ("value", "pbe", "experiment")]
        other = entry["error"] is not None and entry["reference"] != reference
        remarks = [f"against {entry['reference']}" if other else None, entry.get("warning")]
        unknown = NO_REFERENCE if entry["reference"] is None and entry["unit"] else ""
        rows.add_row(
            "\n  ".join([name, *filter(None, remarks)]),
            *numbers,
            _short(entry["error"], 3),
            entry["unit"],
            entry.get("score") or unknown,
        )
    return rows


def _short(value, digits: int = 4) -> str:
    """So many digits of a number, nothing for none; the name of a structure as it is."""
    return "" if value is None else value if isinstance(value, str) else f"{value:.{digits}g}"
