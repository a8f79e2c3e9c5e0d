import sys

import pytest

from srlab.errors import InputError
from srlab.search.settings import SearchSettings
from srlab_widgets import Dashboard, snapshot
from srlab_widgets.page import reopen
from tests.waiting import wait_until

# what each group computes is tested in test_validation_worker.py
SHORT = """
import sys
from srlab.workers.process import answer
from srlab_widgets import validation_worker as worker
worker.GROUPS = {name: worker.GROUPS[name] for name in ("eos", "elastic")}
sys.exit(answer(worker.validate))
"""


def say(dashboard, **message):
    dashboard._receive(dashboard, message, [])


def more_looks(dashboard):
    """Wait until the dashboard has read the journal twice more."""
    reads, read = [], dashboard._publisher.read
    dashboard._publisher.read = lambda: reads.append(True) or read()
    wait_until(lambda: len(reads) >= 2)
    dashboard._publisher.read = read


def last(dashboard, kind):
    return next((m for m in reversed(dashboard.sent) if m["type"] == kind), None)


def test_a_page_gets_the_run_as_it_is(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    reset = last(dashboard, "reset")
    assert reset["header"]["state"] == "finished" and len(reset["nodes"]) == len(grown.losses)
    assert reset["run"]["element"] == "Cu" and [r["name"] for r in reset["references"]] == [
        "Sutton-Chen",
        "Cleri-Rosato",
        "GP1",
    ]
    assert "exp" in reset["settings"]["all_operators"] and "pause" in reset["settings"]["controls"]
    assert "step" not in reset["settings"]["controls"]  # the toy cannot


def test_a_widget_is_connected_anew_under_its_id_and_can_still_be_shown(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    identity, comm = dashboard.model_id, dashboard.comm
    reopen(identity)
    assert dashboard.model_id == identity and dashboard.comm is not comm
    assert "image/png" in dashboard._repr_mimebundle_()[0]
    with pytest.raises(KeyError):
        reopen("nobody")


def test_a_live_run_is_followed_and_paused(toy, open_dashboard):
    dashboard = open_dashboard(toy)
    say(dashboard, type="ready")
    assert last(dashboard, "reset")["header"]["state"] == "new"
    say(dashboard, type="ack", seq=last(dashboard, "reset")["seq"])
    say(dashboard, type="command", name="start")
    wait_until(lambda: last(dashboard, "patch") and len(dashboard.fold.nodes) > 20)
    say(dashboard, type="command", name="pause")
    assert toy.state == "paused"
    wait_until(lambda: dashboard.fold.status["state"] == "paused")
    nodes = len(dashboard.fold.nodes)
    more_looks(dashboard)
    assert len(dashboard.fold.nodes) == nodes
    say(dashboard, type="command", name="resume")
    wait_until(lambda: len(dashboard.fold.nodes) > nodes)
    say(dashboard, type="command", name="stop")
    wait_until(lambda: dashboard.fold.status["state"] == "stopped")


def test_a_worker_that_is_gone_is_told(toy, open_dashboard):
    toy.begin()
    toy.grow(20)
    dashboard = open_dashboard(toy)
    wait_until(lambda: dashboard.fold.status["state"] == "running")
    toy.folder.unlock()  # as when the process is killed
    wait_until(lambda: dashboard.fold.status["state"] == "died")


def test_bad_wishes_come_back_as_one_sentence(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="inject", text="nonsense")
    notice = last(dashboard, "notice")
    assert notice["about"] == "inject" and not notice["ok"] and "'nonsense'" in notice["text"]
    say(dashboard, type="command", name="format the disk")
    assert "takes no command" in last(dashboard, "notice")["text"]
    say(dashboard, type="inject", text="phi = exp(-r)")
    assert grown.injected == ["phi = exp(-r)"] and last(dashboard, "notice")["ok"]


def test_steering_reaches_the_search_and_comes_back_through_the_journal(toy, open_dashboard):
    toy.begin()
    dashboard = open_dashboard(toy)
    say(dashboard, type="command", name="set", settings={"exploration": 2.5})
    wait_until(lambda: dashboard.fold.settings.get("exploration") == 2.5)
    say(dashboard, type="command", name="boost", node=0)
    wait_until(lambda: dashboard.fold.nodes[0]["flag"] == "boost")


def test_what_cannot_be_steered_is_said_in_the_steer_panel(toy, open_dashboard):
    toy.begin()
    toy.steer = lambda **settings: SearchSettings().steered(settings)  # what a search does first
    dashboard = open_dashboard(toy)
    for settings, words in [
        ({"targets": [["c44", 82.0, -1.0]]}, "a weight above zero"),
        ({"targets": [["c44", None, 1.0]]}, "a name, a value and a weight"),
        ({"energy_weight": 0.0, "force_weight": 0.0}, "one of them must be above zero"),
        ({"window": 0.0}, "window must be above zero"),
    ]:
        say(dashboard, type="command", name="set", settings=settings)
        notice = last(dashboard, "notice")
        assert notice["about"] == "steer" and not notice["ok"] and words in notice["text"]
        dashboard.sent.clear()
    say(dashboard, type="command", name="boost", node=None)
    assert last(dashboard, "notice")["about"] == "command"


def test_details_hold_equations_curves_and_the_reference(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    identity = dashboard.fold.front[-1]
    say(dashboard, type="detail", id=identity)
    detail = last(dashboard, "detail")
    assert set(detail["latex"]) == {"pair", "density", "embedding"}
    assert set(detail["curves"]) == set(detail["reference"]["curves"]) == {"pair", "density", "embedding", "effective"}
    assert detail["reference"]["name"] == "Sutton-Chen" and detail["neighbours"][0] == pytest.approx(2.5527, abs=1e-3)
    assert "def phi(r):" in detail["copy"]["python"]
    before = len(dashboard.sent)
    say(dashboard, type="detail", id="no such candidate")
    assert len(dashboard.sent) == before


def test_what_a_form_is_compared_with_may_come_later(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    identity, references = dashboard.fold.front[-1], dashboard.fold.references
    dashboard.fold.view.references = []
    say(dashboard, type="detail", id=identity)
    assert last(dashboard, "detail").get("reference") is None and "error" not in last(dashboard, "detail")
    dashboard.fold.view.references = references
    say(dashboard, type="detail", id=identity)
    assert last(dashboard, "detail")["reference"]["name"] == "Sutton-Chen"


def test_anything_known_can_be_compared_with(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    one, other = list(dashboard.fold.candidates)[:2]
    say(dashboard, type="detail", id=one, against="GP1")
    assert last(dashboard, "detail")["reference"]["name"] == last(dashboard, "detail")["against"] == "GP1"
    say(dashboard, type="detail", id=one, against=other)
    compared = last(dashboard, "detail")
    assert compared["reference"]["name"] == other
    say(dashboard, type="detail", id=other)
    assert compared["reference"]["curves"]["pair"] == last(dashboard, "detail")["curves"]["pair"]


def test_properties_of_a_candidate_come_over_those_of_the_reference(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    identity = dashboard.fold.front[0]
    dashboard._validator.command = (sys.executable, "-c", SHORT)
    say(dashboard, type="validate", id=identity)
    # it gives way to whatever else the machine does
    wait_until(lambda: last(dashboard, "validation") and last(dashboard, "validation")["done"], 300)
    message = last(dashboard, "validation")
    assert message["id"] == identity and message["error"] is None and message["doing"] == ""
    assert message["reference"]["name"] == "Sutton-Chen" and message["reference"]["table"]["lattice_constant"][
        "value"
    ] == pytest.approx(3.61, abs=0.05)
    assert "error" in message["own"] or message["own"]["table"]["c11"]["unit"] == "GPa"
    assert (grown.run / "validation.jsonl").exists()
    assert (
        dashboard._validation(dashboard.fold, identity)["name"] == identity
    )  # and so it gets into the picture of the notebook
    assert dashboard._validation(dashboard.fold, "no such candidate") is None or identity == dashboard.fold.best()["id"]
    say(dashboard, type="validate", id=None)  # a node without a candidate was chosen
    assert dashboard._validator._job is None


def test_an_export_arrives_as_a_file(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    say(dashboard, type="export", id=dashboard.fold.front[0], to="python")
    wait_until(lambda: last(dashboard, "file"))
    assert last(dashboard, "file")["name"] == f"Cu_{dashboard.fold.front[0]}.py"
    assert b"numpy" in dashboard.buffers[dashboard.sent.index(last(dashboard, "file"))][0]
    say(dashboard, type="export", id=dashboard.fold.front[0], to="fortran")
    wait_until(lambda: not last(dashboard, "notice")["ok"])
    assert "cannot export to 'fortran'" in last(dashboard, "notice")["text"]


def test_the_selected_candidate_is_at_hand(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    assert dashboard.candidate is None
    dashboard.selected = dashboard.fold.front[0]
    assert dashboard.candidate.id == dashboard.fold.front[0]


def test_a_notebook_keeps_text_and_picture(grown, open_dashboard):
    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    bundle, _ = dashboard._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["image/png"][:4] == b"\x89PNG" and "finished" in bundle["text/plain"]


def test_the_picture_is_drawn_once_for_each_state(toy, open_dashboard, monkeypatch):
    drawn = []
    monkeypatch.setattr(snapshot, "png", lambda *_: drawn.append(True))
    monkeypatch.setattr(toy, "wait", lambda timeout: None)  # it has no process
    dashboard = open_dashboard(toy)
    assert "(?, ?): new" in dashboard._picture()["text/plain"]
    toy.begin()
    dashboard._publisher.tick()
    assert "(Cu, cu-gpaw)" in dashboard._picture()["text/plain"]
    toy.grow(80)
    dashboard._publisher.tick()
    drawn.clear()
    dashboard._ipython_display_()
    assert len(drawn) == 1
    toy.finish()
    for _ in range(2):
        assert dashboard.wait(60) == "finished"
    assert len(drawn) == 2 and "finished" in dashboard._picture()["text/plain"]
    dashboard.selected = dashboard.fold.front[0]
    dashboard._picture()
    assert len(drawn) == 3


def test_attach_to_a_folder(grown, open_dashboard):
    dashboard = Dashboard.attach(grown.run)
    try:
        wait_until(lambda: len(dashboard.fold.nodes) == len(grown.losses))
        assert dashboard.fold.status["state"] == "finished"
    finally:
        dashboard.close()
    with pytest.raises(InputError, match="is no run"):
        Dashboard.attach(grown.run / "nothing")
