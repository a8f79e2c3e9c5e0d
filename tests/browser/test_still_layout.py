"""Nothing that comes and goes moves what one is about to click: the boxes of buttons and fields before and after."""

import pathlib
import re
import sys

import pytest

pytest.importorskip("anywidget", reason="the dashboard needs the lab extra")
from bare import BarePage
from lab import expect, passing, until

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "widgets"))
from toy_run import ToySearch

pytestmark = pytest.mark.browser
LONG = "the file /home/somebody/potentials/of-copper-and-more.eam.alloy is there already: give another name, or delete it first"
TABLE = {"c44": {"value": 78.0, "error": -4.0, "reference": "pbe", "score": "good"}}


# How many buttons are seen, and the names of those that a click in their middle does not hit.
COVERED = """() => {
  const parts = [...document.querySelectorAll(".srlab :is(button, summary)")];
  const seen = parts.filter((b) => !b.disabled && !b.closest("tbody, .log, .menu > div") && b.checkVisibility({ visibilityProperty: true }) && b.getBoundingClientRect().width > 0);
  const covered = seen.filter((b) => {
    b.scrollIntoView({ block: "nearest" });
    const r = b.getBoundingClientRect();
    return !b.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2));
  });
  return [seen.length, covered.map((b) => b.textContent)];
}"""


class WholeSearch(ToySearch):
    """With all that a search can be told."""

    def extend(self, **budget):
        pass

    step = fork = prune = release = pin = extend


@pytest.fixture(scope="module", params=[1240, pytest.param(840, marks=pytest.mark.slow)])
def bare(request, context, tmp_path_factory):
    """A page over a search that has begun: the tests below follow one another on it."""
    search = WholeSearch(tmp_path_factory.mktemp("still") / "run", seed=4)
    search.begin()
    search.grow(12)
    bare = BarePage(context, search, width=request.param)
    try:
        yield bare
    finally:
        bare.close()


def choose(bare, identity):
    bare.page.evaluate("id => document.querySelector('.srlab').dashboard.store.select({ candidate: id })", identity)


def still(bare, **message):
    """Nothing moves when the page hears a message."""
    bare.mark()
    bare.say(**message)
    bare.assert_still()


def test_a_search_grows_pauses_and_ends(bare):
    search, publisher = bare.dashboard.search, bare.dashboard._publisher
    bare.page.get_by_role("button", name="Pause").wait_for()
    bare.mark()
    for change in (lambda: search.grow(30), search.pause, search.resume, lambda: search.grow(150), search.finish):
        change()
        publisher.tick()
        bare.assert_still()
    expect(bare.page.locator(".srlab header summary", has_text="Extend")).to_be_visible()


def test_words_under_the_header(bare):
    note = bare.page.locator(".srlab header .note")
    for message in (
        {"ok": True, "text": "Exporting c12 …", "cancel": "cancel-export"},
        {"ok": True, "text": "Saved c12.eam.alloy."},
        {"ok": True, "text": "Forked into run-2.", "open": "run-2", "stay": True},
        {"ok": False, "text": LONG},
        {"ok": False, "text": 4 * LONG},  # hangs over what lies below
        {"ok": True, "text": ""},
    ):
        still(bare, type="notice", about="export", **message)
        expect(note).to_contain_text(message["text"])
    bare.mark()
    bare.page.evaluate("document.querySelector('.srlab').dashboard.store.connect(false)")
    bare.assert_still()
    expect(bare.page.locator(".srlab .lost")).to_be_visible()
    bare.page.evaluate("document.querySelector('.srlab').dashboard.store.connect(true)")
    bare.assert_still()
    expect(bare.page.locator(".srlab .lost")).not_to_be_visible()


def test_the_selection_moves_on(bare):
    bare.mark()
    for identity in list(bare.dashboard.fold.candidates)[::17]:
        choose(bare, identity)
        bare.assert_still()


def test_validations_and_meltings_report(bare):
    ids = list(bare.dashboard.fold.candidates)[-2:]
    for identity in ids:
        choose(bare, identity)
        for doing, done, own in (
            ("starting", False, {}),
            ("elastic constants", False, {"table": {}}),
            (
                "",
                True,
                {
                    "table": TABLE,
                    "eos": {"volume": [], "energy": [], "says": LONG},
                    "remarks": {"elastic": LONG, "surfaces": LONG},
                },
            ),
            ("", True, {"error": LONG}),
        ):
            still(bare, type="validation", id=identity, doing=doing, done=done, own=own, stopped=False)
    choose(bare, ids[0])
    run = {"t": [0.0, 1.0], "T": [900.0, 950.0], "H": [-3.0, -3.1], "profile": [[1.0, 0.9]]}
    melting = {
        "type": "melting",
        "id": ids[0],
        "protocol": "coexistence",
        "elapsed": 3.0,
        "known": {"pbe": 1250, "experiment": 1358},
    }
    bare.hear(**melting, state="running", stage="heating", runs={})  # its axes come when they are asked for
    for state, stage, more in (
        ("running", "equilibrating both halves", {}),
        ("done", "", {"error": LONG}),
        ("done", "", {}),
    ):
        still(bare, **melting, state=state, stage=stage, runs={"heating": run} if not more else {}, **more)
    for kind, count in (("this", 3), ("experiment", 1)):  # temperature, enthalpy and profile
        expect(bare.page.locator(f".srlab .area-melting path.{kind}")).to_have_count(count)
    for identity in ids:
        bare.mark()
        choose(bare, identity)
        bare.assert_still()


def test_steering_and_injecting_are_answered(bare):
    for about in ("steer", "inject"):
        for ok, text in ((True, "Taken: the worker fits it next."), (False, LONG), (True, "")):
            still(bare, type="notice", about=about, ok=ok, text=text)


def test_the_table_is_copied_and_its_filter_refused(bare):
    table = bare.page.locator(".srlab .area-table")
    bare.mark()
    with passing(bare.page, ".srlab .area-table h3", "copied as Markdown"):
        bare.hear(type="table", format="markdown", text="| id |")
        bare.assert_still()
    table.get_by_role("searchbox").fill("nodes<many")
    bare.assert_still()
    expect(table.locator("h3 .wrong")).to_contain_text("cannot be read")
    table.get_by_role("searchbox").fill("")


def test_the_runs_are_read_and_end(bare):
    run = {
        "name": "run",
        "here": True,
        "state": "running",
        "dataset": "cu-gpaw",
        "frames": 604,
        "seconds": 60,
        "note": "",
        "changed": 0,
    }
    bare.page.get_by_role("button", name="Runs", exact=True).click()
    bare.settle()
    for state in ("running", "finished"):
        rows = [run, *({**run, "name": f"fork-{i}", "here": False, "state": state} for i in range(12))]
        still(bare, type="runs", folder="runs", rows=rows)
    bare.mark()
    stop = bare.page.locator(".srlab tr[data-run='fork-0'] button")
    was = [box.bounding_box() for box in stop.all()]
    bare.hear(type="runs", folder="runs", rows=[run, {**run, "name": "fork-0", "here": False, "state": "running"}])
    assert [
        box.bounding_box() for box in stop.all()
    ] == was  # also beside a run that has ended there is a place for Stop
    row = bare.page.locator(".srlab tr[data-run='fork-0']")
    controls = row.locator("button, input").element_handles()
    news = {**run, "name": "fork-0", "here": False, "state": "running", "evaluations": 71}
    bare.hear(type="runs", folder="runs", rows=[run, news])
    expect(row).to_contain_text("71")
    assert len(controls) == 5 and all(control.evaluate("e => e.isConnected") for control in controls)
    bare.page.locator(".srlab .area-runs").get_by_role("button", name="close").click()


def test_other_widgets_have_their_room_before_they_come(bare):
    panel = bare.page.locator(".srlab .area-residuals")
    panel.get_by_role("button", name="show").click()
    bare.settle()
    bare.mark()
    bare.page.evaluate("guests({ residuals: 'IPY_MODEL_a' })")
    bare.assert_still()
    expect(panel.locator(".guest")).to_have_text("a")
    bare.page.evaluate("guests({ residuals: 'IPY_MODEL_b' })")  # of another candidate
    bare.assert_still()
    expect(panel.locator(".guest")).to_have_text("b")


def test_a_line_of_the_log_stays_under_the_pointer(bare):
    search, publisher = bare.dashboard.search, bare.dashboard._publisher
    log = bare.page.locator(".srlab .log")
    line = log.locator("li").nth(1)
    line.scroll_into_view_if_needed()
    words, box = line.inner_text(), line.bounding_box()
    bare.page.mouse.move(box["x"] + 90, box["y"] + 5)
    search._write("command", command={"name": "set", "exploration": 2.0})
    publisher.tick()
    bare.settle()
    expect(log).to_contain_text("exploration")
    under = bare.page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('li').innerText", [box["x"] + 90, box["y"] + 5]
    )
    assert under == words
    assert bare.page.errors == []


def test_long_words_cover_nothing_that_can_be_clicked(bare):
    """Wherever a button is seen, it is what a click there hits."""
    bare.hear(type="notice", about="export", ok=False, text=8 * LONG)
    identity = bare.page.evaluate("document.querySelector('.srlab').dashboard.store.selected.candidate")
    own = {"error": 3 * LONG, "remarks": {"elastic": 3 * LONG, "surfaces": 3 * LONG}}
    bare.hear(type="validation", id=identity, doing="elastic constants", done=False, own=own, stopped=False)
    buttons, covered = bare.page.evaluate(COVERED)
    assert buttons > 20 and covered == []


def test_runs_that_go_on_are_looked_at_again_and_a_note_is_not_lost(bare, monkeypatch):
    asked, page = [], bare.page
    monkeypatch.setattr(bare.dashboard, "_receive", lambda _, message, __: asked.append(message["type"]))
    page.clock.install()
    page.get_by_role("button", name="Runs", exact=True).click()
    run = {"name": "run", "here": True, "state": "running", "dataset": "cu-gpaw", "frames": 604, "seconds": 60}
    run.update(note="", changed=0, evaluations=70)
    bare.hear(type="runs", folder="runs", rows=[run])
    note = page.get_by_label("Note on run")
    note.fill("half a wo")

    def count():
        """How often; the page's messages come in while it is asked something."""
        return page.evaluate("1") and asked.count("runs")

    before = count()  # the page's clock goes on by itself, too: on a busy machine it may have looked again already
    page.clock.fast_forward(6_000)
    until(lambda: count() > before)
    bare.hear(type="runs", folder="runs", rows=[{**run, "evaluations": 71}])
    note.press("r")
    expect(note).to_have_value("half a wor")
    bare.hear(type="runs", folder="runs", rows=[{**run, "state": "stopped"}])
    expect(page.locator(".srlab tr[data-run='run'] .pill")).to_have_text("stopped")
    before = count()
    page.clock.fast_forward(60_000)
    assert count() == before  # nothing goes on that could be news
    bare.hear(type="notice", about="fork", ok=True, text="Forked into fork-1.", open="fork-1", stay=True)
    until(lambda: count() > before)  # there is one more


def test_the_clock_of_a_melting_goes_on_between_two_messages(bare):
    """The page's own clock is Playwright's by now."""
    (identity,) = list(bare.dashboard.fold.candidates)[-1:]
    choose(bare, identity)
    melting = {
        "type": "melting",
        "id": identity,
        "protocol": "coexistence",
        "stage": "heating",
        "known": {},
        "runs": {},
    }
    bare.hear(**melting, state="running", elapsed=7.0)
    status = bare.page.locator(".srlab .area-melting [role=status]").first
    bare.page.clock.fast_forward(60_000)
    expect(status).to_have_text(re.compile("^heating · 1:"))
    bare.hear(**melting, state="running", elapsed=200.0)
    expect(status).to_have_text(re.compile("^heating · 3:"))
    bare.hear(**melting, state="cancelled", elapsed=201.0)
    expect(status).to_have_text("")


def test_what_was_said_of_a_run_goes_with_it(bare, tmp_path):
    note = bare.page.locator(".srlab header .note")
    expect(note).to_contain_text("Forked into fork-1")
    other = WholeSearch(tmp_path / "fork-1", seed=5)
    other.begin()
    other.grow(3)
    bare.dashboard.show(other)
    bare.settle()
    expect(note).not_to_be_visible()


def test_one_node_is_one(bare):
    bare.page.evaluate(
        "() => { const { store, views } = document.querySelector('.srlab').dashboard;"
        "for (const id of [...store.nodes.keys()].slice(1)) store.nodes.delete(id); views.tree.update(); }"
    )
    expect(bare.page.locator(".srlab .area-tree h3 small")).to_have_text("1 node")
