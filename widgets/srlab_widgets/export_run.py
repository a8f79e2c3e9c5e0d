"""Exports that take seconds, for the dashboard: in a process of their own, with their progress on the page, and a button that ends them."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

from srlab.errors import InputError


class Exports:
    """One export at a time.

    Parameters
    ----------
    send : function that sends one message (a dict) and, if any, its buffers to the browser; called from a thread.
    command : how to start the worker; the file for its result follows.
    """

    def __init__(self, send, command=(sys.executable, "-m", "srlab_widgets.export_worker")):
        self.send, self.command = send, command
        self._lock, self._process, self._cancelled, self._busy = threading.Lock(), None, False, False

    def start(self, row, to, element):
        """Begin to export a candidate (a dict from the journal). Raises InputError while another export is under way."""
        with self._lock:
            if self._busy:
                raise InputError("an export is under way: wait for it or cancel it")
            self._busy, self._cancelled = True, False
        threading.Thread(target=self._run, args=(row, to, element), name="srlab-export", daemon=True).start()

    def cancel(self):
        """End the export under way, if any; the page is told."""
        with self._lock:
            self._cancelled = True
            if self._process:
                self._process.kill()

    def _run(self, row, to, element):
        identity = str(row["id"])
        try:
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "export"
                last = self._work({"row": row, "to": to, "element": element}, identity, file)
                data = file.read_bytes() if "name" in last else None
        except Exception as error:  # a thread's traceback lands in somebody else's cell
            last = {"error": f"the export failed: {type(error).__name__}: {error}"}
        with self._lock:
            self._busy, self._process = False, None  # before the page hears of the end, and may ask for the next
        if self._cancelled:
            self._say(f"The export of {identity} was cancelled; nothing was saved.")
        elif "error" in last:
            self._say(last["error"], ok=False)
        else:
            self.send(
                {"type": "file", "about": "export", "name": last["name"], "ok": True, "text": last["text"]}, [data]
            )

    def _work(self, request, identity, file):
        """The worker's last line, as a dict."""
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "PYTHONIOENCODING": "utf-8",
        }
        last = {}
        self._say(f"Exporting {identity} …", busy=True)
        with tempfile.TemporaryFile() as log:
            with self._lock:
                if self._cancelled:
                    return last
                self._process = process = subprocess.Popen(
                    [*self.command, str(file)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=environment,
                    encoding="utf-8",
                    start_new_session=True,
                )
            try:
                with process:
                    process.stdin.write(json.dumps(request) + "\n")
                    process.stdin.flush()
                    for line in process.stdout:
                        last = json.loads(line)
                        if "doing" in last:
                            self._say(f"Exporting {identity}: {last['doing']} …", busy=True)
            except (BrokenPipeError, json.JSONDecodeError):
                pass  # it ended before it was done: its own words say why
            if not {"name", "error"} & last.keys():
                log.seek(0)
                words = log.read().decode(errors="replace").strip().splitlines() or [
                    f"it ended with code {process.returncode}"
                ]
                last = {"error": f"the export failed: {words[-1]}"}
        return last

    def _say(self, text, ok=True, busy=False):
        self.send(
            {
                "type": "notice",
                "about": "export",
                "ok": ok,
                "text": text,
                "stay": busy,
                "cancel": "cancel-export" if busy else None,
            }
        )
