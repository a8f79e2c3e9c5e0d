"""A search taken up from a damaged journal keeps what is whole, and gives no id to a second thing."""

import json
from collections import Counter

import pytest

from srlab.errors import InputError
from srlab.runs import events
from srlab.runs.view import RunView
from srlab.search.driver import Driver
from srlab.search.restoring import GAP, settings_of
from srlab.search.worker import continue_run


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
    search = finished(evaluations=900)
    lines = search.folder.journal.read_text().splitlines(keepends=True)
    for kind in ("candidate", "node"):
        places = [k for k, line in enumerate(lines) if line.startswith(f'{{"event":"{kind}"') and '"id":0,' not in line]
        lines[places[1 if which == "first" else -1]] = "damaged\n"
    search.folder.journal.write_text("".join(lines))
    before = ids(search.run)
    continue_run(search.run, budget={"evaluations": 1800})
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
