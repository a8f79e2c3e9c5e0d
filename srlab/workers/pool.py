"""Where tasks run: in this process, in worker processes of this machine or on a Dask cluster, with the same few calls
and the same promise.

The promise: every task that is submitted comes back once from `completed`. A task whose worker dies is tried again, up
to `TRIES` times in all; then its result is `Died`. What a task raises, and what the making of its evaluator raises, is
no death: it is raised by `completed` as it is, and never tried again.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import uuid
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from srlab.errors import InputError, MissingExtra
from srlab.workers.evaluators import evaluate, learn
from srlab.workers.process import end_with_parent, make_own

CONNECT_SECONDS = 10
TRIES = 3


@dataclass(frozen=True)
class Died:
    """The result of a task that ended worker after worker. tries : how often it was given to one."""

    tries: int

    def sentence(self, doing: str) -> str:
        """What to tell a person. doing : what the worker did, such as "searched tree 3"."""
        return (
            f"the worker that {doing} was lost {self.tries} times: is there enough memory where it runs, and the same "
            "version of srlab?"
        )


class Serial:
    """Runs each task when it is submitted. Deterministic."""

    def __init__(self, build, *arguments):
        self._call = build(*arguments)
        self._done = []
        self.capacity = 1

    def submit(self, tag, task, near=None) -> None:
        self._done.append((tag, self._call(task)))

    def completed(self, timeout: float = 0.0) -> list:
        """(tag, result) of what has finished."""
        done, self._done = self._done, []
        return done

    @property
    def pending(self) -> int:
        return len(self._done)

    def close(self) -> None:
        pass

    kill = close


@dataclass(frozen=True)
class _Sent:
    """A task under way. tries : workers it was given to so far."""

    tag: Any
    task: Any
    near: Any
    tries: int = 1


class _Pool:
    """What pools of other processes have in common: the promise above.

    retried : called with the tag of each task that is tried again. Who inherits has `_send`, `_finished` and
    `_is_death`.
    """

    def __init__(self, tries: int = TRIES):
        self.retried: Callable[[Any], None] = lambda tag: None
        self._tries, self._sent, self._ready = tries, {}, []

    def _send(self, task, near) -> Any:
        """Give a task to a worker; returns its future."""
        raise NotImplementedError

    def _finished(self, timeout: float) -> list:
        """The futures that are done, waiting up to `timeout` seconds for the first."""
        raise NotImplementedError

    def _is_death(self, error: BaseException) -> bool:
        """Whether an error says that the worker is gone, and not that the task failed."""
        raise NotImplementedError

    def submit(self, tag, task, near=None) -> None:
        """Give a task away. near : name of what a worker may remember something of; tasks with the same one go to
        the same worker where that can be."""
        self._give(_Sent(tag, task, near))

    def _give(self, sent: _Sent) -> None:
        self._sent[self._send(sent.task, sent.near)] = sent

    def completed(self, timeout: float = 0.0) -> list:
        """(tag, result) of what has finished, waiting up to `timeout` seconds for the first. Raises what a task
        raised; the other results come with the next call."""
        for future in self._finished(timeout):
            sent, error = self._sent.pop(future), future.exception()
            if error is None:
                self._ready.append((sent.tag, future.result()))
            elif not self._is_death(error):
                raise error
            elif sent.tries >= self._tries:
                self._ready.append((sent.tag, Died(sent.tries)))
            else:
                self._give(replace(sent, tries=sent.tries + 1))
                self.retried(sent.tag)
        ready, self._ready = self._ready, []
        return ready

    @property
    def pending(self) -> int:
        """Tasks that have not come back."""
        return len(self._sent) + len(self._ready)


class LocalPool(_Pool):
    """Worker processes of this machine, each of which builds its evaluator once; ended with their parent.

    workers : how many. build, arguments : called in each worker to make the function that tasks are given to; they
    travel by pickle, within this machine and this program only. apart : whether a worker's death leaves the tasks of
    the others alone, and tasks may be `near` each other; else they share a queue, in which one task waits so that no
    worker does, and a death costs all of them one try.
    """

    def __init__(self, workers: int, build, *arguments, apart: bool = False):
        super().__init__()
        self.workers, self._setup = workers, (build, arguments)
        self.capacity = workers if apart else workers + 1
        self._sizes = [1] * workers if apart else [workers]
        self._executors = [self._start(size) for size in self._sizes]
        self._home, self._place = {}, {}

    def _start(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin, (os.getpid(), *self._setup))

    def at_home(self, near) -> bool:
        """Whether the worker that had the last task with this `near`, and may remember something of it, is idle;
        True where there was none."""
        return near not in self._home or not self._load(self._home[near])

    def _load(self, place: int) -> int:
        return sum(self._place.get(future) == place for future in self._sent)

    def _send(self, task, near) -> Future:
        place = self._home.get(near)
        if place is None or self._load(place):
            place = min(range(len(self._executors)), key=self._load)
        if near is not None:
            self._home[near] = place
        with _interrupts_held_back():  # the executor starts its processes when it is given tasks
            try:
                future = self._executors[place].submit(_run, task)
            except BrokenProcessPool:
                self._executors[place] = self._start(self._sizes[place])
                future = self._executors[place].submit(_run, task)
        self._place[future] = place
        return future

    def _finished(self, timeout: float) -> list[Future]:
        if not self._sent:
            return []
        finished, _ = wait(self._sent, 0.0 if self._ready else timeout, FIRST_COMPLETED)
        order = [future for future in self._sent if future in finished]
        for future in order:
            self._place.pop(future, None)
        return order

    def _is_death(self, error: BaseException) -> bool:
        return isinstance(error, BrokenProcessPool)

    def close(self) -> None:
        """Wait for the tasks under way, and end the workers."""
        for executor in self._executors:
            executor.shutdown(wait=True, cancel_futures=True)

    def kill(self) -> None:
        """End the workers at once, whatever they are doing."""
        for executor in self._executors:
            for process in list((executor._processes or {}).values()):
                process.kill()
            executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _interrupts_held_back():
    """Processes started inside never see Ctrl-C, which a terminal sends to all of a group: their parent ends them in
    good order."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Cluster(_Pool):
    """The workers of a Dask cluster, as many as there are at any moment. Needs the extra `dask`.

    address : of the scheduler, like tcp://host:8786. Each worker, also one that joins later, gets `arguments` once and
    keeps the evaluator it builds. The scheduler itself gives the tasks of a dead worker to another, as often as its
    setting allowed-failures says. Raises MissingExtra without Dask, InputError where nobody answers at the address,
    there is no worker, or they cannot use what they are given.
    """

    def __init__(self, address: str, build, *arguments):
        super().__init__(tries=1)  # Dask has tried already
        try:
            from distributed import Client, KilledWorker
        except ImportError as error:
            raise MissingExtra("dask", "dask", "work on a cluster") from error
        from srlab.workers.dask_setup import WorkerSetup

        self._address, self._death, self._key = address, KilledWorker, uuid.uuid4().hex
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(
                f"no Dask scheduler answers at {address}: start one with 'dask scheduler' and give its address"
            ) from error
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            self._client.register_plugin(WorkerSetup(self._key, build, arguments))
        except TimeoutError as error:
            self._client.close()
            raise InputError(
                f"the Dask scheduler at {address} has no workers: start some with 'dask worker {address}'"
            ) from error
        except Exception as error:  # whatever unpickling raises on a worker
            self._client.close()
            raise InputError(
                f"the Dask workers at {address} cannot take what they are to do ({error}): install the same versions "
                "there as here"
            ) from error
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

    def _send(self, task, near):
        future = self._client.submit(evaluate, self._key, task, pure=False)
        future.add_done_callback(self._arrived.put)
        return future

    def _finished(self, timeout: float) -> list:
        done, timeout = [], 0.0 if self._ready else timeout
        while len(done) < len(self._sent):
            try:
                future = self._arrived.get(timeout=timeout) if timeout and not done else self._arrived.get_nowait()
            except queue.Empty:
                break
            if future in self._sent:
                if future.status in ("cancelled", "lost"):
                    raise InputError(
                        f"the Dask scheduler at {self._address} has gone: start it again, and resume the run"
                    )
                done.append(future)
        return done

    def _is_death(self, error: BaseException) -> bool:
        return isinstance(error, self._death)

    def close(self) -> None:
        if self._client.status == "closed":
            return
        with suppress(OSError, TimeoutError):  # the scheduler may have gone
            self._client.cancel(list(self._sent))
            self._client.unregister_worker_plugin(self._key)
        self._client.close()

    kill = close


def _begin(parent: int, build, arguments) -> None:
    """The first thing in a worker process of this machine."""
    end_with_parent(parent)
    make_own()
    learn("", build, arguments)


def _run(task):
    return evaluate("", task)
