"""Where playouts run: in this process or in local worker processes, with the same three calls."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager


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
        self._pool = ProcessPoolExecutor(self._workers, multiprocessing.get_context("spawn"), _initialise, (os.getpid(), build, arguments))

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


_CALL = None


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
