"""How far one search scales: costs measured here, wall time and efficiency calculated from them for 1 to 1,000 workers.

    python tests/benchmarks/scale.py [--seconds 12] [--playouts 100000] [--json]

Measured in this run, on this machine: seconds of every playout and of what the tree does between two playouts (a serial
search), size of tasks and results, the CPU time that Dask takes of search, scheduler and worker for a task with nothing
to do (a thousand waiting at once), and what a worker needs before its first playout. The model then plays a search:
workers take tasks of the measured lengths, one process proposes and enters every playout, one after the other, for its
measured time and Dask's, and the scheduler passes them on, one after the other. Below, searches with one and two Dask
workers are measured beside it.

Assumed: workers as fast as this processor and one for each core; a network as fast as this machine's own; the tree no
dearer than here (its cost at the end of the serial search is printed beside the mean). Not in the model: that a playout
proposed while a thousand others are under way knows less. It counts playouts, not quality. Where one tree cannot feed
all workers, several searches with different seeds can: they exchange nothing, so that is work done at a time, not one
front so many times better. The last two columns are for as many trees as it takes, each with a core of its own.
"""

import argparse
import heapq
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

from srlab import Search
from srlab.datasets import load_dataset
from srlab.runs.events import Node, Visit
from srlab.search.driver import Driver
from srlab.search.playout import Evaluator
from srlab.workers.pool import Cluster

WORKERS = (1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256, 512, 1000)
WAITING = 1000
"""Tasks under way at once when Dask is measured"""
WELL_FED = 0.8
"""Efficiency below which another tree is worth having"""
SKIP = 30
"""Playouts at the beginning that are left out: they compile"""


class Clocked:
    """An evaluator that notes when each task begins and ends (s), and how large task and result are (bytes)."""

    notes: list = []
    building = 0.0  # seconds of its making

    def __init__(self, dataset, settings):
        start = time.perf_counter()
        self.inner = Evaluator(dataset, settings)
        Clocked.notes, Clocked.building = [], time.perf_counter() - start

    def __call__(self, task):
        start = time.perf_counter()
        playout = self.inner(task)
        end = time.perf_counter()
        sizes = len(pickle.dumps(task)), len(pickle.dumps(playout))
        # the time of pickling belongs to nobody
        Clocked.notes.append((start, end, time.perf_counter(), *sizes))
        return playout


def serial_search(data, folder, seconds):
    """Measured costs of a search in this process."""
    search = Search(data, folder, seconds=seconds, seed=1, workers=1)
    Driver(search.folder, data, search.settings, evaluator=Clocked).run()
    notes = np.array(Clocked.notes)
    first, notes = notes[0], notes[SKIP:]
    gaps = notes[1:, 0] - notes[:-1, 2]
    quarter = len(gaps) // 4
    return {
        "tasks": notes[1:, 1] - notes[1:, 0],
        "gaps": gaps,
        "gap_at_the_end": float(gaps[-quarter:].mean()),
        "task_bytes": float(notes[:, 3].mean()),
        "result_bytes": float(notes[:, 4].mean()),
        "setup_seconds": Clocked.building + float(first[1] - first[0]),
    }


def nothing():
    """An evaluator that gives back what it gets."""
    return _same


def _same(task):
    return task


def dask_seconds(size):
    """CPU seconds of this process, of the scheduler and of a worker for a task that does nothing, WAITING of them
    under way, `size` bytes each way."""
    import psutil

    # in a process of its own, so that each side's time can be told
    code = (
        "from dask.distributed import LocalCluster; c = LocalCluster(n_workers=1, "
        "threads_per_worker=1, dashboard_address=':0'); print(c.scheduler_address, "
        "flush=True); input()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", f"if __name__ == '__main__':\n    {code}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        pool = Cluster(child.stdout.readline().strip(), nothing)

        def drain(count):
            done = 0
            while done < count:
                done += len(pool.completed(1.0))

        def clocks():
            scheduler = psutil.Process(child.pid)
            used = [sum(process.cpu_times()[:2]) for process in (scheduler, *scheduler.children(recursive=True))]
            return np.array([time.process_time(), used[0], sum(used[1:])])

        pool.submit(0, b"")
        drain(1)
        payload, start = bytes(int(size)), clocks()
        for k in range(WAITING):
            pool.submit(k, payload)
        drain(WAITING)
        used = (clocks() - start) / WAITING
        pool.close()
        return used
    finally:
        child.communicate("\n", timeout=30)


def import_seconds():
    """Seconds of a new process until it can build an evaluator."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import srlab.search.playout, srlab.datasets"], check=True)
    return time.perf_counter() - start


def measured_rate(data, folder, workers, seconds):
    """Playouts a second of a search on that many Dask workers, after those that compile."""
    from dask.distributed import LocalCluster

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as cluster:
        search = Search(data, folder, seconds=seconds + 6, seed=1, scheduler=cluster.scheduler_address).start().wait()
    times = np.array([event.t for event in search.folder.events() if isinstance(event, (Node, Visit))])[1:]
    times = times[times > times[SKIP * workers]]
    return float((len(times) - 1) / (times[-1] - times[0]))


def played(workers, tasks, serial, scheduler, playouts, seed=0):
    """Seconds for so many playouts on so many workers: an event simulation with task lengths and serial costs drawn
    from those measured."""
    rng = np.random.default_rng(seed)
    lengths, costs = rng.choice(tasks, playouts), rng.choice(serial, playouts)
    capacity = workers + (workers + 3) // 4  # as srlab.workers.pool.Cluster has it: a few wait
    now, passed_on, submitted, entered = 0.0, 0.0, 0, 0
    free, results = [0.0] * workers, []  # when each worker is idle, and when results arrive
    while entered < playouts:
        while submitted < playouts and submitted - entered < capacity:
            now += costs[submitted]
            passed_on = max(now, passed_on) + scheduler
            end = max(passed_on, heapq.heappop(free)) + lengths[submitted]
            heapq.heappush(free, end)
            heapq.heappush(results, end)
            submitted += 1
        now = max(now, heapq.heappop(results))
        entered += 1
    return now


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="cu-gpaw")
    parser.add_argument("--seconds", type=float, default=12.0, help="of each of the three searches")
    parser.add_argument("--playouts", type=int, default=100_000, help="of the search whose wall time is calculated")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    data = load_dataset(options.data)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cost = serial_search(data, folder / "serial", options.seconds)
        client, scheduler, worker = dask_seconds(cost["task_bytes"])
        tasks, serial, startup = cost["tasks"] + worker, cost["gaps"] + client, import_seconds() + cost["setup_seconds"]
        rates = {workers: measured_rate(data, folder / str(workers), workers, options.seconds) for workers in (1, 2)}
    simulated = min(options.playouts, 20_000)
    alone = simulated * cost["tasks"].mean()
    rows = []
    for workers in WORKERS:
        seconds = played(workers, tasks, serial, scheduler, simulated)
        rate = simulated / seconds
        rows.append(
            {
                "workers": workers,
                "playouts_per_second": rate,
                "wall_seconds": startup + seconds * options.playouts / simulated,
                "efficiency": float(alone / workers / seconds),
                "measured_playouts_per_second": rates.get(workers),
            }
        )
    fed = max((row["workers"] for row in rows if row["efficiency"] >= WELL_FED), default=1)
    one = next(row["efficiency"] for row in rows if row["workers"] == fed)
    for row in rows:  # a tree keeps a core of its own busy
        row["trees"] = -(-row["workers"] // fed)
        row["efficiency_of_trees"] = (
            row["efficiency"] if row["trees"] == 1 else one * row["workers"] / (row["workers"] + row["trees"])
        )
    result = {
        "data": data.name,
        "processors": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "playouts_timed": len(tasks),
        "ms_per_task": {
            "mean": 1e3 * float(cost["tasks"].mean()),
            "median": 1e3 * float(np.median(cost["tasks"])),
            "p95": 1e3 * float(np.quantile(cost["tasks"], 0.95)),
        },
        "ms_of_the_tree_per_task": {
            "mean": 1e3 * float(cost["gaps"].mean()),
            "last_quarter": 1e3 * cost["gap_at_the_end"],
        },
        "ms_of_dask_per_task": {
            "search": 1e3 * float(client),
            "scheduler": 1e3 * float(scheduler),
            "worker": 1e3 * float(worker),
        },
        "bytes_per_task": cost["task_bytes"],
        "bytes_per_result": cost["result_bytes"],
        "startup_seconds": startup,
        "workers_one_tree_can_feed": float(tasks.mean() / serial.mean()),
        "playouts": options.playouts,
        "rows": rows,
    }
    if options.json:
        return print(json.dumps(result))
    print("\n".join(f"{key:28s} {value}" for key, value in result.items() if key != "rows"))
    print(
        f"{'workers':>8s} {'playouts/s':>11s} {'measured':>9s} {'wall time':>10s} "
        f"{'efficiency':>10s} {'trees':>6s} {'efficiency':>10s}"
    )
    for row in rows:
        measured = row["measured_playouts_per_second"]
        print(
            f"{row['workers']:8d} {row['playouts_per_second']:11.1f} "
            f"{'' if measured is None else f'{measured:.1f}':>9s} {row['wall_seconds']:9.0f}s "
            f"{row['efficiency']:10.2f} {row['trees']:6d} {row['efficiency_of_trees']:10.2f}"
        )


if __name__ == "__main__":
    main()
