"""A front as a table to paste: CSV for a spreadsheet, Markdown for a page, LaTeX (booktabs) for a paper."""

from __future__ import annotations

import csv
import io

from srlab.errors import InputError
from srlab.templates import Model
from srlab.templates import columns as functions_of

FORMATS = ("csv", "markdown", "latex")
ERRORS = ("energy_mae", "test_energy_mae", "force_mae", "test_force_mae")  # meV/atom and meV/angstrom
DIGITS = 4  # significant digits of constants in typeset formulas; CSV has them in full
SPECIAL = {
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    # fmt: skip
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def front_text(
    candidates, references=(), format: str = "csv", tags: dict | None = None, columns: dict | None = None
) -> str:
    """Candidates and published forms as a table in plain text.

    Parameters
    ----------
    candidates : list of `srlab.Candidate`, in the order wanted.
    references : dicts of published forms refitted on the same data, as a journal has them; they follow the candidates.
    format : csv, markdown or latex.
    tags : a person's own words by candidate id; a column of its own where there are any.
    columns : more columns, head with unit -> {id of a candidate, or name of a form: number or word}; see
        `srlab.validation.columns`.

    Returns
    -------
    str, with mean absolute errors in meV/atom and meV/angstrom, formulas of r in angstrom, energies in eV.

    Raises InputError for another format.
    """
    if format not in FORMATS:
        raise InputError(f"there is no table format {format!r}: choose {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    rows = [_row(candidate.to_json(), candidate.id, columns) for candidate in candidates]
    rows += [_row(reference, reference["name"], columns, remark(reference)) for reference in references]
    parts = {each.name: each.left_side for each in functions_of(row["formulas"] for row in rows)}
    tagged = {name: text for name, text in (tags or {}).items() if name in {row["name"] for row in rows}}
    return {"csv": _csv, "markdown": _markdown, "latex": _latex}[format](rows, list(columns or ()), parts, tagged)


def remark(reference: dict) -> str:
    """What stands behind the name of a published form."""
    return f" (refitted; does not fit: {reference['doubt']})" if reference.get("doubt") else " (refitted)"


def _row(record: dict, name: str, columns, ending: str = "") -> dict:
    return {
        "name": name + ending,
        **{key: record.get(key) for key in ("complexity", *ERRORS)},
        "more": [values.get(name) for values in (columns or {}).values()],
        "formulas": record["formulas"],
    }


def _csv(rows, columns, parts, tags) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    units = [f"{name}_meV_per_{'atom' if 'energy' in name else 'angstrom'}" for name in ERRORS]
    writer.writerow(["id", "nodes", *units, *columns, *parts, *(["tag"] if tags else [])])
    for row in rows:
        texts = [row["formulas"].get(part, "") for part in parts]
        tag = [_inert(tags.get(row["name"], ""))] if tags else []
        numbers = [*(_full(row[name]) for name in ERRORS), *(_full(value) for value in row["more"])]
        writer.writerow([_inert(row["name"]), row["complexity"], *numbers, *texts, *tag])
    return out.getvalue()


def _inert(text: str) -> str:
    """Text that no spreadsheet takes for a command: those begin with one of these signs. Formulas keep theirs, or
    they would not be formulas."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _markdown(rows, columns, parts, tags) -> str:
    heads = ["", "nodes", "energy, meV/atom<br>train / test", "force, meV/Å<br>train / test"]
    heads += [*map(_unmarked, columns), *(f"${left}$" for left in parts.values()), *(["tag"] if tags else [])]
    aligned = [":--", *["--:"] * (3 + len(columns)), *[":--"] * (len(parts) + bool(tags))]
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join(aligned)}|"]
    for row in rows:
        typeset = _typeset(row["formulas"])
        cells = [f"${typeset[part]}$".replace("|", "\\vert ") if part in typeset else "" for part in parts]
        cells += [_unmarked(tags.get(row["name"], ""))] if tags else []
        numbers = [_pair(row, "energy_mae"), _pair(row, "force_mae"), *(_unmarked(_brief(v)) for v in row["more"])]
        lines.append(f"| {' | '.join([_unmarked(row['name']), str(row['complexity']), *numbers, *cells])} |")
    return "\n".join(lines) + "\n"


def _unmarked(text: str) -> str:
    """Text that Markdown shows as it is: no cell ends in it, and no HTML begins."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "\\|")


def _latex(rows, columns, parts, tags) -> str:
    heads = ["", "nodes", r"energy (meV/atom)", r"force (meV/\AA)", *map(_plain, columns)]
    heads += [f"${left}$" for left in parts.values()] + (["tag"] if tags else [])
    lines = [
        "% needs \\usepackage{booktabs}; errors: training / test frames",
        rf"\begin{{tabular}}{{lrrr{'r' * len(columns)}{'l' * (len(parts) + bool(tags))}}}",
        r"\toprule",
        rf"{' & '.join(heads)} \\",
        r"\midrule",
    ]
    for row in rows:
        typeset = _typeset(row["formulas"])
        cells = [f"${typeset[part]}$" if part in typeset else "" for part in parts]
        cells += [_plain(tags.get(row["name"], ""))] if tags else []
        numbers = [_pair(row, "energy_mae"), _pair(row, "force_mae"), *(_plain(_brief(value)) for value in row["more"])]
        lines.append(rf"{' & '.join([_plain(row['name']), str(row['complexity']), *numbers, *cells])} \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _plain(text: str) -> str:
    """Text with LaTeX's signs written out, so that it is set and not obeyed."""
    return "".join(SPECIAL.get(letter, letter) for letter in text)


def _typeset(formulas: dict) -> dict:
    return {part: formula.latex(DIGITS) for part, formula in Model.parse(formulas).functions.items()}


def _pair(row: dict, name: str) -> str:
    return " / ".join("–" if row[key] is None else f"{row[key]:.1f}" for key in (name, f"test_{name}"))


def _full(value) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value:.6g}"


def _brief(value) -> str:
    return "–" if value is None else value if isinstance(value, str) else f"{value:.4g}"
