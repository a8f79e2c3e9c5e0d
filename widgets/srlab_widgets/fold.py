"""A run as the dashboard shows it: `srlab.runs.view.RunView` of its journal, its histories, and what is new since the
last patch.

The journal is the only source: a dashboard opened late, after a reload or on a finished run folds the same file and
shows the same picture. Nothing in this module knows a browser.
"""

import math
import re

from srlab.runs import events
from srlab.runs.view import RunView
from srlab.templates import templates
from srlab.validation.columns import crystal_values

from .steering_words import target_choices, told

# The order of a node's fields in a patch; widgets/src/store.js reads it.
NODE_FIELDS = (
    "id",
    "parent",
    "depth",
    "move",
    "loss",
    "score",
    "window",
    "visits",
    "best",
    "candidate",
    "label",
    "flag",
    "t",
    "explore",
)
ERRORS = ("energy_mae", "force_mae", "test_energy_mae", "test_force_mae")
NEAR = ("near_energy_mae", "near_force_mae", "test_near_energy_mae", "test_near_force_mae")  # of newer journals only
HISTORIES = (
    "fronts",
    "bests",
    "plays",
    "flags",
    "progress",
    "log",
)  # they only grow: a patch carries what is new at their ends
CANDIDATE_FIELDS = (
    "id",
    "template",
    "formulas",
    "offset",
    "cutoff",
    "taper_start",
    "complexity",
    "n_constants",
    "loss",
    *ERRORS,
    *NEAR,
    "structures",
    "right_crystal",
    "node",
    "move",
)


class Fold:
    """The state of one run, and what a page does not know of it yet.

    Attributes
    ----------
    view : `srlab.runs.view.RunView`, the run itself. Its nodes, candidates (as JSON), front, references, settings and
        pins are also attributes of this.
    run, status : dicts with what the start, status and finish events said.
    fronts : list of [seconds, ids], the front each time it changed; bests : list of [seconds, id], the candidate of
        lowest training loss each time it changed.
    plays : list of [seconds, node, playouts], where playouts were made; flags : list of [node, flag, seconds];
        progress : list of [seconds, evaluations, playouts a second]. With the births of the nodes they give the tree
        and the counts as they were at any time.
    log : list of dicts, what people asked for and what was refused: seconds `t`, command's `name`, `text`, and `node`
        or `candidate` if it is about one.
    action : dict, the last thing that the search did to the tree, or None.
    """

    def __init__(self):
        self.view = RunView()
        self._typeset, self._entered = set(), set()  # candidates that were sent with their LaTeX; that were on a front
        self._process_says = None  # the state of the search, where its process knows better than its journal
        self.run, self.fronts, self.action, self.error = {}, [], None, None
        self.bests, self.plays, self.flags, self.progress, self.log = [], [], [], [], []
        self._clear()

    nodes = property(lambda self: self.view.nodes)
    candidates = property(lambda self: self.view.records)
    front = property(lambda self: self.view.front_ids)
    references = property(lambda self: self.view.references)
    settings = property(lambda self: self.view.settings)
    pins = property(lambda self: self.view.pins)

    @property
    def status(self):
        said = {
            key: self.view.status[key]
            for key in ("evaluations", "rate", "message", "pending")
            if key in self.view.status
        }
        return {"message": "", **said, "state": self._process_says or self.view.state, "elapsed": self.view.seconds}

    def _clear(self):
        self._new_nodes, self._visited, self._new_candidates = {}, {}, {}
        self._sent = {name: len(getattr(self, name)) for name in HISTORIES}
        self._changed = set()

    @property
    def dirty(self):
        """True if `patch` would carry news."""
        return bool(
            self._new_nodes
            or self._visited
            or self._new_candidates
            or self._changed
            or any(len(getattr(self, name)) > sent for name, sent in self._sent.items())
        )

    def add(self, journal):
        """Fold events of the journal in."""
        for event in journal:
            if isinstance(event, events.Command):  # told with what was in force before it
                self._log_command(event)
            self.view.apply(event)
            handle = getattr(self, f"_on_{event.kind}", None)
            if handle:
                handle(event)

    def set_state(self, state):
        """Take over the state of the search where its process knows better than its journal ("died", say)."""
        if state and state != self.status["state"]:
            self._process_says = state
            self._changed.add("header")

    def set_tags(self, tags):
        """A person's tags of candidates, {id: text}, as they are now; they are not in the journal."""
        self.settings["tags"] = dict(tags)
        self._changed.add("settings")

    # -- events ------------------------------------------------------------------------------------------------------

    def _on_start(self, event):
        data = event.dataset
        self.run = {
            "element": event.element,
            "dataset": data.name,
            "frames": data.frames,
            "train": data.train,
            "test": data.test,
            "fingerprint": data.fingerprint,
            "seed": event.seed,
            "version": event.version,
        }
        self.settings["target_choices"] = target_choices(event.element, event.settings.get("crystal") or "fcc")
        self._changed |= {"run", "settings"}

    def _on_reference(self, event):
        self._changed.add("references")

    def _on_node(self, event):
        node = self.nodes[event.id]
        self._new_nodes[event.id] = node
        self._play(event.t, event.id, event.playouts)
        parent = self.nodes.get(node["parent"])
        self.action = {
            "move": event.move,
            "node": event.id,
            "parent": node["parent"],
            "window": event.window,
            "before": parent["loss"] if parent else None,
            "after": event.loss,
            "t": event.t,
        }
        self._changed.add("action")

    def _on_visit(self, event):
        self._play(event.t, event.node, event.playouts)

    def _play(self, t, identity, playouts):
        self.plays.append([t, identity, playouts])
        self._visited.update((node["id"], node) for node in self.view.lineage(identity))

    def _on_candidate(self, event):
        candidate = self.candidates[event.candidate["id"]]
        self._new_candidates[candidate["id"]] = candidate
        best, loss = self.best(), candidate.get("loss")
        if loss is not None and (best is None or loss < best["loss"]):
            self.bests.append([event.t, candidate["id"]])
        node = self.nodes.get(candidate.get("node"))
        if node is not None and node["candidate"] == candidate["id"]:
            self._new_nodes[node["id"]] = node

    def _on_front(self, event):
        self._entered.update(self.front)
        self.fronts.append([event.t, self.front])
        self._changed.add("front")

    def _on_status(self, event):
        self._process_says = None
        if event.evaluations != (self.progress[-1][1] if self.progress else 0):
            self.progress.append([event.t, event.evaluations, event.rate])
        self._changed.add("header")

    def _log_command(self, event):
        about = {key: event.command[key] for key in ("node", "candidate") if key in event.command}
        text = told(event.command, self.settings, self.pins)
        self.log.append({"t": event.t, "name": event.command["name"], "text": text, **about})

    def _on_command(self, event):
        if event.command["name"] == "set":
            self._changed.add("settings")
        elif event.command["name"] == "pin":
            self._changed.add("pins")

    def _on_flag(self, event):
        if event.node in self.nodes:
            self.flags.append([event.node, event.flag, event.t])

    def _on_rescore(self, event):
        """All losses measured anew, as after a change of the weights. What playouts without a node had found at
        their best is forgotten."""
        self._new_nodes, self._new_candidates = dict(self.nodes), dict(self.candidates)
        measured = {name: loss for name, loss in event.candidates.items() if name in self.candidates}
        if (
            measured
        ):  # those left out were beaten by another of the same form, and keep a loss that compares with nothing
            self.bests.append([event.t, min(measured, key=measured.get)])

    def _on_recount(self, event):
        """All complexities counted anew, as after a change of the costs."""
        self._new_candidates = dict(self.candidates)
        self._changed.add("references")

    def _on_error(self, event):
        self.error = {"text": event.message, "t": event.t}
        self.log.append({"t": event.t, "name": "error", "text": event.message})
        self._changed.add("error")

    def _on_finish(self, event):
        self._process_says = None
        self._changed.add("header")

    # -- what the browser is sent ------------------------------------------------------------------------------------

    def best(self):
        """The candidate of lowest training loss, as losses are measured now, or None."""
        return self.candidates[self.bests[-1][1]] if self.bests else None

    def reference(self, name=None):
        """What comparisons are drawn against, as a dict with a name: a published form or candidate by name, else
        refitted Sutton-Chen, the first there is, or None."""
        chosen = next((r for r in self.references if r.get("name") == name), None)
        if chosen is None and name in self.candidates:
            chosen = {**self.candidates[name], "name": name}
        if chosen is not None:
            return chosen
        named = [r for r in self.references if str(r.get("name")).lower() == "sutton-chen"]
        return next(iter(named or self.references), None)

    def header(self):
        best = self.best()
        chosen = best and {"id": best["id"], "energy": best.get("test_energy_mae"), "force": best.get("test_force_mae")}
        return {**self.status, "nodes": len(self.nodes), "candidates": len(self.candidates), "best": chosen}

    def reset(self, typeset=lambda thing: None):
        """Everything, as one message for a browser that knows nothing. `typeset` gives the LaTeX of a candidate."""
        self._clear()
        histories = {name: getattr(self, name) for name in HISTORIES}
        return self._message(
            "reset",
            self.nodes.values(),
            (),
            self.candidates.values(),
            {"run", "settings", "references", "front", "action", "pins"},
            typeset,
            histories,
        )

    def patch(self, typeset=lambda thing: None):
        """What changed since the last `reset` or `patch`."""
        visited = [n for i, n in self._visited.items() if i not in self._new_nodes]
        candidates = dict(self._new_candidates)
        if "front" in self._changed:  # members of the front are sent with their typeset form, once
            candidates.update(
                {i: self.candidates[i] for i in self.front if i in self.candidates and i not in self._typeset}
            )
        histories = {name: getattr(self, name)[sent:] for name, sent in self._sent.items()}
        changed, news = set(self._changed), (list(self._new_nodes.values()), visited, candidates.values())
        self._clear()
        return self._message("patch", *news, changed, typeset, histories)

    def _message(self, kind, nodes, visited, candidates, keys, typeset, histories):
        rows = []
        for candidate in candidates:
            row = {key: candidate.get(key) for key in (*CANDIDATE_FIELDS, "t")}
            row["crystals"] = crystal_values(candidate)
            if candidate["id"] in self._entered:  # a replay shows those that have left it, too
                row["latex"] = typeset(candidate)
                self._typeset.add(candidate["id"])
            rows.append(row)
        message = {
            "type": kind,
            "header": self.header(),
            "nodes": [[label(n) if f == "label" else n[f] for f in NODE_FIELDS] for n in nodes],
            "visits": [[n["id"], n["visits"], n["best"]] for n in visited],
            "candidates": rows,
            **histories,
        }
        for key in keys & {"run", "settings", "front", "action", "pins", "error"}:
            message[key] = getattr(self, key)
        if "references" in keys:
            message["references"] = [dict(r, latex=typeset(r)) for r in self.references]
        return finite(message)


def label(node):
    """The formulas of a node as short text, or what the journal calls it."""
    formulas = node["formulas"] or {}
    names = {each.name: each.plain for template in templates() for each in template.functions}
    lines = [f"{names.get(part, part)} = {formula}" for part, formula in formulas.items() if formula]
    return re.sub(r"\d+\.\d+(e[-+]?\d+)?", lambda found: f"{float(found[0]):.4g}", "\n".join(lines) or node["label"])


def finite(value):
    """The same structure with NaN and infinities as None, and NumPy numbers as Python's: JSON knows neither."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
