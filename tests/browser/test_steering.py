"""A search that is steered and questioned through its dashboard, and its run played back: real worker, real
JupyterLab, real Chromium."""

import re

import pytest
from lab import UNSEEN, drawn, expect, settled, until
from test_live_search import NODE, at_rest, button, nodes, number

pytestmark = pytest.mark.browser
CELLS = [
    f"""
import srlab
from srlab.datasets import Dataset
from srlab_widgets import Dashboard

data = Dataset.from_frames(srlab.load_dataset("cu-gpaw").frames[::8], name="cu-few")  # quick playouts
search = srlab.Search(data, run="run", seconds=3600, seed=2, workers=1).start()
{UNSEEN}
dashboard = Dashboard(search)
dashboard
""",
    'Dashboard.attach("run")',
]
SUTTON_CHEN = "phi = 600.0*r^(-9); f = r^(-6); F = -20.0*sqrt(rho)"
STORE = "document.querySelector('.srlab').dashboard.store"
# A member of the front: its name, and where it is drawn, in pixels of the window.
SPOT = """() => { const { hits, stage, store } = document.querySelector('.srlab').dashboard.views.front, b = stage.getBoundingClientRect(), on = new Set(store.front), hit = hits.find((h) => on.has(h.candidate?.id));
    return [hit.candidate.id, b.left + hit.x, b.top + hit.y] }"""


@pytest.fixture(scope="module")
def page(desk):
    """A dashboard over a search with time enough, paused: the tests below follow one another on it and let it run as
    long as they need."""
    import lab

    lab.write_notebook(desk.folder / "steered.ipynb", CELLS)
    page = desk.open("steered.ipynb", height=1500)
    lab.run_cell(page, 0)
    lab.wait_for_widget(page)
    until(lambda: visits(page, 0) > 36)  # the seeds have been played out: from now on nodes are selected
    page.wait_for_function(f"() => {STORE}.front.length > 1")
    pause(page)
    return page


def pause(page):
    button(page, "Pause").evaluate(
        "button => button.click()"
    )  # a page that draws without pause never holds still for the mouse
    at_rest(page)


def resume(page):
    button(page, "Resume").evaluate("button => button.click()")
    button(page, "Pause").wait_for()


def visits(page, node):
    return page.evaluate(f"id => {STORE}.nodes.get(id)?.visits ?? 0", node)


def open_menu(page, node):
    """Right-click a node where it is drawn."""
    menu = page.locator(".srlab .area-tree .popup")
    page.mouse.click(*settled(page, NODE, node), button="right")
    expect(menu.locator("b")).to_have_text(re.compile(rf"^#{node} "))
    expect(menu).to_be_visible()
    return menu


def told(page, text):
    """Wait until the log has a line with this."""
    expect(page.locator(".srlab .log li", has_text=text).first).to_be_attached()


def inside(panel, menu):
    """Whether a menu lies in its panel."""
    panel, box = panel.bounding_box(), menu.bounding_box()
    return (
        panel["x"] <= box["x"]
        and box["x"] + box["width"] <= panel["x"] + panel["width"]
        and panel["y"] <= box["y"]
        and box["y"] + box["height"] <= panel["y"] + panel["height"]
    )


def test_a_right_click_on_a_node_opens_its_menu_inside_the_panel(page):
    menu = open_menu(page, 1)
    labels = ["Boost", "Prune", "Release", "Pin", "Restart", "Fold", "Copy", "Edit"]
    expect(menu.locator("[role=menuitem]")).to_have_text([re.compile(rf"^{label}\b") for label in labels])
    assert inside(page.locator(".srlab .area-tree"), menu)
    drawn(page)
    assert page.locator(".lm-Menu").count() == 0  # JupyterLab's own
    page.locator(".srlab .area-front h3").click()
    expect(menu).not_to_be_visible()


def test_the_keyboard_opens_it_walks_along_and_gives_the_focus_back(page):
    tree, menu = page.locator(".srlab .tree"), page.locator(".srlab .area-tree .popup")
    focused = menu.locator("[role=menuitem]:focus")
    tree.focus()
    for key in ("m", "ContextMenu"):
        page.keyboard.press(key)
        expect(menu).to_be_visible()
        expect(focused).to_have_text("Boost this branch")
        page.keyboard.press("ArrowDown")
        expect(focused).to_have_text("Prune this branch")
        page.keyboard.press("End")
        expect(focused).to_have_text(re.compile("^Edit"))
        page.keyboard.press("Escape")
        expect(menu).not_to_be_visible()
        expect(tree).to_be_focused()


def test_a_point_of_the_front_has_a_menu_for_mouse_and_keyboard(page):
    front, menu = page.locator(".srlab .front"), page.locator(".srlab .area-front .popup")
    first, x, y = settled(page, SPOT)
    page.mouse.click(x, y, button="right")
    expect(menu).to_be_visible()
    expect(menu.locator("b")).to_have_text(first)
    assert page.evaluate(f"{STORE}.selected.candidate") == first
    drawn(page)
    assert page.locator(".lm-Menu").count() == 0  # and not JupyterLab's own
    labels = menu.locator("[role=menuitem]").all_inner_texts()
    assert (
        any(label.startswith("Boost ") for label in labels)
        and f"Pin {first}" in labels
        and not any(label in ("Fold", "Unfold") for label in labels)
    )
    assert inside(page.locator(".srlab .area-front"), menu)
    page.keyboard.press("Escape")
    expect(menu).not_to_be_visible()
    expect(front).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"first => {STORE}.selected.candidate !== first", arg=first)
    second = page.evaluate(f"{STORE}.selected.candidate")
    for key in ("ContextMenu", "m"):
        page.keyboard.press(key)
        expect(menu).to_be_visible()
        expect(menu.locator("b")).to_have_text(second)
        if key == "ContextMenu":
            page.keyboard.press("Escape")
            expect(menu).not_to_be_visible()
    menu.locator("[role=menuitem]", has_text=f"Pin {second}").click()
    page.wait_for_function(f"id => {STORE}.pins.includes(id)", arg=second)
    expect(page.locator(".srlab .area-equation button[aria-pressed=true]", has_text="Pin")).to_have_count(1)
    expect(menu).not_to_be_visible()


def test_an_export_can_be_cancelled_and_the_next_one_arrives(page):
    note, exports = page.locator(".srlab header .note"), page.locator(".srlab header details.menu", has_text="Export")
    saved = []
    page.on("download", lambda download: saved.append(download))
    exports.locator("summary").click()
    exports.locator("[role=menuitem]", has_text="Everything").click()
    cancel = note.locator("button", has_text="Cancel")
    cancel.wait_for()
    expect(note).to_contain_text("Exporting")
    cancel.click()
    expect(note).to_contain_text("was cancelled; nothing was saved")
    expect(cancel).to_have_count(0)
    with page.expect_download() as download:  # the worker is free again
        exports.locator("summary").click()
        exports.locator("[role=menuitem]", has_text="Python").click()
    assert download.value.suggested_filename.endswith(".py") and len(saved) == 1


def test_a_boosted_branch_gets_a_larger_share_of_the_visits(page):
    branches = page.evaluate(
        f"[...{STORE}.nodes.values()].filter(n => n.depth === 1 && n.move !== "
        "'inject').sort((a, b) => a.visits - b.visits).map(n => n.id)"
    )
    node = branches[0]
    open_menu(page, node)
    page.keyboard.press("Enter")  # Boost, the first entry
    expect(page.locator(".srlab .area-tree .chip", has_text="boost")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(f"id => {STORE}.nodes.get(id).flag", node) == "boost"
    here, all_ = visits(page, node), visits(page, 0)
    before = here / all_
    resume(page)
    until(lambda: visits(page, 0) >= all_ + 40)
    pause(page)
    after = (visits(page, node) - here) / (visits(page, 0) - all_)
    assert after > before + 0.1, (
        f"{after:.2f} of the new visits, {before:.2f} of those before"
    )  # half of the selections look at boosted branches only
    told(page, f"boost #{node}")


def test_an_injected_sutton_chen_appears_in_the_front_view(page):
    field = page.locator(".srlab .inject textarea")
    open_menu(page, 1)
    page.keyboard.press("End")
    page.keyboard.press("Enter")  # Edit and inject
    expect(field).to_have_value(re.compile(r"^phi = .+\nf = .+\nF = .+$"))
    expect(field).to_be_focused()
    field.fill(SUTTON_CHEN)
    field.press("Enter")
    planted = f"[...{STORE}.nodes.values()].find(n => n.move === 'inject')"
    resume(page)
    until(lambda: page.evaluate(f"Boolean({planted})"))
    until(
        lambda: page.evaluate(f"Number.isFinite({STORE}.nodes.get({STORE}.action.node)?.explore)")
    )  # for the test of reasons below
    pause(page)
    candidate = page.evaluate(f"{STORE}.candidates.get({planted}.candidate)")
    number_ = r"-?[0-9.]+(e-?[0-9]+)?"
    for part, form in {
        "pair": rf"{number_}\*r\^\({number_}\)",
        "density": rf"r\^\({number_}\)",
        "embedding": rf"{number_}\*sqrt\(rho\)",
    }.items():
        assert re.fullmatch(form, candidate["formulas"][part]), candidate["formulas"]
    shown = "id => document.querySelector('.srlab').dashboard.views.front.hits.some(hit => hit.candidate?.id === id)"
    until(lambda: page.evaluate(shown, candidate["id"]))
    expect(page.locator(".srlab .front .own")).to_have_count(1)
    line = page.locator(".srlab .log li", has_text="inject phi")
    line.locator("button").click()  # the command leads to its node
    page.wait_for_function(f"id => {STORE}.selected.candidate === id", arg=candidate["id"])


def test_a_property_target_is_added_refused_and_removed(page):
    steer = page.locator(".srlab .area-steer")
    steer.locator("summary").click()
    steer.locator(".target select").select_option("c44")
    expect(steer.get_by_label("Value of the target")).to_have_value("82")
    expect(steer.locator(".unit")).to_have_text("GPa")
    add = steer.locator(".target", has=page.get_by_label("Weight of the target")).get_by_role("button")
    targets = steer.get_by_label("Targets in force").locator("li")
    steer.get_by_label("Weight of the target").fill("-1")
    add.click()
    expect(steer.locator(".note.error")).to_contain_text("needs a finite value and a weight above zero")
    expect(targets).to_have_count(0)
    steer.get_by_label("Weight of the target").fill("2")
    add.click()
    expect(targets).to_have_count(1)  # the worker's word
    expect(targets).to_contain_text("82.00 GPa")
    assert page.evaluate(f"{STORE}.settings.targets") == [["c44", 82, 2]]
    expect(steer.locator(".note").first).to_have_text("")
    targets.get_by_role("button").click()
    expect(targets).to_have_count(0)
    assert page.evaluate(f"{STORE}.settings.targets") == []
    told(page, "no target c44")
    told(page, "target c44 = 82 GPa, weight 2")


def test_an_operator_is_given_a_cost(page):
    field = page.locator(".srlab .area-steer").get_by_label("Cost of exp")
    longest = f"Math.max(...[...{STORE}.candidates.values()].map(c => c.complexity))"
    before = page.evaluate(longest)
    field.fill("3")
    field.press("Enter")
    page.wait_for_function(f"() => {STORE}.settings.costs?.length === 1")  # the worker's word
    page.wait_for_function(f"before => {longest} > before", arg=before)
    assert page.evaluate(f"{STORE}.settings.costs") == [["exp", 3]]
    told(page, "cost of exp 1 → 3")
    field.fill("1")
    field.press("Enter")
    page.wait_for_function(f"() => {STORE}.settings.costs.length === 0")


def test_an_operator_of_ones_own_is_defined_and_dropped(page):
    steer = page.locator(".srlab .area-steer")
    field = steer.get_by_label("Own operator", exact=True)
    field.fill("bump(x) = exp(-x^2")
    field.press("Enter")
    expect(steer.locator(".note").first).to_contain_text("the operator bump: the '('")
    field.fill("bump(x) = exp(-x^2)")
    field.press("Enter")
    steer.locator(".chip[aria-pressed=true]", has_text="bump").wait_for()  # the worker's word
    expect(steer.locator(".targets code")).to_have_text("bump(x) = exp(-x^2)")
    expect(field).to_have_value("")
    told(page, "new: bump(x) = exp(-x^2)")
    steer.get_by_role("button", name="Remove the operator bump").click()
    steer.locator(".chip", has_text="bump").wait_for(state="detached")


def test_what_the_search_does_is_told_with_its_reason(page):
    node = page.evaluate(f"[...{STORE}.nodes.values()].findLast(n => Number.isFinite(n.explore)).id")
    assert (
        -1.0001 <= page.evaluate(f"id => {STORE}.nodes.get(id).score - {STORE}.nodes.get(id).explore", node) <= 0.0001
    )
    move = page.evaluate(f"{STORE}.nodes.get({STORE}.action.node).move")
    expect(page.locator(".srlab .tick b")).to_have_text(move)
    expect(page.locator(".srlab .why")).not_to_have_text("")


def test_the_run_plays_back_with_fewer_nodes_early_than_late(page):
    button(page, "Stop").click()
    expect(page.locator(".srlab header .pill")).to_contain_text("stopped")
    drawn(page)
    all_, end = nodes(page), page.evaluate(f"{STORE}.header.elapsed")
    points = "[...document.querySelector('.srlab').dashboard.views.tree.points]"
    places = page.evaluate(points)
    slider, seen = page.get_by_label("Search time shown"), []
    for share in (300, 600, 999):
        slider.fill(str(share))
        expect(page.locator(".srlab header .pill")).to_contain_text("replay")
        drawn(page)
        seen.append(nodes(page))
        now = {node: tuple(place) for node, place in page.evaluate(points)}
        assert len(now) == seen[-1] and all(
            tuple(p) == now[i] for i, p in places if i in now
        )  # those that are there are where they will be
    assert 0 < seen[0] < seen[1] < seen[2] <= all_
    slider.fill("300")
    drawn(page)
    assert number(page, "header .num") < page.evaluate(f"{STORE}.header.evaluations")
    assert page.locator(".srlab .log li").count() > 0
    page.locator(".srlab .play").focus()
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {STORE}.playing && {STORE}.time > {0.4 * end}")
    page.keyboard.press("Space")  # halts it
    page.wait_for_function(f"() => !{STORE}.playing")
    drawn(page)
    assert seen[0] < nodes(page) < all_
    slider.fill("1000")
    expect(page.locator(".srlab .history output")).to_have_text("now")
    until(lambda: nodes(page) == all_)


@pytest.mark.slow
def test_an_ended_run_plays_back_after_attach(page):
    import lab

    all_ = nodes(page)
    lab.run_cell(page, 1)
    expect(page.locator(".srlab")).to_have_count(2)
    second = "[...document.querySelectorAll('.srlab')].at(-1).dashboard.store"
    page.wait_for_function(f"all => {second}.nodes.size === all", arg=all_)
    page.get_by_label("Search time shown").last.fill("600")  # from there on, which is quicker
    page.locator(".srlab .play").last.click()
    born = f"[...{second}.nodes.keys()].filter(id => {second}.born(id)).length"
    page.wait_for_function(f"all => {second}.playing && {second}.time !== null && {born} < all", arg=all_)
    page.wait_for_function(f"() => {second}.time === null")
    assert page.evaluate(f"{second}.log.length") >= 6  # boost, inject, two of targets, pause, stop


def test_the_console_is_clean(page):
    assert page.errors == []
