"""Validation of the selected candidate for the dashboard's panels: one process at a time, kept when done.

What a person asks for goes first and ends what is under way. What nobody asked for, the best candidate of a running
search, takes what processors are left, and lets the one before be completed: a young search has a better formula every
second.
"""

import hashlib
import json
import threading
from functools import lru_cache

from srlab import __version__
from srlab.errors import InputError
from srlab.runs.journal import JournalReader
from srlab.validation.columns import CARDS_FILE, crystal_of, keep_card
from srlab.validation.phonon_references import PHONONS, pbe_phonons
from srlab.validation.scores import properties, reference_values
from srlab.workers.child import Child, module

from .validation_worker import GROUPS, MODESTY, POLITENESS, TABLE, dispersion

WORKER = module("srlab_widgets.validation_worker")


class Validator:
    """Validates candidates in a process of its own and tells the page as results come in.

    Parameters
    ----------
    folder : the run's `pathlib.Path`; finished results are kept there in validation.jsonl.
    send : function that sends one message (a dict) to the browser; called from threads.
    data : file with the run's data, for the DFT points of the equation of state.
    patience : seconds after which a validation is given up.
    command : how to start the worker.
    """

    def __init__(self, folder, send, data=None, patience=300.0, command=WORKER):
        self.folder, self.send, self.data, self.patience, self.command = folder, send, data, patience, command
        self.lock = threading.RLock()
        self.points = None  # DFT points, None until they are read
        self._known, self._job, self._next = None, None, None

    def ask(self, identity, subject, reference=None, modest=False):
        """Validate `subject` and, once, `reference` (dicts from `subject_of`), and tell the page.

        Cancels what is under way for another candidate. With `modest` (nobody has asked for it) it waits for the end of
        that, and takes only the processors that are idle.
        """
        with self.lock:
            job = self._job if self._job and not self._job.over else None
            same = job and (job.identity, job.other) == (identity, reference and key_of(reference))
            if same and (modest or not job.modest):
                self._next = None
                return job.tell()
            if job and modest:
                self._next = identity, subject, reference
                return
            self.cancel()
            self._job = Job(self, identity, subject, reference, modest, job.found if same else {})
            self._job.start()

    def ended(self, job):
        """A job is over: begin with what waited for it."""
        with self.lock:
            if job is self._job and self._next:
                waiting, self._next = self._next, None
                self.ask(*waiting, modest=True)

    def cancel(self):
        """End what is under way, if anything, and forget what waits for it."""
        with self.lock:
            self._next = None
            if self._job:
                self._job.cancel()
                self._job = None

    def stop(self):
        """A person has had enough of it: end what is under way and tell the page, which keeps what is there."""
        with self.lock:
            self._next = None
            if self._job:
                self._job.stop()

    def known(self, key):
        """A finished result, or None."""
        with self.lock:
            if self._known is None:
                lines = JournalReader(self.folder / CARDS_FILE).read()
                self._known = {line["key"]: line["result"] for line in lines if {"key", "result"} <= line.keys()}
            return self._known.get(key)

    def recall(self, subject, reference=None):
        """What was computed before of `subject` and `reference` (dicts from `subject_of`) as {"name", "own",
        "reference", "data", "measured"}, or None."""
        own, other = self.known(key_of(subject)), reference and self.known(key_of(reference))
        return own and {
            "name": subject["name"],
            "own": own,
            "reference": other and {"name": reference["name"], **other},
            "data": self.points,
            "measured": measured(subject["element"], subject["structure"]),
        }

    def keep(self, key, name, result):
        """Remember a finished result, in memory and in the run's folder."""
        with self.lock:
            self._known[key] = result
            try:
                keep_card(self.folder, key, name, result)
            except InputError:
                pass  # a run on a read-only disk is validated again next time


class Job(threading.Thread):
    """One validation under way."""

    def __init__(self, validator, identity, subject, reference, modest, found):
        super().__init__(name="srlab-validation", daemon=True)
        self.modest = modest
        self.validator, self.identity, self.over = validator, identity, False
        self._silent = False  # the page asks about another by now
        self._child = Child(validator.command, limit=validator.patience)
        self.subjects = {key_of(s): s for s in (subject, reference) if s}
        self.own, self.other = key_of(subject), reference and key_of(reference)
        self.name_of_other = reference and reference["name"]
        known = {key: validator.known(key) for key in self.subjects}
        self.missing = [{**subject, "key": key} for key, subject in self.subjects.items() if known[key] is None]
        self.found = {
            key: known[key] or found.get(key) for key in self.subjects
        }  # what was there stays to be seen while it is computed anew
        self.doing, self.failure, self.stopped = "", None, False

    def run(self):
        want_data = self.validator.data if self.validator.points is None else None
        self.doing = "starting" if self.missing else ""
        self.tell()
        if self.missing or want_data:
            try:
                self._compute(
                    {
                        "subjects": self.missing,
                        "data": str(want_data) if want_data else None,
                        "structure": self.subjects[self.own]["structure"],
                        "niceness": MODESTY if self.modest else POLITENESS,
                    }
                )
            except Exception as error:  # a thread's traceback lands in somebody else's cell: say it in the panel
                self.failure = self.failure or f"the validation failed: {type(error).__name__}: {error}"
        self.doing, self.over = "", True
        self.tell()
        self.validator.ended(self)

    def _compute(self, request):
        for line in self._child.ask(request):
            self._take(line)
        if self._child.failure:
            self.failure = f"the validation failed: {self._child.failure}"

    def _take(self, line):
        if "data" in line:
            self.validator.points = line["data"] or {"volume": [], "energy": []}
            return
        key = line["key"]
        self.found[key], self.doing = (
            line["result"],
            line["doing"] if key == self.own else f"{line['doing']} of {self.name_of_other}".strip(),
        )
        if not line["doing"]:
            self.doing = ""
            if not line["result"].get("incomplete"):
                self.validator.keep(key, self.subjects[key]["name"], line["result"])
        self.tell()

    def cancel(self):
        self._silent = True
        self._child.cancel()

    def stop(self):
        self.stopped = not self.over
        self._child.cancel()

    def tell(self):
        """Send the page what is there by now."""
        if self._silent:
            return
        self.validator.send(
            {
                "type": "validation",
                "id": self.identity,
                "done": self.over,
                "doing": self.doing,
                "stopped": self.stopped,
                "error": self.failure,
                "own": self.found[self.own],
                "reference": self.other and {"name": self.name_of_other, **(self.found[self.other] or {})},
                "data": self.validator.points,
                "measured": measured(self.subjects[self.own]["element"], self.subjects[self.own]["structure"]),
            }
        )


def subject_of(row, element, settings):
    """What the worker needs of a candidate or reference (a dict from the journal); a reference of an older run takes
    the cutoff of the settings. Its structure is that of the run's crystal, and None where nobody knows it."""
    return {
        "name": str(row.get("id") or row.get("name")),
        "element": element,
        "formulas": row["formulas"],
        "offset": float(row.get("offset") or 0.0),
        "cutoff": float(row.get("cutoff") or settings["cutoff"]),
        "taper_start": float(row.get("taper_start") or settings["taper_start"]),
        "structure": crystal_of(row.get("crystal") or settings.get("crystal"), element),
    }


def key_of(subject):
    """Names a result: candidate, formulas, version of srlab and what is computed."""
    text = json.dumps([subject, __version__, list(GROUPS)], sort_keys=True)
    return f"{subject['name']}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


@lru_cache(maxsize=4)
def measured(element, structure):
    """What DFT and experiment say of an element, the same for all candidates: of its own ground state, so that next to
    nothing is there for a run with another crystal.

    Returns {"phonons": {point: THz}, "pbe_phonons": {x (2 pi / a0), branches (THz)} or None, "table": {property: {pbe,
    pbe_source, experiment, experiment_source, unit}}, "structure": as given, for the page to know whose rows to show}.
    """
    known = reference_values(element, structure)
    own = structure == crystal_of(None, element)
    legs = pbe_phonons().get(element, {}).get("segments") if own else None
    return {
        "phonons": {point: list(values) for point, values in PHONONS.get(element, {}).items() if own},
        "pbe_phonons": dispersion(legs, 1.0 / legs[0]["x"][-1]) if legs else None,  # the first leg ends at X
        "table": {name: {**known.get(name, {}), "unit": properties()[name]["unit"]} for name in TABLE},
        "structure": structure,
    }
