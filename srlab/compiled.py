"""Loops compiled with numba, and Ctrl-C: it waits for the compiler, and for calls of functions that are `uninterrupted`.

The compiler calls back into Python from C. An exception that a signal raises there is lost, and with it the interrupt; the
one crash seen of a process that was interrupted early had most likely the same cause. That also holds for loading what is in
the cache.
"""

from __future__ import annotations

import signal
import threading

from numba import njit
from numba.core import event

__all__ = ["njit", "uninterrupted"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _HoldInterrupts(event.Listener):
    """While the main thread holds the compiler's lock, signals are noted; they arrive when it lets go."""

    def __init__(self) -> None:
        self._depth, self._before, self._noted = 0, {}, []

    def on_start(self, event) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._depth += 1
        if self._depth == 1:
            for number in _SIGNALS:
                if callable(signal.getsignal(number)):  # neither ignored nor left to the system, which takes no Python
                    self._before[number] = signal.signal(number, lambda number, frame: self._noted.append(number))

    def on_end(self, event) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._depth -= 1
        if self._depth == 0:
            while self._before:
                signal.signal(*self._before.popitem())
            while self._noted:
                signal.raise_signal(self._noted.pop())


_hold = _HoldInterrupts()
event.register("numba:compiler_lock", _hold)


def uninterrupted(function):
    """A short compiled function that calls BLAS or LAPACK, where numba may enter Python: an interrupt there ends it with a SystemError. It comes after the call."""

    def call(*arguments):
        _hold.on_start(None)
        try:
            return function(*arguments)
        finally:
            _hold.on_end(None)

    return call
