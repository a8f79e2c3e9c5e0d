"""The progress line of a search: how far, how fast, and the best candidate so far."""

import sys
import time

from srlab.cli.output import console, note
from srlab.cli.tables import number
from srlab.runs import events
from srlab.runs.view import RunView


class SearchProgress:
    """Follows the events of a search; shows them on stderr where that is a terminal.

    view : RunView of everything in the journal so far; `watch` folds each new event into it.
    """

    def __init__(self, journal=()):
        self.view = RunView(journal)
        self._bar = self._task = None
        self._shown = 0.0

    def __enter__(self):
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        if sys.stderr.isatty():
            terminal = console(stderr=True)
            bar = (
                [BarColumn(bar_width=16)] if terminal.width >= 110 else []
            )  # on a narrow terminal the words need its room
            self._bar = Progress(
                SpinnerColumn(),
                *bar,
                TextColumn("{task.description}", markup=False),
                console=terminal,
                transient=True,
                refresh_per_second=4,
            )
            self._task = self._bar.add_task("beginning", total=None)
            self._bar.start()
        return self

    def __exit__(self, *error):
        if self._bar:
            self._bar.stop()

    def watch(self, event: events.Event) -> None:
        """Take one event."""
        self.view.apply(event)
        if isinstance(event, events.Error):
            (self._bar.console.print if self._bar else note)(f"note: {event.message}")
        elif self._bar and isinstance(event, (events.Status, events.Front)) and time.monotonic() - self._shown > 0.2:
            self._shown = time.monotonic()
            self._bar.update(self._task, completed=self.fraction, total=1.0, description=self.describe())

    @property
    def fraction(self) -> float | None:
        """Share of the budget that is spent, of the tighter one where there are two; None without a budget."""
        settings = self.view.settings
        spent = {"seconds": self.view.seconds, "evaluations": self.view.status["evaluations"]}
        shares = [spent[name] / settings[name] for name in spent if settings.get(name)]
        return min(1.0, max(shares)) if shares else None

    def describe(self) -> str:
        """Time, the errors of the candidate with the lowest loss, evaluations, nodes, rate: what matters most stands
        first, for a narrow terminal cuts the end."""
        status, front = self.view.status, self.view.front
        settings = self.view.settings
        if not self.view.seconds and status.get("message"):  # the workers are not there yet
            return status["message"]
        limit = f" of {settings['seconds']:g}" if settings.get("seconds") else ""
        count = f" of {settings['evaluations']:,}" if settings.get("evaluations") else ""
        parts = [f"{self.view.seconds:.0f}{limit} s"]
        if "round" in status:
            parts.append(f"round {status['round']}")
        if front:
            best = min(front, key=lambda candidate: candidate.loss)
            parts.append(f"{best.id}: {number(best.energy_mae)} meV/atom, {number(best.force_mae)} meV/A")
        parts += [
            f"{status['evaluations']:,}{count} evaluations",
            f"{status['nodes']} nodes",
            f"{status.get('rate', 0):,.0f}/s",
        ]
        return "  ".join(["paused"] * (status["state"] == "paused") + parts)
