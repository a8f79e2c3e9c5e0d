"""What a search of one tree and one of several islands have in common while they run: a clock that stops in pauses,
a journal, and who watches it being written."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import Any, Protocol

from srlab.errors import InputError
from srlab.runs import events
from srlab.runs.attendance import Attendance, in_words

IDLE_LIMIT = 3600.0  # seconds paused before the worker ends
START_LIMIT = 60.0  # seconds that the start of the workers takes from nothing; the rest of a longer one is search


class SearchFolder(Protocol):
    """Where a search reads its commands and writes its events: a run folder, or what stands in for one."""

    def inbox(self) -> Any:
        """What gives the commands that came, by `read()`."""

    def writer(self) -> Any:
        """What events are appended to."""


class SearchLifecycle:
    """folder : of the run; watch : called with every event as it is written; state : running or paused, at the end
    how it ended; elapsed : seconds of search so far, pauses not counted, nor the start of the workers while `starting`;
    pool : its workers, once there are any; begun : whether the run was searched in before. Who inherits has
    `_finish()`, which writes how it ended."""

    def __init__(self, folder, settings, watch=None, begun: bool = True):
        self.folder, self.settings = folder, settings
        self.watch = watch or (lambda event: None)
        # message : why it rests, where nobody told it to
        self.state, self.stop_reason, self.message = "running", None, ""
        self.elapsed, self.starting, self._start, self._clock, self._paused_since = 0.0, False, 0.0, None, None
        # who watches the events themselves needs no page
        self.attendance = Attendance(folder, begun) if watch is None else None
        self.writer = folder.writer()
        self.pool: Any = None  # of its workers, once it has begun

    def _time(self) -> float:
        if self._clock is not None:
            now = time.monotonic()
            if self.starting:
                self._start += now - self._clock
                self.starting = self._start < START_LIMIT
            elif self.state != "paused":
                self.elapsed += now - self._clock
            self._clock = now
        return self.elapsed

    def _write(self, event: events.Event) -> None:
        event.t = round(self._time(), 3)
        self.writer.append(event)
        self.watch(event)

    @contextmanager
    def _living(self):
        """What is done inside is the life of the search: however it ends, the journal says how, and workers and
        journal are closed."""
        self._clock = time.monotonic()
        try:
            yield
        except KeyboardInterrupt:
            self.stop_reason = "stopped"
            raise
        except Exception as error:
            self.stop_reason = "died"
            self._report(
                f"the search ended: {error}" if isinstance(error, InputError) else f"the search failed: {error!r}"
            )
            raise
        finally:
            self._finish()
            if self.pool:
                self._dismiss()
            self.writer.close()

    def _dismiss(self) -> None:
        """Let the workers go, those that are still at something when it is done."""
        self.pool.close()

    def _rest(self) -> None:
        """Pause once nobody has looked for the idle limit at what somebody has looked at before; end what has long
        been paused."""
        limit = self.settings.idle_limit
        if (
            self.attendance
            and limit is not None
            and self.state == "running"
            and (self.attendance.seconds() or 0.0) > limit
        ):
            self._time()  # up to here the clock ran
            self.state, self.message = (
                "paused",
                f"Paused, because no page has shown this search for {in_words(limit)}. Resume goes on; a search with "
                "idle_limit=None never waits.",
            )
        if self.state != "paused":
            self._paused_since = None
        elif self._paused_since is None:
            self._paused_since = time.monotonic()
        elif time.monotonic() - self._paused_since > IDLE_LIMIT:
            self.stop_reason, self.message = (
                "stopped",
                "Stopped after an hour of pause, to free its memory. Resume goes on from here.",
            )

    def _wake(self) -> None:
        """Somebody has just said that it is to go on."""
        self.message = ""
        if self.attendance:
            self.attendance.seen()

    def _report(self, message: str) -> None:
        try:
            self._write(events.Error(message=message))
        except InputError:
            pass  # the disk is full: the terminal or worker.log has it
