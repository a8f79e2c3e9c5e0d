"""What the processes that srlab starts for itself have in common: how they are interrupted, and how they say why they ended."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Callable

from srlab.errors import InputError, MissingExtra


def ends(work: Callable[[], object]) -> int:
    """Do the work of a process, and return its exit code: 0; 130 interrupted; 2 something the user can mend, one sentence on stderr; 1 a bug, its traceback there.

    SIGTERM interrupts as Ctrl-C does, and both do so although whoever started us, a shell's background job for example, ignores Ctrl-C.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    insist()
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


def interrupt() -> None:
    """Interrupt the main thread of this process, from another one, as Ctrl-C does; what it waits for ends, too."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def insist() -> None:
    """From now on, an interrupt that arrives where Python has to drop it, such as in a finaliser, arrives again a moment later."""
    report = sys.unraisablehook
    if getattr(report, "insists", False):
        return

    def again(lost) -> None:
        if lost.exc_type is not KeyboardInterrupt:
            return report(lost)
        timer = threading.Timer(0.1, interrupt)
        timer.daemon = True
        timer.start()

    again.insists = True
    sys.unraisablehook = again
