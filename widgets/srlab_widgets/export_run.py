"""Exports that take seconds, for the dashboard: in a process of their own, with their progress on the page, and a
button that ends them."""

import pathlib
import tempfile
import threading

from srlab.errors import InputError
from srlab.workers.child import Child, module

WORKER = module("srlab_widgets.export_worker")


class Exports:
    """One export at a time.

    Parameters
    ----------
    send : function that sends one message (a dict) and, if any, its buffers to the browser; called from a thread.
    command : how to start the worker; the file for its result follows.
    """

    def __init__(self, send, command=WORKER):
        self.send, self.command = send, command
        self._lock, self._child = threading.Lock(), None

    def start(self, row, to, element):
        """Begin to export a candidate (a dict from the journal). Raises InputError while another export is under
        way."""
        with self._lock:
            if self._child:
                raise InputError("an export is under way: wait for it or cancel it")
            folder = tempfile.TemporaryDirectory()
            file = pathlib.Path(folder.name) / "export"
            self._child = child = Child([*self.command, str(file)])
        request = {"row": row, "to": to, "element": element}
        threading.Thread(
            target=self._run, args=(child, request, folder, file), name="srlab-export", daemon=True
        ).start()

    def cancel(self):
        """End the export under way, if any; the page is told."""
        with self._lock:
            if self._child:
                self._child.cancel()

    def _run(self, child, request, folder, file):
        identity = str(request["row"]["id"])
        try:
            with folder:
                last = self._work(child, request, identity)
                data = file.read_bytes() if "name" in last else None
        except Exception as error:  # a thread's traceback lands in somebody else's cell
            last = {"error": f"the export failed: {type(error).__name__}: {error}"}
        with self._lock:
            self._child = None  # before the page hears of the end, and may ask for the next
        if child.cancelled:
            self._say(f"The export of {identity} was cancelled; nothing was saved.")
        elif "error" in last:
            self._say(last["error"], ok=False)
        else:
            self.send(
                {"type": "file", "about": "export", "name": last["name"], "ok": True, "text": last["text"]}, [data]
            )

    def _work(self, child, request, identity):
        """The worker's last line, as a dict."""
        last = {}
        self._say(f"Exporting {identity} …", busy=True)
        for last in child.ask(request):
            if "doing" in last:
                self._say(f"Exporting {identity}: {last['doing']} …", busy=True)
        if not {"name", "error"} & last.keys():
            last = {"error": f"the export failed: {child.failure or 'it ended before it was done'}"}
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
