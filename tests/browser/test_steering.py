"""A search that is steered and questioned through its dashboard, and its run played back: real worker, real
JupyterLab, real Chromium."""

import re

import pytest
from lab import until
from test_live_search import button, nodes, number

pytestmark = pytest.mark.browser
CELLS = [
    """
import srlab
from srlab.datasets import Dataset
from srlab_widgets import Dashboard

data = Dataset.from_frames(srlab.load_dataset("cu-gpaw").frames[::8], name="cu-few")  # quick playouts
search = srlab.Search(data, run="run", seconds=3600, seed=2, workers=1).start()
dashboard = Dashboard(search)
dashboard
""",
    'Dashboard.attach("run")',
]
SUTTON_CHEN = "phi = 600.0*r^(-9); f = r^(-6); F = -20.0*sqrt(rho)"
STORE = "document.querySelector('.srlab').dashboard.store"
PLACE = """id => { const t = document.querySelector('.srlab').dashboard.views.tree, b = t.stage.getBoundingClientRect(), p = t.points.get(id); return [b.left + p[0], b.top + p[1]] }"""


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
    pause(page)
    return page


def pause(page):
    button(page, "Pause").evaluate(
        "button => button.click()"
    )  # a page that draws without pause never holds still for the mouse
    button(page, "Resume").wait_for()


def resume(page):
    button(page, "Resume").evaluate("button => button.click()")
    button(page, "Pause").wait_for()


def visits(page, node):
    return page.evaluate(f"id => {STORE}.nodes.get(id).visits", node)


def open_menu(page, node):
    """Right-click a node where it is drawn now; playouts that were under way may still move the tree, so that a miss
    is tried again."""
    menu = page.locator(".srlab .area-tree .popup")
    for _ in range(5):
        page.mouse.click(*page.evaluate(PLACE, node), button="right")
        if menu.is_visible() and page.evaluate(f"{STORE}.selected.node") == node:
            return menu
        page.keyboard.press("Escape")
    raise AssertionError(f"the menu of node {node} did not open")


def log(page):
    return page.locator(".srlab .log li").all_inner_texts()


def test_a_right_click_on_a_node_opens_its_menu_inside_the_panel(page):
    menu = open_menu(page, 1)
    assert menu.locator("b").inner_text().startswith("#1 ")
    labels = menu.locator("[role=menuitem]").all_inner_texts()
    assert [label.split()[0] for label in labels] == [
        "Boost",
        "Prune",
        "Release",
        "Pin",
        "Restart",
        "Fold",
        "Copy",
        "Edit",
    ]
    panel, box = page.locator(".srlab .area-tree").bounding_box(), menu.bounding_box()
    assert panel["x"] <= box["x"] and box["x"] + box["width"] <= panel["x"] + panel["width"]
    assert panel["y"] <= box["y"] and box["y"] + box["height"] <= panel["y"] + panel["height"]
    assert page.locator(".lm-Menu").count() == 0  # JupyterLab's own
    page.locator(".srlab .area-front h3").click()
    assert not menu.is_visible()


def test_the_keyboard_opens_it_walks_along_and_gives_the_focus_back(page):
    tree, menu = page.locator(".srlab .tree"), page.locator(".srlab .area-tree .popup")
    tree.focus()
    for key in ("m", "ContextMenu"):
        page.keyboard.press(key)
        assert menu.is_visible()
        assert page.evaluate("document.activeElement.textContent") == "Boost this branch"
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.textContent") == "Prune this branch"
        page.keyboard.press("End")
        assert page.evaluate("document.activeElement.textContent").startswith("Edit")
        page.keyboard.press("Escape")
        assert not menu.is_visible() and tree.evaluate("stage => stage === document.activeElement")


def test_a_point_of_the_front_has_a_menu_for_mouse_and_keyboard(page):
    front, menu = page.locator(".srlab .front"), page.locator(".srlab .area-front .popup")
    spots = page.evaluate("""() => { const f = document.querySelector('.srlab').dashboard.views.front, b = f.stage.getBoundingClientRect(), on = new Set(f.store.front);
        return f.hits.filter(h => on.has(h.candidate?.id)).map(h => [h.candidate.id, b.left + h.x, b.top + h.y]) }""")
    first, x, y = spots[0]
    page.mouse.click(x, y, button="right")
    assert menu.is_visible() and menu.locator("b").inner_text() == first
    assert (
        page.evaluate(f"{STORE}.selected.candidate") == first and page.locator(".lm-Menu").count() == 0
    )  # and not JupyterLab's own
    labels = menu.locator("[role=menuitem]").all_inner_texts()
    assert (
        "Boost this branch" in labels
        and f"Pin {first}" in labels
        and not any(label in ("Fold", "Unfold") for label in labels)
    )
    panel, box = page.locator(".srlab .area-front").bounding_box(), menu.bounding_box()
    assert (
        panel["x"] <= box["x"]
        and box["x"] + box["width"] <= panel["x"] + panel["width"]
        and box["y"] + box["height"] <= panel["y"] + panel["height"]
    )
    page.keyboard.press("Escape")
    assert not menu.is_visible() and front.evaluate("stage => stage === document.activeElement")
    page.keyboard.press("ArrowRight")
    second = page.evaluate(f"{STORE}.selected.candidate")
    assert second != first
    for key in ("ContextMenu", "m"):
        page.keyboard.press(key)
        assert menu.is_visible() and menu.locator("b").inner_text() == second
        if key == "ContextMenu":
            page.keyboard.press("Escape")
    menu.locator("[role=menuitem]", has_text=f"Pin {second}").click()
    until(lambda: page.evaluate(f"{STORE}.pins.includes('{second}')"))
    until(lambda: page.locator(".srlab .area-equation button[aria-pressed=true]", has_text="Pin").count() == 1)
    assert not menu.is_visible()


def test_an_export_can_be_cancelled_and_the_next_one_arrives(page):
    note, exports = page.locator(".srlab header .note"), page.locator(".srlab header details.menu", has_text="Export")
    saved = []
    page.on("download", lambda download: saved.append(download))
    exports.locator("summary").click()
    exports.locator("[role=menuitem]", has_text="Everything").click()
    cancel = note.locator("button", has_text="Cancel")
    cancel.wait_for()
    assert "Exporting" in note.inner_text()
    cancel.click()
    until(lambda: "was cancelled; nothing was saved" in note.inner_text())
    assert cancel.count() == 0
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
    until(lambda: page.evaluate(f"id => {STORE}.nodes.get(id).flag", node) == "boost")
    assert page.locator(".srlab .area-tree .chip", has_text="boost").get_attribute("aria-pressed") == "true"
    here, all_ = visits(page, node), visits(page, 0)
    before = here / all_
    resume(page)
    until(lambda: visits(page, 0) >= all_ + 40)
    pause(page)
    after = (visits(page, node) - here) / (visits(page, 0) - all_)
    assert after > before + 0.1, (
        f"{after:.2f} of the new visits, {before:.2f} of those before"
    )  # half of the selections look at boosted branches only
    assert any(f"boost #{node}" in line for line in log(page))


def test_an_injected_sutton_chen_appears_in_the_front_view(page):
    field = page.locator(".srlab .inject textarea")
    open_menu(page, 1)
    page.keyboard.press("End")
    page.keyboard.press("Enter")  # Edit and inject
    assert re.fullmatch(r"phi = .+\nf = .+\nF = .+", field.input_value()) and field.evaluate(
        "input => input === document.activeElement"
    )
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
    assert page.locator(".srlab .front .own").count() == 1
    line = page.locator(".srlab .log li", has_text="inject phi")
    line.locator("button").click()  # the command leads to its node
    assert page.evaluate(f"{STORE}.selected.candidate") == candidate["id"]


def test_a_property_target_is_added_refused_and_removed(page):
    steer = page.locator(".srlab .area-steer")
    steer.locator("summary").click()
    steer.locator(".target select").select_option("c44")
    assert (
        steer.get_by_label("Value of the target").input_value() == "82" and steer.locator(".unit").inner_text() == "GPa"
    )
    add = steer.locator(".target", has=page.get_by_label("Weight of the target")).get_by_role("button")
    steer.get_by_label("Weight of the target").fill("-1")
    add.click()
    until(lambda: "needs a finite value and a weight above zero" in steer.locator(".note.error").inner_text())
    assert steer.locator(".targets li").count() == 0
    steer.get_by_label("Weight of the target").fill("2")
    add.click()
    until(lambda: steer.locator(".targets li").count() == 1)  # the worker's word
    assert "82.00 GPa" in steer.locator(".targets li").inner_text() and page.evaluate(f"{STORE}.settings.targets") == [
        ["c44", 82, 2]
    ]
    assert steer.locator(".note").all_inner_texts()[0] == ""
    steer.locator(".targets button").click()
    until(lambda: page.evaluate(f"{STORE}.settings.targets.length") == 0 and steer.locator(".targets li").count() == 0)
    lines = log(page)
    assert any("no target c44" in line for line in lines) and any(
        "target c44 = 82 GPa, weight 2" in line for line in lines
    )


def test_an_operator_is_given_a_cost(page):
    field = page.locator(".srlab .area-steer").get_by_label("Cost of exp")
    longest = f"Math.max(...[...{STORE}.candidates.values()].map(c => c.complexity))"
    before = page.evaluate(longest)
    field.fill("3")
    field.press("Enter")
    page.wait_for_function(f"() => {STORE}.settings.costs?.length === 1")  # the worker's word
    page.wait_for_function(f"before => {longest} > before", arg=before)
    assert page.evaluate(f"{STORE}.settings.costs") == [["exp", 3]]
    assert any("cost of exp 1 → 3" in line for line in log(page))
    field.fill("1")
    field.press("Enter")
    page.wait_for_function(f"() => {STORE}.settings.costs.length === 0")


def test_an_operator_of_ones_own_is_defined_and_dropped(page):
    steer = page.locator(".srlab .area-steer")
    field = steer.get_by_label("Own operator", exact=True)
    field.fill("bump(x) = exp(-x^2")
    field.press("Enter")
    until(lambda: "the operator bump: the '('" in steer.locator(".note").all_inner_texts()[0])
    field.fill("bump(x) = exp(-x^2)")
    field.press("Enter")
    steer.locator(".chip[aria-pressed=true]", has_text="bump").wait_for()  # the worker's word
    assert steer.locator(".targets code").inner_text() == "bump(x) = exp(-x^2)" and field.input_value() == ""
    assert any("new: bump(x) = exp(-x^2)" in line for line in log(page))
    steer.get_by_role("button", name="Remove the operator bump").click()
    steer.locator(".chip", has_text="bump").wait_for(state="detached")


def test_what_the_search_does_is_told_with_its_reason(page):
    node = page.evaluate(f"[...{STORE}.nodes.values()].findLast(n => Number.isFinite(n.explore)).id")
    assert (
        -1.0001 <= page.evaluate(f"id => {STORE}.nodes.get(id).score - {STORE}.nodes.get(id).explore", node) <= 0.0001
    )
    assert page.locator(".srlab .tick b").inner_text() == page.evaluate(f"{STORE}.nodes.get({STORE}.action.node).move")
    assert page.locator(".srlab .why").inner_text() != ""


def test_the_run_plays_back_with_fewer_nodes_early_than_late(page):
    button(page, "Stop").click()
    page.wait_for_function(f"() => {STORE}.header.state === 'stopped'")
    all_, end = nodes(page), page.evaluate(f"{STORE}.header.elapsed")
    places = page.evaluate("[...document.querySelector('.srlab').dashboard.views.tree.points]")
    slider, seen = page.get_by_label("Search time shown"), []
    for share in (300, 600, 999):
        slider.fill(str(share))
        page.wait_for_timeout(150)
        seen.append(nodes(page))
        assert "replay" in page.locator(".srlab .pill").inner_text()
        now = dict(
            map(
                tuple,
                (
                    (i, tuple(p))
                    for i, p in page.evaluate("[...document.querySelector('.srlab').dashboard.views.tree.points]")
                ),
            )
        )
        assert len(now) == seen[-1] and all(
            tuple(p) == now[i] for i, p in places if i in now
        )  # those that are there are where they will be
    assert 0 < seen[0] < seen[1] < seen[2] <= all_
    slider.fill("300")
    assert number(page, "header .num") < page.evaluate(f"{STORE}.header.evaluations") and len(log(page)) > 0
    page.locator(".srlab .play").focus()
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {STORE}.playing && {STORE}.time > {0.4 * end}")
    page.keyboard.press("Space")  # halts it
    assert not page.evaluate(f"{STORE}.playing") and seen[0] < nodes(page) < all_
    slider.fill("1000")
    until(lambda: page.locator(".srlab .history output").inner_text() == "now" and nodes(page) == all_)


def test_an_ended_run_plays_back_after_attach_and_the_console_is_clean(page):
    import lab

    all_ = nodes(page)
    lab.run_cell(page, 1)
    second = "[...document.querySelectorAll('.srlab')].at(-1).dashboard.store"
    page.wait_for_function(f"all => {second}.nodes.size === all", arg=all_)
    page.get_by_label("Search time shown").last.fill("600")  # from there on, which is quicker
    page.locator(".srlab .play").last.click()
    page.wait_for_function(f"() => {second}.playing && {second}.time !== null")
    assert page.evaluate(f"[...{second}.nodes.keys()].filter(id => {second}.born(id)).length") < all_
    page.wait_for_function(f"() => {second}.time === null")
    assert page.evaluate(f"{second}.log.length") >= 6  # boost, inject, two of targets, pause, stop
    assert page.errors == []
