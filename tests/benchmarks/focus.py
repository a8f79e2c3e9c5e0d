"""What the focus of the loss trades: errors near the crystal against errors of hot frames, and the physics that
follows.

    python tests/benchmarks/focus.py [DATA] [--every 1] [--values inf,0.3,0.1,0.05,0.03] [--seeds 1]
        [--evaluations 15000] [--longest 30] [--force-weight 0.5] [--stress-weight 0] [--family-weight FAMILY=W ...]
        [--correlation-length 0.02]
        [--json] [--figure FILE.png]

For each value of the focus (eV/atom, inf is the plain loss) and each seed one search of so many evaluations, without
property targets. Of its candidates of at most `--longest` nodes the one of least training loss is taken; its errors are
those of the test frames within 0.1 eV/atom of the lowest, between, and beyond 0.5 eV/atom, its misfit is that of
`srlab judge` over the groups eos, elastic, polymorphs and stacking-fault. `--every 4` takes one frame in four of a
large file. Medians over the seeds. steps_behind_the_front is the share of the candidates with a loss below that of all
shorter ones that another candidate dominates in unweighted errors.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from srlab.cli.options import read_family_weights
from srlab.datasets import load_dataset
from srlab.datasets.composition import energies_above, lowest_energies
from srlab.datasets.dataset import NEAR, Dataset
from srlab.errors import InputError
from srlab.search.driver import Driver
from srlab.search.playout import make_unweighted_objective
from srlab.search.search import Search
from srlab.validation.groups import validate
from srlab.validation.ranking import WORST, misfits

FAR = 0.5  # eV/atom above the lowest
GROUPS = ("eos", "elastic", "polymorphs", "stacking-fault")
PARTS = ("near", "between", "far")
SHOWN = ("c11", "c12", "c44", "energy_hcp_fcc", "energy_bcc_fcc", "stacking_fault_energy")


def one(dataset, focus, seed, evaluations, longest, **weights) -> dict:
    """Errors (meV/atom, meV/A) by part, misfit and properties of the best candidate of one search."""
    with tempfile.TemporaryDirectory() as folder:
        search = Search(
            dataset,
            Path(folder) / "run",
            focus=focus,
            seed=seed,
            evaluations=evaluations,
            workers=1,
            max_complexity=longest,
            **weights,
        )
        driver = Driver(search.folder, dataset, search.settings, watch=lambda event: None)
        driver.run()
    candidates = [each for each in driver.best_of_structure.values() if each.complexity <= longest]
    best = min(candidates, key=lambda each: each.loss)
    height = energies_above(
        dataset.test, dataset.energies(dataset.test), lowest_energies(dataset.frames, dataset.energies())
    )
    parts = [height < NEAR, (height >= NEAR) & (height < FAR), height >= FAR]
    errors = make_unweighted_objective(dataset, dataset.test, search.settings).errors_on(best.model, parts)
    try:
        card = validate(best.potential(), list(GROUPS))
    except InputError:  # no crystal at all
        card = {}
    scores = list(misfits(card).values()) or [WORST]
    ahead = sorted(candidates, key=lambda each: (each.complexity, each.loss))
    steps = [each for k, each in enumerate(ahead) if each.loss < min([a.loss for a in ahead[:k]], default=np.inf)]
    return {
        "nodes": best.complexity,
        "misfit": float(np.sqrt(np.mean(np.square(scores)))),
        **{f"{part}_energy": found.energy_mae if found else None for part, found in zip(PARTS, errors)},
        **{f"{part}_force": found.force_mae if found else None for part, found in zip(PARTS, errors)},
        **{name: card[name]["value"] if name in card else None for name in SHOWN},
        "steps_behind_the_front": sum(each.id not in driver.front.ids for each in steps) / len(steps),
    }


def median(rows) -> dict:
    """Medians of what is known of several searches."""
    known = {name: [row[name] for row in rows if row[name] is not None] for name in rows[0]}
    return {name: float(np.median(values)) if values else None for name, values in known.items()}


def draw(result, path) -> None:
    """Errors near and far relative to the plain loss, and the misfit, against the focus."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 3.4), dpi=110, layout="constrained")
    left, right = figure.subplots(1, 2)
    values = [value for value in result if value != "inf"]
    plain = result["inf"]
    for part, colour in zip(PARTS, ("#0072b2", "#777777", "#d55e00")):
        for kind, style in (("energy", "-"), ("force", "--")):
            if plain[f"{part}_{kind}"]:
                line = [result[value][f"{part}_{kind}"] / plain[f"{part}_{kind}"] for value in values]
                left.plot(
                    [float(v) for v in values], line, style, color=colour, marker="o", ms=3, label=f"{part}, {kind}"
                )
    left.axhline(1.0, color="#999999", lw=0.7)
    left.set(xscale="log", xlabel="focus, eV/atom", ylabel="test error over that of the plain loss")
    left.legend(frameon=False, fontsize=7, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    right.plot([float(v) for v in values], [result[v]["misfit"] for v in values], color="#0072b2", marker="o", ms=3)
    right.axhline(plain["misfit"], color="#999999", lw=0.7)
    right.annotate("plain loss", (float(values[0]), plain["misfit"]), fontsize=7, va="bottom", ha="right")
    right.set(xscale="log", xlabel="focus, eV/atom", ylabel="misfit of the scorecard", ylim=(0.0, None))
    for axes in (left, right):
        axes.set_xticks([float(value) for value in values], values)
        axes.minorticks_off()
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default="cu-gpaw")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--values", default="inf,0.3,0.1,0.05,0.03")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--evaluations", type=int, default=15000)
    parser.add_argument("--longest", type=int, default=30)
    parser.add_argument("--force-weight", type=float, default=0.5)
    parser.add_argument("--stress-weight", type=float, default=0.0)
    parser.add_argument("--family-weight", action="append", default=[], metavar="FAMILY=W")
    parser.add_argument("--correlation-length", type=float)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    whole = load_dataset(given.data)
    dataset = Dataset.from_frames(
        whole.frames[:: given.every], whole.name, isolated_atom_energy=whole.isolated_atom_energy
    )
    weights = {
        "force_weight": given.force_weight,
        "stress_weight": given.stress_weight,
        "family_weights": read_family_weights(given.family_weight),
        "correlation_length": given.correlation_length,
    }
    result = {}
    for value in given.values.split(","):
        rows = []
        for seed in range(given.seeds):
            rows.append(one(dataset, float(value), seed, given.evaluations, given.longest, **weights))
            if not given.json:
                print(
                    f"focus {value}, seed {seed}: "
                    + ", ".join(f"{k} {v:.4g}" for k, v in rows[-1].items() if v is not None),
                    flush=True,
                )
        result[value] = median(rows)
    if given.figure:
        draw(result, given.figure)
    if given.json:
        print(json.dumps({"data": given.data, "frames": len(dataset.frames), "focus": result}))


if __name__ == "__main__":
    main()
