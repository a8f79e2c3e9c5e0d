"""Where playouts run: in this process, in local worker processes or on a Dask cluster, with the same three calls."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
import uuid
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress

from srlab.errors import InputError, MissingExtra

CONNECT_SECONDS = 10


class Serial:
    """Runs each task when it is submitted. Deterministic."""

    def __init__(self, build, *arguments):
        self._call = build(*arguments)
        self._done = []
        self.capacity = 1

    def submit(self, tag, task) -> None:
        self._done.append((tag, self._call(task)))

    def completed(self, timeout: float = 0.0) -> list:
        """(tag, result) of what has finished, waiting up to `timeout` seconds for the first."""
        done, self._done = self._done, []
        return done

    @property
    def pending(self) -> int:
        return len(self._done)

    def close(self) -> None:
        pass


class Processes:
    """A fixed number of worker processes, each of which builds its evaluator once; ended with their parent.

    build, arguments : called in each worker to make the function that tasks are given to; they travel by pickle, within
    this machine and this program only.
    A worker that dies takes its tasks with it: they are reported with the result None, and new workers start.
    """

    def __init__(self, workers: int, build, *arguments):
        self._workers, self._setup = workers, (build, arguments)
        self._futures = {}
        self.capacity = workers + 1  # one task waits, so that no worker does
        self._start()

    def _start(self):
        build, arguments = self._setup
        self._pool = ProcessPoolExecutor(
            self._workers, multiprocessing.get_context("spawn"), _initialise, (os.getpid(), build, arguments)
        )

    def submit(self, tag, task) -> None:
        with _interrupts_held_back():  # the pool starts its processes when it is given tasks
            try:
                self._futures[self._pool.submit(_run, task)] = tag
            except BrokenProcessPool:
                self._start()
                self._futures[self._pool.submit(_run, task)] = tag

    def completed(self, timeout: float = 0.0) -> list:
        """(tag, result) of what has finished, waiting up to `timeout` seconds for the first."""
        if not self._futures:
            return []
        finished, _ = wait(self._futures, timeout, FIRST_COMPLETED)
        results = []
        for future in sorted(finished, key=lambda each: list(self._futures).index(each)):
            tag = self._futures.pop(future)
            try:
                results.append((tag, future.result()))
            except BrokenProcessPool:
                results.append((tag, None))
        return results

    @property
    def pending(self) -> int:
        return len(self._futures)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def kill(self) -> None:
        """End the workers at once, whatever they are doing."""
        for process in list((self._pool._processes or {}).values()):
            process.kill()
        self._pool.shutdown(wait=False, cancel_futures=True)


class LocalPool:
    """Worker processes of this machine, each a pool of its own, so that the death of one leaves the tasks of the others alone.

    build, arguments : as for `Processes`.
    """

    def __init__(self, workers: int, build, *arguments):
        self._pools = [Processes(1, build, *arguments) for _ in range(workers)]
        self._home = {}
        self.capacity = self.workers = workers

    @property
    def pending(self) -> int:
        return sum(pool.pending for pool in self._pools)

    def at_home(self, near) -> bool:
        """Whether the worker that had the last task with this `near`, and may remember something of it, is idle; True where there was none."""
        return near not in self._home or not self._pools[self._home[near]].pending

    def submit(self, tag, task, near=None) -> None:
        """Give a task to an idle worker, to the one that had the last task with this `near` if that is idle."""
        chosen = (
            self._home[near]
            if near in self._home and self.at_home(near)
            else next(k for k, pool in enumerate(self._pools) if not pool.pending)
        )
        if near is not None:
            self._home[near] = chosen
        self._pools[chosen].submit(tag, task)

    def completed(self, timeout: float = 0.0) -> list:
        """(tag, result) of what has finished, waiting up to `timeout` seconds for the first."""
        deadline = time.monotonic() + timeout
        while True:
            found = [result for pool in self._pools for result in pool.completed()]
            if found or time.monotonic() >= deadline:
                return found
            time.sleep(0.02)

    def close(self) -> None:
        for pool in self._pools:
            pool.close()

    def kill(self) -> None:
        """End the workers at once, whatever they are doing."""
        for pool in self._pools:
            pool.kill()


@contextmanager
def _interrupts_held_back():
    """Processes started inside never see Ctrl-C, which a terminal sends to all of a group: their parent ends them in good order."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Cluster:
    """The workers of a Dask cluster, as many as there are at any moment. Needs the extra `dask`.

    address : of the scheduler, like tcp://host:8786. Each worker, also one that joins later, gets `arguments` once and keeps the evaluator it builds.
    A worker that dies costs its tasks only: Dask gives them to another. A task that ends worker after worker is reported with the result None.
    Raises MissingExtra without Dask, InputError where nobody answers at the address or there is no worker.
    """

    def __init__(self, address: str, build, *arguments):
        try:
            from distributed import Client
        except ImportError as error:
            raise MissingExtra("dask", "dask", "work on a cluster") from error
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(
                f"no Dask scheduler answers at {address}: start one with 'dask scheduler' and give its address"
            ) from error
        from srlab.workers.dask_setup import WorkerSetup

        self._key = uuid.uuid4().hex
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError as error:
            self._client.close()
            raise InputError(
                f"the Dask scheduler at {address} has no workers: start some with 'dask worker {address}'"
            ) from error
        self._client.register_plugin(WorkerSetup(self._key, build, arguments))
        self._futures = {}
        # asking a thousand futures whether they are done costs more than a playout: each says so itself
        self._arrived = queue.SimpleQueue()

    @property
    def workers(self) -> int:
        """Threads of the cluster now."""
        return sum(self._client.nthreads().values())

    @property
    def capacity(self) -> int:
        """Tasks worth having under way: one for each thread of the cluster and a few that wait."""
        threads = self.workers
        return max(1, threads + (threads + 3) // 4)

    def at_home(self, near) -> bool:
        """As `LocalPool.at_home`; the cluster itself chooses the worker."""
        return True

    def submit(self, tag, task, near=None) -> None:
        """Give a task to the cluster, which itself chooses the worker."""
        future = self._client.submit(_run_on_worker, self._key, task, pure=False)
        self._futures[future] = tag
        future.add_done_callback(self._arrived.put)

    def completed(self, timeout: float = 0.0) -> list:
        """(tag, result) of what has finished, waiting up to `timeout` seconds for the first."""
        results = []
        while self._futures:
            try:
                future = self._arrived.get(timeout=timeout) if timeout and not results else self._arrived.get_nowait()
            except queue.Empty:
                break
            if future in self._futures:
                tag = self._futures.pop(future)
                results.append((tag, future.result() if future.status == "finished" else None))
        return results

    @property
    def pending(self) -> int:
        return len(self._futures)

    def close(self) -> None:
        with suppress(OSError, TimeoutError):  # the scheduler may have gone
            self._client.cancel(list(self._futures))
            self._client.unregister_worker_plugin(self._key)
        self._client.close()

    kill = close


_CALL = None
_SETUPS: dict = {}
_CALLS: dict = {}


def learn_on_worker(key: str, build, arguments) -> None:
    """On a worker of a cluster: what tasks with this key run with."""
    _SETUPS[key] = build, arguments


def forget_on_worker(key: str) -> None:
    """On a worker of a cluster: no task with this key comes any more."""
    _SETUPS.pop(key, None)
    for mine in [each for each in list(_CALLS) if each[0] == key]:
        _CALLS.pop(mine, None)


def _run_on_worker(key: str, task):
    mine = key, threading.get_ident()  # a worker may have several threads, and an evaluator counts what it does
    call = _CALLS.get(mine)
    if call is None:
        build, arguments = _SETUPS[key]
        call = _CALLS[mine] = build(*arguments)
    return call(task)


def _initialise(parent: int, build, arguments) -> None:
    global _CALL
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    _CALL = build(*arguments)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _run(task):
    return _CALL(task)
