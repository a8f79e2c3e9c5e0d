"""A fork knows what its origin knew, goes its own way, and leaves the origin alone."""

import pytest

from srlab.errors import InputError
from srlab.runs.view import RunView
from srlab.search.driver import Driver
from srlab.search.search import Search


@pytest.fixture(scope="module")
def origin(dataset, tmp_path_factory):
    """A finished run, which no fork changes."""
    search = Search(dataset, tmp_path_factory.mktemp("fork") / "origin", evaluations=2000, workers=1, seed=3)
    Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    return search


def drive(search):
    search.refresh()
    Driver(search.folder, search.folder.dataset(search.view.start), search.settings, search.view).run()
    search.refresh()
    return search


def test_a_fork_begins_with_front_and_tree_and_goes_on(origin, tmp_path):
    before = origin.folder.journal.read_bytes()
    forked = origin.fork(tmp_path / "fork", evaluations=1000, exploration=2.0)
    assert [c.id for c in forked.front] == [c.id for c in origin.front]
    assert set(forked.view.nodes) == set(origin.view.nodes) and forked.view.start["forked_from"] == str(origin.run)
    drive(forked)
    assert forked.state == "finished" and forked.view.status["evaluations"] >= 1000
    assert len(forked.view.nodes) > len(origin.view.nodes) and forked.view.settings["exploration"] == 2.0
    assert origin.folder.journal.read_bytes() == before


def test_a_fork_may_start_from_a_node(origin, tmp_path):
    node = max(origin.view.nodes)
    forked = drive(origin.fork(tmp_path / "fork", node=node, evaluations=1600))
    assert forked.view.flags[node] == "boost"
    assert forked.view.nodes[node]["visits"] > origin.view.nodes[node]["visits"]


def test_a_fork_with_other_operators_keeps_the_formulas(origin, tmp_path):
    forked = drive(origin.fork(tmp_path / "fork", evaluations=1000, operators=("exp", "pow", "sqrt", "linear")))
    new = [c for c in forked.candidates.values() if c.id not in origin.candidates]
    assert new and not any(
        "cos" in c.formulas["pair"] or "(r" in c.formulas["pair"]
        for c in new
        if c.move in ("seed", "crossover", "graft", "grow")
    )


def test_what_a_fork_cannot_change_is_said(origin, tmp_path):
    with pytest.raises(InputError, match="cutoff stays as it is in a fork"):
        origin.fork(tmp_path / "a", cutoff=5.0)
    with pytest.raises(InputError, match="there is no node 99999"):
        origin.fork(tmp_path / "b", node=99999)
    with pytest.raises(InputError, match="no such setting"):
        origin.fork(tmp_path / "c", colour=1)
    with pytest.raises(InputError, match="in use"):
        origin.fork(origin.run)
    assert not (tmp_path / "a").exists() and not (tmp_path / "c").exists()


def test_a_fork_has_the_budget_of_its_origin_and_says_where_it_began(origin, tmp_path):
    node = max(origin.view.nodes)
    forked = origin.fork(tmp_path / "fork", node=node)
    assert forked.settings.evaluations == 2000
    assert forked.view.start["forked_node"] == node
    assert forked.view.start["forked_at"] == pytest.approx(origin.view.seconds, abs=1e-3)
    drive(forked)
    assert 2000 <= forked.view.status["evaluations"] < 3000  # counted from the fork


def test_a_fork_that_a_page_asked_for_is_attended_from_its_start(origin, tmp_path):
    forked = origin.fork(tmp_path / "fork", evaluations=500)

    def attended():
        known = RunView(forked.folder.events())
        return Driver(forked.folder, None, forked.settings, known).attendance.seconds() is not None

    assert not attended()  # a script's
    forked.attend()
    assert attended()
    drive(forked)
    assert not attended()  # it was, before
