"""The front as a table: train and test errors, formulas, the knee, and the refitted published forms beside it."""

import math
import textwrap

DIGITS = 4


def front_table(front, references, marked=None, scores=None, width=80, more=None) -> str:
    """Candidates and, below a line, published forms refitted on the same data: a line of numbers each, its formulas
    under it.

    Parameters
    ----------
    front : list of Candidate
        Sorted by complexity. Errors near the lowest frame and the crystal that a candidate makes have columns where any
        candidate knows them.
    references : list of dict
        Reference events of a journal.
    marked : Candidate, optional
        One of the front, which gets a star.
    scores : dict, optional
        By id.
    width : int
        Columns of the screen; formulas are folded between their terms.
    more : dict, optional
        More columns, head with unit -> {id or name: number or word}; their line follows that of the errors.
    """
    near = any(candidate.test_near_energy_mae is not None for candidate in front)
    crystal = any(candidate.structures for candidate in front)
    kinds = ["train", "test", *(["near"] if near else [])]
    heads = [("", "id"), ("", "nodes")]
    for kind in kinds:
        heads += [(kind, "meV/atom"), ("", "meV/A")]
    heads += [("", "crystal")] if crystal else []
    heads += [("", "score")] if scores else []
    rows = [
        [
            f"{candidate.id} *" if candidate is marked else candidate.id,
            str(candidate.complexity),
            *errors(candidate.summary(), near),
            *([crystal_of(candidate)] if crystal else []),
            *([f"{scores[candidate.id]:.2f}" if candidate.id in scores else ""] if scores else []),
        ]
        for candidate in front
    ]
    below = [
        [
            marked_name(reference),
            str(reference["complexity"]),
            *errors(reference, near),
            *[""] * (crystal + bool(scores)),
        ]
        for reference in references
    ]
    widths = [max(map(len, column)) for column in zip([head for _, head in heads], *rows, *below)]

    def line(cells):
        first, *others = zip(cells, widths)
        return " ".join([first[0].ljust(first[1]), *(cell.rjust(space) for cell, space in others)]).rstrip()

    lines = [
        line([kind for kind, _ in heads]),
        line([head for _, head in heads]),
        "─" * (sum(widths) + len(widths) - 1),
    ]
    for cells, candidate in zip(rows, front):
        lines += [line(cells), *property_lines(candidate.id, more, width), *formula_lines(candidate.formulas, width)]
    lines += [lines[2]] if references else []
    for cells, reference in zip(below, references):
        name = reference["name"]
        lines += [line(cells), *property_lines(name, more, width), *formula_lines(reference["formulas"], width)]
    return "\n".join(lines)


def marked_name(reference: dict) -> str:
    """The name of a published form, marked where its refit makes no sense."""
    return f"{reference['name']} ?" if reference.get("doubt") else reference["name"]


def property_lines(name: str, more: dict | None, width: int) -> list[str]:
    """What is known of one row, head and value one after the other; numbers to four digits."""
    known = [
        f"{head} {values[name] if isinstance(values[name], str) else f'{values[name]:.4g}'}"
        for head, values in (more or {}).items()
        if name in values
    ]
    return textwrap.wrap("; ".join(known), max(width, 40), initial_indent="    ", subsequent_indent="    ")


def formula_lines(texts: dict, width: int) -> list[str]:
    """The functions, phi = ..., one under the other with constants to a few digits, folded at blanks between terms."""
    lines = []
    for text in formulas(texts).plain.split("\n"):
        lines += textwrap.wrap(
            text,
            max(width, 40),
            initial_indent="    ",
            subsequent_indent="        ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def errors(record, near: bool = False) -> list[str]:
    """Train and test errors (meV/atom, meV/A) to three digits, also near the lowest frame if asked; a dash for none."""
    names = ["energy_mae", "force_mae", "test_energy_mae", "test_force_mae"]
    return [number(record.get(name)) for name in names + (["near_energy_mae", "near_force_mae"] if near else [])]


def crystal_of(candidate) -> str:
    """The structure of lowest energy of a candidate, marked where it is not the data's; empty where nobody asked."""
    if not candidate.structures:
        return ""
    lowest = min(candidate.structures, key=candidate.structures.__getitem__)
    return f"{lowest} !" if candidate.right_crystal is False else lowest


def footnotes(front, references=()) -> list[str]:
    """What the columns and marks of `front_table` mean, where they are there."""
    from srlab.datasets.dataset import NEAR

    lines = []
    if any(candidate.test_near_energy_mae is not None for candidate in front):
        lines.append(f"near: test frames within {NEAR:g} eV/atom of the lowest.")
    wrong = [candidate for candidate in front if candidate.right_crystal is False]
    if wrong:
        count = "1 candidate has" if len(wrong) == 1 else f"{len(wrong)} candidates have"
        lines.append(f"! {count} the wrong ground state: this crystal is lower in energy than that of the data.")
    doubtful = [f"{each['name']} ({each['doubt']})" for each in references if each.get("doubt")]
    if doubtful:
        lines.append(f"? does not fit these data: {'; '.join(doubtful)}.")
    return lines


def errors_table(found: dict):
    """A rich table of what `srlab.evaluate` says: all frames, near and far from equilibrium, and the
    families where there are several."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for head in ("frames", "atoms", "energy MAE\nmeV/atom", "RMSE\n", "force MAE\nmeV/A", "RMSE\n"):
        table.add_column(head, justify="right", no_wrap=True)
    families = found.get("families", {})
    rows = [
        ("all frames", found),
        ("near equilibrium", found.get("near_equilibrium")),
        ("far from equilibrium", found.get("far_from_equilibrium")),
    ]
    rounds = [(f"round {name} of the loop", row) for name, row in found.get("rounds", {}).items()]
    for title, row in [*rows, *(families.items() if len(families) > 1 else ()), *rounds]:
        if row:
            values = (number(row[name]) for name in ("energy_mae", "energy_rmse", "force_mae", "force_rmse"))
            table.add_row(
                title, str(row["n_frames"]), str(row["n_atoms"]), *values, end_section=title == "far from equilibrium"
            )
    return table


def number(value) -> str:
    if value is None or not math.isfinite(value):
        return "-"
    decimals = max(0, 2 - math.floor(math.log10(abs(value)))) if abs(value) > 1e-4 else 2
    return f"{value:.{min(decimals, 4)}f}"


def formulas(texts: dict):
    """One line a function, phi = ..., constants to a few digits."""
    from rich.text import Text

    from srlab.templates import Model

    model = Model.parse(texts)
    return Text(
        "\n".join(
            f"{model.template[name].symbol} = {formula.short(DIGITS)}" for name, formula in model.functions.items()
        )
    )


def comparison(front, references) -> str:
    """One sentence: how the front stands against the published form that has the most nodes to lose, Sutton-Chen."""
    published = next((reference for reference in references if reference["name"] == "Sutton-Chen"), None)
    if not front or published is None:
        return ""
    kind, names = "test", ("test_energy_mae", "test_force_mae")
    if any(
        errors is None
        for name in names
        for errors in (published[name], *(getattr(candidate, name) for candidate in front))
    ):
        kind, names = "training", ("energy_mae", "force_mae")
    better = [candidate for candidate in front if all(getattr(candidate, name) < published[name] for name in names)]
    if len(front) == 1:
        return f"1 candidate, {'below' if better else 'not below'} refitted Sutton-Chen in both {kind} errors."
    return (
        f"{len(front)} candidates, none better than another in nodes, energy and force error at once; "
        f"{len(better)} of them below refitted Sutton-Chen in both {kind} errors."
    )
