"""Discovery: test errors of the best formula at several lengths, after a given time on given DFT data.

    python tests/benchmarks/discover.py [--data FILE] [--split alternate] [--seconds 600] [--seeds 5] [--workers 2]
    [--json]

Per seed and cap on complexity, the formula of least training loss is taken, and its errors on the test split are
reported: the median over seeds, and the best of all.
"""

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from srlab.datasets import load_dataset
from srlab.search.search import Search

CAPS = (20, 30, 45)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="cu-gpaw")
    parser.add_argument("--split", default="alternate")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    dataset = load_dataset(options.data, split=options.split)
    picks = {cap: [] for cap in CAPS}
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory(prefix="srlab-discover-") as folder:
            search = (
                Search(dataset, Path(folder) / "run", seconds=options.seconds, seed=seed, workers=options.workers)
                .start()
                .wait()
            )
            for cap in CAPS:
                within = [candidate for candidate in search.candidates.values() if candidate.complexity <= cap]
                picks[cap].append(min(within, key=lambda candidate: candidate.loss))
            references = search.view.references
        if not options.json:
            print(
                f"seed {seed}:",
                *(
                    f"<= {cap} nodes {p[-1].test_energy_mae:.2f} | {p[-1].test_force_mae:.1f}"
                    for cap, p in picks.items()
                ),
                flush=True,
            )
    result = {"data": dataset.name, "seconds": options.seconds, "seeds": options.seeds, "workers": options.workers}
    for cap, found in picks.items():
        best = min(found, key=lambda candidate: candidate.loss)
        result[f"median_at_{cap}"] = [
            statistics.median(c.test_energy_mae for c in found),
            statistics.median(c.test_force_mae for c in found),
        ]
        result[f"best_at_{cap}"] = {
            "test_energy_mae": best.test_energy_mae,
            "test_force_mae": best.test_force_mae,
            "complexity": best.complexity,
            "formulas": best.formulas,
        }
    result["references"] = {r["name"]: [r["test_energy_mae"], r["test_force_mae"]] for r in references}
    print(json.dumps(result) if options.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
