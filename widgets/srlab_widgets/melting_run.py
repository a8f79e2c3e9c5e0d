"""Molecular dynamics that a person asked for in the melting panel: one at a time, live, cancelled by a button, kept
when done."""

import pathlib
import tempfile
import threading
import time

from srlab.errors import InputError
from srlab.runs.journal import JournalReader, JournalWriter
from srlab.validation.scores import reference_values
from srlab.workers.child import Child, module

from .melting_worker import PROTOCOLS
from .validation_panel import key_of

CACHE_FILE = "melting.jsonl"
KEPT = ("runs", "view", "result", "error")


WORKER = module("srlab_widgets.melting_worker")


class MeltingRuns:
    """Runs two-phase simulations in a process of their own and tells the page as they go on.

    Parameters
    ----------
    folder : the run's `pathlib.Path`; finished results are kept there in melting.jsonl.
    send : function that sends one message (a dict) to the browser; called from threads.
    command : how to start the worker.
    """

    def __init__(self, folder, send, command=WORKER):
        self.folder, self.send, self.command = pathlib.Path(folder), send, command
        self.lock = threading.RLock()
        self._known, self._job = None, None

    @property
    def latest(self):
        """The atoms last seen, as `srlab.validation.dynamics.md_session.show` writes them, of the run under way or
        the one that ended last; None before."""
        with self.lock:
            job = self._job
            return job.state["view"] if job else None

    def start(self, identity, subject, protocol):
        """Melt a candidate, a dict from `validation_panel.subject_of`.

        protocol : "coexistence" or "solid-amorphous".
        Raises InputError for another protocol, or while a run is under way.
        """
        if protocol not in PROTOCOLS:
            raise InputError(f"there is no melting protocol {protocol!r}: choose {' or '.join(PROTOCOLS)}")
        with self.lock:
            if self._job and not self._job.over:
                raise InputError(f"{self._job.identity} is being melted: wait for it or cancel it first")
            self._job = Job(self, identity, subject, protocol)
            self._job.start()

    def cancel(self):
        """End what is under way, if anything; what was seen so far stays on the page."""
        with self.lock:
            if self._job:
                self._job.cancel()

    def recall(self, identity, subject):
        """Tell the page what is known of a candidate: finished runs, and the one under way."""
        for protocol in PROTOCOLS:
            known = self.known(self.key(subject, protocol))
            if known:
                self.send(message(identity, subject["element"], protocol, {**known, "state": "done"}))
        self.tell()

    def tell(self):
        """Send what is under way, or has just been, once more: to a page that was loaded anew."""
        with self.lock:
            if self._job:
                self._job.tell(view=True)

    @staticmethod
    def key(subject, protocol):
        return f"{protocol}-{key_of(subject)}"

    def known(self, key):
        """A finished run, or None."""
        with self.lock:
            if self._known is None:
                lines = JournalReader(self.folder / CACHE_FILE).read()
                self._known = {line["key"]: line["result"] for line in lines if {"key", "result"} <= line.keys()}
            return self._known.get(key)

    def keep(self, key, name, result):
        """Remember a finished run, in memory and in the search's folder."""
        with self.lock:
            self.known(key)
            self._known[key] = result
            try:
                writer = JournalWriter(self.folder / CACHE_FILE)
                writer.append({"key": key, "name": name, "result": result})
                writer.close()
            except InputError:
                pass  # a run on a read-only disk is melted again next time


class Job(threading.Thread):
    """One melting under way."""

    def __init__(self, owner, identity, subject, protocol):
        super().__init__(name="srlab-melting", daemon=True)
        self.owner, self.identity, self.subject, self.protocol = owner, identity, subject, protocol
        self.state = {
            "state": "running",
            "stage": "starting",
            "elapsed": 0.0,
            "runs": {},
            "view": None,
            "result": None,
            "error": None,
        }
        self._begun, self._child = time.monotonic(), Child(owner.command)

    @property
    def over(self):
        return self.state["state"] != "running"

    def run(self):
        self.tell()
        try:
            with tempfile.TemporaryDirectory(prefix="srlab-melting-") as folder:
                self._compute({"subject": self.subject, "protocol": self.protocol, "folder": folder})
        except Exception as error:  # a thread's traceback lands in somebody else's cell: say it in the panel
            self.state["error"] = self.state["error"] or f"the run failed: {type(error).__name__}: {error}"
        with self.owner.lock:
            if not self.over:
                self.state["state"] = "failed" if self.state["error"] else "done"
        if self.state["state"] == "done":
            self.owner.keep(
                self.owner.key(self.subject, self.protocol),
                self.subject["name"],
                {key: self.state[key] for key in (*KEPT, "elapsed")},
            )
        self.tell()

    def _compute(self, request):
        for line in self._child.ask(request):
            self._take(line)
        if self._child.failure and not self.over and not self.state["error"]:
            self.state["error"] = f"the run failed: {self._child.failure}"

    def _take(self, line):
        self.state.update(line)
        if not line.keys() & {"result", "error"}:  # these come last, and the end of the process is told at once
            self.tell(view="view" in line)

    def cancel(self):
        with self.owner.lock:
            if self.over:
                return
            self.state.update(state="cancelled")
            self._child.cancel()

    def tell(self, view=False):
        """Send the page what is there by now; the atoms, most of a message, only when they are new or it is over."""
        if not self.over:
            self.state["elapsed"] = round(time.monotonic() - self._begun, 1)
        state = dict(self.state)
        if not (view or self.over):
            del state["view"]
        self.owner.send(message(self.identity, self.subject["element"], self.protocol, state))


def message(identity, element, protocol, state):
    """What the page is told of one run."""
    known = reference_values(element).get("melting_point", {})
    return {
        "type": "melting",
        "id": identity,
        "protocol": protocol,
        **state,
        "known": {key: known.get(key) for key in ("pbe", "experiment")},
    }
