import json
import math

import numpy as np
import pytest

from srlab.runs import events
from srlab_widgets.fold import HISTORIES, NODE_FIELDS, Fold, finite


def node(identity, parent, loss=0.5, playouts=1, move="expand"):
    return events.Node(
        t=1.0,
        id=identity,
        parent=parent,
        depth=0,
        move=move,
        loss=loss,
        score=1.0,
        window=0.1,
        playouts=playouts,
        label="exp(-r)",
    )


def start(element):
    data = events.Data(name="cu", fingerprint="0", frames=2, train=1, test=1)
    settings = {"exploration": 1.0, "operators": ["exp", "cos"], "targets": []}
    return events.Start(element=element, dataset=data, settings=settings)


def status(state, evaluations, t=0.0, pending=0):
    return events.Status(state=state, evaluations=evaluations, rate=1.0, nodes=1, candidates=0, t=t, pending=pending)


def events_of(run):
    return events.reader(run / "journal.jsonl").read()


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
        for identity, flag, _ in message["flags"]:
            self.nodes[identity]["flag"] = flag
        for candidate in message["candidates"]:
            candidate.pop("latex", None)  # kept by a page when its candidate leaves the front
            self.candidates[candidate["id"]] = candidate
        self.rest.update(
            {
                key: message[key]
                for key in ("header", "run", "settings", "references", "front", "action", "pins")
                if key in message
            }
        )
        for history in HISTORIES:
            self.rest[history] = self.rest.get(history, []) + message[history]


@pytest.mark.parametrize("chunk", [1, 7, 400])
def test_patches_add_up_to_the_reset(grown, chunk):
    journal, fold, page = events_of(grown.run), Fold(), Mirror()
    page.take(fold.reset())
    for first in range(0, len(journal), chunk):
        fold.add(journal[first : first + chunk])
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
    fold.add(
        [
            events.Visit(node=3, playouts=4, best=0.1),
            events.Visit(node=2, playouts=1),
        ]
    )
    assert [fold.nodes[i]["visits"] for i in range(4)] == [11, 6, 4, 5]
    assert fold.nodes[0]["best"] == 0.1 and fold.nodes[1]["best"] == 0.3


def test_a_patch_carries_only_news_and_then_nothing():
    fold = Fold()
    fold.add([node(0, -1), node(1, 0)])
    assert len(fold.patch()["nodes"]) == 2
    assert not fold.dirty
    fold.add([events.Visit(node=1, playouts=1, best=0.2)])
    assert fold.dirty
    patch = fold.patch()
    assert patch["nodes"] == [] and sorted(row[0] for row in patch["visits"]) == [0, 1]
    assert not fold.dirty


def test_a_damaged_journal_is_survived():
    fold = Fold()
    fold.add(
        [
            events.Visit(node=99, playouts=1),
            events.Flag(node=99, flag="boost"),
            events.Front(ids=["c5"]),
            node(7, 3),
        ]
    )
    assert fold.nodes[7]["visits"] == 1 and not fold.flags
    assert fold.reset()["header"]["nodes"] == 1


def test_numbers_that_json_does_not_know_reach_no_browser():
    found = finite({"a": [float("nan"), (np.float64(2.0), -math.inf)], "b": "text", "c": np.int64(3)})
    assert found == {"a": [None, [2.0, None]], "b": "text", "c": 3}
    assert json.dumps(found, allow_nan=False)


def test_members_of_the_front_come_typeset_once(grown):
    fold, calls = Fold(), []
    fold.add(events_of(grown.run))
    message = fold.reset(lambda thing: calls.append(thing["complexity"]) or {"pair": "x"})
    ever = {i for _, ids in fold.fronts for i in ids}
    front = [c for c in message["candidates"] if c["id"] in ever]
    assert all(c["latex"] == {"pair": "x"} for c in front)
    assert not any("latex" in c for c in message["candidates"] if c["id"] not in ever)
    assert len(ever) > len(fold.front)
    assert len(calls) == len(front) + len(fold.references)
    fold.add([events.Front(ids=fold.front)])
    assert fold.patch(lambda thing: 1 / 0)["candidates"] == []


def test_a_candidate_that_enters_the_front_later_is_sent_again_typeset(grown):
    fold = Fold()
    fold.add(events_of(grown.run))
    fold.reset()
    ever = {i for _, ids in fold.fronts for i in ids}
    late = next(i for i in fold.candidates if i not in ever)
    fold.add([events.Front(ids=[*fold.front, late])])
    assert [c["id"] for c in fold.patch(lambda thing: {"pair": "y"})["candidates"]] == [late]


def test_steering_is_read_back_from_the_journal():
    fold = Fold()
    fold.add(
        [
            node(0, -1),
            events.Command(command={"name": "set", "exploration": 2.0, "operators": ["exp"]}),
            events.Flag(node=0, flag="boost"),
        ]
    )
    assert fold.settings["exploration"] == 2.0 and fold.settings["operators"] == ["exp"]
    assert fold.patch()["flags"] == [[0, "boost", 0.0]]
    fold.add([events.Command(command={"name": "pin", "candidate": "c1"})])
    assert fold.patch()["pins"] == ["c1"]
    fold.add([events.Command(command={"name": "pin", "candidate": "c1"})])
    assert fold.patch()["pins"] == []


def test_births_playouts_and_progress_give_any_earlier_moment(toy):
    toy.begin()
    for _ in range(6):
        toy.grow(40)
    fold, journal = Fold(), events_of(toy.run)
    fold.add(journal)
    message = fold.reset()
    middle = fold.status["elapsed"] / 2
    early = Fold()
    early.add([event for event in journal if event.t <= middle])
    born = {row[0] for row in message["nodes"] if row[NODE_FIELDS.index("t")] <= middle}
    assert born == set(early.nodes) and 20 < len(born) < len(fold.nodes)
    visits = dict.fromkeys(born, 0)
    for t, node, playouts in message["plays"]:
        while t <= middle and node in visits:
            visits[node] += playouts
            node = fold.nodes[node]["parent"]
    assert visits == {i: n["visits"] for i, n in early.nodes.items()}
    assert (
        [row[1] for row in message["bests"] if row[0] <= middle][-1]
        == early.best()["id"]
        == min(early.candidates.values(), key=lambda c: c["loss"])["id"]
    )
    assert [row[1] for row in message["progress"] if row[0] <= middle][-1] == early.status["evaluations"]


def test_the_log_holds_what_people_did_and_what_was_refused():
    fold = Fold()
    fold.add(
        [
            start("Cu"),
            node(0, -1),
            node(1, 0),
        ]
    )
    say = lambda t, **command: events.Command(t=t, command=command)  # noqa: E731
    fold.add(
        [
            say(1.0, name="set", exploration=2.5),
            say(2.0, name="set", operators=["exp"]),
            say(2.5, name="set", targets=[["c44", 82.0, 1.0]]),
            say(2.7, name="set", targets=[]),
            say(3.0, name="boost", node=1),
            say(4.0, name="pin", candidate="c1"),
            say(5.0, name="pin", candidate="c1"),
            say(6.0, name="step", count=1),
            say(7.0, name="inject", text="phi = exp(-r)"),
            events.Error(t=8.0, message="refused"),
        ]
    )
    assert [row["text"] for row in fold.patch()["log"]] == [
        "exploration 1 → 2.5",
        "without cos",
        "target c44 = 82 GPa, weight 1",
        "no target c44",
        "boost #1",
        "pin c1",
        "unpin c1",
        "one step",
        "inject phi = exp(-r)",
        "refused",
    ]
    assert fold.log[4]["node"] == 1 and fold.log[5]["candidate"] == "c1" and [row["t"] for row in fold.log][-1] == 8.0
    assert fold.patch()["log"] == []


def test_the_properties_that_can_be_targets_come_with_units_and_values():
    fold = Fold()
    fold.add([start("Cu")])
    choices = {each["name"]: each for each in fold.settings["target_choices"]}
    assert (
        choices["c44"] == {"name": "c44", "label": "C44", "unit": "GPa", "value": 82.0}
        and choices["lattice_constant"]["unit"] == "Å"
    )
    fold = Fold()
    fold.add([start("Xx")])
    assert {each["value"] for each in fold.settings["target_choices"]} == {None}


def test_losses_measured_anew_reach_nodes_candidates_and_the_page(grown):
    fold, page = Fold(), Mirror()
    fold.add(events_of(grown.run))
    page.take(fold.reset())
    nodes, worst = (
        {i: 1.0 + i / 1000 for i in fold.nodes if i},
        max(fold.candidates.values(), key=lambda c: c["loss"]),
    )
    fold.add([events.Rescore(t=99.0, nodes=nodes, candidates={worst["id"]: 1e-9})])
    page.take(fold.patch())
    assert page.nodes[5]["loss"] == 1.005 and page.nodes[0]["best"] == 1.001
    assert page.candidates[worst["id"]]["loss"] == 1e-9 and page.rest["header"]["best"]["id"] == worst["id"]
    assert fold.candidates[worst["id"]]["loss"] == 1e-9 and not fold.dirty


def test_the_last_action_tells_the_loss_before_and_after():
    fold = Fold()
    fold.add([node(0, -1, 0.9), node(1, 0, 0.4, move="promote")])
    assert fold.action == {
        "move": "promote",
        "node": 1,
        "parent": 0,
        "window": 0.1,
        "before": 0.9,
        "after": 0.4,
        "t": 1.0,
    }


def test_a_pause_says_how_much_is_under_way():
    fold = Fold()
    fold.add([status("paused", 5, t=1.0, pending=2)])
    assert fold.header()["pending"] == 2
    fold.add([status("paused", 7, t=1.5)])
    assert fold.header()["state"] == "paused" and fold.header()["pending"] == 0


def test_a_run_that_was_resumed_is_running_again():
    fold = Fold()
    fold.add([events.Finish(t=9.0, state="stopped", evaluations=5, seconds=9.5)])
    assert fold.status["state"] == "stopped" and fold.status["elapsed"] == 9.5
    fold.add([status("running", 6, t=9.9)])
    assert fold.status["state"] == "running"
