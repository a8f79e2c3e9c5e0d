"""The dashboard: one widget over one search, or over two side by side."""

import os
import threading
import time
from pathlib import Path

import ipywidgets
import traitlets

from srlab.errors import InputError
from srlab.exports.front_table import front_text
from srlab.potentials.candidate import Candidate
from srlab.potentials.convexity import embedding_is_convex
from srlab.potentials.lattices import STRUCTURES
from srlab.runs.catalogue import Catalogue, delete_run, forks_of, stop_run
from srlab.runs.folder import DATA_FILE, RunFolder
from srlab.runs.notes import read_notes, write_note, write_tag
from srlab.search.search import Search
from srlab.templates import template_named
from srlab.validation.columns import GROUND_STATE, check_columns, column_values, label, offered, read_cards
from srlab.validation.scores import properties
from srlab.validation.structures import shown_properties

from . import compare, snapshot
from .curves import angles, compact, curves, limits, panels, shells
from .equations import copies, described, energy, typeset
from .export_run import Exports
from .fold import Fold, finite
from .interface import interface_view
from .melting_run import MeltingRuns
from .page import Page
from .publisher import Publisher
from .steering_words import cost_choices, on_screen, operator_words
from .structure_run import Relaxer
from .structure_view import StructureView
from .validation_panel import Validator, subject_of
from .validation_worker import potential

CONTROLS = {
    "start": "start",
    "pause": "pause",
    "resume": "resume",
    "stop": "stop",
    "step": "step",
    "set": "steer",
    "boost": "boost",
    "prune": "prune",
    "release": "release",
    "pin": "pin",
    "inject": "inject",
    "fork": "fork",
    "extend": "extend",
}

SLOW = {
    "fork": "_fork",
    "uncertain": "_uncertain",
    "runs": "_list_runs",
    "open": "_open",
    "end": "_end_run",
    "delete": "_delete_run",
    "note": "_note",
    "tag": "_tag",
    "extend": "_extend",
    "copy-table": "_copy_table",
    "compare": "_compare_runs",
    "residuals": "_residuals",
    "interface": "_interface",
    "structure": "_structure",
    "dismiss": "_dismiss",
}
"""Messages whose answer may take seconds, for it starts a process, or reads data or journals; they are not answered
on the thread that takes messages."""
FORKS = 4


class Dashboard(Page):
    """Watch and steer a search in Jupyter.

    Put it last in a cell, or `display` it. The tree, the Pareto front and the equations follow the run's journal
    while the
    worker writes it; buttons and sliders send the worker commands. The cell's saved output also holds a picture of
    the last state, for readers without a kernel.

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

    selected = traitlets.Unicode("").tag(sync=True)
    picked = traitlets.Bool(False).tag(sync=True)
    guests = traitlets.Dict(value_trait=traitlets.Instance(ipywidgets.Widget)).tag(
        sync=True, **ipywidgets.widget_serialization
    )

    def __init__(self, search, *, forks=FORKS, runs=True):
        super().__init__()
        self.forks, self._forked, self._may_list = forks, [], runs
        self.columns = ()
        self._exports = Exports(lambda message, buffers=None: self.send(message, buffers))
        self._relaxer, self._seats = Relaxer(), threading.Lock()
        self._follow(search)
        self.on_msg(self._receive)
        self._publisher.start()

    def _follow(self, search):
        """Begin with a search."""
        self.search, self.fold = search, Fold()
        self._details, self._attended = {}, float("-inf")
        # A reader of its own: the one in `search` belongs to the thread that runs the cells.
        self._folder = RunFolder(search.run)
        self._catalogue = Catalogue(self._folder.path.parent)
        template = template_named(search.settings.template)
        self.fold.settings.update(
            controls=self._controls(),
            all_operators=list(template.groups),
            operator_words=operator_words(template),
            cost_choices=cost_choices(template),
            templates=described(),
            panels=panels([template.required]),
            structures=sorted({name for structure in STRUCTURES for name in shown_properties(structure)}),
            folder=_from_here(search.run),
            tags=read_notes(search.run)["tags"],
        )
        self.fold.log += [self._fork_entry(*fork) for fork in forks_of(self._folder.path)]
        self._publisher = Publisher(
            self.fold, self._folder.reader().read, self.send, self._state, typeset, self._settled
        )
        data = self._folder.path / DATA_FILE
        self._validator = Validator(self._folder.path, self._validated, data if data.exists() else None)
        self._melting = MeltingRuns(self._folder.path, lambda message: self.send(message))

    @classmethod
    def attach(cls, run):
        """Dashboard of the run in folder `run`, live or ended. Raises InputError if there is no run."""
        return cls(Search.attach(run))

    @property
    def candidate(self):
        """The selected `srlab.Candidate`, or None."""
        with self._publisher.lock:
            row = self.fold.candidates.get(self.selected)
        return row and Candidate.from_json(row)

    @property
    def interface(self):
        """The atoms of the newest melting run, or None; see `srlab_widgets.interface_view`.

        They are as `srlab.validation.dynamics.md_session.show` writes them.
        """
        return self._melting.latest

    @property
    def element(self):
        """Chemical symbol of the run."""
        return self.fold.run.get("element")

    @property
    def delays(self):
        """Seconds from sending a patch to the browser's word that it is drawn, of the newest that asked for it."""
        return tuple(self._publisher.delays)

    def wait(self, timeout=None):
        """Wait until the search has ended, and bring the picture saved with the notebook up to date.

        Interrupting the cell leaves the search running.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most.

        Returns
        -------
        str
            The state of the search.
        """
        self.search.wait(timeout)
        self._publisher.tick()
        self._settled()
        return self.search.state

    def show(self, search):
        """Show another search in place of this one, which goes on; a validation or melting under way ends.

        search : srlab.Search, or the folder of a run. Raises InputError where there is no run.
        """
        if isinstance(search, (str, os.PathLike)):
            search = Search.attach(search)
        before = self._publisher
        with before.lock:  # or a patch of the old run could come after all of the new one
            for slot in list(self.guests):
                self._seat(slot, None)
            self._leave()
            self._follow(search)
        self.selected, self.picked = "", False
        self._publisher.start()
        if before.connected:
            self._publisher.ready()
            self._melting.tell()
            self._tell_cards()
        self._settled()

    def _leave(self):
        """Be done with the search."""
        self._publisher.close()
        self._validator.cancel()
        self._melting.cancel()
        self._relaxer.cancel()

    def close(self):
        """End the thread and remove the widget; the search goes on."""
        self._leave()
        self._exports.cancel()
        for guest in self.guests.values():
            _close(guest)
        super().close()

    # -- messages from the browser; they may arrive on any thread -----------------------------------------------------

    def _receive(self, _, message, buffers):
        kind = message.get("type")
        if kind == "ready":
            self._publisher.ready()
            self._melting.tell()
            self._tell_cards()
        elif kind == "columns":
            self._answer("columns", self._choose_columns, message)
        elif kind == "ack":
            self._publisher.acknowledged(message.get("seq"))
            self._attend()
        elif kind == "detail":
            self._detail(message.get("id"), message.get("against"))
        elif kind == "validate":
            self._validate(message.get("id"), message.get("against"), bool(message.get("modest")))
        elif kind == "cancel":
            self._validator.stop()
        elif kind == "melt":
            self._answer("melt", self._melt, message)
        elif kind == "export":
            self._answer("export", self._export, message)
        elif kind == "cancel-export":
            self._exports.cancel()
        elif kind == "cancel-melt":
            self._melting.cancel()
        elif kind == "cancel-structure":
            self._relaxer.cancel()
        elif kind == "command":
            self._answer("steer" if message.get("name") == "set" else "command", self._command, message)
        elif kind == "inject":
            self._answer("inject", self._inject, message)
        elif kind in SLOW:
            threading.Thread(target=self._answer, args=(kind, getattr(self, SLOW[kind]), message), daemon=True).start()

    def _attend(self):
        """A page shows the search: say so, once a second at most, or it would pause by itself (`idle_limit`)."""
        now = time.monotonic()
        if now - self._attended > 1.0 and hasattr(self.search, "attend"):
            self._attended = now
            self.search.attend()

    def _answer(self, about, act, message):
        """Do what was asked and tell the page how it went.

        act : function of the message; what it returns are the words or the fields of a notice, None says nothing.
        """
        try:
            said = act(message)
        except (InputError, ImportError) as error:
            self.send({"type": "notice", "about": about, "ok": False, "text": str(error)})
        except Exception as error:  # anything else would vanish in the server's log
            self.send({"type": "notice", "about": about, "ok": False, "text": f"{type(error).__name__}: {error}"})
        else:
            if said is not None:
                said = said if isinstance(said, dict) else {"text": said}
                self.send({"type": "notice", "about": about, "ok": True, **said})
        self._publisher.nudge()

    def _command(self, message):
        name = message.get("name")
        if name not in self._controls():
            raise InputError(f"this search takes no command {name!r}: it is over, or of an older version")
        act = getattr(self.search, CONTROLS.get(name, ""), None)
        if act is None or name in SLOW:
            raise InputError(f"{name!r} is no command")
        if name == "set":
            act(**message.get("settings", {}))
        elif name in ("boost", "prune", "release"):
            act(int(message["node"]))
        elif name == "pin":
            with self._publisher.lock:
                identity = self.fold.candidates[str(message["candidate"])]["id"]
            act(identity)
        else:
            act()

    def _inject(self, message):
        self.search.inject(message.get("text", ""))
        return "Taken: the worker fits it next, then it appears on the front or among the dominated."

    def _export(self, message):
        with self._publisher.lock:
            row, element = self.fold.candidates[str(message["id"])], self.fold.run.get("element")
        self._exports.start(row, message["to"], element)

    def _fork(self, message):
        searching = sum(forked.alive for forked in self._forked)
        if searching >= self.forks:
            raise InputError(
                f"{searching} fork{'s' if searching > 1 else ''} of this page, as many as it may have, "
                f"{'are' if searching > 1 else 'is'} searching: stop one first"
            )
        node = message.get("node")
        forked = self.search.fork(node=None if node is None else int(node))
        forked.attend()  # whoever asked for it looks at it, and it pauses when nobody comes back
        forked.start()
        self._forked.append(forked)
        with self._publisher.lock:
            self.fold.log.append(self._fork_entry(forked.run, forked.view.start))
        text = f"Forked into {forked.run.name}, which searches on its own; this search goes on."
        return {"text": text, "open": str(forked.run), "stay": True}

    def _fork_entry(self, run, start):
        """A fork as a line of the log; start : the first event of its journal."""
        node = start.get("forked_node")
        text = f"fork {run.name}" if node is None else f"fork {run.name}, from #{node}"
        return {"t": float(start.get("forked_at") or 0.0), "name": "fork", "text": text, "run": str(run)}

    def _extend(self, message):
        seconds = float(message["seconds"])
        self.search.extend(seconds=seconds)
        return f"The search goes on for {seconds:g} seconds more."

    # -- other runs
    # -----------------------------------------------------------------------------------------------------

    def _list_runs(self, _=None):
        self._need_runs()
        rows = []
        for run in self._catalogue.runs():
            name = run.path.relative_to(self._catalogue.folder).as_posix()
            rows.append({**run.to_json(), "name": name, "here": run.path == self._folder.path})
        self.send(finite({"type": "runs", "folder": _from_here(self._catalogue.folder), "rows": rows}))

    def _find(self, name):
        """Folder of a run that the page may name: a fork it asked for, or one of those it may list."""
        forked = next((forked.run for forked in self._forked if str(forked.run) == str(name)), None)
        if forked is None:
            self._need_runs()
        return forked or self._catalogue.find(name)

    def _need_runs(self):
        if not self._may_list:
            raise InputError("this page shows no other runs")

    def _open(self, message):
        self.show(self._find(message.get("run")))
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

    def _tag(self, message):
        with self._publisher.lock:
            known = str(message.get("candidate")) in self.fold.candidates
        if not known:
            raise InputError(f"there is no candidate {message.get('candidate')}")
        write_tag(self._folder.path, message["candidate"], message.get("text", ""))
        with self._publisher.lock:
            self.fold.set_tags(read_notes(self._folder.path)["tags"])

    def _compare_runs(self, message):
        names = message.get("runs") or ()
        if len(names) != 2:
            raise InputError("choose two runs to compare")
        self._need_runs()
        self._seat("compare", SideBySide(*(self._find(name) for name in names)))

    def _copy_table(self, message):
        with self._publisher.lock:
            rows = [self.fold.candidates[str(name)] for name in message["ids"] if str(name) in self.fold.candidates]
            references, tags = list(self.fold.references), dict(self.fold.settings.get("tags") or {})
        more = column_values([*rows, *references], read_cards(self._folder.path), self.columns)
        candidates = [Candidate.from_json(row) for row in rows]
        text = front_text(candidates, references, message.get("format"), tags, more)
        self.send({"type": "table", "format": message.get("format"), "text": text})

    def _choose_columns(self, message):
        self.columns = check_columns(message.get("names") or ())
        self._tell_cards()

    def _tell_cards(self):
        """Tell the page what may be a column of its table, and what is known."""
        cards = read_cards(self._folder.path)
        names = dict.fromkeys(
            (
                *offered(self.element, self.fold.settings.get("crystal")),
                *(name for card in cards.values() for name in card),
            )
        )
        choices = [
            {
                "name": name,
                "label": label(name),
                "unit": on_screen(properties()[name]["unit"]) if name in properties() else "",
            }
            for name in names
            if name in properties() or name == GROUND_STATE
        ]
        rows = {
            row: {name: {"value": line.get("value"), "score": line.get("score")} for name, line in card.items()}
            for row, card in cards.items()
        }
        self.send(finite({"type": "cards", "chosen": list(self.columns), "choices": choices, "rows": rows}))

    # -- widgets in panels of the page
    # ----------------------------------------------------------------------------------

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

    def _uncertain(self, message):
        """Formulas of a candidate with the deviations of its constants."""
        from srlab.search.diagnostics import candidate_uncertainty

        with self._publisher.lock:
            candidate = Candidate.from_json(self.fold.candidates[str(message["id"])])
        found = candidate_uncertainty(
            Search.attach(self._folder.path), candidate
        )  # a view of its own: this is another thread
        self.send({"type": "uncertain", "id": str(message["id"]), "formulas": found.formulas})

    def _detail(self, identity, against=None):
        """Equations and curves of one candidate over those of what it is compared with, worked out once."""
        with self._publisher.lock:
            row = self.fold.candidates.get(str(identity))
            reference = self.fold.reference(against)
            element, settings = self.fold.run.get("element"), self.fold.settings
        if row is None:
            return
        key = (
            identity,
            against,
            reference and reference["name"],
        )  # of the first forms there may be nothing yet to compare with
        if key not in self._details:
            self._details[key] = {
                "type": "detail",
                "id": identity,
                "against": against,
                **describe(row, reference, element, settings),
            }
        self.send(self._details[key])

    def _validate(self, identity, against=None, modest=False):
        """Ask for the physical properties of one candidate; of None, end what is under way.

        The answers come from the validator's thread. modest : nobody chose it.
        """
        with self._publisher.lock:
            row, reference = self.fold.candidates.get(str(identity)), self.fold.reference(against)
            element, settings = self.fold.run.get("element"), dict(self.fold.settings)
        if row is None:
            self._validator.cancel()
        else:
            subject = subject_of(row, element, settings)
            self._validator.ask(
                row["id"],
                subject,
                reference and {**subject_of(reference, element, settings), "name": reference["name"]},
                modest,
            )
            self._melting.recall(row["id"], subject)

    def _melt(self, message):
        with self._publisher.lock:
            row, element, settings = (
                self.fold.candidates.get(str(message.get("id"))),
                self.fold.run.get("element"),
                dict(self.fold.settings),
            )
        if row is None:
            raise InputError("choose a candidate first: click a point of the front or a row of the table")
        self._melting.start(row["id"], subject_of(row, element, settings), message.get("protocol"))

    # -- the run
    # --------------------------------------------------------------------------------------------------------

    def _state(self):
        """State of the search, as far as the journal cannot say it: not started yet, or its worker gone."""
        said = self.fold.status["state"]
        if said in ("finished", "stopped"):
            return said
        if self.search.alive:
            return said if said in ("running", "paused") else "running"
        return "died" if self.fold.nodes else "new"

    def _controls(self):
        found = [name for name, method in CONTROLS.items() if hasattr(self.search, method)]
        return [*found, *(["runs"] if self._may_list else [])]

    # -- what the notebook keeps
    # ----------------------------------------------------------------------------------------

    def _validated(self, message):
        """News of a validation: to the page, and into the picture when it is complete and the search is at rest."""
        self.send(message)
        if message["done"]:
            self._tell_cards()
        if message["done"] and self.fold.status["state"] != "running":
            self._settled()

    def _picture(self):
        """{"image/png", "text/plain"} of the run as it is now; only text while there is nothing to draw."""
        with self._publisher.lock:
            fold, selected = snapshot.still(self.fold), self.selected
        drawn = snapshot.png(fold, self._validation(fold, selected))
        return {"text/plain": snapshot.text(fold), **({"image/png": drawn} if drawn else {})}

    def _validation(self, fold, selected):
        """What the picture shows of the selected candidate, or else of the best one.

        None where neither was validated.
        """
        reference, element, settings = fold.reference(), fold.run.get("element"), fold.settings
        reference = reference and {**subject_of(reference, element, settings), "name": reference["name"]}
        rows = [row for row in (fold.candidates.get(selected), fold.best()) if row]
        return next(
            (found for row in rows if (found := self._validator.recall(subject_of(row, element, settings), reference))),
            None,
        )


def _close(widget):
    """Close a widget and those inside it, which a box leaves open: every page that is loaded would get them again."""
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()


def _from_here(folder):
    """A folder as a person would write it in a cell: from the notebook's folder, where it is below that."""
    here, there = Path.cwd(), Path(folder).resolve()
    return there.relative_to(here).as_posix() if there.is_relative_to(here) else str(folder)


def describe(row, reference, element, settings):
    """What the browser shows of one candidate: typeset and copied forms, curves over the reference's.

    row, reference : dicts from the journal; the reference may be None.
    """
    out = {"latex": typeset(row), "copy": None, "curves": None}
    try:
        out["copy"], out["energy"] = copies(row["formulas"]), energy(row["formulas"])
        cutoff, start = (
            row.get("cutoff") or settings.get("cutoff"),
            row.get("taper_start") or settings.get("taper_start"),
        )
        own = curves(row["formulas"], element, cutoff, start)
        out["convex"] = embedding_is_convex(
            potential(subject_of(row, element, {"cutoff": cutoff, "taper_start": start}))
        )
        drawn, plots = [own], panels([row["formulas"]])
        if reference:
            other = curves(
                reference["formulas"],
                element,
                reference.get("cutoff") or settings.get("cutoff") or cutoff,  # an older run does not say
                reference.get("taper_start") or settings.get("taper_start") or start,
            )
            out["reference"] = {"name": reference["name"], "curves": compact(other)}
            drawn, plots = [own, other], panels([row["formulas"], reference["formulas"]])
        neighbours = [float(distance) for distance in shells(element, cutoff)[0]]
        out.update(
            curves=compact(own),
            panels=plots,
            neighbours=neighbours,
            angles=angles(element),
            limits=limits(plots, drawn, neighbours[0]),
        )
    except (InputError, KeyError, ValueError, TypeError) as error:
        out["error"] = f"no curves: {error}"
    return finite(out)


class SideBySide(Page):
    """Watch two searches side by side.

    Their fronts are in one plot, with a line of numbers for each, and their chosen formulas beside each other.

    Parameters
    ----------
    a, b : srlab.Search, or str or path-like
        Running, not yet started or ended; or folders of runs.
    names : tuple of str, optional
        What the page calls them; by default the names of their folders.

    Attributes
    ----------
    selected : tuple of str
        Ids of the two candidates that are selected in the browser, "" for none.
    sides : tuple of Dashboard
        The two dashboards; the page shows them below when it is asked to.

    Raises
    ------
    InputError
        For a folder that is no run, the same run twice, or names that cannot be told apart.
    """

    _called, sides = "srlab, two searches side by side", ()
    names = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode()).tag(sync=True)
    selected = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode(), default_value=("", "")).tag(sync=True)

    def __init__(self, a, b, names=None):
        searches = [Search.attach(search) if isinstance(search, (str, os.PathLike)) else search for search in (a, b)]
        if searches[0].run.resolve() == searches[1].run.resolve():
            raise InputError(f"both searches are {searches[0].run}: choose two")
        names = tuple(compare.folder_names(*(search.run for search in searches)) if names is None else names)
        if len(names) != 2 or not all(isinstance(name, str) and name.strip() for name in names) or names[0] == names[1]:
            raise InputError(f"names must be two different texts, not {names!r}")
        super().__init__(names=names)
        self._differences = None
        self.sides = tuple(Side(search, self, number) for number, search in enumerate(searches))
        self.on_msg(self._receive)
        self.observe(self._selected, "selected")

    @property
    def candidates(self):
        """The two selected `srlab.Candidate`s, None where there is none."""
        return tuple(side.candidate for side in self.sides)

    def wait(self, timeout=None):
        """Wait until both searches have ended, and bring the picture up to date.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most for each.

        Returns
        -------
        tuple of str
            Their states.
        """
        return tuple(side.wait(timeout) for side in self.sides)

    def close(self):
        """End the threads and remove the widget; the searches go on."""
        for side in self.sides:
            side.close()
        super().close()

    def _receive(self, _, message, buffers):
        if message.get("side") in (0, 1):
            self.sides[message["side"]]._receive(None, message, buffers)
        if message.get("type") == "ready":
            self._compare(again=True)

    def _selected(self, change):
        for side, identity in zip(self.sides, change["new"]):
            side.selected = identity

    def _compare(self, again=False):
        """Tell the page in which settings the searches differ, when that is news."""
        texts = compare.differences([side.fold for side in self.sides], self.names)
        if again or texts != self._differences:
            self._differences = texts
            self.send({"type": "differences", "texts": texts})

    def _picture(self):
        folds = [side.still() for side in self.sides]
        drawn = snapshot.pair_png(folds, self.names)
        return {"text/plain": compare.text(folds, self.names), **({"image/png": drawn} if drawn else {})}


class Side(Dashboard):
    """A dashboard without a model of its own in the browser: what it says and hears goes through the page of both."""

    def __init__(self, search, page, number):
        self._page, self._number = page, number
        super().__init__(search, runs=False)

    def open(self):
        """Leave it to the page: this one has no model in the browser."""

    def send(self, content, buffers=None):
        """Send a message through the page, with the number of this side."""
        self._page.send({**content, "side": self._number}, buffers)
        if content["type"] in ("reset", "patch") and {"settings", "run"} & content.keys():
            self._page._compare()

    def still(self):
        """The run as it is now."""
        with self._publisher.lock:
            return snapshot.still(self.fold)

    def _settled(self):
        self._page._settled()
