"""The learning loop from crystals alone: what each round of nested ensemble sampling and DFT labels adds, on test
frames of every kind.

    python tests/benchmarks/learning_rounds.py FOLDER [--rounds 3] [--frames 10] [--evaluations 40000] [--calculator
    gpaw] [--json]

The loop begins with the ideal and strained crystals among the training frames of cu-gpaw-v2 (families eos and strained)
and is tested, in every round, on the test frames of the whole set, which it never sees. With GPAW a round of 10 labels
of 4 atoms takes about a quarter of an hour on one core; the same command goes on after a kill.
"""

import argparse
import json
import os
from dataclasses import replace

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from srlab.datasets import load_dataset
from srlab.learning import learn

BEGINNING = ("eos", "strained")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--data", default="cu-gpaw-v2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=10)
    parser.add_argument("--evaluations", type=int, default=40000)
    parser.add_argument("--calculator", default="gpaw")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.folder is None:
        parser.exit(2, f"{parser.prog}: give FOLDER, in which the rounds and their labels are kept\n")
    data = load_dataset(options.data)
    data = replace(
        data,
        name=f"{data.name}, {' and '.join(BEGINNING)} only",
        train_indices=data.train_indices[[data.families[k] in BEGINNING for k in data.train_indices]],
    )

    def progress(stage, number, done, total, message):
        if not options.json and message and stage in ("label", "select") or message == "done":
            print(f"round {number} {stage}: {message}", flush=True)

    found = learn(
        data,
        options.folder,
        options.calculator,
        progress,
        rounds=options.rounds,
        frames=options.frames,
        seconds=None,
        evaluations=options.evaluations,
        atoms=(4,),
        max_complexity=30,
    )
    if options.json:
        return print(json.dumps(found))
    for entry in found:
        errors = "   ".join(
            f"{part or 'all'}: {entry[f'test_{part}energy_mae']:.1f} meV/atom, "
            f"{entry[f'test_{part}force_mae']:.1f} meV/A"
            for part in ("", "near_", "far_")
        )
        print(f"round {entry['round']}, {entry['train']} training frames   {errors}")


if __name__ == "__main__":
    main()
