"""The one reducer: what it makes of a journal, whole and damaged."""

import pytest

from srlab.runs import events
from srlab.runs.view import RunView

FORMULAS = {"pair": "900.0*exp(-3.0*r)", "density": "exp(-1.9*r)", "embedding": "-20.0*sqrt(rho)"}


def node(identity, parent, loss=0.5, playouts=1, **more):
    return events.Node(id=identity, parent=parent, depth=1, move="expand", loss=loss, playouts=playouts, **more)


def candidate(identity, loss=0.5, **more):
    return events.Candidate(
        candidate={
            **{"id": identity, "element": "Cu", "template": "eam", "formulas": FORMULAS, "offset": 0.0, "cutoff": 6.0},
            **{"taper_start": 4.5, "complexity": 14, "n_constants": 4, "loss": loss, "energy_mae": 1.0},
            **{"force_mae": 2.0, "test_energy_mae": None, "test_force_mae": None, **more},
        }
    )


def test_playouts_and_best_losses_are_counted_up_to_the_root():
    view = RunView([events.root(), node(1, 0, 0.5, 2), node(2, 1, 0.3, 3), node(3, 0, 0.4)])
    view.apply(events.Visit(node=3, playouts=4, best=0.1, form="a"))
    view.apply(events.Visit(node=2, playouts=1, form="a"))
    assert [view.nodes[k]["visits"] for k in range(4)] == [11, 6, 4, 5]
    assert [view.nodes[k]["best"] for k in range(4)] == [0.1, 0.3, 0.3, 0.1]
    assert view.tries == {"a": 2} and [each["id"] for each in view.lineage(2)] == [2, 1, 0]


def test_losses_measured_anew_replace_all_that_was_best():
    view = RunView([events.root(), node(1, 0, 0.5), node(2, 1, 0.3), candidate("c0"), candidate("c1", 0.4)])
    view.apply(events.Visit(node=1, playouts=1, best=0.01))
    view.apply(events.Rescore(nodes={1: 2.0, 2: 3.0}, candidates={"c0": 2.5, "c9": 1.0}))
    assert [view.nodes[k]["best"] for k in range(3)] == [2.0, 2.0, 3.0]
    assert (
        view.candidates["c0"].loss == 2.5 and view.candidates["c1"].loss == 0.4 and set(view.candidates) == {"c0", "c1"}
    )


def test_a_checkpoint_counts_until_something_is_found_after_it():
    view = RunView([events.root(), node(1, 0), events.Checkpoint()])
    assert view.checkpoint is not None and view.played
    view.apply(events.Status(state="running", evaluations=5, rate=1.0, nodes=2, candidates=0))
    assert view.checkpoint is not None
    view.apply(events.Visit(node=1, playouts=1))
    assert view.checkpoint is None
    assert not RunView([events.root()]).played


def test_a_kill_between_a_candidate_and_the_front_is_known():
    view = RunView([candidate("c0"), events.Front(ids=["c0"]), candidate("c1")])
    assert [each.id for each in view.front] == ["c0"] and [each.id for each in view.found_since_front] == ["c1"]
    view.apply(events.Front(ids=["c1", "c7"]))
    assert [each.id for each in view.front] == ["c1"] and view.found_since_front == []


def test_a_candidate_that_does_not_hold_together_is_nobody():
    view = RunView([candidate("c0", cutoff="six"), candidate("c1", formulas={"pair": "r"}), candidate("c2")])
    assert set(view.records) == {"c0", "c1", "c2"} and set(view.candidates) == {"c2"}
    assert view.candidate("c0") is None and view.candidate("c9") is None
    view.apply(candidate("c0"))
    assert view.candidate("c0").cutoff == 6.0


def test_commands_change_settings_and_pins_and_are_kept():
    start = events.Start(
        settings={"exploration": 1.0}, dataset=events.Data(name="cu", fingerprint="f", frames=2, train=1, test=1)
    )
    view = RunView([start, start])
    for command in ({"name": "set", "exploration": 2.0}, {"name": "pin", "candidate": "c1"}, {"name": "pause"}):
        view.apply(events.Command(command=command))
    assert view.settings == {"exploration": 2.0} and view.start["settings"] == {"exploration": 1.0}
    assert view.pins == ["c1"] and [each.command["name"] for each in view.commands] == ["set", "pin", "pause"]
    view.apply(events.Command(command={"name": "pin", "candidate": "c1"}))
    assert view.pins == [] and view.n_events == 4


@pytest.mark.parametrize("lost", [1, 2])
def test_a_node_without_its_parent_hangs_on_the_root(lost):
    whole = [events.root(), node(1, 0), node(2, 1, 0.2), node(3, 2, 0.1, playouts=2)]
    view = RunView(each for each in whole if each.id != lost)
    assert view.nodes[lost + 1]["parent"] == 0 and view.nodes[0]["best"] == 0.1 and view.nodes[0]["visits"] == 3


def test_a_line_that_is_there_twice_counts_once():
    view = RunView([events.root(), node(1, 0, playouts=2), node(1, 0, playouts=2), node(2, 1)])
    assert [view.nodes[k]["visits"] for k in range(3)] == [3, 3, 1]
    view.apply(node(1, 0, 0.9))  # as a version before 0.2 reused ids after a damaged line
    assert view.nodes[1]["loss"] == 0.9


def test_flags_are_known_for_nodes_that_are_there():
    view = RunView([events.root(), node(1, 0), events.Flag(node=1, flag="boost"), events.Flag(node=9, flag="prune")])
    assert view.nodes[1]["flag"] == "boost" and view.flags == {1: "boost"}
    view.apply(events.Flag(node=1, flag=None))
    assert view.nodes[1]["flag"] is None and view.flags == {}
