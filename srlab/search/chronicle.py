"""What a search and a forest have in common while they run: a clock that stops in pauses, a journal, and who watches it being written."""

from __future__ import annotations

import time

from ..errors import InputError


class Chronicle:
    """folder : of the run; watch : called with every event as it is written; state : running or paused, at the end how it ended;
    elapsed : seconds of search so far, pauses not counted."""

    def __init__(self, folder, settings, watch=None):
        self.folder, self.settings = folder, settings
        self.watch = watch or (lambda event: None)
        self.state, self.stop_reason, self.message = "running", None, ""  # message : why it rests, where nobody told it to
        self.elapsed, self._clock = 0.0, None
        self.writer = folder.writer()

    def _time(self) -> float:
        if self._clock is not None:
            now = time.monotonic()
            if self.state != "paused":
                self.elapsed += now - self._clock
            self._clock = now
        return self.elapsed

    def _write(self, event: str, **fields) -> None:
        record = {"event": event, "t": round(self._time(), 3), **fields}
        self.writer.append(record)
        self.watch(record)

    def _report(self, message: str) -> None:
        try:
            self._write("error", message=message)
        except InputError:
            pass  # the disk is full: the terminal or worker.log has it
