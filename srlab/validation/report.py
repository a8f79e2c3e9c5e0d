"""The report of a validation: one table and the figures, as Markdown and as a single HTML page."""

import base64
import html
import io
import json
from pathlib import Path

from srlab.errors import InputError
from srlab.loading import load_potential
from srlab.validation.figures import FIGURES
from srlab.validation.groups import chosen_groups, compute, scorecard
from srlab.validation.scores import (
    NO_REFERENCE,
    check_reference,
    load_references,
    properties,
    reference_values,
    sources,
)

TITLES = {
    "eos": "Equation of state, cold curve and dimer",
    "elastic": "Elastic constants",
    "phonons": "Phonons",
    "polymorphs": "Polymorphs",
    "bain": "Transformation paths",
    "surfaces": "Surfaces",
    "stacking-fault": "Stacking faults",
    "vacancy": "Vacancies",
    "interstitial": "Interstitials",
    "grain-boundary": "Grain boundaries",
    "expansion": "Thermal expansion (quasi-harmonic)",
    "melting": "Melting by two-phase coexistence",
    "solid-amorphous": "Heating of a solid-amorphous cell",
    "liquid": "Liquid",
}


def report(
    potential,
    folder,
    only=None,
    reference="pbe",
    beside=("sutton-chen",),
    quick=False,
    progress=None,
    keep=None,
    structure=None,
    references=None,
):
    """Validate a potential and others beside it, and write report.md, report.html, report.json and the figures into a
    folder.

    Parameters
    ----------
    potential : Potential, Candidate, or what `load_potential` takes
    folder : path-like
        Made if need be; files of an earlier report in it are replaced.
    only, reference, quick, progress : as for `srlab.validate`
    beside : list of str
        Potentials of the same element to compare with: names or what `load_potential` takes.
    keep, structure, references : as for `srlab.validate`

    Returns
    -------
    pathlib.Path
        report.html

    Raises
    ------
    InputError
        As `validate`; or if the folder is a file, or a potential beside is of another element.
    MissingExtra
        If matplotlib or phonopy is not installed.
    """
    check_reference(reference)
    groups = chosen_groups(only, quick)
    folder = Path(folder).expanduser()
    if folder.is_file():
        raise InputError(f"{folder} is a file: give a folder for the report")
    if references is not None and not isinstance(references, dict):
        references = load_references(references)
    potentials = [load_potential(spec) for spec in (potential, *beside)]
    potentials = list({p.name: p for p in potentials[::-1]}.values())[::-1]  # the same name once
    for other in potentials[1:]:
        if other.element != potentials[0].element:
            raise InputError(
                f"{other.name} is a potential for {other.element} and cannot stand beside one for "
                f"{potentials[0].element}: choose others (--beside)"
            )
    found = []
    for k, each in enumerate(potentials):
        step = (
            None
            if progress is None
            else lambda done, total, text="", k=k, name=each.name: progress(
                k * total + done, len(potentials) * total, f"{name} {text}".strip()
            )
        )
        found.append((each.name, compute(each, groups, quick, step, keep, structure)))
    folder.mkdir(parents=True, exist_ok=True)
    figures = _draw(found, groups)
    for group, png in figures.items():
        (folder / f"{group}.png").write_bytes(png)
    tables = [
        (name, scorecard(details, details["element"], reference, details["structure"], references))
        for name, details in found
    ]
    (folder / "report.json").write_text(
        json.dumps({name: _plain(table) for name, table in tables}, indent=1), encoding="utf-8"
    )
    known = reference_values(potentials[0].element, found[0][1]["structure"], references)
    cited = _source_lines(tables, known)
    (folder / "report.md").write_text(
        markdown(potentials[0], tables, groups, figures, reference, cited), encoding="utf-8"
    )
    page = folder / "report.html"
    page.write_text(as_html(potentials[0], tables, groups, figures, reference, cited), encoding="utf-8")
    return page


def _plain(table):
    # nan is not JSON
    return {name: {key: None if value != value else value for key, value in row.items()} for name, row in table.items()}


def _draw(found, groups):
    """group -> PNG bytes; potentials for which the group has no meaning are left out of its figure."""
    drawn = {}
    for group in groups:
        results = [
            (name, details[group])
            for name, details in found
            if any(v is not None for v in details[group]["values"].values())
        ]
        if group in FIGURES and results and len(results[0][1]) > 2:
            stream = io.BytesIO()
            FIGURES[group](results, found[0][1]["element"], found[0][1]["structure"]).savefig(stream, format="png")
            drawn[group] = stream.getvalue()
    return drawn


def number(value, missing="–"):
    """A number with as many digits as matter; a dash or other text for none."""
    if value is None or value != value:
        return missing
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.2f}" if abs(value) < 100 else f"{value:.1f}"


def rows(tables, groups):
    """Rows of the big table: (group, name, label, unit, entry of the first potential, [values of the others])."""
    first = tables[0][1]
    for name, about in properties().items():
        if about["group"] in groups and name in first:
            yield (
                about["group"],
                name,
                about["label"],
                about["unit"],
                first[name],
                [table.get(name, {}).get("value") for _, table in tables[1:]],
            )


def summary(table):
    """One sentence: how many properties are good, acceptable and poor, and how many have no meaning."""
    scores = [entry["score"] for entry in table.values()]
    broken = sum(entry["value"] is None for entry in table.values())
    counts = ", ".join(f"{scores.count(word)} {word}" for word in ("good", "acceptable", "poor"))
    text = f"{counts} of {len(scores) - scores.count(None)} scored properties"
    return text + (f"; {broken} without a value" if broken else "")


def markdown(potential, tables, groups, figures, reference, cited):
    """The report as Markdown, with figures as files beside it; `cited` are the lines of its sources."""
    others = [name for name, _ in tables[1:]]
    lines = [
        f"# Validation of {potential.name}",
        "",
        f"{potential.source or 'no source given'}. Cutoff {potential.cutoff:g} A. Crystal: "
        f"{tables[0][1]['structure']['value']}. Errors against {reference}.",
        "",
    ]
    lines += [f"**{summary(tables[0][1])}**", ""]
    lines += [f"- {key}: `{text}`" for key, text in (potential.formulas or {}).items()] + [""]
    header = ["property", "unit", potential.name, "error", "score", "PBE", "experiment", *others]
    lines += ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for _, _, label, unit, entry, values in rows(tables, groups):
        error = number(entry["error"]) + (
            " (experiment)"
            if entry["error"] is not None and entry["reference"] != reference and entry["reference"] == "experiment"
            else ""
        )
        cells = [
            label,
            unit,
            number(entry["value"]),
            error,
            entry["score"] or "",
            number(entry["pbe"], NO_REFERENCE),
            number(entry["experiment"], NO_REFERENCE),
            *map(number, values),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    notes = [f"- {label}: {warning}" for label, warning in _warnings(tables, groups)]
    lines += ["", "## Warnings", "", *(notes or ["None."]), ""]
    for group in figures:
        lines += [f"## {TITLES[group]}", "", f"![{TITLES[group]}]({group}.png)", ""]
    return "\n".join([*lines, "## Sources", "", *(f"- {line}" for line in cited)]) + "\n"


def _warnings(tables, groups):
    """(label, sentence) of each warning of the first potential, that on its crystal first."""
    crystal = tables[0][1]["structure"]
    found = [("crystal", crystal["warning"])] if "warning" in crystal else []
    return found + [
        (label, entry["warning"]) for _, _, label, _, entry, _ in rows(tables, groups) if "warning" in entry
    ]


def _source_lines(tables, known):
    names = [name for name in tables[0][1] if name in known]
    used = [
        f"{properties()[name]['label']}: "
        + "; ".join(
            f"{column} {known[name][column]:g} ({known[name][column + '_source']})"
            for column in ("pbe", "experiment")
            if column in known[name]
        )
        for name in names
    ]
    cited = " ".join(used)
    return used + [f"{short}: {full}" for short, full in sources().items() if short in cited]


STYLE = """
:root{--ink:#1b1f23;--soft:#5c6670;--line:#d9dde1;--paper:#fff;--accent:#0b6e99}
@media(prefers-color-scheme:dark){
:root{--ink:#e6e8ea;--soft:#9aa4ad;--line:#3a4046;--paper:#15181b;--accent:#5bb5dc}
img{filter:invert(1) hue-rotate(180deg)}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:70rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin-top:2.2rem}p.soft,footer{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child{text-align:left}
th{font-weight:600;color:var(--soft)}td.value{color:var(--accent);font-weight:600}
tr.group td{padding-top:1rem;color:var(--soft);border-bottom-color:var(--ink)}
.good{color:#2e8b57}.acceptable{color:#b8860b}.poor{color:#c0392b}
img{max-width:100%}code{font-size:.85rem}li{margin:.15rem 0}footer{font-size:.8rem}
.scroll{overflow-x:auto}
"""


def as_html(potential, tables, groups, figures, reference, cited):
    """The report as one HTML page, figures inside."""
    safe = html.escape
    others = [name for name, _ in tables[1:]]
    head = "".join(
        f"<th>{safe(text)}</th>"
        for text in ["property", "unit", potential.name, "error", "score", "PBE", "experiment", *others]
    )
    body, last = [], None
    for group, _, label, unit, entry, values in rows(tables, groups):
        if group != last:
            body.append(f'<tr class="group"><td colspan="{7 + len(others)}">{safe(TITLES[group])}</td></tr>')
            last = group
        score, warned = entry["score"] or "", f' title="{safe(entry["warning"])}"' if "warning" in entry else ""
        mark = " *" if warned else ""
        other = " (exp.)" if entry["error"] is not None and entry["reference"] == "experiment" != reference else ""
        body.append(
            f"<tr{warned}><td>{safe(label)}{mark}</td><td>{safe(unit)}</td>"
            f'<td class="value">{number(entry["value"])}</td><td>{number(entry["error"])}{other}</td>'
            f'<td class="{score}">{score}</td><td>{number(entry["pbe"], NO_REFERENCE)}</td>'
            f"<td>{number(entry['experiment'], NO_REFERENCE)}</td>"
            + "".join(f"<td>{number(value)}</td>" for value in values)
            + "</tr>"
        )
    notes = [f"<li>{safe(label)}: {safe(warning)}</li>" for label, warning in _warnings(tables, groups)]
    formulas = "".join(
        f"<li>{safe(key)}: <code>{safe(text)}</code></li>" for key, text in (potential.formulas or {}).items()
    )
    pictures = "".join(
        f'<h2>{safe(TITLES[group])}</h2><img alt="{safe(TITLES[group])}" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode()}">'
        for group, png in figures.items()
    )
    sources_list = "".join(f"<li>{safe(line)}</li>" for line in cited)
    crystal = tables[0][1]["structure"]["value"]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{safe(potential.name)}</title>"
        f"<style>{STYLE}</style><h1>Validation of {safe(potential.name)}</h1>"
        f'<p class="soft">{safe(potential.source or "no source given")}. Cutoff {potential.cutoff:g} A. '
        f"Crystal: {safe(crystal)}. Errors against {safe(reference)}.</p>"
        f"<p><strong>{safe(summary(tables[0][1]))}</strong></p><ul>{formulas}</ul>"
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'
        f"<h2>Warnings</h2>{'<ul>' + ''.join(notes) + '</ul>' if notes else '<p>None.</p>'}{pictures}"
        f"<footer><h2>Sources</h2><ul>{sources_list}</ul></footer></html>\n"
    )
