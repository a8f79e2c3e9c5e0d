"""Whether somebody still looks at a run: a page that was closed must not leave a worker behind that burns a laptop,
or a guest's share of Binder."""

from __future__ import annotations

import time


class Attendance:
    """How long nobody has looked at the run of a folder.

    Only looks since this object was made count: a run without a page, and one that goes on in a terminal, is never
    unattended. The time is this process's own, so that neither another machine's clock nor the sleep of a laptop
    counts.

    begun : whether the run was searched in before; of one that was not, as a fork that was asked for on a page, an
    earlier look counts from now.
    """

    def __init__(self, folder, begun: bool = True):
        self.folder = folder
        self._last, self._since = folder.attended() if begun else None, None

    def seconds(self) -> float | None:
        """Seconds without a look, None while there was none at all."""
        looked = self.folder.attended()
        if looked != self._last and looked is not None:
            self._last, self._since = looked, time.monotonic()
        return None if self._since is None else time.monotonic() - self._since

    def seen(self) -> None:
        """Somebody has just shown that he or she is there."""
        if self._since is not None:
            self._since = time.monotonic()


def in_words(seconds: float) -> str:
    """90 seconds, 30 minutes, 2 hours."""
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size or seconds == size:
            count = f"{seconds / size:.3g}"
            return f"{count} {unit}{'' if count == '1' else 's'}"
    return f"{seconds:.3g} seconds"
