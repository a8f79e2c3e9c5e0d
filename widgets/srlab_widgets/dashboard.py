"""The dashboard: a page over one search, from which other runs are reached, with other widgets in panels of its own."""

import threading

import ipywidgets
import traitlets

from srlab.errors import InputError
from srlab.potentials.lattices import STRUCTURES
from srlab.runs.catalogue import Catalogue, delete_run, stop_run
from srlab.runs.notes import write_note
from srlab.validation.structures import shown_properties

from .fold import finite
from .interface import interface_view
from .page import from_here
from .search_page import FORKS, SearchPage
from .side_by_side import SideBySide
from .structure_run import Relaxer
from .structure_view import StructureView
from .validation_panel import subject_of
from .validation_worker import potential


class Dashboard(SearchPage):
    """Watch and steer a search in Jupyter.

    Put it last in a cell, or `display` it. The tree, the Pareto front and the equations follow the run's journal
    while the worker writes it; buttons and sliders send the worker commands. The cell's saved output also holds a
    picture of the last state, for readers without a kernel.

    Parameters
    ----------
    search : srlab.Search
        Running, not yet started (the dashboard then shows a Start button), or ended.
    forks : int
        How many forks that this page asked for may search at the same time.
    runs : bool
        Whether the page may list the runs beside this one, open, compare, stop and delete them. An app that several
        people visit should not.

    Attributes
    ----------
    search : srlab.Search
        What is shown; another one once a fork or another run was opened on the page.
    selected : str
        Id of the candidate that is selected in the browser, "" for none; setting it selects.
    picked : bool
        Whether a person selected it; until then the page follows the best candidate.
    columns : tuple of str
        Properties that the table of candidates shows beside the errors; see `srlab.validation.columns`.
    guests : dict
        Other widgets that the page shows in panels of its own: residuals, structure, interface and compare.
    """

    guests = traitlets.Dict(value_trait=traitlets.Instance(ipywidgets.Widget)).tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _slow = {
        **SearchPage._slow,
        "runs": "_list_runs",
        "end": "_end_run",
        "delete": "_delete_run",
        "note": "_note",
        "compare": "_compare_runs",
        "residuals": "_residuals",
        "interface": "_interface",
        "structure": "_structure",
        "dismiss": "_dismiss",
    }

    def __init__(self, search, *, forks=FORKS, runs=True):
        self._may_list, self._relaxer, self._seats = runs, Relaxer(), threading.Lock()
        super().__init__(search, forks=forks)

    def _follow(self, search):
        super()._follow(search)
        self._catalogue = Catalogue(self._folder.path.parent)
        shown = sorted({name for structure in STRUCTURES for name in shown_properties(structure)})
        self.fold.settings.update(structures=shown)

    def _leave(self):
        super()._leave()
        self._relaxer.cancel()
        for slot in list(self.guests):
            self._seat(slot, None)

    def _receive(self, widget, message, buffers):
        if message.get("type") == "cancel-structure":
            self._relaxer.cancel()
        else:
            super()._receive(widget, message, buffers)

    def _controls(self):
        return [*super()._controls(), *(["runs"] if self._may_list else [])]

    # -- other runs --------------------------------------------------------------------------------------------------

    def _list_runs(self, _=None):
        self._need_runs()
        rows = []
        for run in self._catalogue.runs():
            name = run.path.relative_to(self._catalogue.folder).as_posix()
            rows.append({**run.to_json(), "name": name, "here": run.path == self._folder.path})
        self.send(finite({"type": "runs", "folder": from_here(self._catalogue.folder), "rows": rows}))

    def _find(self, name):
        """As for any page, and the runs that this one may list."""
        if self._may_list and self._forked_run(name) is None:
            return self._catalogue.find(name)
        return super()._find(name)

    def _need_runs(self):
        if not self._may_list:
            raise InputError("this page shows no other runs")

    def _open(self, message):
        super()._open(message)
        if self._may_list:
            self._list_runs()

    def _end_run(self, message):
        run = self._find(message.get("run"))
        stop_run(run)
        return f"{run.name} was told to stop; its results stay."

    def _delete_run(self, message):
        self._need_runs()
        run = self._find(message.get("run"))
        if run == self._folder.path:
            raise InputError(f"{run.name} is shown here: open another run first")
        delete_run(run)
        self._list_runs()
        return f"{run.name} is deleted."

    def _note(self, message):
        self._need_runs()
        write_note(self._find(message.get("run")), message.get("text", ""))

    def _compare_runs(self, message):
        names = message.get("runs") or ()
        if len(names) != 2:
            raise InputError("choose two runs to compare")
        self._need_runs()
        self._seat("compare", SideBySide(*(self._find(name) for name in names)))

    # -- widgets in panels of the page -------------------------------------------------------------------------------

    def _seat(self, slot, guest):
        """Show a widget in a panel of the page, None for none; the one that was there is closed."""
        with self._seats:  # two messages may be answered at the same time
            before = self.guests.get(slot)
            self.guests = {
                **{name: each for name, each in self.guests.items() if name != slot},
                **({slot: guest} if guest else {}),
            }
        if before is not None:
            _close(before)

    def _residuals(self, _):
        from .residual_view import ResidualView

        self._seat("residuals", ResidualView(self))

    def _interface(self, _):
        self._seat("interface", interface_view(self))

    def _structure(self, message):
        with self._publisher.lock:
            row, element = self.fold.candidates.get(str(message.get("id"))), self.fold.run.get("element")
            settings = dict(self.fold.settings)
        if row is None:
            raise InputError("choose a candidate first: click a point of the front or a row of the table")
        subject, name = subject_of(row, element, settings), str(message.get("name"))
        atoms = self._relaxer.relax(subject, name)
        if atoms is None:
            return "The relaxation was cancelled."
        self._seat("structure", StructureView(potential(subject), name, atoms))
        return ""

    def _dismiss(self, message):
        self._seat(str(message.get("slot")), None)


def _close(widget):
    """Close a widget and those inside it, which a box leaves open: every page that is loaded would get them again."""
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
