"""The thread that brings a run's news to the browser.

At most `rate` patches a second, and none while the browser still owes its word that one is drawn: a slow page gets
fewer and larger patches instead of a queue. A quick page is asked for its word only now and then, because JupyterLab
shows each message to the kernel in its toolbars, and redrawing these costs more than the patch. Drawing takes the
processors that the search is using, so the thread keeps quiet for some times as long as the page was busy; only what a
person asks for is followed closely. Python holds the truth; a page that says "ready" gets all of it.
"""

import threading
import time

from srlab.runs.view import ENDED

QUIET = 5.0  # times what the page needed for the last patch it was asked about
TRUSTED = 4, 0.25  # one patch of so many is asked about, once the page needed less than so many seconds for one
LONGEST = 0.8  # seconds between two looks at a live search: a pause must show within one
CLOSELY = 0.1, 2.0  # seconds between two looks, and for how long, after a person has done something


class Publisher:
    """Reads a journal, folds it, sends patches.

    Parameters
    ----------
    fold : `srlab_widgets.fold.Fold`.
    read : function that returns the events written since it was last called.
    send : function that sends one message (a dict) to the browser; may be called from the publisher's thread.
    state : function that returns the state of the search.
    typeset : function that gives the LaTeX of a candidate's formulas.
    settled : called from the publisher's thread whenever the search comes to rest (paused or ended).
    rate : patches per second, at most.
    patience : seconds after which an acknowledgement is taken as lost.
    """

    def __init__(
        self, fold, read, send, state, typeset=lambda thing: None, settled=lambda: None, rate=2.0, patience=4.0
    ):
        self.fold, self.read, self.send, self.state = fold, read, send, state
        self.typeset, self.settled, self.rate, self.patience = typeset, settled, rate, patience
        self.lock = threading.RLock()
        # seconds from sending a patch to its acknowledgement, of the newest 1000 that were asked about
        self.delays = []
        self.error = None
        self._sequence, self._flying, self._ready, self._asked = 0, None, False, float("-inf")
        self._trust = 0  # patches until the page is asked again
        self._rested, self._wake, self._closed, self._thread = None, threading.Event(), False, None

    def start(self):
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="srlab-dashboard", daemon=True)
        self._thread.start()

    def close(self):
        """End the thread for good."""
        self._closed = True
        self._wake.set()

    @property
    def connected(self):
        """Whether a page has said that it is there."""
        return self._ready

    def nudge(self):
        """Look at the journal now, and closely for a while, because a command was just given."""
        self._asked = time.monotonic()
        self._wake.set()

    def pace(self):
        """Seconds until the next look at the journal of a live search."""
        often, long = CLOSELY
        if time.monotonic() - self._asked < long:
            return often
        return min(LONGEST, max(1.0 / self.rate, QUIET * self.delays[-1] if self.delays else 0.0))

    def ready(self):
        """A page has (re)connected: send it everything."""
        with self.lock:
            self._take()
            self._ready = True
            self._dispatch(self.fold.reset(self.typeset))

    def acknowledged(self, sequence):
        """The page has drawn patch `sequence`."""
        with self.lock:
            if self._flying and self._flying[0] == sequence:
                delay, (every, quick) = time.monotonic() - self._flying[1], TRUSTED
                self.delays = [*self.delays[-999:], delay]
                self._flying, self._trust = None, every - 1 if delay < quick else 0

    def tick(self):
        """One round: read, fold, send if allowed. Returns True while there is more to come."""
        with self.lock:
            if self._closed:
                return False
            self._take()
            late = self._flying and time.monotonic() - self._flying[1] > self.patience
            if self._ready and self.fold.dirty and (self._flying is None or late):
                self._dispatch(self.fold.patch(self.typeset))
            state, pending = self.fold.status["state"], self.fold.dirty and self._ready
        resting = state in ("paused", *ENDED)
        if resting and self._rested != state:
            self.settled()
        self._rested = state if resting else None
        return state not in ENDED or pending

    def _take(self):
        events = self.read()
        self.fold.add(events)
        if not events:  # the journal is read to its end, so the process's word is the later one
            self.fold.set_state(self.state())

    def _dispatch(self, message):
        self._sequence += 1
        asked = message["type"] == "reset" or self._trust == 0
        if asked:
            self._flying, self._trust = (self._sequence, time.monotonic()), 0
        else:
            self._flying, self._trust = None, self._trust - 1
        self.send({**message, "seq": self._sequence, "ask": asked})

    def _run(self):
        live = True
        while not self._closed:
            try:
                live = self.tick()
            except Exception as error:  # a print from a thread lands in somebody else's cell: keep it for the caller
                self.error = error
            self._wake.wait(self.pace() if live else 1.0)  # an ended search may be taken up again
            self._wake.clear()
