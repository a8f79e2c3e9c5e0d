"""Recovery: how often and how fast a search finds the form behind data that the form itself labelled.

    python tests/benchmarks/recover.py [--forms sutton-chen,cleri-rosato,gp1] [--seeds 20] [--seconds 120] [--workers 1] [--json]
"""

import argparse
import json
import os
import statistics

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from srlab.search.recovery import TARGETS, recover


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--forms", default=",".join(TARGETS))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {}
    for form in options.forms.split(","):
        runs = [recover(form, options.seconds, seed, options.workers) for seed in range(options.seeds)]
        times = [run.seconds for run in runs if run.recovered]
        results[form] = {"recovered": len(times), "of": len(runs), "median_seconds": statistics.median(times) if times else None,
                         "longest_seconds": max(times, default=None), "median_evaluations": statistics.median(run.evaluations for run in runs)}
        if not options.json:
            print(form, results[form], flush=True)
    if options.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
