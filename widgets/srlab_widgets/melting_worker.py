"""The process that melts a candidate for the dashboard: ``python -m srlab_widgets.melting_worker``.

It reads one request, a line of JSON, and writes lines of JSON while the molecular dynamics goes on; to cancel it, kill
its process group.
"""

import sys
import time
from importlib import import_module
from pathlib import Path

from srlab.errors import InputError, MissingExtra
from srlab.validation import relaxed
from srlab.validation.dynamics.md_runs import read_log, records, view_of
from srlab.workers.process import answer

from .fold import finite
from .validation_worker import potential

PROTOCOLS = {"coexistence": "melting", "solid-amorphous": "solid_amorphous"}
"""Module of `srlab.validation`, and function of the same name in it."""
FIELDS = ("t", "T", "H", "solid", "profile")
BETWEEN = 0.7
"""Seconds between two looks at the runs: the page draws every one of them."""


class Watch:
    """Reports what is new in a folder of runs: lines {runs}, {view} and {stage}; see
    `srlab.validation.dynamics.md_runs`."""

    def __init__(self, folder, tell):
        self.folder, self.tell = Path(folder), tell
        self._counts, self._view, self._stage, self._last = {}, None, None, 0.0

    def __call__(self, text=""):
        """The `tick` of the runs. text : what they say of their progress."""
        if time.monotonic() - self._last >= BETWEEN:
            self.look(text)

    def look(self, text=""):
        """Report what has changed since the last look."""
        self._last = time.monotonic()
        runs = runs_in(self.folder)
        counts = {name: len(run["t"]) for name, run in runs.items()}
        if counts != self._counts:
            self._counts = counts
            self.tell(runs=runs)
        view = view_of(self.folder)
        if view and view != self._view:
            self._view = view
            self.tell(view=view)
        stage = view["text"] if view and view["text"] and text.endswith("preparing") else text.partition(": ")[2]
        if stage and stage != self._stage:
            self._stage = stage
            self.tell(stage=stage)


def runs_in(folder):
    """name -> {start (K), ps, rate (K/ps), outcome (word or None), and t (ps), T (K), H (eV/atom), solid, profile as
    lists}, in the order of starting."""
    found = {}
    for path in sorted(Path(folder).glob("*.jsonl"), key=lambda p: (len(p.stem), p.stem)):
        log = read_log(path)
        if not log:
            continue
        rows = [row for row in records(log) if "t" in row]
        about = {key: log[0].get(key) for key in ("temperature", "ps", "rate")}
        found[path.stem] = {
            "start": about["temperature"],
            "ps": about["ps"],
            "rate": about["rate"],
            "outcome": log[-1].get("outcome"),
            **{field: [row[field] for row in rows] for field in FIELDS},
        }
    return found


def melt(request, send):
    """Answer one request, {"subject", "protocol", "folder"}."""

    def tell(**line):
        send(**finite(line))

    name = PROTOCOLS[request["protocol"]]
    watch = Watch(request["folder"], tell)
    tell(stage="relaxing the crystal")
    try:
        crystal = relaxed(potential(request["subject"]))
        found = getattr(import_module(f"srlab.validation.dynamics.{name}"), name)(
            crystal, quick=True, tick=watch, folder=request["folder"]
        )
    except (InputError, MissingExtra) as error:
        watch.look()
        return tell(error=str(error))
    watch.look()
    ((quantity, value),) = found["values"].items()
    tell(
        result={
            "quantity": quantity,
            "value": value,
            "unit": "K",
            "standard_error": found.get("standard_errors", {}).get(quantity),
            "warning": found["warnings"].get(quantity),
            "atoms": found["protocol"]["atoms"],
            "cutoff": found["protocol"]["cutoff"],
        }
    )


if __name__ == "__main__":
    sys.exit(answer(melt))
