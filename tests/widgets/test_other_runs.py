"""Forks and other runs from the page: listed, opened in place, ended, deleted, tagged, copied; and what a page may
not do."""

import csv
import io
from types import SimpleNamespace

import pytest
from test_dashboard import last, say
from toy_run import ToySearch

from srlab.errors import InputError
from srlab.runs.notes import read_notes
from srlab.validation.columns import keep_card
from tests.waiting import wait_until


def run_of(path, moves=60):
    toy = ToySearch(path, seed=7)
    toy.begin()
    toy.grow(moves)
    toy.finish()
    toy.folder.unlock()
    return toy


class Fork:
    """What the dashboard uses of a forked search."""

    def __init__(self, run, node):
        self.run, self.alive, self.did = run, False, []
        self.view = SimpleNamespace(start={"forked_at": 3.5, "forked_node": node})

    def attend(self):
        self.did.append("attend")

    def start(self):
        self.did.append("start")
        self.alive = True


@pytest.fixture
def forking(grown):
    """A toy run that can be forked; the forks in `.forks`."""
    grown.forks = []

    def fork(node=None):
        grown.forks.append(Fork(grown.run.parent / f"fork-{len(grown.forks)}", node))
        return grown.forks[-1]

    grown.fork = fork
    return grown


def test_a_fork_is_attended_in_the_log_and_can_be_opened(forking, open_dashboard):
    dashboard = open_dashboard(forking)
    say(dashboard, type="fork", node=4)
    wait_until(lambda: last(dashboard, "notice"))
    notice = last(dashboard, "notice")
    assert notice["ok"] and notice["open"] == str(forking.forks[0].run) and notice["about"] == "fork"
    assert forking.forks[0].did == ["attend", "start"]
    line = dashboard.fold.log[-1]
    assert (line["name"], line["t"], line["run"]) == ("fork", 3.5, str(forking.forks[0].run)) and "#4" in line["text"]


def test_a_page_has_no_more_forks_than_it_may(forking, open_dashboard):
    dashboard = open_dashboard(forking)
    dashboard.forks = 2
    for count in (1, 2, 2):
        dashboard.sent.clear()
        say(dashboard, type="fork", node=None)
        wait_until(lambda: last(dashboard, "notice"))
        assert len(forking.forks) == count
    assert not last(dashboard, "notice")["ok"] and "stop one first" in last(dashboard, "notice")["text"]
    forking.forks[0].alive = False
    dashboard.sent.clear()
    say(dashboard, type="fork", node=None)
    wait_until(lambda: last(dashboard, "notice"))
    assert len(forking.forks) == 3
    say(dashboard, type="command", name="fork")  # the same by another door
    assert "is no command" in last(dashboard, "notice")["text"] and len(forking.forks) == 3


def test_forks_of_earlier_days_are_in_the_log(grown, tmp_path, open_dashboard):
    other = ToySearch(tmp_path / "later")
    other.run.mkdir()
    other._write("start", element="Cu", dataset={}, settings={}, forked_from=str(grown.run), forked_at=2.0)
    entry = open_dashboard(grown).fold.log[0]  # before what the journal has
    assert entry == {"t": 2.0, "name": "fork", "text": "fork later", "run": str(tmp_path / "later")}


def test_another_run_is_listed_and_opened_in_place(grown, tmp_path, open_dashboard):
    other = run_of(tmp_path / "deep" / "other")
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    dashboard.selected, dashboard.picked = dashboard.fold.front[0], True
    say(dashboard, type="runs")
    wait_until(lambda: last(dashboard, "runs"))
    rows = {row["name"]: row for row in last(dashboard, "runs")["rows"]}
    assert set(rows) == {"run", "deep/other"} and rows["run"]["here"] and not rows["deep/other"]["here"]
    assert rows["deep/other"]["state"] == "finished" and rows["deep/other"]["best"]["force_mae"] > 0
    dashboard.sent.clear()
    say(dashboard, type="open", run="deep/other")
    wait_until(lambda: last(dashboard, "reset") and last(dashboard, "runs"))
    reset = last(dashboard, "reset")
    assert len(reset["nodes"]) == len(other.losses) and reset["settings"]["folder"] == str(other.run)
    assert dashboard.search.run == other.run and (dashboard.selected, dashboard.picked) == ("", False)
    assert [message["type"] for message in dashboard.sent].count("reset") == 1
    assert {row["name"]: row["here"] for row in last(dashboard, "runs")["rows"]} == {"other": True}


def test_a_run_is_noted_ended_and_deleted_by_its_name_only(grown, tmp_path, open_dashboard):
    inside = run_of(tmp_path / "inside")
    (tmp_path.parent / f"{tmp_path.name}-outside").mkdir()
    outside = run_of(tmp_path.parent / f"{tmp_path.name}-outside" / "run")
    dashboard = open_dashboard(grown)

    def ask(**message):
        dashboard.sent.clear()
        say(dashboard, **message)
        wait_until(lambda: last(dashboard, "notice") or message["type"] == "note")
        return last(dashboard, "notice")

    ask(type="note", run="inside", text="the good one")
    wait_until(lambda: read_notes(inside.run)["note"] == "the good one")
    assert "not searching" in ask(type="end", run="inside")["text"]
    assert "shown here" in ask(type="delete", run="run")["text"] and grown.run.exists()
    for name in (str(outside.run), f"../{tmp_path.name}-outside/run", "", None):
        assert "there is no run" in ask(type="delete", run=name)["text"] and outside.run.exists()
    assert ask(type="delete", run="inside")["ok"] and not inside.run.exists()


def test_a_page_of_an_app_sees_no_other_runs(grown, tmp_path):
    from srlab_widgets import Dashboard

    other = run_of(tmp_path / "other")
    dashboard = Dashboard(grown, forks=1, runs=False)
    try:
        assert "runs" not in dashboard.fold.settings["controls"]
        for act, message in (
            (dashboard._list_runs, {}),
            (dashboard._open, {"run": "other"}),
            (dashboard._delete_run, {"run": "other"}),
            (dashboard._note, {"run": "other", "text": "x"}),
            (dashboard._compare_runs, {"runs": ["run", "other"]}),
        ):
            with pytest.raises(InputError, match="no other runs"):
                act(message)
        assert other.run.exists()
    finally:
        dashboard.close()


def test_a_candidate_is_tagged_beside_the_journal(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    say(dashboard, type="ack", seq=last(dashboard, "reset")["seq"])
    name = dashboard.fold.front[0]
    say(dashboard, type="tag", candidate=name, text="for the paper")
    wait_until(lambda: last(dashboard, "patch") and last(dashboard, "patch").get("settings"))
    assert last(dashboard, "patch")["settings"]["tags"] == {name: "for the paper"} == read_notes(grown.run)["tags"]
    say(dashboard, type="tag", candidate="../../c0", text="x")
    wait_until(lambda: last(dashboard, "notice"))
    assert "there is no candidate" in last(dashboard, "notice")["text"]


def test_the_table_is_copied_as_the_page_has_it(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")  # and with that it has read the journal
    names = list(reversed(dashboard.fold.front[:3]))
    say(dashboard, type="copy-table", format="csv", ids=names)
    wait_until(lambda: last(dashboard, "table") or last(dashboard, "notice"))
    rows = list(csv.DictReader(io.StringIO(last(dashboard, "table")["text"])))
    assert [row["id"] for row in rows[:3]] == names and len(rows) == 3 + len(dashboard.fold.references)


def test_properties_are_columns_of_page_and_copy(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    keep_card(grown.run, "k", "Sutton-Chen", {"table": {"c44": {"value": 58.0, "score": "poor"}}})
    say(dashboard, type="ready")
    cards = last(dashboard, "cards")
    names = [choice["name"] for choice in cards["choices"]]
    assert cards["chosen"] == [] and names[0] == "ground_state" and {"c44", "energy_hcp_fcc"} <= set(names)
    assert cards["rows"] == {"Sutton-Chen": {"c44": {"value": 58.0, "score": "poor"}}}
    say(dashboard, type="columns", names=["c44"])
    assert last(dashboard, "cards")["chosen"] == ["c44"] and dashboard.columns == ("c44",)
    say(dashboard, type="copy-table", format="csv", ids=dashboard.fold.front[:1])
    wait_until(lambda: last(dashboard, "table") or last(dashboard, "notice"))
    rows = list(csv.DictReader(io.StringIO(last(dashboard, "table")["text"])))
    assert {row["id"]: row["C44 (GPa)"] for row in rows}["Sutton-Chen (refitted)"] == "58"
    say(dashboard, type="columns", names=["colour"])
    assert "no column 'colour'" in last(dashboard, "notice")["text"] and dashboard.columns == ("c44",)


def test_an_ended_search_is_extended(grown, open_dashboard):
    asked = []
    grown.extend = lambda **more: asked.append(more)
    dashboard = open_dashboard(grown)
    say(dashboard, type="extend", seconds=600)
    wait_until(lambda: last(dashboard, "notice"))
    assert asked == [{"seconds": 600.0}] and "600 seconds more" in last(dashboard, "notice")["text"]


def test_a_widget_is_seated_in_a_panel_and_the_one_before_it_closed(grown, open_dashboard):
    import ipywidgets

    dashboard = open_dashboard(grown)
    first, second = ipywidgets.Label("one"), ipywidgets.Label("two")
    dashboard._seat("residuals", first)
    dashboard._seat("interface", ipywidgets.Label("atoms"))
    dashboard._seat("residuals", second)
    assert (
        dashboard.guests["residuals"] is second
        and first.comm is None
        and set(dashboard.guests) == {"residuals", "interface"}
    )
    dashboard._dismiss({"slot": "residuals"})
    assert set(dashboard.guests) == {"interface"} and second.comm is None
