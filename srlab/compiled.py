"""Loops compiled with numba, and Ctrl-C: in srlab's own processes it waits for the compiler, everywhere for calls of
functions that are `uninterrupted`.

The compiler calls back into Python from C. An exception that a signal raises there is lost, and with it the interrupt;
the one crash seen of a process that was interrupted early had most likely the same cause. That also holds for loading
what is in the cache. In a process that is not ours, a notebook's kernel for example, signals are left to whoever set
their handlers.
"""

from __future__ import annotations

import signal
import threading

from numba import njit
from numba.core import event

from srlab.workers import process

__all__ = ["njit", "uninterrupted"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Hold:
    """From `begin` to `end`, in the main thread, signals are noted; they arrive at the end."""

    def __init__(self) -> None:
        self._depth, self._before, self._noted = 0, {}, []

    def begin(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._depth += 1
        if self._depth == 1:
            for number in _SIGNALS:
                if callable(signal.getsignal(number)):  # neither ignored nor left to the system, which takes no Python
                    self._before[number] = signal.signal(number, lambda number, frame: self._noted.append(number))

    def end(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._depth = max(0, self._depth - 1)
        if self._depth == 0:
            while self._before:
                signal.signal(*self._before.popitem())
            while self._noted:
                signal.raise_signal(self._noted.pop())


class _WhileCompiling(event.Listener):
    """Holds signals back while the compiler's lock is held, in processes that are srlab's own."""

    def on_start(self, event) -> None:
        if process.is_own():
            _hold.begin()

    def on_end(self, event) -> None:
        if process.is_own():
            _hold.end()


_hold = _Hold()
event.register("numba:compiler_lock", _WhileCompiling())


def uninterrupted(function):
    """A short compiled function that calls BLAS or LAPACK, where numba may enter Python: an interrupt there ends it
    with a SystemError. It comes after the call."""

    def call(*arguments):
        _hold.begin()
        try:
            return function(*arguments)
        finally:
            _hold.end()

    return call
