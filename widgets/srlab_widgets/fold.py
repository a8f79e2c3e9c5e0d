"""A run as the dashboard shows it, folded from the events of its journal; what is new since the last patch is kept apart.

The journal is the only source: a dashboard opened late, after a reload or on a finished run folds the same file and shows
the same picture. Nothing in this module knows a browser.
"""

import math
import re

from srlab.templates import templates

from .wishes import target_choices, told

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
    "node",
    "move",
)


class Fold:
    """The state of one run.

    Attributes
    ----------
    nodes : dict of node id -> dict with NODE_FIELDS; `visits` counts playouts in the node and below it, `best` is the
        lowest loss there (dimensionless), `t` its birth in seconds of search.
    candidates : dict of candidate id (str) -> the fields of the journal's candidate.
    front : list of candidate ids, by complexity.
    references : list of dicts, published potentials refitted on the same data.
    run, settings, status : dicts with what the start, command and status events said last.
    fronts : list of [seconds, ids], the front each time it changed; bests : list of [seconds, id], the candidate of lowest training loss each time
        it changed.
    plays : list of [seconds, node, playouts], where playouts were made; flags : list of [node, flag, seconds]; progress : list of
        [seconds, evaluations, playouts a second]. With the births of the nodes they give the tree and the counts as they were at any time.
    log : list of dicts, what people asked for and what was refused: seconds `t`, command's `name`, `text`, and `node` or `candidate` if it is about one.
    pins : ids of candidates that a person marked.
    action : dict, the last thing that the search did to the tree, or None.
    """

    def __init__(self):
        self.nodes, self.candidates, self.references = {}, {}, []
        self.originals = {}  # candidates as in the journal; the ids of `candidates` are text whatever the journal's are
        self._typeset, self._entered = set(), set()  # candidates that were sent with their LaTeX; that were on a front
        self.front, self.run, self.settings = [], {}, {}
        self.status = {"state": "new", "elapsed": 0.0, "evaluations": 0, "rate": 0.0, "message": ""}
        self.fronts, self.pins, self.action, self.error = [], [], None, None
        self.bests, self.plays, self.flags, self.progress, self.log = [], [], [], [], []
        self._clear()

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

    def add(self, events):
        """Fold events (dicts as in the journal) in. Events of an unknown kind are left to newer versions."""
        for event in events:
            if "t" in event:
                self.status["elapsed"] = max(self.status["elapsed"], float(event["t"]))
            handle = getattr(self, f"_on_{event.get('event')}", None)
            if handle:
                handle(event)

    def set_state(self, state):
        """Take over the state of the search where its process knows better than its journal ("died", say)."""
        if state and state != self.status["state"]:
            self.status["state"] = state
            self._changed.add("header")

    def set_tags(self, tags):
        """A person's tags of candidates, {id: text}, as they are now; they are not in the journal."""
        self.settings["tags"] = dict(tags)
        self._changed.add("settings")

    # -- events ------------------------------------------------------------------------------------------------------

    def _on_start(self, event):
        data = event.get("dataset", {})
        self.run = {
            "element": event.get("element"),
            "dataset": data.get("name"),
            "frames": data.get("frames"),
            "train": data.get("train"),
            "test": data.get("test"),
            "fingerprint": data.get("fingerprint"),
            "seed": event.get("seed"),
            "version": event.get("version"),
        }
        self.settings.update(event.get("settings", {}), target_choices=target_choices(event.get("element")))
        self._changed |= {"run", "settings"}

    def _on_reference(self, event):
        reference = {key: value for key, value in event.items() if key not in ("event", "t")}
        self.references = [r for r in self.references if r.get("name") != reference.get("name")] + [reference]
        self._changed.add("references")

    def _on_node(self, event):
        node = {field: event.get(field) for field in NODE_FIELDS}
        node.update(
            visits=0,
            best=node["loss"],
            flag=None,
            candidate=_name(node["candidate"]),
            label=_label(event),
            t=event.get("t", 0.0),
        )
        if node["parent"] is None:
            node["parent"] = -1
        self.nodes[node["id"]] = self._new_nodes[node["id"]] = node
        self._play(event, node["id"], node["loss"])
        parent = self.nodes.get(node["parent"])
        self.action = {
            "move": node["move"],
            "node": node["id"],
            "parent": node["parent"],
            "window": node["window"],
            "before": parent["loss"] if parent else None,
            "after": node["loss"],
            "t": event.get("t"),
        }
        self._changed.add("action")

    def _on_visit(self, event):
        self._play(event, event["node"], event.get("best"))

    def _play(self, event, identity, best):
        """Count playouts in a node and all above it, and hand the best loss up."""
        playouts, seen = event.get("playouts", 1), 0
        self.plays.append([event.get("t", 0.0), identity, playouts])
        while (node := self.nodes.get(identity)) is not None and seen <= len(self.nodes):
            node["visits"] += playouts or 0
            if best is not None and not (node["best"] is not None and node["best"] <= best):
                node["best"] = best
            self._visited[identity] = node
            identity, seen = node["parent"], seen + 1

    def _on_candidate(self, event):
        candidate = dict(event["candidate"], t=event.get("t", 0.0))
        candidate["id"] = _name(candidate["id"])
        self.originals[candidate["id"]] = event["candidate"]
        self.candidates[candidate["id"]] = self._new_candidates[candidate["id"]] = candidate
        self._compare(event, candidate)
        node = self.nodes.get(candidate.get("node"))
        if node is not None and node["candidate"] is None:
            node["candidate"] = candidate["id"]
            self._new_nodes[node["id"]] = node

    def _compare(self, event, candidate):
        """Note a candidate that is better than the best so far."""
        best = self.best()
        if candidate.get("loss") is not None and (best is None or candidate["loss"] < best["loss"]):
            self.bests.append([event.get("t", 0.0), candidate["id"]])

    def _on_front(self, event):
        self.front = [_name(i) for i in event["ids"]]
        self._entered.update(self.front)
        self.fronts.append([event.get("t", 0.0), self.front])
        self._changed.add("front")

    def _on_status(self, event):
        self.status.update(
            {key: event[key] for key in ("state", "evaluations", "rate", "message", "pending") if key in event}
        )
        if event.get("evaluations") is not None and event["evaluations"] != (
            self.progress[-1][1] if self.progress else 0
        ):
            self.progress.append([event.get("t", 0.0), event["evaluations"], event.get("rate")])
        self._changed.add("header")

    def _on_command(self, event):
        command = event.get("command", {})
        about = {
            key: command[key] if key == "node" else _name(command[key])
            for key in ("node", "candidate")
            if key in command
        }
        self.log.append(
            {
                "t": event.get("t", 0.0),
                "name": command.get("name"),
                "text": told(command, self.settings, self.pins),
                **about,
            }
        )
        if command.get("name") == "set":
            self.settings.update({key: value for key, value in command.items() if key != "name"})
            self._changed.add("settings")
        elif command.get("name") == "pin":
            identity = _name(command.get("candidate"))
            self.pins = [p for p in self.pins if p != identity] if identity in self.pins else [*self.pins, identity]
            self._changed.add("pins")

    def _on_flag(self, event):
        node = self.nodes.get(event.get("node"))
        if node is not None:
            node["flag"] = event.get("flag")
            self.flags.append([node["id"], node["flag"], event.get("t", 0.0)])

    def _on_rescore(self, event):
        """All losses measured anew, as after a change of the weights. What playouts without a node had found at their best is forgotten."""
        for node in self.nodes.values():
            node["loss"] = node["best"] = event["nodes"].get(str(node["id"]), node["loss"])
        for node in reversed(self.nodes.values()):
            parent = self.nodes.get(node["parent"])
            if (
                parent
                and node["best"] is not None
                and not (parent["best"] is not None and parent["best"] <= node["best"])
            ):
                parent["best"] = node["best"]
        self._new_nodes = dict(self.nodes)
        measured = {name: loss for name, loss in event["candidates"].items() if name in self.candidates}
        for name, loss in measured.items():
            self.candidates[name]["loss"] = loss
            self.originals[name] = {**self.originals[name], "loss": loss}
        if (
            measured
        ):  # those left out were beaten by another of the same form, and keep a loss that compares with nothing
            self.bests.append([event.get("t", 0.0), min(measured, key=measured.get)])
        self._new_candidates = dict(self.candidates)

    def _on_error(self, event):
        self.error = {"text": event.get("message", ""), "t": event.get("t")}
        self.log.append({"t": event.get("t", 0.0), "name": "error", "text": self.error["text"]})
        self._changed.add("error")

    def _on_finish(self, event):
        self.status.update(
            state=event.get("state", "finished"), evaluations=event.get("evaluations", self.status["evaluations"])
        )
        self.status["elapsed"] = max(self.status["elapsed"], float(event.get("seconds") or 0.0))
        self._changed.add("header")

    # -- what the browser is sent ------------------------------------------------------------------------------------

    def best(self):
        """The candidate of lowest training loss, as losses are measured now, or None."""
        return self.candidates[self.bests[-1][1]] if self.bests else None

    def reference(self, name=None):
        """What comparisons are drawn against, as a dict with a name: a published form or candidate by name, else refitted Sutton-Chen, the first there is, or None."""
        chosen = next((r for r in self.references if r.get("name") == name), None)
        if chosen is None and str(name) in self.candidates:
            chosen = {**self.candidates[str(name)], "name": str(name)}
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
            if candidate["id"] in self._entered:  # a replay shows those that have left it, too
                row["latex"] = typeset(candidate)
                self._typeset.add(candidate["id"])
            rows.append(row)
        message = {
            "type": kind,
            "header": self.header(),
            "nodes": [[n[f] for f in NODE_FIELDS] for n in nodes],
            "visits": [[n["id"], n["visits"], n["best"]] for n in visited],
            "candidates": rows,
            **histories,
        }
        for key in keys & {"run", "settings", "front", "action", "pins", "error"}:
            message[key] = getattr(self, key)
        if "references" in keys:
            message["references"] = [dict(r, latex=typeset(r)) for r in self.references]
        return finite(message)


def _label(event):
    """The formulas of a node as short text, or what the journal calls it."""
    formulas = event.get("formulas") or {}
    names = {each.name: each.plain for template in templates() for each in template.functions}
    lines = [f"{names.get(part, part)} = {formula}" for part, formula in formulas.items() if formula]
    return re.sub(
        r"\d+\.\d+(e[-+]?\d+)?", lambda found: f"{float(found[0]):.4g}", "\n".join(lines) or event.get("label") or ""
    )


def _name(identity):
    return None if identity is None else str(identity)


def finite(value):
    """The same structure with NaN and infinities as None, and NumPy numbers as Python's: JSON knows neither."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
