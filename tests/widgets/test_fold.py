import json

import pytest

from srlab.search.journal import JournalReader
from srlab_widgets.fold import NODE_FIELDS, Fold, finite


def node(identity, parent, loss=0.5, playouts=1, **more):
    return {"event": "node", "t": 1.0, "id": identity, "parent": parent, "depth": 0, "move": "expand", "loss": loss, "score": 1.0, "window": 0.1, "playouts": playouts, "candidate": None, "label": "exp(-r)", **more}


def events_of(run):
    return JournalReader(run / "journal.jsonl").read()


class Mirror:
    """What a page makes of the messages."""

    def __init__(self):
        self.nodes, self.candidates, self.rest = {}, {}, {}

    def take(self, message):
        message = json.loads(json.dumps(message, allow_nan=False))
        if message["type"] == "reset":
            self.__init__()
        for row in message["nodes"]:
            self.nodes[row[0]] = dict(zip(NODE_FIELDS, row))
        for identity, visits, best in message["visits"]:
            self.nodes[identity].update(visits=visits, best=best)
        for identity, flag in message["flags"]:
            self.nodes[identity]["flag"] = flag
        for candidate in message["candidates"]:
            candidate.pop("latex", None)  # kept by a page when its candidate leaves the front
            self.candidates[candidate["id"]] = candidate
        self.rest.update({key: message[key] for key in ("header", "run", "settings", "references", "front", "action", "pins") if key in message})
        self.rest["fronts"] = self.rest.get("fronts", []) + message["fronts"]


@pytest.mark.parametrize("chunk", [1, 7, 400])
def test_patches_add_up_to_the_reset(grown, chunk):
    events, fold, page = events_of(grown.run), Fold(), Mirror()
    page.take(fold.reset())
    for start in range(0, len(events), chunk):
        fold.add(events[start : start + chunk])
        page.take(fold.patch())
    fresh = Mirror()
    fresh.take(fold.reset())
    assert page.nodes == fresh.nodes
    assert page.candidates == fresh.candidates
    assert page.rest == fresh.rest
    assert len(page.nodes) > 150 and len(page.rest["front"]) >= 3


def test_visits_and_best_losses_go_up_to_the_root_only():
    fold = Fold()
    fold.add([node(0, -1, loss=None, playouts=0), node(1, 0, 0.5, 2), node(2, 1, 0.3, 3), node(3, 0, 0.4, 1)])
    assert [fold.nodes[i]["visits"] for i in range(4)] == [6, 5, 3, 1]
    assert [fold.nodes[i]["best"] for i in range(4)] == [0.3, 0.3, 0.3, 0.4]
    fold.add([{"event": "visit", "node": 3, "playouts": 4, "best": 0.1}, {"event": "visit", "node": 2, "playouts": 1, "best": None}])
    assert [fold.nodes[i]["visits"] for i in range(4)] == [11, 6, 4, 5]
    assert fold.nodes[0]["best"] == 0.1 and fold.nodes[1]["best"] == 0.3


def test_a_patch_carries_only_news_and_then_nothing():
    fold = Fold()
    fold.add([node(0, -1), node(1, 0)])
    assert len(fold.patch()["nodes"]) == 2
    assert not fold.dirty
    fold.add([{"event": "visit", "node": 1, "playouts": 1, "best": 0.2}])
    assert fold.dirty
    patch = fold.patch()
    assert patch["nodes"] == [] and sorted(row[0] for row in patch["visits"]) == [0, 1]
    assert not fold.dirty


def test_a_damaged_journal_is_survived():
    fold = Fold()
    fold.add([{"event": "visit", "node": 99, "playouts": 1}, {"event": "flag", "node": 99, "flag": "boost"}, {"event": "of a newer version"}, {}, node(1, 1)])
    assert fold.nodes[1]["visits"] >= 1  # its own parent: counted, not for ever


def test_infinite_losses_reach_no_browser():
    fold = Fold()
    fold.add([node(0, -1, loss=float("inf")), node(1, 0, loss=float("nan"))])
    text = json.dumps(fold.reset(), allow_nan=False)
    assert "Infinity" not in text and finite(float("nan")) is None


def test_members_of_the_front_come_typeset_once(grown):
    fold, calls = Fold(), []
    events = events_of(grown.run)
    fold.add(events)
    message = fold.reset(lambda thing: calls.append(thing["complexity"]) or {"pair": "x"})
    front = [c for c in message["candidates"] if c["id"] in fold.front]
    assert all(c["latex"] == {"pair": "x"} for c in front)
    assert not any("latex" in c for c in message["candidates"] if c["id"] not in fold.front)
    assert len(calls) == len(front) + len(fold.references)
    fold.add([{"event": "front", "ids": fold.front}])
    assert fold.patch(lambda thing: 1 / 0)["candidates"] == []


def test_a_candidate_that_enters_the_front_later_is_sent_again_typeset(grown):
    fold = Fold()
    fold.add(events_of(grown.run))
    fold.reset()
    late = next(i for i in fold.candidates if i not in fold.front)
    fold.add([{"event": "front", "ids": [*fold.front, late]}])
    assert [c["id"] for c in fold.patch(lambda thing: {"pair": "y"})["candidates"]] == [late]


def test_steering_is_read_back_from_the_journal():
    fold = Fold()
    fold.add([node(0, -1), {"event": "command", "command": {"name": "set", "exploration": 2.0, "operators": ["exp"]}}, {"event": "flag", "node": 0, "flag": "boost"}])
    assert fold.settings["exploration"] == 2.0 and fold.settings["operators"] == ["exp"]
    assert fold.patch()["flags"] == [[0, "boost"]]
    fold.add([{"event": "command", "command": {"name": "pin", "candidate": "c1"}}])
    assert fold.patch()["pins"] == ["c1"]
    fold.add([{"event": "command", "command": {"name": "pin", "candidate": "c1"}}])
    assert fold.patch()["pins"] == []


def test_the_last_action_tells_the_loss_before_and_after():
    fold = Fold()
    fold.add([node(0, -1, 0.9), node(1, 0, 0.4, move="promote")])
    assert fold.action == {"move": "promote", "node": 1, "parent": 0, "window": 0.1, "before": 0.9, "after": 0.4, "t": 1.0}


def test_a_run_that_was_resumed_is_running_again():
    fold = Fold()
    fold.add([{"event": "finish", "t": 9.0, "state": "stopped", "evaluations": 5, "seconds": 9.5}])
    assert fold.status["state"] == "stopped" and fold.status["elapsed"] == 9.5
    fold.add([{"event": "status", "t": 9.9, "state": "running", "evaluations": 6, "rate": 1.0}])
    assert fold.status["state"] == "running"
