"""Operators of one's own in a search: found, steered, resumed, replayed, on islands, and in what is exported."""

import pytest

from srlab.errors import InputError
from srlab.runs import commands as steering
from srlab.runs import events
from srlab.search.driver import Driver
from srlab.search.islands.island_search import IslandSearch
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.search.worker import continue_run

pytestmark = pytest.mark.usefixtures("no_references")

BUMP = "bump(x) = exp(-x^2)"
ONLY = {"own_operators": [BUMP], "operators": "bump,sqrt"}
WRITTEN = "exp(-("  # as no term that comes with srlab


def test_they_are_used_unless_said_otherwise_and_travel_as_json():
    settings = SearchSettings(own_operators=["bump(x)=exp( -x^2 )"])
    assert settings.own_operators == (BUMP,) and settings.operators[-1] == "bump" and "exp" in settings.operators
    assert SearchSettings.from_json(settings.to_json()) == settings
    assert "bump" not in SearchSettings(own_operators=[BUMP], operators="exp,sqrt").operators
    with pytest.raises(InputError, match="unknown operator 'bump': choose from exp"):
        SearchSettings(operators="bump,sqrt")
    with pytest.raises(InputError, match="no operator is left for the embedding"):
        SearchSettings(own_operators=[BUMP], operators="bump")  # it does not vanish where there is no density


def test_steering_takes_new_ones_into_use_and_drops_lost_ones():
    before = SearchSettings(operators="exp,sqrt")
    after = before.steered({"own_operators": [BUMP]})
    assert after.operators == ("exp", "sqrt", "bump")
    assert after.steered({"own_operators": []}) == before
    costly = after.steered({"costs": {"bump": 1, "exp": 2}})
    assert costly.costs == (("exp", 2), ("bump", 1)) and SearchSettings.from_json(costly.to_json()) == costly
    assert costly.steered({"own_operators": []}).costs == (("exp", 2),)  # it goes with its operator
    with pytest.raises(InputError, match="unknown operator 'bump' among the costs"):
        before.steered({"costs": {"bump": 2}})
    assert after.steered({"operators": ["exp", "sqrt"]}).own_operators == (BUMP,)  # there to be allowed again
    for wrong in (5, ["bump(x) = exp("], [["exp"]]):
        with pytest.raises(InputError):
            before.steered({"own_operators": wrong})


def test_formulas_are_written_with_it_and_exports_hold_it(dataset, tmp_path):
    search = Search(dataset, tmp_path / "run", evaluations=800, workers=1, seed=3, **ONLY)
    continue_run(search.run)
    assert search.front and all(WRITTEN in candidate.formulas["pair"] for candidate in search.front)
    best = search.front[0]
    assert best.complexity == best.model.complexity  # of the formula, as its nodes are
    assert "np.exp(-(" in best.model.functions["pair"].python()


def test_it_is_steered_resumed_and_replayed(make_run, dataset, tmp_path):
    search = make_run(evaluations=1500, operators="exp,sqrt")

    def steer(event):
        if isinstance(event, events.Node) and event.id == 1:
            steering.send(search.run, "set", own_operators=[BUMP], operators=["bump", "sqrt"], costs=[["bump", 2]])

    continue_run(search.run, watch=steer)
    search.refresh()
    assert search.view.settings["own_operators"] == [BUMP] and search.view.settings["costs"] == [["bump", 2]]
    using = [each for each in search.candidates.values() if WRITTEN in each.formulas["pair"]]
    assert using and all(each.complexity < each.model.complexity for each in using)  # 2 nodes for what it is made of
    assert any(WRITTEN in candidate.formulas["pair"] for candidate in search.candidates.values())
    settings = search.settings.steered({"own_operators": [BUMP], "operators": ["bump", "sqrt"]})
    again = Driver(search.folder, dataset, settings, search.view)
    assert {slot.term.group for _, slot, _ in again.proposer.network.slots} == {"bump", "sqrt"}
    assert any(node.vector is not None for node in again.tree.nodes)
    replayed = Search.replay(search.run, tmp_path / "again")
    continue_run(replayed.run)
    assert [c.to_json() for c in replayed.front] == [c.to_json() for c in search.front]


def test_islands_follow_it(dataset, tmp_path):
    islands = IslandSearch(
        dataset, tmp_path / "islands", trees=2, exchange=300, evaluations=700, workers=1, seed=3, **ONLY
    )
    continue_run(islands.run)
    for tree in islands.trees:
        found = Search.attach(tree.path).candidates.values()
        assert found and all(WRITTEN in candidate.formulas["pair"] for candidate in found)
