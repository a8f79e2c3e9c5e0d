"""Cross-check of the bundled data: forms fitted on it, tested on other people's DFT, beside the same forms fitted on
that DFT itself.

    python tests/benchmarks/cross_check.py FILE [FILE ...] [--data cu-gpaw] [--families nested-ensemble] [--forms
    sutton-chen,cleri-rosato,gp1] [--cutoff 6.0]
                                                       [--json]

Force errors (mean absolute, meV/A) over all frames of each file, energies after the median difference per atom is taken
off. `ratio` is the force error of the form fitted on the bundled set over that of the form fitted on the file: near
one, the bundled set holds what the file holds. A form fitted and tested on the same frames has an advantage, so a ratio
somewhat above one is what a good set gives. With --families the forms are fitted on those families of the bundled set
only.
"""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

from srlab import evaluate
from srlab.datasets import load_dataset
from srlab.fitting.forms import load_form
from srlab.fitting.objective import Objective
from srlab.fitting.refit import refit
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep


def fitted(form, dataset, cutoff: float) -> Potential:
    """The form with its constants refitted on all training frames of a data set."""
    taper = Smoothstep(cutoff - form.taper_width, cutoff)
    model = refit(form, Objective(dataset.train, dataset.energies(dataset.train), cutoff, taper)).model
    return Potential.of_model(model, form.title, dataset.element, cutoff, taper)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--data", default="cu-gpaw")
    parser.add_argument("--families", help="comma-separated; all unless given")
    parser.add_argument("--forms", default="sutton-chen,cleri-rosato,gp1")
    parser.add_argument("--cutoff", type=float, default=6.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.files:
        parser.exit(2, f"{parser.prog}: give FILE ..., frames that others labelled\n")
    ours, result = load_dataset(options.data, split="all"), {}
    if options.families:
        wanted = options.families.split(",")
        unknown = sorted(set(wanted) - set(ours.families))
        if unknown:
            parser.error(
                f"{options.data} has no family {', '.join(unknown)}: choose from "
                f"{', '.join(sorted(set(ours.families)))}"
            )
        ours = replace(ours, train_indices=np.flatnonzero(np.isin(ours.families, wanted)))
    forms = [load_form(name) for name in options.forms.split(",")]
    carried = {form.name: fitted(form, ours, options.cutoff) for form in forms}
    for file in options.files:
        theirs = load_dataset(file, split="all")
        result[Path(file).name] = {}
        for form in forms:
            there = evaluate(carried[form.name], theirs, fit_offset=True)
            own = evaluate(fitted(form, theirs, options.cutoff), theirs, fit_offset=True)
            entry = {
                "energy_mae": there["energy_mae"],
                "force_mae": there["force_mae"],
                "own_energy_mae": own["energy_mae"],
                "own_force_mae": own["force_mae"],
                "ratio": there["force_mae"] / own["force_mae"],
            }
            result[Path(file).name][form.name] = {key: round(value, 3) for key, value in entry.items()}
            if not options.json:
                print(Path(file).name, form.name, result[Path(file).name][form.name], flush=True)
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
