"""A search on islands finds the same whoever searches them and whatever is killed on the way; its trees give each
other their elites; it looks like one search."""

import os
import shutil
import signal

import psutil
import pytest

from srlab.errors import InputError
from srlab.potentials import load_potential
from srlab.runs import events
from srlab.search.islands import coordinator
from srlab.search.islands.island_search import IslandSearch
from srlab.search.search import Search
from srlab.search.worker import continue_run
from srlab.workers.pool import Serial
from tests.waiting import PATIENCE, more_words, wait_until

SETTINGS = {"trees": 3, "exchange": 300, "evaluations": 2700, "seed": 3}


def found(islands):
    """All that was found, apart from the clock: in the islands and in each of its trees."""
    searches = [Search.attach(run) for run in (islands.run, *(tree.path for tree in islands.trees))]
    return [
        (
            [candidate.to_json() for candidate in each.candidates.values()],
            [candidate.id for candidate in each.front],
            each.view.status["evaluations"],
            {k: (n["formulas"], n["vector"]) for k, n in each.view.nodes.items() if k},
        )
        for each in searches
    ]


def migrants_of(tree):
    return [event.command for event in tree.events() if isinstance(event, events.Command)]


class Here(Serial):
    """One worker, which is this process."""

    workers = 1

    def __init__(self, workers, *setup, apart):
        super().__init__(*setup)

    def at_home(self, near):
        return True


def continue_here(run, **budget):
    """Begin or continue a search on islands without starting a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coordinator, "LocalPool", Here)
        continue_run(run, **budget)


@pytest.fixture(scope="module")
def whole(dataset, tmp_path_factory):
    """A search on islands in this process that nobody disturbs. Not to be changed."""
    islands = IslandSearch(dataset, tmp_path_factory.mktemp("islands") / "whole", workers=1, **SETTINGS)
    continue_here(islands.run)
    return IslandSearch.attach(islands.run)


def test_trees_share_the_budget_and_give_each_other_their_elites(whole):
    trees = [Search.attach(tree.path) for tree in whole.trees]
    assert whole.state == "finished" and [tree.state for tree in trees] == ["finished"] * 3
    assert [tree.view.start["seed"] for tree in trees] == [3, 1003, 2003]
    assert all(tree.view.status["evaluations"] >= 900 for tree in trees)
    assert whole.view.status["evaluations"] == sum(tree.view.status["evaluations"] for tree in trees)
    given = [(number, command) for number, tree in enumerate(whole.trees) for command in migrants_of(tree)]
    assert given and all(not command["from"].startswith(f"t{number}-") for number, command in given)
    for number in range(3):
        ids = [command["from"] for each, command in given if each == number]
        assert len(ids) == len(set(ids)) and not trees[number].view.errors
    planted = [node for tree in trees for node in tree.view.nodes.values() if node["move"] == "inject"]
    assert planted and all(node["vector"] and node["parent"] == 0 for node in planted)
    ends = [[event for event in tree.events() if isinstance(event, events.Checkpoint)][-1] for tree in whole.trees]
    waiting = [proposal for end in ends for proposal in end.queue if proposal["move"] == "inject"]
    assert len(planted) + len(waiting) == len(given)  # a budget may end before one's turn


def test_the_front_is_that_of_all_trees(whole):
    from srlab.search.pareto_front import dominates, objectives

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


def test_a_cluster_finds_the_same(whole, dataset, tmp_path):
    distributed = pytest.importorskip("distributed", reason="the dask extra is not installed")
    # of this process: tests/workers/test_pool.py has those of others
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0"
    ) as cluster:
        islands = IslandSearch(dataset, tmp_path / "islands", scheduler=cluster.scheduler_address, **SETTINGS)
        continue_run(islands.run)
    assert found(islands) == found(whole)


def test_one_tree_is_the_search_with_its_seed(dataset, tmp_path):
    search = Search(dataset, tmp_path / "search", evaluations=2500, seed=5, workers=1)
    continue_run(search.run)
    islands = IslandSearch(dataset, tmp_path / "islands", trees=1, exchange=700, evaluations=2500, seed=5, workers=1)
    continue_here(islands.run)
    tree = Search.attach(islands.trees[0].path)
    assert [candidate.to_json() for candidate in tree.candidates.values()] == [
        candidate.to_json() for candidate in search.candidates.values()
    ]
    assert [candidate.id for candidate in islands.front] == [f"t0-{candidate.id}" for candidate in search.front] != []


def test_a_killed_worker_costs_its_epoch_only_and_a_killed_search_goes_on_where_it_was(whole, dataset, tmp_path):
    """One worker is killed, then the search itself, and the same is found by two workers and another process."""
    islands = IslandSearch(dataset, tmp_path / "islands", workers=2, **SETTINGS).start()
    wait_until(lambda: islands.refresh() is not None and islands.view.status["evaluations"] > 0)
    main = psutil.Process(islands._child.pid)
    workers = [child for child in main.children(recursive=True) if "spawn_main" in " ".join(child.cmdline())]
    assert len(workers) == 2
    workers[0].suspend()  # one that is between two epochs is given the next one first, so that it has one to lose
    more_words(islands)
    workers[0].kill()
    wait_until(lambda: islands.refresh() is not None and islands.view.errors)
    assert "was lost; another does its epoch again" in islands.view.errors[0]  # which takes a while: it is not done yet
    children = main.children(recursive=True)
    os.kill(main.pid, signal.SIGKILL)
    wait_until(lambda: islands.state == "died" and not islands.folder.busy())
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []
    with open(islands.trees[1].journal, "a") as journal:
        journal.write('{"event":"candidate","t":9.9,"cand')  # what a kill in the middle of a write leaves behind
    before = islands.view.status["evaluations"]
    continue_here(islands.run)
    again = Search.attach(islands.run)
    assert again.state == "finished" and again.view.status["evaluations"] > before
    assert found(islands) == found(whole)


def test_killed_after_its_last_evaluation_it_still_takes_what_the_trees_found(whole, tmp_path):
    copy = shutil.copytree(whole.run, tmp_path / "islands")
    lines = (copy / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (*_, last) = (k for k, line in enumerate(lines) if b'"event":"epoch"' in line)
    (*_, before) = (k for k, line in enumerate(lines[:last]) if b'"event":"epoch"' in line)
    said = [line for line in lines if b'"event":"status"' in line][-1].replace(b'"finished"', b'"running"')
    (copy / "journal.jsonl").write_bytes(b"".join([*lines[: before + 1], said]))
    for tree in copy.glob("tree-*/journal.jsonl"):
        tree.write_bytes(b"".join(line for line in tree.read_bytes().splitlines(True) if b'"finish"' not in line))
    killed = IslandSearch.attach(copy)
    assert killed.state == "died" and killed.view.status["evaluations"] >= SETTINGS["evaluations"]
    assert found(killed) != found(whole)
    continue_here(copy)
    assert IslandSearch.attach(copy).state == "finished" and found(IslandSearch.attach(copy)) == found(whole)


def test_a_tree_can_be_replayed(whole, tmp_path):
    number = next(number for number, tree in enumerate(whole.trees) if migrants_of(tree))
    tree = Search.attach(whole.trees[number].path)
    again = Search.replay(tree.run, tmp_path / "again")
    continue_run(again.run)
    assert again.candidates and [c.to_json() for c in again.candidates.values()] == [
        c.to_json() for c in tree.candidates.values()
    ]
    assert migrants_of(again.folder) == migrants_of(tree.folder)
    with pytest.raises(InputError, match="is a search on islands, whose trees can be replayed"):
        Search.replay(whole.run)
    with pytest.raises(InputError, match="is a search on islands: fork one of its trees"):
        whole.fork(tmp_path / "fork")


def test_more_evaluations_and_a_formula_for_all_trees(dataset, tmp_path):
    islands = IslandSearch(
        dataset, tmp_path / "islands", trees=2, exchange=300, elites=0, evaluations=700, seed=1, workers=1
    )
    islands.inject("phi = 3000.0*exp(-3.7*r); f = exp(-3.6*r); F = -100.0*sqrt(rho)")
    continue_here(islands.run)
    with pytest.raises(InputError, match="has spent its budget"):
        continue_run(islands.run)
    first = Search.attach(islands.run).view.status["evaluations"]
    islands.folder.forget_commands()
    continue_here(islands.run, budget={"evaluations": first + 500})
    for tree in islands.trees:
        (command,) = migrants_of(tree)
        assert command["text"].startswith("phi = 3000.0") and Search.attach(tree.path).candidates["c0"].move == "inject"
    assert 700 <= first < first + 500 <= Search.attach(islands.run).view.status["evaluations"]
    with pytest.raises(InputError, match="density function is missing"):
        islands.inject("phi = exp(-2.0*r)")


def test_it_can_be_paused_and_stopped(dataset, tmp_path):
    islands = IslandSearch(dataset, tmp_path / "islands", trees=2, exchange=200, seconds=3600, workers=1)
    said, steps = [], []

    def in_use():
        with pytest.raises(InputError, match="in use"):
            Search.attach(islands.trees[0].path).start()
        islands.steer(exploration=0.5)
        islands.pause()

    def watch(event):
        said.append(event)
        if event.kind != "status":
            return
        at_rest = [each for each in said if each.kind == "status" and each.state == "paused" and each.pending == 0]
        if not steps and event.evaluations > 0:
            steps.append(in_use())
        elif len(steps) == 1 and len(at_rest) == 3:  # what was under way has ended
            steps.append(islands.resume())
        elif len(steps) == 2 and event.state == "running":
            steps.append(islands.stop())

    continue_run(islands.run, watch)
    islands.refresh()
    assert "a search on islands does not know the command 'set' with exploration" in islands.view.errors[0]
    at_rest = [each for each in said if each.kind == "status" and each.state == "paused" and each.pending == 0]
    assert len({each.evaluations for each in at_rest}) == 1 and at_rest[0].evaluations > 0
    assert len(steps) == 3 and islands.state == "stopped" and not islands.folder.busy()


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
        IslandSearch(dataset, tmp_path / "islands", **wrong)
    assert not (tmp_path / "islands").exists()


def test_a_cluster_that_is_not_there(dataset, tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="the dask extra is not installed")
    monkeypatch.setattr("srlab.workers.pool.CONNECT_SECONDS", 1)
    islands = IslandSearch(dataset, tmp_path / "islands", scheduler="tcp://127.0.0.1:9", **SETTINGS)
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        continue_run(islands.run)
