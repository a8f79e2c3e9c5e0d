"""One search on a page: the journal is followed, what the page asks for is done and answered."""

import os
import threading
import time

import traitlets

from srlab.errors import InputError
from srlab.exports.front_table import front_text
from srlab.potentials.candidate import Candidate
from srlab.runs.catalogue import forks_of
from srlab.runs.folder import DATA_FILE, RunFolder
from srlab.runs.notes import read_notes, write_tag
from srlab.search.search import Search
from srlab.templates import template_named
from srlab.validation.columns import GROUND_STATE, check_columns, column_values, label, offered, read_cards
from srlab.validation.scores import properties

from . import snapshot
from .curves import panels
from .description import describe
from .equations import described, typeset
from .export_run import Exports
from .fold import Fold, finite
from .melting_run import MeltingRuns
from .page import Page, from_here
from .publisher import Publisher
from .steering_words import cost_choices, on_screen, operator_words
from .validation_panel import Validator, subject_of

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
FORKS = 4


class SearchPage(Page):
    """A page over one search: see `Dashboard`, which shows other runs and other widgets, too, and `SideBySide`, which
    has two of them.

    Parameters
    ----------
    search : srlab.Search
    forks : int
        How many forks that this page asked for may search at the same time.
    """

    _slow = {
        "fork": "_fork",
        "uncertain": "_uncertain",
        "open": "_open",
        "tag": "_tag",
        "extend": "_extend",
        "copy-table": "_copy_table",
    }
    """Messages whose answer may take seconds, for it starts a process, or reads data or journals, and the method that
    gives it; they are not answered on the thread that takes messages."""
    selected = traitlets.Unicode("").tag(sync=True)
    picked = traitlets.Bool(False).tag(sync=True)

    def __init__(self, search, *, forks=FORKS):
        super().__init__()
        self.forks, self._forked = forks, []
        self.columns = ()
        self._exports = Exports(lambda message, buffers=None: self.send(message, buffers))
        self._follow(search)
        self.on_msg(self._receive)
        self._publisher.start()

    def _follow(self, search):
        """Begin with a search."""
        self.search, self.fold = search, Fold()
        self._details, self._attended = {}, float("-inf")
        # A reader of its own: the one in `search` belongs to the thread that runs the cells.
        self._folder = RunFolder(search.run)
        template = template_named(search.settings.template)
        self.fold.settings.update(
            controls=self._controls(),
            all_operators=list(template.groups),
            operator_words=operator_words(template),
            cost_choices=cost_choices(template),
            templates=described(),
            panels=panels([template.required]),
            n_functions=len(template.names),
            folder=from_here(search.run),
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

    def close(self):
        """End the thread and remove the widget; the search goes on."""
        self._leave()
        self._exports.cancel()
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
        elif kind == "command":
            self._answer("steer" if message.get("name") == "set" else "command", self._command, message)
        elif kind == "inject":
            self._answer("inject", self._inject, message)
        elif kind in self._slow:
            act = getattr(self, self._slow[kind])
            threading.Thread(target=self._answer, args=(kind, act, message), daemon=True).start()

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
        if act is None or name in self._slow:
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
        text = f"Forked into {forked.run.name}, which searches on its own beside this one."
        return {"text": text, "open": str(forked.run), "stay": True}

    def _fork_entry(self, run, start):
        """A fork as a line of the log; start : the first event of its journal."""
        node = start.get("forked_node")
        text = f"fork {run.name}" if node is None else f"fork {run.name}, from #{node}"
        return {"t": float(start.get("forked_at") or 0.0), "name": "fork", "text": text, "run": str(run)}

    def _forked_run(self, name):
        """Folder of a fork that this page asked for; None for any other run."""
        return next((forked.run for forked in self._forked if str(forked.run) == str(name)), None)

    def _find(self, name):
        """Folder of a run that the page may name. Raises InputError for others."""
        found = self._forked_run(name)
        if found is None:
            raise InputError("this page shows no other runs")
        return found

    def _open(self, message):
        self.show(self._find(message.get("run")))

    def _extend(self, message):
        seconds = float(message["seconds"])
        self.search.extend(seconds=seconds)
        return f"The search goes on for {seconds:g} seconds more."

    def _tag(self, message):
        with self._publisher.lock:
            known = str(message.get("candidate")) in self.fold.candidates
        if not known:
            raise InputError(f"there is no candidate {message.get('candidate')}")
        write_tag(self._folder.path, message["candidate"], message.get("text", ""))
        with self._publisher.lock:
            self.fold.set_tags(read_notes(self._folder.path)["tags"])

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
        return [name for name, method in CONTROLS.items() if hasattr(self.search, method)]

    # -- what the notebook keeps
    # ----------------------------------------------------------------------------------------

    def _validated(self, message):
        """News of a validation: to the page, and into the picture when it is complete and the search is at rest."""
        self.send(message)
        if message["done"]:
            self._tell_cards()
        if message["done"] and self.fold.status["state"] != "running":
            self._settled()

    def _scene(self):
        """Only text while there is nothing to draw."""
        with self._publisher.lock:
            fold, selected = snapshot.still(self.fold), self.selected
        validation = self._validation(fold, selected)

        def draw():
            drawn = snapshot.png(fold, validation)
            return {"text/plain": snapshot.text(fold), **({"image/png": drawn} if drawn else {})}

        return (*snapshot.moment(fold), self._folder.path, selected, validation), draw

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
