"""Tasks come back tagged from this process and from others, and a worker's death costs its tasks only."""

import os
import time

from srlab.parallel import Processes, Serial


def build(offset):
    def call(task):
        if task == "die":
            os._exit(1)
        return task + offset

    return call


def test_serial_runs_in_order():
    pool = Serial(build, 10)
    for k in range(3):
        pool.submit(f"tag{k}", k)
    assert pool.completed() == [("tag0", 10), ("tag1", 11), ("tag2", 12)]
    assert pool.completed() == [] and pool.pending == 0


def test_processes_run_and_survive_a_death():
    pool = Processes(2, build, 100)
    try:
        for k in range(4):
            pool.submit(k, k)
        results = dict(collect(pool, 4))
        assert results == {0: 100, 1: 101, 2: 102, 3: 103}
        pool.submit("bad", "die")
        assert ("bad", None) in collect(pool, 1)
        pool.submit("good", 5)
        assert collect(pool, 1) == [("good", 105)]
    finally:
        pool.close()


def collect(pool, count, seconds=60.0):
    results, deadline = [], time.monotonic() + seconds
    while len(results) < count and time.monotonic() < deadline:
        results += pool.completed(0.5)
    return results
