"""The process a search runs in: ``python -m srlab.search.worker RUN [BUDGET]`` begins or continues the run of a folder.

BUDGET is a JSON object with seconds or evaluations to replace those of the journal.
"""

from __future__ import annotations

import json
import sys

from srlab.errors import InputError
from srlab.runs.folder import RunFolder
from srlab.search.settings import SearchSettings
from srlab.workers.process import ends


def continue_run(path, watch=None, budget: dict | None = None) -> None:
    """Begin or continue the search, or the forest, of a run folder in this process, until its budget is spent.

    watch : called with every event as it is written. budget : seconds or evaluations to replace those of the journal.
    Raises InputError where there is no run, it is in use, or its data have changed.
    """
    from srlab.search.driver import Driver
    from srlab.search.islands.islands import grow, is_forest, spent
    from srlab.search.replay import Script

    folder = RunFolder(path)
    events = folder.events()
    if not events or events[0].get("event") != "start":
        raise InputError(f"the journal of {path} does not begin with a start event: it is damaged")
    settings = SearchSettings.from_json(events[0]["settings"])
    for event in events:
        if event.get("event") == "command" and event["command"].get("name") == "set":
            settings = settings.steered({key: value for key, value in event["command"].items() if key != "name"})
    settings = settings.steered(budget or {})
    folder.lock()
    try:
        folder.begun()
        over = f"{path} has spent its budget: give more with --seconds or --evaluations (counted from the beginning)"
        if is_forest(events[0]):
            if len(events) > 1 and spent(events, settings):
                raise InputError(over)
            return grow(folder, events, settings, watch, budget)
        driver = Driver(folder, folder.dataset(events[0]), settings, events[1:], watch, script=Script.of(events))
        if len(events) > 1 and driver._done():
            raise InputError(over)
        if budget:
            driver._write(
                "command", command={"name": "set", **budget}, playouts=driver.playouts
            )  # so that a resumed run that is killed knows its budget
        driver.run()
    finally:
        folder.unlock()


if __name__ == "__main__":
    sys.exit(ends(lambda: continue_run(sys.argv[1], budget=json.loads(sys.argv[2]) if len(sys.argv) > 2 else None)))
