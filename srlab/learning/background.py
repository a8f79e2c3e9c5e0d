"""`Learning`: the loop of `srlab learn` in a process of its own, so that a notebook goes on; watched through its
folder."""

import json
import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from srlab.errors import InputError
from srlab.learning.loop import JOURNAL, Loop
from srlab.learning.settings import MAY_CHANGE, LearnSettings
from srlab.learning.view import LoopView
from srlab.runs.folder import RunFolder
from srlab.runs.view import RunView
from srlab.workers.child import Child, module
from srlab.workers.process import interrupt

STOP_FILE, LOG_FILE = ".stop", "learn.log"


class Learning:
    """A learning loop in another process. It outlives this one; everything is in its folder, and `srlab learn` goes on
    with it, too.

    Parameters
    ----------
    dataset, out, settings : as of :func:`srlab.learning.learn`. calculator : "gpaw" or the name of an ASE calculator.

    Attributes
    ----------
    view : `srlab.learning.LoopView` of the folder.

    Raises
    ------
    InputError : as of :func:`srlab.learning.learn`. Where the frames do not say how they were labelled, one is labelled
        anew to see whether the calculator is theirs; with GPAW that takes about half a minute.
    """

    def __init__(self, dataset, out, calculator="gpaw", **settings):
        if not isinstance(calculator, str):
            raise InputError(
                "another process can have a calculator by its name only: give gpaw, or the name of an ASE calculator "
                "such as emt, or call "
                "srlab.learning.learn, which runs in this process"
            )
        try:
            wanted = LearnSettings(**settings)
        except TypeError as error:
            raise InputError(f"the loop has no such setting: {error}") from error
        Loop(dataset, Path(out), calculator, wanted, lambda *event: None).prepare()
        self._attach(out)

    @classmethod
    def attach(cls, folder):
        """The loop of an existing folder, running or not. Raises InputError where there is none."""
        learning = cls.__new__(cls)
        learning._attach(folder)
        return learning

    def _attach(self, folder):
        self.folder, self.view = Path(folder).absolute(), LoopView(folder)
        self._child: Child | None = None

    def start(self, **changes):
        """Begin, or go on, in a process of its own; returns at once.

        changes : rounds, seconds, evaluations or workers, where others than last time are wanted.
        """
        if RunFolder(self.folder).busy():
            raise InputError(f"{self.folder} is in use: the loop runs already")
        self.view.refresh()
        loop_of(self.view, changes)  # whatever is wrong is said here, and not in a log
        (self.folder / STOP_FILE).unlink(missing_ok=True)
        command = module("srlab.learning.worker", self.folder, json.dumps(changes))
        self._child = Child(command, self.folder / LOG_FILE, outlives=True).start()
        return self

    def stop(self):
        """Ask the loop to end, as Ctrl-C does, wherever it runs; what is done is saved, and `start` goes on. Returns
        at once."""
        if self.state == "running":
            (self.folder / STOP_FILE).touch()

    def wait(self, timeout=None):
        """Wait until the loop has ended, or `timeout` seconds. Interrupting this leaves the loop running."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.state == "running" and (deadline is None or time.monotonic() < deadline):
            time.sleep(0.1)
        return self

    @property
    def state(self):
        """running, finished, stopped or failed."""
        running = self._child is not None and self._child.running
        self.view.refresh()
        return "running" if running else self.view.state

    @property
    def rounds(self):
        """Finished rounds, see :func:`srlab.learning.loop.rounds`."""
        self.view.refresh()
        return self.view.rounds


def loop_of(view, changes):
    """The loop of a folder, from what its files say."""
    name = view.start.get("calculator_name")
    if not isinstance(name, str):
        raise InputError(
            f"{view.folder} does not say the name of its calculator: go on with srlab learn, or srlab.learning.learn"
        )
    for key in changes:
        if key not in MAY_CHANGE:
            raise InputError(f"{key} cannot be changed in a loop that has begun: choose from {', '.join(MAY_CHANGE)}")
    first = RunFolder(view.folder / "round-0" / "search")
    return Loop(
        first.dataset(RunView(first.events()).start),
        view.folder,
        name,
        LearnSettings(**{**view.settings, **changes}),
        lambda *event: None,
    )


@contextmanager
def stop_requests(folder):
    """While inside, `Learning.stop` from any process interrupts this one's main thread, as Ctrl-C does."""
    path, journal, over = os.path.join(folder, STOP_FILE), os.path.join(folder, JOURNAL), threading.Event()

    def asked():
        """Whether somebody asked; only in the folder of a loop is the file ours to take away."""
        if not (os.path.isfile(journal) and os.path.exists(path)):
            return False
        os.unlink(path)
        return True

    def watch():
        while not over.wait(0.3):
            if asked():
                interrupt()

    asked()  # what was said to the last process is not meant for this one
    threading.Thread(target=watch, name="srlab-stop", daemon=True).start()
    try:
        yield
    finally:
        over.set()
