"""What the processes that srlab starts for itself have in common: how they are interrupted, how they end with who
started them, and how they say why they ended."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable

from srlab.errors import InputError, MissingExtra

_own = False


def is_own() -> bool:
    """Whether this process is one of srlab's own, a command or a worker, whose signals are ours to handle."""
    return _own


def make_own() -> None:
    """Say that this process is one of srlab's own: from now on no interrupt is lost in it, neither in the compiler
    nor where Python has to drop it."""
    global _own
    _own = True
    _repeat_lost_interrupts()


def ends(work: Callable[[], object]) -> int:
    """Do the work of a process, and return its exit code: 0; 130 interrupted; 2 something the user can mend, one
    sentence on stderr; 1 a bug, its traceback there.

    SIGTERM interrupts as Ctrl-C does, and both do so although whoever started us, a shell's background job for example,
    ignores Ctrl-C.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    make_own()
    try:
        work()
    except KeyboardInterrupt:
        return 130
    except (InputError, MissingExtra) as error:
        print(error, file=sys.stderr)
        return 2
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def answer(work: Callable[[dict, Callable[..., None]], object]) -> int:
    """The whole life of a process that `srlab.workers.child.Child.ask` talks to; returns its exit code, as `ends`.

    work : called with the request, a JSON object, and tell(**line), which sends a line of JSON back. The process ends
    when who asked is gone.
    """
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not get between the lines
    request = json.loads(sys.stdin.readline())
    end_with_input()

    def tell(**line) -> None:
        out.write(json.dumps(line, allow_nan=False) + "\n")

    return ends(lambda: work(request, tell))


def end_with_input() -> None:
    """End this process, too, once its standard input has: it stays open as long as the process lives that holds its
    other end."""
    threading.Thread(target=_read_to_the_end, name="srlab-parent", daemon=True).start()


def _read_to_the_end() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


def end_with_parent(parent: int) -> None:
    """End this process, too, once the one that started it is gone. parent : its process id."""
    threading.Thread(target=_watch_parent, args=(parent,), name="srlab-parent", daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def interrupt() -> None:
    """Interrupt the main thread of this process, from another one, as Ctrl-C does; what it waits for ends, too."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def _repeat_lost_interrupts() -> None:
    """An interrupt that arrives where Python has to drop it, such as in a finaliser, arrives again a moment later."""
    if not isinstance(sys.unraisablehook, _Again):
        sys.unraisablehook = _Again(sys.unraisablehook)


class _Again:
    """Hook for exceptions that Python has to drop, in place of `report`."""

    def __init__(self, report) -> None:
        self._report = report

    def __call__(self, lost) -> None:
        if lost.exc_type is not KeyboardInterrupt:
            return self._report(lost)
        timer = threading.Timer(0.1, interrupt)
        timer.daemon = True
        timer.start()
