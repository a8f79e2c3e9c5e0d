"""A search that ended and is taken up again finds what one that never ended finds, to the last digit; from
a damaged journal it keeps what is whole, and gives no id to a second thing."""

import json
from collections import Counter

import pytest

from srlab.errors import InputError
from srlab.runs import events
from srlab.runs.view import RunView
from srlab.search.driver import Driver
from srlab.search.proposer import Proposer
from srlab.search.resume import GAP, checkpoint, settings_of, take_up
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
    continue_run(Search(dataset, run, evaluations=2500, workers=1, seed=3).run)
    return run


@pytest.mark.parametrize("parts", [(400, 2500), (900, 901, 1500, 2500)])
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
    search = Search(dataset, tmp_path / "run", evaluations=900, workers=1, seed=3)
    continue_run(search.run)
    journal = search.run / "journal.jsonl"
    journal.write_text("".join(line for line in journal.open() if json.loads(line)["event"] != "checkpoint"))
    continue_run(search.run, budget={"evaluations": 2500})
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


def ids(run):
    """How often each node and each candidate is in a journal."""
    found = events.reader(run / "journal.jsonl").read()
    return Counter(
        ("node", each.id) if isinstance(each, events.Node) else ("candidate", each.candidate["id"])
        for each in found
        if isinstance(each, (events.Node, events.Candidate))
    )


@pytest.mark.parametrize("which", ["first", "last"])
def test_ids_of_lost_lines_are_not_given_again(finished, which):
    search = finished(evaluations=700)
    lines = search.folder.journal.read_text().splitlines(keepends=True)
    for kind in ("candidate", "node"):
        places = [k for k, line in enumerate(lines) if line.startswith(f'{{"event":"{kind}"') and '"id":0,' not in line]
        lines[places[1 if which == "first" else -1]] = "damaged\n"
    search.folder.journal.write_text("".join(lines))
    before = ids(search.run)
    continue_run(search.run, budget={"evaluations": 1200})
    after = ids(search.run)
    assert len(after) > len(before) and set(after.values()) == {1}


def test_nodes_after_a_lost_line_stay_in_the_tree(finished, dataset):
    search = finished(evaluations=900)
    lines = search.folder.journal.read_text().splitlines(keepends=True)
    lost = next(k for k, line in enumerate(lines) if '"id":1,' in line)
    search.folder.journal.write_text("".join(lines[:lost] + lines[lost + 1 :]))
    known = RunView(search.folder.events())
    driver = Driver(search.folder, dataset, search.settings, known)
    assert [node.id for node in driver.tree.nodes] == list(range(max(known.nodes) + 1))
    assert driver.tree.nodes[1].flag == "prune" and driver.tree.nodes[1].formulas is None
    assert driver.tree.nodes[2].formulas == known.nodes[2]["formulas"]
    assert [node.visits for node in driver.tree.nodes[2:]] == [
        known.nodes[k]["visits"] for k in sorted(known.nodes)[1:]
    ]


def test_an_id_that_no_search_gave_is_left_out(make_run, dataset):
    search = make_run()
    far = events.Node(id=GAP + 5, parent=0, depth=1, move="seed", loss=0.5, playouts=1)
    driver = Driver(search.folder, dataset, search.settings, RunView([events.root(), far]))
    assert len(driver.tree) == 1


def test_settings_are_as_commands_left_them(make_run):
    search = make_run()
    writer = search.folder.writer()
    writer.append(
        events.Command(command={"name": "set", "exploration": 2.0, "operators": ["exp", "sqrt"]}),
        events.Command(command={"name": "pause"}),
    )
    settings = settings_of(RunView(search.folder.events()))
    assert settings.exploration == 2.0 and settings.operators == ("exp", "sqrt") and settings.seed == 3
    assert type(search).attach(search.run).settings == settings
    writer.append(events.Command(command={"name": "set", "cutoff": 4.0}))
    with pytest.raises(InputError, match="cannot be changed while the search runs"):
        settings_of(RunView(search.folder.events()))


def test_an_old_journal_is_taken_up(finished, dataset):
    """Fields that are left out today were written as null."""
    search = finished(evaluations=600)
    lines = []
    for line in search.folder.journal.read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "node":
            event = {"candidate": None, "score": None, "explore": None, "formulas": None, "vector": None, **event}
        lines.append(json.dumps(event) + "\n")
    new = Driver(search.folder, dataset, search.settings, RunView(search.folder.events()))
    search.folder.journal.write_text("".join(lines))
    old = Driver(search.folder, dataset, search.settings, RunView(search.folder.events()))
    assert [node.formulas for node in old.tree.nodes] == [node.formulas for node in new.tree.nodes]
    assert old.front.ids == new.front.ids and old.proposer.tries == new.proposer.tries
