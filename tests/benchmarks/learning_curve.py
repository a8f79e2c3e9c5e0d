"""Learning curve: what a label is worth, chosen from a nested ensemble or drawn at random from molecular dynamics of
the same surrogate.

    python tests/benchmarks/learning_curve.py [FILE ...] [--sizes 6,12,24,48] [--repeats 3] [--evaluations 15000]
    [--json] [--figure FILE.png]

The bundled set (its release cu-gpaw-v2) holds three nested ensembles of four atoms sampled on cu-sr1, of each the 24
frames that `srlab.learning.committee` chose, and three draws of 24 frames from molecular dynamics of the fcc cell on
the same cu-sr1 (`srlab.curation.campaign`). The same search learns from the first n of one of them, or, for 48, from
two; the form with the least training loss among those of at most 25 nodes is tested on frames of neither kind: the
older nested ensembles of the set, its crystals (all other families), and the FILEs, energies there after the median
difference is taken off. Medians over the repeats; the repeats of 48 share frames.
"""

import argparse
import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

from srlab.datasets import load_dataset
from srlab.datasets.dataset import Dataset
from srlab.potentials.residuals import residuals
from srlab.search.search import Search

ARMS = {"nested-ensemble": (31, 32, 33), "molecular-dynamics": (41, 42, 43)}  # info seed of their frames
LONGEST = 25
DRAW = 24


def training_frames(data, family, repeat, size):
    """The first `size` frames of draw number `repeat`; beyond DRAW those of the next draw follow."""
    seeds = ARMS[family]
    draws = [
        [
            f
            for f, name in zip(data.frames, data.families)
            if name == family and f.info.get("seed") == seeds[(repeat + k) % len(seeds)]
        ]
        for k in range(2)
    ]
    if family == "molecular-dynamics":  # the file is sorted as it was labelled: draw again
        draws = [[draw[k] for k in np.random.default_rng(repeat).permutation(len(draw))] for draw in draws]
    each = size if size <= DRAW else size // 2
    return [frame for draw in draws[: 1 if size <= DRAW else 2] for frame in draw[:each]]


def learn(task):
    """Test errors of one search: (family, size) -> {part: (meV/atom, meV/A)}."""
    data, parts, family, size, repeat, evaluations = task
    train = Dataset.from_frames(
        training_frames(data, family, repeat, size), family, split="all", isolated_atom_energy=data.isolated_atom_energy
    )
    assert len(train.frames) == size, f"{family}: {len(train.frames)} frames, not {size}"
    with tempfile.TemporaryDirectory() as folder:
        search = (
            Search(train, Path(folder) / "run", evaluations=evaluations, seed=repeat, workers=1, max_complexity=30)
            .start()
            .wait()
        )
        best = min((c for c in search.candidates.values() if c.complexity <= LONGEST), key=lambda c: c.loss)
    errors = {}
    for title, (frames, isolated, shift) in parts.items():
        found = residuals(best.potential(), frames, isolated, fit_offset=shift).errors()
        errors[title] = (found["energy_mae"], found["force_mae"])
    return family, size, errors


def draw(result, parts, path) -> None:
    """Energy errors above, force errors below, a column for each test; lines through medians, dots for single
    repeats."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.0 * len(parts), 5.2), dpi=110, layout="constrained")
    for column, title in zip(figure.subplots(2, len(parts), sharex=True, squeeze=False).T, parts):
        for axes, which, unit in zip(column, (0, 1), ("energy, meV/atom", "force, meV/\u00c5")):
            for family, colour, marker in zip(ARMS, ("#0072b2", "#d55e00"), "os"):
                sizes = list(result[family])
                axes.plot(
                    sizes,
                    [result[family][n][title]["median"][which] for n in sizes],
                    color=colour,
                    marker=marker,
                    label=family,
                )
                axes.plot(
                    [n for n in sizes for _ in result[family][n][title]["all"]],
                    [e[which] for n in sizes for e in result[family][n][title]["all"]],
                    ls="",
                    marker=marker,
                    ms=3,
                    color=colour,
                    alpha=0.5,
                )
            axes.set(xscale="log", xticks=sizes, xticklabels=list(map(str, sizes)), ylim=(0, None))
            axes.minorticks_off()
            axes.spines[["top", "right"]].set_visible(False)
            if title == parts[0]:
                axes.set_ylabel(f"error of {unit}")
        column[0].set_title(title, fontsize=10)
        column[1].set_xlabel("labels")
    figure.legend(*column[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
    figure.savefig(path, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--sizes", default="6,12,24,48")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--evaluations", type=int, default=15000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--figure", help="draw the curves: a PNG")
    options = parser.parse_args()
    data = load_dataset("cu-gpaw-v2", split="all")
    used = {seed for seeds in ARMS.values() for seed in seeds}
    older = [
        f
        for f, name in zip(data.frames, data.families)
        if name == "nested-ensemble" and not (f.info.get("seed") in used and f.info.get("round") == 3)
    ]
    crystals = [f for f, name in zip(data.frames, data.families) if name not in ARMS]
    parts = {
        "nested ensembles": (older, data.isolated_atom_energy, False),
        "crystals": (crystals, data.isolated_atom_energy, False),
    }
    parts |= {Path(file).name: (load_dataset(file, split="all").frames, 0.0, True) for file in options.files}
    tasks = [
        (data, parts, family, size, repeat, options.evaluations)
        for size in map(int, options.sizes.split(","))
        for family in ARMS
        for repeat in range(options.repeats)
    ]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:  # each search is a process of its own
        found = list(pool.map(learn, tasks))
    result = {}
    for family in ARMS:
        for size in sorted({size for _, size, _ in found}):
            rows = [errors for name, n, errors in found if (name, n) == (family, size)]
            row = {
                title: {
                    "median": np.median([r[title] for r in rows], axis=0).round(1).tolist(),
                    "all": np.round([r[title] for r in rows], 1).tolist(),
                }
                for title in parts
            }
            result.setdefault(family, {})[size] = row
            if not options.json:
                print(
                    f"{family:20} {size:3d} labels  "
                    + "   ".join(
                        f"{title}: {e['median'][0]:.1f} meV/atom, {e['median'][1]:.1f} meV/A"
                        for title, e in row.items()
                    ),
                    flush=True,
                )
    if options.figure:
        draw(result, list(parts), options.figure)
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
