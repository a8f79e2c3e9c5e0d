"""A search that ended and is taken up again finds what one that never ended finds, to the last digit."""

import json

import pytest

from srlab.runs import events
from srlab.search.checkpoint import checkpoint, take_up
from srlab.search.driver import Driver
from srlab.search.proposer import Proposer
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.search.worker import continue_run


def read_back(event):
    """An event as it comes back from a journal."""
    return events.parse(json.dumps(events.to_json(event)).encode())


def found(run):
    """All that was found, apart from the clock."""
    search = Search.attach(run)
    return (
        [candidate.to_json() for candidate in search.candidates.values()],
        [candidate.id for candidate in search.front],
        {k: (n["formulas"], n["vector"]) for k, n in search.view.nodes.items() if k},
        search.view.status["evaluations"],
    )


@pytest.fixture(scope="module")
def whole(dataset, tmp_path_factory):
    run = tmp_path_factory.mktemp("whole") / "run"
    continue_run(Search(dataset, run, evaluations=4000, workers=1, seed=3).run)
    return run


@pytest.mark.parametrize("parts", [(400, 4000), (1500, 1501, 2500, 4000)])
def test_in_parts_it_finds_the_same_as_in_one_go(whole, dataset, tmp_path, parts):
    search = Search(dataset, tmp_path / "run", evaluations=parts[0], workers=1, seed=3)
    continue_run(search.run)
    for evaluations in parts[1:]:
        try:
            continue_run(search.run, budget={"evaluations": evaluations})
        except ValueError as error:  # the last playout of a part may have gone over the next one's end
            assert "spent its budget" in str(error)
    assert found(search.run) == found(whole)


def test_without_its_checkpoint_it_goes_on_another_way(whole, dataset, tmp_path):
    """So the test above can fail."""
    search = Search(dataset, tmp_path / "run", evaluations=1500, workers=1, seed=3)
    continue_run(search.run)
    journal = search.run / "journal.jsonl"
    journal.write_text("".join(line for line in journal.open() if json.loads(line)["event"] != "checkpoint"))
    continue_run(search.run, budget={"evaluations": 4000})
    assert found(search.run) != found(whole)


# of a node that is not there
WAITING = {
    **{"parent": 0, "move": "refine", "vector": None, "offset": 0.0, "window": 0.0, "score": 0.0, "thorough": True},
    "formulas": {"pair": "exp(-3.0*r)", "density": "exp(-1.9*r)", "embedding": "-1.0*sqrt(rho)"},
}


@pytest.mark.parametrize(
    "damage",
    [
        {"rng": {}},
        {"rng": None},
        {"rng": {"bit_generator": "PCG64", "state": {"state": "x", "inc": 1}, "has_uint32": 0, "uinteger": 0}},
        {"seeds": [[0.5]]},
        {"seeds": 3},
        {"queue": [{}]},
        {"queue": [{**WAITING, "parent": 1}]},
        {"queue": [{"vector": [1.0, "x"]}]},
    ],
)
def test_a_damaged_checkpoint_is_passed_over(damage):
    proposer = Proposer(SearchSettings())
    good = read_back(checkpoint(proposer))
    assert take_up(proposer, good, nodes=1)
    rng, seeds = proposer.rng, proposer.seeds
    for name, value in damage.items():
        setattr(good, name, value)
    assert not take_up(proposer, good, nodes=1) and proposer.rng is rng and proposer.seeds is seeds


def test_proposals_that_wait_are_kept(make_run, dataset, tmp_path):
    search = make_run()
    search.inject("phi = 900.0*exp(-3.0*r); f = exp(-1.9*r); F = -20.0*sqrt(rho)")
    driver = Driver(search.folder, dataset, search.settings)
    driver.proposer.inject({"text": "phi = 800.0*exp(-3.0*r); f = exp(-1.9*r); F = -20.0*sqrt(rho)"}, search.settings)
    again = Proposer(search.settings)
    assert take_up(again, read_back(checkpoint(driver.proposer)), nodes=1)
    (proposal,) = again.queue
    assert (
        proposal.move == "inject"
        and proposal.thorough
        and proposal.model.formulas == driver.proposer.queue[0].model.formulas
    )
