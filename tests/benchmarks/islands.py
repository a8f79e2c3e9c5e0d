"""Several trees that exchange elites: front quality against evaluations and wall time, what the exchange costs, and the
time of such a search on up to 1,000 workers.

    python tests/benchmarks/islands.py [--evaluations 100000] [--seeds 2] [--exchange 10000] [--data cu-gpaw] [--epochs
    200] [--json]

Searches with the same number of evaluations in all, one after the other:

    1 tree, 1 worker              the plain search 2 trees, 2 workers            with exchange 2 trees, 2 workers, alone
    without 4 trees, 2 workers            with exchange 2 trees, 1 worker             with exchange, the first seed
    only: it finds what two workers find, and tells their speed-up

Quality is the hypervolume of `ablation.py` (decades of the loss below refitted Sutton-Chen times nodes, 12 to 45;
larger is better) after a quarter, half and all of the evaluations, and the evaluations and seconds until the loss is
within 10 % of what the plain search of the same seed ended with. Seconds count from the first playout; what comes
before, processes that start and functions that are loaded, is `startup`. The whole shows what an epoch found when all
epochs before it in round and tree have come.

Cost of exchange: seconds to rebuild a tree from its journal (a worker that did the tree's last epoch need not), bytes
of a task, evaluations and seconds of a planted elite, and the CPU time of the one process that writes the journals and
gives out epochs. Dask's own share per task is measured as in `scale.py`.

The model plays a search of as many trees as workers, epochs of `--exchange` evaluations, or of 10 and 50 times as many,
with lengths drawn from those measured, each rebuilt from a journal of the length it had in the middle of the measured
searches; one process takes and gives out epochs one after the other, and a tree is at most LAG rounds ahead of the
slowest. LAG 0 is an exchange at which all wait for the slowest. It counts work done at a time; what a front gains from
a thousand trees instead of four it cannot know.
"""

import argparse
import heapq
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
from ablation import LONGEST, hypervolume
from scale import dask_seconds

from srlab.datasets import load_dataset
from srlab.fitting.forms import load_form
from srlab.fitting.refit import refit
from srlab.runs import events
from srlab.search.islands import island_search
from srlab.search.islands.coordinator import IslandDriver
from srlab.search.islands.epoch import EpochTask, IslandWorker, packed
from srlab.search.islands.island_search import IslandSearch
from srlab.search.islands.migration import LAG
from srlab.search.playout import Evaluator, Task
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.search.worker import continue_run
from srlab.templates.model import _cached

MODES = {
    "1 tree, 1 worker": (1, 1, 0),
    "2 trees, 2 workers": (2, 2, 4),
    "2 trees, 2 workers, alone": (2, 2, 0),
    "4 trees, 2 workers": (4, 2, 4),
    "2 trees, 1 worker": (2, 1, 4),
}
WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
LAGS = (0, 1, 2)
LONGER = (1, 10, 50)  # exchanges of the model, in units of that which was measured
AS_GOOD = 1.1
PARTS = (0.25, 0.5, 1.0)


class Clocked(IslandDriver):
    """A driver that notes the CPU seconds it spends on an epoch, from its result to the next task."""

    seconds: list = []

    def _take(self, tree, outcome):
        start = time.process_time()
        super()._take(tree, outcome)
        Clocked.seconds.append([time.process_time() - start, 0.0])

    def _submit(self, tree):
        start = time.process_time()
        super()._submit(tree)
        if Clocked.seconds:
            Clocked.seconds[-1][1] += time.process_time() - start


def searched(mode, data, folder, evaluations, exchange, seed):
    """One search: its folder, and the points (seconds, evaluations, complexity, loss) as a reader of its journal
    gets them."""
    trees, workers, elites = MODES[mode]
    settings = dict(evaluations=evaluations, seed=seed, workers=workers)
    search = (
        Search(data, folder, **settings)
        if trees == 1
        else IslandSearch(data, folder, trees=trees, exchange=exchange, elites=elites, **settings)
    )
    start = time.perf_counter()
    continue_run(search.run)
    wall, points, done, begun = time.perf_counter() - start, [], 0, None
    for event in search.folder.events():
        if isinstance(event, events.Status):
            done = event.evaluations
        elif begun is None and (
            isinstance(event, (events.Epoch, events.Visit)) or isinstance(event, events.Node) and event.id != 0
        ):
            begun = event.t - (event.seconds if isinstance(event, events.Epoch) else 0.0)
            points = [
                (t - begun, *rest) for t, *rest in points
            ]  # of the first playout, whose node comes after its candidate
        elif isinstance(event, events.Candidate):
            points.append((event.t - (begun or 0.0), done, event.candidate["complexity"], event.candidate["loss"]))
    return search, {
        "points": points,
        "evaluations": done,
        "seconds": event.t - begun,
        "startup": wall - (event.t - begun),
    }


def quality(found, reference, goal):
    """Hypervolume after parts of the evaluations, and when the loss reached a goal."""
    points, total = found["points"], found["evaluations"]
    reached = next(
        ((seconds, done) for seconds, done, complexity, loss in points if complexity <= LONGEST and loss <= goal),
        (None, None),
    )
    return {
        "hypervolume": {
            str(part): round(hypervolume([point[2:] for point in points if point[1] <= part * total], reference), 2)
            for part in PARTS
        },
        "best_loss": best_loss(points),
        "seconds": round(found["seconds"], 1),
        "startup": round(found["startup"], 1),
        "evaluations": total,
        "evaluations_per_second": round(total / found["seconds"], 1),
        "seconds_to_goal": reached[0],
        "evaluations_to_goal": reached[1],
    }


def best_loss(points):
    return min((loss for *_, complexity, loss in points if complexity <= LONGEST), default=float("nan"))


def restoring(data, islands):
    """CPU seconds to rebuild each tree from its whole journal, with nothing remembered; with its formulas
    remembered; and bytes of the journal, packed."""
    worker, rows = IslandWorker(data, islands.settings), []
    for number, tree in enumerate(islands.trees):
        start, _, lines = tree.journal.read_bytes().partition(b"\n")
        task = EpochTask(number, json.loads(start)["settings"], (packed(lines),), -1)
        _cached.cache_clear()
        times = []
        for _ in range(2):
            begin = time.process_time()
            worker.driver(task)
            times.append(time.process_time() - begin)
        evaluations = [event.evaluations for event in tree.events() if isinstance(event, events.Status)][-1]
        rows.append((*times, len(task.journal[0]), evaluations))
    cold, warm, size, evaluations = np.mean(rows, axis=0).tolist()
    return {
        "evaluations": round(evaluations),
        "cold_seconds": round(cold, 3),
        "formulas_known_seconds": round(warm, 3),
        "bytes": round(size),
    }


def planting(data, islands):
    """Evaluations and CPU seconds of a playout that takes an elite into another tree, and the share of all
    evaluations that went into these."""
    search, evaluator, costs = IslandSearch.attach(islands.run), Evaluator(data, islands.settings), []
    refit(load_form("gp1"), evaluator.train)  # loads what is compiled
    for tree in islands.trees:
        for event in tree.events():
            if isinstance(event, events.Command) and "from" in event.command:
                elite = search.view.candidate(event.command["from"])
                start = time.process_time()
                playout = evaluator(
                    Task(elite.formulas, elite.offset, thorough=True, operators=islands.settings.operators)
                )
                costs.append((playout.evaluations, time.process_time() - start))
    evaluations, seconds = np.mean(costs, axis=0).tolist() if costs else (0.0, 0.0)
    return {
        "planted": len(costs),
        "evaluations": round(evaluations),
        "seconds": round(seconds, 3),
        "share": round(len(costs) * evaluations / search.view.status["evaluations"], 4),
    }


def played(workers, lengths, giving, rounds, lag, seed=0):
    """Seconds of a search with as many trees as workers: lengths (s) of epochs and seconds of giving one out, drawn
    from those measured; lag as in `migration`."""
    rng = np.random.default_rng(seed)
    lengths, giving = rng.choice(lengths, (workers, rounds)).tolist(), rng.choice(giving, (workers, rounds)).tolist()
    completed, left = [0] * workers, [workers] + [0] * rounds  # left: trees that have completed so many rounds
    waiting = [[] for _ in range(rounds + lag + 1)]  # trees ahead of the slowest, by the rounds they have completed
    ready, events, now, slowest = [(0, tree) for tree in range(workers)], [], 0.0, 0
    while ready or events:
        while ready:
            number, tree = heapq.heappop(ready)
            now += giving[tree][number]
            heapq.heappush(events, (now + lengths[tree][number], tree))
        end, tree = heapq.heappop(events)
        now, number = max(now, end), completed[tree] + 1
        completed[tree] = number
        left[number - 1] -= 1
        left[number] += 1
        waiting[number].append(tree)
        while slowest < rounds and left[slowest] == 0:
            slowest += 1
            for each in waiting[slowest + lag]:
                heapq.heappush(ready, (slowest + lag, each))
            waiting[slowest + lag] = []
        for count in range(number, min(slowest + lag, number) + 1):
            for each in waiting[count]:
                heapq.heappush(ready, (count, each))
            waiting[count] = []
        ready = [(count, each) for count, each in ready if count < rounds]
        heapq.heapify(ready)
    return now


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="cu-gpaw")
    parser.add_argument("--evaluations", type=int, default=100_000, help="of each search, all its trees together")
    parser.add_argument("--exchange", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument(
        "--epochs",
        type=int,
        default=200,
        help="of --exchange evaluations, of each tree of the search whose time is calculated",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    data = load_dataset(options.data)
    island_search.IslandDriver = Clocked  # type: ignore[misc]
    reference = refit(load_form("sutton-chen"), Evaluator(data, SearchSettings()).train).loss
    goal, rows, epochs_took, islands = 0.0, {mode: [] for mode in MODES}, [], None
    with tempfile.TemporaryDirectory(prefix="srlab-islands-") as scratch:
        for seed in range(options.seeds):
            for number, mode in enumerate(MODES if seed == 0 else list(MODES)[:-1]):
                search, found = searched(
                    mode, data, Path(scratch) / f"{seed}-{number}", options.evaluations, options.exchange, seed
                )
                if number == 0:
                    goal = AS_GOOD * best_loss(found["points"])
                rows[mode].append(quality(found, reference, goal))
                if (
                    mode == "2 trees, 2 workers"
                ):  # as many trees as workers: what is compiled is loaded in the first epoch of each, which is left out
                    epochs = [event for event in search.folder.events() if isinstance(event, events.Epoch)]
                    epochs_took += [event.seconds - event.restoring for event in epochs[2:]]
                    islands = search
        rebuilt, planted = restoring(data, islands), planting(data, islands)
    giving = np.array(Clocked.seconds)[1:].sum(axis=1)
    half = rebuilt["bytes"] / 2
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    )  # Dask's workers must find scale.py
    client, scheduler, worker = (float(part) for part in dask_seconds(half))
    lengths, rng, model = np.array(epochs_took), np.random.default_rng(0), []
    for longer in LONGER:
        rounds = -(-options.epochs // longer)
        useful = rng.choice(lengths, (2000, longer)).sum(axis=1)  # a long epoch is many short ones
        for workers in WORKERS:
            times = {
                lag: played(
                    workers, useful + rebuilt["cold_seconds"] / 2 + worker, giving + client + scheduler, rounds, lag
                )
                for lag in LAGS
            }
            model.append(
                {
                    "exchange": longer * options.exchange,
                    "workers": workers,
                    "wall_seconds": times[LAG],
                    **{
                        f"efficiency_lag_{lag}": float(rounds * useful.mean() / seconds)
                        for lag, seconds in times.items()
                    },
                }
            )
    first = {mode: found[0] for mode, found in rows.items()}
    result = {
        "data": data.name,
        "processors": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "evaluations": options.evaluations,
        "exchange": options.exchange,
        "seeds": options.seeds,
        "searches": rows,
        "speed_up_of_the_same_search_from_1_to_2_workers": first["2 trees, 1 worker"]["seconds"]
        / first["2 trees, 2 workers"]["seconds"],
        "epoch_seconds": {
            "mean": float(lengths.mean()),
            "deviation": float(lengths.std()),
            "most": float(lengths.max()),
        },
        "rebuilding_a_tree": rebuilt,
        "planting_an_elite": planted,
        "giving_out_a_epoch_seconds": float(giving.mean()),
        "dask_seconds_per_task": {"search": client, "scheduler": scheduler, "worker": worker},
        "lag": LAG,
        "model": model,
    }
    print(json.dumps(result)) if options.json else show(result)


def show(result) -> None:
    """The result as tables."""
    print("\n".join(f"{key:48s} {value}" for key, value in result.items() if key not in ("searches", "model")))
    print(
        f"\n{'medians':28s}"
        + "".join(
            f"{head:>12s}"
            for head in (
                "hv 25 %",
                "hv 50 %",
                "hv 100 %",
                "best loss",
                "seconds",
                "startup",
                "eval/s",
                "s to goal",
                "eval to goal",
            )
        )
    )
    for mode, found in result["searches"].items():

        def median(pick):
            values = [pick(each) for each in found]
            return "not all" if None in values else f"{statistics.median(values):.4g}"

        cells = [median(lambda each, part=part: each["hypervolume"][str(part)]) for part in PARTS]
        cells += [
            median(lambda each, name=name: each[name])
            for name in (
                "best_loss",
                "seconds",
                "startup",
                "evaluations_per_second",
                "seconds_to_goal",
                "evaluations_to_goal",
            )
        ]
        print(f"{mode:28s}" + "".join(f"{cell:>12s}" for cell in cells))
    print(
        f"\n{'exchange':>10s} {'workers':>8s} {'wall time':>10s}"
        + "".join(f"{f'lag {lag}':>10s}" for lag in LAGS)
        + "   (efficiency)"
    )
    for row in result["model"]:
        print(
            f"{row['exchange']:10,d} {row['workers']:8d} {row['wall_seconds']:9.0f}s"
            + "".join(f"{row[f'efficiency_lag_{lag}']:10.2f}" for lag in LAGS)
        )


if __name__ == "__main__":
    main()
