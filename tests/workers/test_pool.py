"""Tasks come back tagged from this process and from others; a death costs a try, an exception is reported as itself,
and neither goes on for ever."""

import os
import select
import signal

import pytest

from srlab.errors import InputError
from srlab.workers.pool import TRIES, Cluster, Died, LocalPool, Serial
from tests.waiting import PATIENCE, wait_until
from tests.workers.tasks import build, counter, unable, unable_evaluator


@pytest.fixture
def pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def collect(pool, count):
    results = []
    wait_until(lambda: results.extend(pool.completed(0.5)) or len(results) >= count, PATIENCE)
    return results


def kill(worker, begun):
    """Kill a worker and wait until it is gone, which closes its end of the pipe that it waits for. begun : our end."""
    os.kill(worker, signal.SIGKILL)
    gone = select.poll()
    gone.register(begun, 0)  # an error, that nobody reads, is always told
    assert gone.poll(1000 * PATIENCE)
    begun.close()


def let_go(pipe):
    """Let the task go on that waits for this pipe; the open itself waits until there is one."""
    with open(pipe, "w"):
        pass


def test_serial_runs_in_order():
    pool = Serial(build, 10)
    for k in range(3):
        pool.submit(f"tag{k}", k)
    assert pool.completed() == [("tag0", 10), ("tag1", 11), ("tag2", 12)]
    assert pool.completed() == [] and pool.pending == 0


@pytest.mark.parametrize("apart", [False, True])
def test_a_task_that_kills_its_worker_is_tried_and_given_up(apart):
    pool, retried = LocalPool(1, build, 100, apart=apart), []
    pool.retried = retried.append
    try:
        for k in range(pool.capacity):
            pool.submit(k, k)
        assert dict(collect(pool, pool.capacity)) == {k: 100 + k for k in range(pool.capacity)}
        pool.submit("bad", "die")
        assert collect(pool, 1) == [("bad", Died(TRIES))] and retried == ["bad"] * (TRIES - 1)
        pool.submit("good", 5)
        assert collect(pool, 1) == [("good", 105)] and pool.pending == 0
        assert "was lost 3 times: is there enough memory" in Died(3).sentence("searched tree 1")
    finally:
        pool.close()


def test_what_a_task_raises_is_raised_once_and_costs_the_others_nothing():
    pool = LocalPool(1, build, 100)
    try:
        pool.submit("bad", "fail")
        pool.submit("good", 1)
        found, raised = [], []

        def look():
            try:
                found.extend(pool.completed(0.5))
            except ZeroDivisionError as error:
                raised.append(str(error))
            return found and raised

        wait_until(look)
        assert found == [("good", 101)] and raised == ["of the task"] and pool.pending == 0
        pool.submit("given up", 2)
    finally:
        pool.close()  # also with a task under way


def test_a_worker_that_cannot_begin_is_said():
    pool = LocalPool(1, unable, "data.npy")
    try:
        pool.submit("task", 1)
        with pytest.raises(InputError, match="a worker cannot begin: FileNotFoundError: data.npy"):
            collect(pool, 1)
    finally:
        pool.close()


def test_workers_apart_keep_their_tasks_when_another_dies(pipe):
    pool = LocalPool(2, build, 0, apart=True)
    try:
        for near in "ab":
            pool.submit(near, "pid", near=near)
        homes = dict(collect(pool, 2))
        assert homes["a"] != homes["b"] and pool.pending == 0
        pool.submit("b", "pid", near="b")  # the first worker is idle, too
        assert collect(pool, 1) == [("b", homes["b"])]
        pool.submit("slow", ("open", str(pipe)), near="a")
        begun = open(pipe, "w")  # opens when the worker does
        kill(homes["a"], begun)
        pool.submit("other", 1, near="b")
        assert collect(pool, 1) == [("other", 1)]
        # the new worker opens it, too
        wait_until(lambda: pool.completed(0.1) == [] and pool._sent and next(iter(pool._sent.values())).tries == 2)
        let_go(pipe)
        ((tag, new),) = collect(pool, 1)
        assert tag == "slow" and new not in homes.values()
    finally:
        pool.kill()


def local_cluster(**size):
    distributed = pytest.importorskip("distributed", reason="the dask extra is not installed")
    return distributed.LocalCluster(dashboard_address=":0", **size)


@pytest.fixture(scope="module")
def cluster():
    """One process of two threads; its nanny starts another where it dies."""
    with local_cluster(n_workers=1, threads_per_worker=2) as cluster:
        yield cluster


@pytest.mark.slow
def test_a_cluster_runs_tasks_and_survives_the_death_of_a_worker(pipe):
    with local_cluster(n_workers=2, threads_per_worker=1) as cluster:
        pool = Cluster(cluster.scheduler_address, build, 1000)
        assert pool.capacity >= 2
        for k in range(6):
            pool.submit(k, k)
        assert dict(collect(pool, 6)) == {k: 1000 + k for k in range(6)}
        pool.submit("slow", ("open", str(pipe)))
        begun = open(pipe, "w")
        pids = {worker.worker_address: worker.pid for worker in cluster.workers.values()}
        (busy,) = [address for address, tasks in pool._client.processing().items() if tasks]
        kill(pids[busy], begun)
        let_go(pipe)  # of the worker that has it then
        ((tag, worker),) = collect(pool, 1)
        assert tag == "slow" and worker != pids[busy]
        pool.close()


def test_a_cluster_runs_tasks_and_reports_exceptions_as_they_are(cluster):
    pool = Cluster(cluster.scheduler_address, build, 1000)
    try:
        pool.submit("bad", "fail")
        with pytest.raises(ZeroDivisionError, match="of the task"):
            collect(pool, 1)
        assert pool.capacity >= 2
        for k in range(6):
            pool.submit(k, k)
        assert dict(collect(pool, 6)) == {k: 1000 + k for k in range(6)}
    finally:
        pool.close()


def test_a_cluster_whose_workers_cannot_begin_ends_a_search(cluster, dataset, tmp_path, monkeypatch):
    from srlab.search.driver import Driver
    from srlab.search.search import Search

    search = Search(dataset, tmp_path / "run", seconds=3600.0, scheduler=cluster.scheduler_address)
    driver = Driver(search.folder, dataset, search.settings, evaluator=unable_evaluator)
    with pytest.raises(InputError, match="a worker cannot begin: FileNotFoundError"):
        driver.run()
    search.refresh()
    assert search.state == "died" and "a worker cannot begin" in search.view.errors[-1]


def test_playouts_lost_in_a_row_end_a_search(make_run, dataset, monkeypatch):
    from srlab.search.driver import LOST, Driver

    class Dying(Serial):
        def completed(self, timeout=0.0):
            return [(tag, Died(3)) for tag, _ in super().completed()]

    monkeypatch.setattr(Driver, "_open_pool", lambda driver: Dying(driver.evaluator, driver.dataset, driver.settings))
    driver = Driver(make_run().folder, dataset, make_run("other").settings)
    with pytest.raises(InputError, match="the worker that tried a formula was lost 3 times"):
        driver.run()
    assert driver.playouts == LOST


def test_a_search_runs_on_a_cluster(cluster, dataset, tmp_path):
    from srlab.search.driver import Driver
    from srlab.search.search import Search

    search = Search(dataset, tmp_path / "run", evaluations=500, scheduler=cluster.scheduler_address)
    Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    assert search.state == "finished" and search.view.status["evaluations"] >= 500 and search.front


def test_when_the_only_worker_dies_the_next_one_knows_what_it_needs(cluster, pipe):
    pool = Cluster(cluster.scheduler_address, build, 1000)
    try:
        pool.submit("slow", ("open", str(pipe)))
        begun = open(pipe, "w")
        kill(next(iter(cluster.workers.values())).pid, begun)
        let_go(pipe)
        ((tag, _),) = collect(pool, 1)
        pool.submit("next", 1)
        assert tag == "slow" and collect(pool, 1) == [("next", 1001)]
    finally:
        pool.close()


def test_threads_of_a_worker_have_an_evaluator_each(cluster, tmp_path):
    pipes = [tmp_path / f"pipe{k}" for k in range(2)]
    for each in pipes:
        os.mkfifo(each)
    pool = Cluster(cluster.scheduler_address, counter)
    try:
        for each in pipes:
            pool.submit(each, str(each))
        begun = [open(each, "w") for each in pipes]  # both are under way
        for each in begun:
            each.close()
        assert pool.workers == 2
        assert [count for _, count in collect(pool, 2)] == [1, 1]
        pool.submit("third", os.devnull)
        assert collect(pool, 1) == [("third", 2)]
    finally:
        pool.close()


def test_an_address_where_nobody_answers(monkeypatch):
    pytest.importorskip("distributed", reason="the dask extra is not installed")
    monkeypatch.setattr("srlab.workers.pool.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match="no Dask scheduler answers at tcp://127.0.0.1:9"):
        Cluster("tcp://127.0.0.1:9", build, 0)
