"""A forest finds the same whoever searches it and whatever is killed on the way; its trees give each other their elites; it looks like one search."""

import os
import signal
import time

import psutil
import pytest

from srlab.errors import InputError
from srlab.potentials import load_potential
from srlab.search.islands.islands import Forest
from srlab.search.search import Search
from srlab.search.worker import continue_run

SETTINGS = {"trees": 3, "exchange": 400, "evaluations": 4500, "seed": 3}


def found(forest):
    """All that was found, apart from the clock: in the forest and in each of its trees."""
    searches = [Search.attach(run) for run in (forest.run, *(tree.path for tree in forest.trees))]
    return [
        (
            [candidate.to_json() for candidate in each.candidates.values()],
            [candidate.id for candidate in each.front],
            each.view.status["evaluations"],
            {k: (n["formulas"], n["vector"]) for k, n in each.view.nodes.items() if k},
        )
        for each in searches
    ]


def gifts_of(tree):
    return [event["command"] for event in tree.events() if event["event"] == "command"]


def wait_for(condition, seconds=120.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def whole(dataset, tmp_path_factory):
    """A forest on one worker that nobody disturbs. Not to be changed."""
    forest = Forest(dataset, tmp_path_factory.mktemp("forest") / "whole", workers=1, **SETTINGS)
    continue_run(forest.run)
    return Forest.attach(forest.run)


def test_trees_share_the_budget_and_give_each_other_their_elites(whole):
    trees = [Search.attach(tree.path) for tree in whole.trees]
    assert whole.state == "finished" and [tree.state for tree in trees] == ["finished"] * 3
    assert [tree.view.start["seed"] for tree in trees] == [3, 1003, 2003]
    assert all(tree.view.status["evaluations"] >= 1500 for tree in trees)
    assert whole.view.status["evaluations"] == sum(tree.view.status["evaluations"] for tree in trees)
    given = [(number, command) for number, tree in enumerate(whole.trees) for command in gifts_of(tree)]
    assert given and all(not command["from"].startswith(f"t{number}-") for number, command in given)
    for number in range(3):
        ids = [command["from"] for each, command in given if each == number]
        assert len(ids) == len(set(ids)) and not trees[number].view.errors
    planted = [node for tree in trees for node in tree.view.nodes.values() if node["move"] == "inject"]
    assert len(planted) == len(given) and all(node["vector"] and node["parent"] == 0 for node in planted)


def test_the_front_is_that_of_all_trees(whole):
    from srlab.search.front import dominates, objectives

    members = {
        f"t{number}-{candidate.id}": candidate
        for number, tree in enumerate(whole.trees)
        for candidate in Search.attach(tree.path).front
    }
    points = [objectives(candidate) for candidate in members.values()]
    assert {candidate.id for candidate in whole.front} <= members.keys()
    assert {objectives(candidate) for candidate in whole.front} == {
        point for point in points if not any(dominates(other, point) for other in points)
    }
    best = whole.front[-1]
    number, name = best.id[1:].split("-")
    assert (
        load_potential(f"{whole.run}#{best.id}").offset
        == load_potential(f"{whole.trees[int(number)].path}#{name}").offset
    )


def test_two_workers_find_the_same(whole, dataset, tmp_path):
    forest = Forest(dataset, tmp_path / "forest", workers=2, **SETTINGS).start().wait(300)
    assert found(forest) == found(whole)


def test_a_cluster_finds_the_same(whole, dataset, tmp_path):
    distributed = pytest.importorskip("distributed", reason="the dask extra is not installed")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster:
        forest = Forest(dataset, tmp_path / "forest", scheduler=cluster.scheduler_address, **SETTINGS)
        continue_run(forest.run)
    assert found(forest) == found(whole)


def test_one_tree_is_the_search_with_its_seed(dataset, tmp_path):
    search = Search(dataset, tmp_path / "search", evaluations=2500, seed=5, workers=1)
    continue_run(search.run)
    forest = Forest(dataset, tmp_path / "forest", trees=1, exchange=700, evaluations=2500, seed=5, workers=1)
    continue_run(forest.run)
    tree = Search.attach(forest.trees[0].path)
    assert [candidate.to_json() for candidate in tree.candidates.values()] == [
        candidate.to_json() for candidate in search.candidates.values()
    ]
    assert [candidate.id for candidate in forest.front] == [f"t0-{candidate.id}" for candidate in search.front] != []


def test_a_killed_worker_costs_its_stretch_only(whole, dataset, tmp_path):
    forest = Forest(dataset, tmp_path / "forest", workers=2, **SETTINGS).start()
    wait_for(lambda: forest.refresh() is not None and forest.view.status["evaluations"] > 0)
    workers = [
        child
        for child in psutil.Process(forest._process.pid).children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]
    assert len(workers) == 2
    os.kill(workers[0].pid, signal.SIGKILL)
    forest.wait(300)
    assert forest.state == "finished" and "was lost; another does its stretch again" in forest.view.errors[0]
    assert found(forest) == found(whole)


def test_a_killed_forest_goes_on_where_it_was(whole, dataset, tmp_path):
    forest = Forest(dataset, tmp_path / "forest", workers=2, **SETTINGS).start()
    wait_for(lambda: forest.refresh() is not None and forest.view.status["evaluations"] > 1500)
    children = psutil.Process(forest._process.pid).children(recursive=True)
    os.kill(forest._process.pid, signal.SIGKILL)
    wait_for(lambda: forest.state == "died" and not forest.folder.busy())
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
    with open(forest.trees[1].journal, "a") as journal:
        journal.write('{"event":"candidate","t":9.9,"cand')  # what a kill in the middle of a write leaves behind
    before = forest.view.status["evaluations"]
    again = Search.attach(forest.run)
    again.resume()
    again.wait(300)
    assert again.state == "finished" and again.view.status["evaluations"] > before
    assert found(forest) == found(whole)


def test_a_tree_can_be_replayed(whole, tmp_path):
    number = next(number for number, tree in enumerate(whole.trees) if gifts_of(tree))
    tree = Search.attach(whole.trees[number].path)
    again = Search.replay(tree.run, tmp_path / "again")
    continue_run(again.run)
    assert again.candidates and [c.to_json() for c in again.candidates.values()] == [
        c.to_json() for c in tree.candidates.values()
    ]
    assert gifts_of(again.folder) == gifts_of(tree.folder)
    with pytest.raises(InputError, match="is a forest, whose trees can be replayed"):
        Search.replay(whole.run)
    with pytest.raises(InputError, match="is a forest: fork one of its trees"):
        whole.fork(tmp_path / "fork")


def test_more_evaluations_and_a_formula_for_all_trees(dataset, tmp_path):
    forest = Forest(dataset, tmp_path / "forest", trees=2, exchange=300, elites=0, evaluations=700, seed=1, workers=1)
    forest.inject("phi = 3000.0*exp(-3.7*r); f = exp(-3.6*r); F = -100.0*sqrt(rho)")
    continue_run(forest.run)
    with pytest.raises(InputError, match="has spent its budget"):
        continue_run(forest.run)
    first = Search.attach(forest.run).view.status["evaluations"]
    forest.folder.forget_commands()
    continue_run(forest.run, budget={"evaluations": first + 500})
    for tree in forest.trees:
        (command,) = gifts_of(tree)
        assert command["text"].startswith("phi = 3000.0") and Search.attach(tree.path).candidates["c0"].move == "inject"
    assert 700 <= first < first + 500 <= Search.attach(forest.run).view.status["evaluations"]
    with pytest.raises(InputError, match="density function is missing"):
        forest.inject("phi = exp(-2.0*r)")


def test_it_can_be_paused_and_stopped(dataset, tmp_path):
    forest = Forest(dataset, tmp_path / "forest", trees=2, exchange=200, seconds=300, workers=1).start()
    wait_for(lambda: forest.refresh() is not None and forest.view.status["evaluations"] > 0)
    with pytest.raises(InputError, match="in use"):
        Search.attach(forest.trees[0].path).start()
    forest.steer(exploration=0.5)
    forest.pause()
    wait_for(lambda: forest.state == "paused" and forest.view.errors)
    assert "a forest does not know the command 'set' with exploration" in forest.view.errors[0]
    wait_for(
        lambda: forest.refresh() is not None and forest.view.status["pending"] == 0
    )  # what was under way has ended
    before = forest.view.status["evaluations"]
    time.sleep(1.0)
    assert forest.refresh() is not None and forest.view.status["evaluations"] == before > 0
    forest.resume()
    wait_for(lambda: forest.state == "running")
    forest.stop()
    forest.wait(60)
    assert forest.state == "stopped" and not forest.folder.busy()


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"trees": 0}, "trees must be a whole number, 1 or more, not 0"),
        ({"exchange": 0}, "exchange must be .* 1 or more"),
        ({"exchange": 2.5}, "exchange must be"),
        ({"elites": -1}, "elites must be .* 0 or more"),
        ({"trees": 10**6}, "not be more than 10,000"),
        ({"workers": 0}, "workers must be at least 1"),
        ({"colour": "blue"}, "no such setting"),
    ],
)
def test_bad_input_is_said_and_nothing_is_made(dataset, tmp_path, wrong, message):
    with pytest.raises(InputError, match=message):
        Forest(dataset, tmp_path / "forest", **wrong)
    assert not (tmp_path / "forest").exists()


def test_a_cluster_that_is_not_there(dataset, tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="the dask extra is not installed")
    monkeypatch.setattr("srlab.workers.pool.CONNECT_SECONDS", 1)
    forest = Forest(dataset, tmp_path / "forest", scheduler="tcp://127.0.0.1:9", **SETTINGS)
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        continue_run(forest.run)
