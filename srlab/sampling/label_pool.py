"""Labels made by several processes of this machine or by the workers of a Dask cluster; one process writes them.

A worker that dies costs the structure it was at, which is tried again, and no other.
"""

from collections import deque
from multiprocessing.reduction import ForkingPickler

from srlab.errors import InputError
from srlab.sampling.labellers import find_labeller, label_one
from srlab.workers.pool import Cluster, Died, LocalPool

_LABEL, _FAILURE, _REFUSED = "label", "failure", "refused"


def label_in_pool(tasks, open_pool, may_start, take):
    """Label `tasks`, each (index, frame, key), and hand every outcome to take(task, labelled frame or None, message) in
    the order in which they come.

    open_pool : called for the pool, once there is something to do. may_start : function of how many are under way,
        whether another may be begun.
    When interrupted, what has come back is taken, workers are ended, and the exception goes on.

    Raises InputError where a worker would label with other settings, MissingExtra where it has no such calculator.
    """
    queue = deque(tasks)
    if not queue or not may_start(0):
        return
    pool = open_pool()

    def settle(results):
        for task, outcome in results:
            if isinstance(outcome, Died):  # the structure may take more memory than there is
                take(task, None, f"the process that labelled it died {outcome.tries} times: is there enough memory?")
            elif outcome[0] == _REFUSED:
                raise InputError(outcome[1])
            else:
                take(task, outcome[1] if outcome[0] == _LABEL else None, outcome[1] if outcome[0] == _FAILURE else "")

    try:
        while queue or pool.pending:
            while queue and pool.pending < pool.capacity and may_start(pool.pending):
                task = queue.popleft()
                pool.submit(task, task[1])
            if not pool.pending:
                break
            settle(pool.completed(0.5))
    except BaseException:
        try:
            settle(pool.completed())
        finally:
            pool.kill()
        raise
    pool.close()


def open_pool(calculator, elements, settings, min_distance, workers, scheduler):
    """The pool for a calculator that `srlab.sampling.labellers.find_labeller` knows; `settings` is the line all workers
    must agree on.
    """
    arguments = _Attempt, calculator, elements, settings, min_distance
    if scheduler:
        return Cluster(scheduler, *arguments)
    try:
        ForkingPickler.dumps(calculator)
    except Exception as error:
        raise InputError(
            "this calculator cannot be sent to other processes: give the name of an ASE calculator, or one worker"
        ) from error
    return LocalPool(workers, *arguments, apart=True)


class _Attempt:
    """What a worker does with a structure. The labeller is found when it is first needed, so that what is missing can
    be told.
    """

    def __init__(self, calculator, elements, settings, min_distance):
        self._calculator, self._elements, self._settings, self._min_distance = (
            calculator,
            elements,
            settings,
            min_distance,
        )
        self._labeller = None

    def __call__(self, frame):
        try:
            if self._labeller is None:
                self._labeller = find_labeller(self._calculator, self._elements)
            other = getattr(self._labeller, "settings", "unknown")
            if other != self._settings:
                return (
                    _REFUSED,
                    f"a worker labels with {other!r}, this process with {self._settings!r}: install the same versions "
                    f"for both, labels of two settings are never mixed",
                )
            return _LABEL, label_one(frame, self._labeller, self._settings, self._min_distance)
        except ImportError as error:
            return _REFUSED, f"a worker cannot label: {error}"
        except Exception as error:  # any failure of a reference code is that structure's, never the queue's
            return _FAILURE, f"{type(error).__name__}: {error}"
