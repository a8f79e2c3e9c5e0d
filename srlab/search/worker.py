"""The process a search runs in: ``python -m srlab.search.worker RUN [BUDGET]`` begins or continues the run of a folder.

BUDGET is a JSON object with seconds or evaluations to replace those of the journal.
"""

from __future__ import annotations

import json
import sys

from srlab.errors import InputError
from srlab.runs.folder import RunFolder
from srlab.runs.view import RunView
from srlab.search.driver import Driver
from srlab.search.islands.island_search import continue_islands, is_islands
from srlab.search.replay import Script
from srlab.search.resume import settings_of, spent
from srlab.workers.process import ends


def continue_run(path, watch=None, budget: dict | None = None) -> None:
    """Begin or continue the search of a run folder, of one tree or on islands, in this process, until its budget is
    spent.

    watch : called with every event as it is written. budget : seconds or evaluations to replace those of the journal.
    Raises InputError where there is no run, it is in use, its budget is spent, or its data have changed.
    """
    folder = RunFolder(path)
    known = RunView(folder.events())
    settings = settings_of(known).steered(budget or {})
    folder.lock()
    try:
        folder.begun()
        script = Script.of(known)
        if spent(known, settings) or known.concluded and script is not None and script.over(known.playouts, "running"):
            raise InputError(
                f"{path} has spent its budget: give more with --seconds or --evaluations (counted from the beginning)"
            )
        if is_islands(known.start):
            continue_islands(folder, known, settings, watch, budget)
            return
        driver = Driver(folder, folder.dataset(known.start), settings, known, watch, script=script)
        if budget:
            driver.record_budget(budget)
        driver.run()
    finally:
        folder.unlock()


if __name__ == "__main__":
    sys.exit(ends(lambda: continue_run(sys.argv[1], budget=json.loads(sys.argv[2]) if len(sys.argv) > 2 else None)))
