"""`Child`: a process that srlab starts for itself, watches, and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def module(name: str, *arguments) -> list[str]:
    """The command that runs a module with this Python."""
    return [sys.executable, "-m", name, *map(str, arguments)]


class Child:
    """One process of ours.

    Parameters
    ----------
    command : what to run, see `module`.
    log : file to which all it prints is added; without one, what it says on stderr is kept until its end.
    outlives : whether it goes on when this process ends. Where not, it ends, too: its standard input comes to its end,
        for which `srlab.workers.process.end_with_input` waits.
    limit : seconds after which it is ended, None for never.
    """

    def __init__(
        self, command: Sequence[str], log: Path | None = None, outlives: bool = False, limit: float | None = None
    ):
        self.command, self.log, self.outlives, self.limit = list(command), log, outlives, limit
        self.cancelled = self.late = False
        self._lock = threading.Lock()
        self._process: subprocess.Popen = None
        self._said: IO[bytes] = None

    def start(self, stdout: int | None = None) -> Child:
        """Begin, unless it was cancelled before; returns at once."""
        with self._lock:
            if self.cancelled:
                return self
            self._said = open(self.log, "ab") if self.log else tempfile.TemporaryFile()
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL if self.outlives else subprocess.PIPE,
                stdout=self._said if stdout is None else stdout,
                stderr=self._said,
                env={**os.environ, **ONE_THREAD, "PYTHONIOENCODING": "utf-8"},
                start_new_session=True,  # a terminal's Ctrl-C is ours to deal with
            )
            if self.log:
                self._said.close()
        return self

    def ask(self, request: dict) -> Iterator[dict]:
        """Start it, give it a JSON object, and yield the JSON objects that it answers with, as they come. It has
        ended when they have."""
        self.start(subprocess.PIPE)
        if self._process is None:
            return
        timer = threading.Timer(self.limit, self._give_up) if self.limit else None
        if timer:
            timer.daemon = True
            timer.start()
        heard_out = False
        try:
            with suppress(BrokenPipeError):  # it ended before it could be asked: its own words say why
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                self._process.stdin.flush()
            for line in self._process.stdout:
                try:
                    answer = json.loads(line)
                except ValueError:
                    continue  # half a line of a process that was ended
                yield answer
            heard_out = True
        finally:
            if not heard_out:  # nobody listens any more
                self._kill()
            self.wait()
            if timer:
                timer.cancel()
            self._process.stdout.close()

    def _give_up(self) -> None:
        self.late = True
        self._kill()

    def cancel(self) -> None:
        """End it at once, and what it started; or never begin."""
        with self._lock:
            self.cancelled = True
            self._kill()

    def _kill(self) -> None:
        if not self.running:
            return
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    @property
    def begun(self) -> bool:
        """Whether it was started."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for its end, or `timeout` seconds. Whether it has ended."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        return True

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll()

    @property
    def failure(self) -> str | None:
        """Why it ended, in a few words; None while it runs, where it came to its end, or where it was cancelled."""
        if self.late:
            return f"it took longer than {self.limit:.0f} s and was ended"
        if self._process is None or self.running or self.cancelled or not self._process.returncode:
            return None
        return self._last_line() or f"it ended with code {self._process.returncode}"

    def _last_line(self) -> str:
        if self.log:
            said = self.log.read_bytes()
        else:
            self._said.seek(0)
            said = self._said.read()
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""
