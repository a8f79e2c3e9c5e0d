"""Recovery: how often and how fast a search finds the form behind data that the form itself labelled.

    python tests/benchmarks/recover.py [--forms sutton-chen,cleri-rosato,gp1] [--seeds 20] [--seconds 120] [--workers 1]
    [--jobs 1] [--keep FILE] [--figure FILE] [--json]

Forms with angular functions, adp and sw-type, are found as well: `--forms adp,sw-type --seeds 10 --seconds 180`.
--jobs: so many searches at a time, each in a process of its own.

--keep: a file (JSON lines) in which every finished search is kept, so that the same command goes on after a stop.
--figure: share of the seeds that have found the form, against evaluations and against seconds.
"""

import argparse
import json
import multiprocessing
import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from functools import partial

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from srlab.runs.journal import JournalReader, JournalWriter
from srlab.search.recovery import TARGETS, recover

COLOURS = {"sutton-chen": "#0072b2", "cleri-rosato": "#d55e00", "gp1": "#009e73"}  # Okabe and Ito
TITLES = {"sutton-chen": "Sutton-Chen", "cleri-rosato": "Cleri-Rosato", "gp1": "GP1"}


def runs_of(form, options, kept):
    """The recoveries of a form, one a seed; those in the file `kept` are not done again."""
    asked = {"form": form, "seconds": options.seconds, "workers": options.workers}
    known = {
        event["seed"]: event["run"]
        for event in (JournalReader(kept).read() if kept else [])
        if {name: event[name] for name in asked} == asked
    }
    writer = JournalWriter(kept) if kept else None
    missing = [seed for seed in range(options.seeds) if seed not in known]
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        for seed, run in zip(missing, pool.map(partial(one, form, options.seconds, options.workers), missing)):
            known[seed] = run
            if writer:
                writer.append({**asked, "seed": seed, "run": run})
    if writer:
        writer.close()
    return [known[seed] for seed in range(options.seeds)]


def one(form, seconds, workers, seed):
    """The recovery of one seed as a dict."""
    return recover(form, seconds, seed, workers).to_json()


def figure(results, path):
    """Share of the seeds that have found the form: steps against evaluations and against seconds of one core,
    logarithmic."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    drawing = Figure(figsize=(9, 3.4), dpi=130, layout="constrained")
    for axes, quantity, label in zip(
        drawing.subplots(1, 2, sharey=True), ("evaluations", "seconds"), ("evaluations of a candidate", "seconds")
    ):
        for form, runs in results.items():
            found = sorted(run[quantity] for run in runs if run["recovered"])
            last = max(run[quantity] for run in runs)
            steps = [
                (0.8 * found[0] if found else last, 0.0),
                *((x, (k + 1) / len(runs)) for k, x in enumerate(found)),
                (last, len(found) / len(runs)),
            ]
            axes.step(
                *zip(*steps),
                where="post",
                color=COLOURS.get(form),
                lw=1.6,
                label=f"{TITLES.get(form, form)}: {len(found)} of {len(runs)} seeds",
            )
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(label)
        axes.set_ylim(0, 1.04)
        axes.spines[["top", "right"]].set_visible(False)
    drawing.axes[0].set_ylabel("share of seeds that found the form")
    drawing.axes[0].legend(frameon=False, loc="upper left")
    drawing.savefig(path, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--forms", default=",".join(TARGETS))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep")
    parser.add_argument("--figure")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results, found = {}, {}
    for form in options.forms.split(","):
        runs = found[form] = runs_of(form, options, options.keep)
        times = [run["seconds"] for run in runs if run["recovered"]]
        results[form] = {
            "recovered": len(times),
            "of": len(runs),
            "median_seconds": statistics.median(times) if times else None,
            "longest_seconds": max(times, default=None),
            "median_evaluations": statistics.median(run["evaluations"] for run in runs),
        }
        if not options.json:
            print(form, results[form], flush=True)
    if options.figure:
        figure(found, options.figure)
    if options.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
