"""Tests wait for what they need, and fail when it does not come; none waits for time to pass."""

import time

from srlab.runs import commands, events
from srlab.search.driver import Driver

PATIENCE = 300.0  # seconds: a busy machine is no failure


def wait_until(condition, seconds=PATIENCE, every=0.02):
    """Look at `condition()` every so many seconds until it is true, and return what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"it did not happen within {seconds:g} s"
        time.sleep(every)
    return found


def more_words(search, count=2):
    """Wait until a running search has written so many status events more: whatever it does, it had the time to do
    it."""
    reader = search.folder.reader()
    reader.read()
    said = []

    def enough():
        said.extend(event for event in reader.read() if event.kind == "status")
        return len(said) >= count

    wait_until(enough)


def search_until(search, dataset, enough):
    """Run a search in this process until `enough(candidate)`, of a candidate as the journal has it, or until its budget
    is spent. It ends as with a spent budget: the published forms are all there."""

    def watch(event):
        if isinstance(event, events.Candidate) and enough(event.candidate):
            commands.send(search.run, "set", evaluations=1)

    Driver(search.folder, dataset, search.settings, watch=watch).run()
    search.refresh()
    return search
