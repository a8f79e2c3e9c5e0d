"""Tasks come back tagged from this process and from others, and a worker's death costs its tasks only."""

import os
import signal
import time

import pytest

from srlab.errors import InputError
from srlab.workers.pool import Cluster, LocalPool, Processes, Serial


def build(offset):
    def call(task):
        if task == "die":
            os._exit(1)
        if task == "sleep":
            time.sleep(1.0)
            return "slept"
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


def test_a_local_pool_keeps_the_tasks_of_others_when_a_worker_dies():
    pool = LocalPool(2, whoami)
    try:
        for near in "ab":
            pool.submit(near, 0.0, near=near)
        homes = dict(collect(pool, 2))
        assert homes["a"] != homes["b"] and pool.pending == 0
        pool.submit("b", 0.0, near="b")  # the first worker is idle, too
        assert collect(pool, 1) == [("b", homes["b"])]
        pool.submit("slow", 30.0, near="a")
        pool.submit("other", 1.0, near="b")
        os.kill(homes["a"], signal.SIGKILL)
        assert sorted(collect(pool, 2), key=str) == [("other", homes["b"]), ("slow", None)]
        pool.submit("again", 0.0, near="a")
        ((_, new),) = collect(pool, 1)
        assert new not in homes.values()
    finally:
        pool.kill()


def whoami():
    """A call that sleeps so many seconds and tells its process."""
    return lambda seconds: time.sleep(seconds) or os.getpid()


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed", reason="the dask extra is not installed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster


def test_a_cluster_runs_tasks_and_survives_the_death_of_a_worker(cluster):
    pool = Cluster(cluster.scheduler_address, build, 1000)
    try:
        assert pool.capacity >= 2
        for k in range(6):
            pool.submit(k, k)
        assert dict(collect(pool, 6)) == {k: 1000 + k for k in range(6)}
        pool.submit("slow", "sleep")
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        assert collect(pool, 1) == [("slow", "slept")]
    finally:
        pool.close()


def test_a_search_runs_on_a_cluster(cluster, tmp_path):
    from srlab.datasets import Dataset
    from srlab.search.driver import Driver
    from srlab.search.search import Search
    from tests.fitting.conftest import TRUTH, labelled

    dataset = Dataset.from_frames(labelled(TRUTH, 24, seed=5), name="gupta")
    search = Search(dataset, tmp_path / "run", evaluations=3000, scheduler=cluster.scheduler_address)
    Driver(search.folder, dataset, search.settings).run()
    assert search.front and min(candidate.force_mae for candidate in search.front) < 5.0


def test_when_the_only_worker_dies_the_next_one_knows_what_it_needs():
    distributed = pytest.importorskip("distributed", reason="the dask extra is not installed")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        pool = Cluster(cluster.scheduler_address, build, 1000)
        pool.submit("slow", "sleep")
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)  # its nanny starts another
        assert collect(pool, 1) == [("slow", "slept")]
        pool.submit("next", 1)
        assert collect(pool, 1) == [("next", 1001)]
        pool.close()


def test_threads_of_a_worker_have_an_evaluator_each():
    distributed = pytest.importorskip("distributed", reason="the dask extra is not installed")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster:
        pool = Cluster(cluster.scheduler_address, counter)
        for k in range(6):
            pool.submit(k, 0.1)
        assert pool.workers == 2
        counts = [count for _, count in collect(pool, 6)]
        pool.close()
    assert max(counts) < 6 and counts.count(1) == 2


def counter():
    """A call that counts, as an evaluator does."""
    count = []

    def call(seconds):
        count.append(seconds)
        time.sleep(seconds)
        return len(count)

    return call


def test_an_address_where_nobody_answers(monkeypatch):
    pytest.importorskip("distributed", reason="the dask extra is not installed")
    monkeypatch.setattr("srlab.workers.pool.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match="no Dask scheduler answers at tcp://127.0.0.1:9"):
        Cluster("tcp://127.0.0.1:9", build, 0)


def collect(pool, count, seconds=60.0):
    results, deadline = [], time.monotonic() + seconds
    while len(results) < count and time.monotonic() < deadline:
        results += pool.completed(0.5)
    return results
