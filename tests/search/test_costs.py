"""Costs of operators: complexity counts them, and so do limit, front, resume, replay and islands."""

import pytest

from srlab.errors import InputError
from srlab.expressions.costs import Costs
from srlab.runs import commands as steering
from srlab.runs import events
from srlab.search.driver import Driver
from srlab.search.islands.island_search import IslandSearch
from srlab.search.search import Search
from srlab.search.settings import SearchSettings, check_costs
from srlab.search.worker import continue_run

COSTS = {"exp": 4, "mul": 2}


def weighed(candidates, costs):
    return {candidate.id: candidate.model.weighed(Costs.of(costs.items())) for candidate in candidates}


def counted(candidates):
    return {candidate.id: candidate.complexity for candidate in candidates}


def test_costs_are_checked_and_travel_as_json():
    settings = SearchSettings(costs={"exp": 2, "cos": 3, "add": 1})
    assert settings.costs == (("exp", 2), ("cos", 3)) == check_costs([["cos", 3], ["exp", 2]])
    assert SearchSettings.from_json(settings.to_json()) == settings
    assert settings.steered({"costs": []}) == SearchSettings()
    for wrong, words in [
        ({"gauss": 2}, "unknown operator 'gauss' among the costs: choose from add, sub"),
        ({"exp": 0}, "the cost of exp must be a whole number from 1 to 20"),
        ({"exp": 1.5}, "the cost of exp must be a whole number"),
        ((("exp", 2), ("exp", 3)), "twice"),
        (7, "pairs of an operator and a whole number"),
    ]:
        with pytest.raises(InputError, match=words):
            SearchSettings(costs=wrong)
    with pytest.raises(InputError, match="max_complexity must lie between 45 and 200"):
        SearchSettings(costs={"pow": 20, "exp": 20, "mul": 5}, max_complexity=20)


def test_the_limit_holds_with_the_costs(dataset, tmp_path):
    search = Search(dataset, tmp_path / "run", evaluations=1000, workers=1, seed=3, costs=COSTS, max_complexity=34)
    continue_run(search.run)
    front = search.front
    assert front and counted(search.candidates.values()) == weighed(search.candidates.values(), COSTS)
    assert max(candidate.complexity for candidate in front) <= 34
    by_name = {reference["name"]: reference for reference in search.view.references}
    assert by_name["Cleri-Rosato"]["complexity"] > 25  # two exponentials
    assert Search.attach(search.run).settings.costs == check_costs(COSTS)


def test_costs_are_steered_resumed_and_replayed(make_run, dataset, tmp_path):
    search = make_run(evaluations=1500)

    def steer(event):
        if isinstance(event, events.Node) and event.id == 5:
            steering.send(search.run, "set", costs=[["exp", 4], ["mul", 2]])

    continue_run(search.run, watch=steer)
    search.refresh()
    best = {candidate.structure: candidate for candidate in search.candidates.values()}.values()
    assert search.view.settings["costs"] == [["exp", 4], ["mul", 2]]
    assert counted(best) == weighed(best, COSTS) != weighed(best, {})
    front = [candidate.id for candidate in search.front]
    assert all(reference["complexity"] > 17 for reference in search.view.references)
    again = Driver(search.folder, dataset, search.settings.steered({"costs": COSTS}), search.view)
    assert again.front.ids == front and again.proposer.network.costs == Costs.of(COSTS.items())
    assert all(again.tree.nodes[k].complexity == node["complexity"] for k, node in search.view.nodes.items())
    replayed = Search.replay(search.run, tmp_path / "again")
    continue_run(replayed.run)
    assert [c.to_json() for c in replayed.front] == [c.to_json() for c in search.front]


def test_islands_follow_the_costs(dataset, tmp_path):
    islands = IslandSearch(
        dataset, tmp_path / "islands", trees=2, exchange=300, evaluations=800, workers=1, seed=3, costs=COSTS
    )
    continue_run(islands.run)
    for run in (islands.run, *(tree.path for tree in islands.trees)):
        candidates = Search.attach(run).candidates.values()
        assert candidates and counted(candidates) == weighed(candidates, COSTS)


def test_a_fork_keeps_the_costs(make_run):
    with pytest.raises(InputError, match="costs stays as it is in a fork"):
        make_run(evaluations=500).fork(costs={"exp": 2})
