"""Nothing is lost, nothing is dead: keys stay in the dashboard, forks and runs have a place, an ended search goes
on."""

import re

import pytest
from lab import drawn, expect, passing, until

from srlab.runs.commands import send
from srlab.runs.notes import read_notes

pytestmark = pytest.mark.browser
CELLS = [
    """
import srlab
from srlab.datasets import Dataset
from srlab_widgets import Dashboard

data = Dataset.from_frames(srlab.load_dataset("cu-gpaw").frames[::8], name="cu-few")  # quick playouts
search = srlab.Search(data, run="runs/first", evaluations=6000, seed=2, workers=1).start()
dashboard = Dashboard(search)
dashboard
""",
    """
import sys
dashboard._relaxer.command = [sys.executable, '-c', 'import time; time.sleep(3600)']  # never done
dashboard._validate = lambda *_, **__: None  # nobody looks at the validation panels any more
dashboard._validator.cancel()
""",
]
STORE = "document.querySelector('.srlab').dashboard.store"


@pytest.fixture(scope="module")
def page(desk):
    """A dashboard over a search that ends by itself after some seconds: the tests below follow one another on it."""
    import lab

    lab.write_notebook(desk.folder / "kept.ipynb", CELLS)
    page = desk.open("kept.ipynb", height=1700)
    page.runs = desk.folder / "runs"
    try:
        lab.run_cell(page, 0)
        lab.wait_for_widget(page)
        expect(page.locator(".srlab header .pill")).to_contain_text("finished")
        drawn(page)
        yield page
    finally:  # workers outlive the kernel: end them whatever the tests came to
        for run in page.runs.glob("*") if page.runs.exists() else ():
            send(run, "stop")


def shows(page, name):
    page.wait_for_function(f"name => {STORE}.settings.folder.endsWith(name) && {STORE}.nodes.size > 0", arg=name)


def test_keys_end_at_the_dashboard_wherever_it_was_clicked(page):
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    for place in (
        ".area-tree h3",
        ".area-front .front",
        "tr[data-id] >> nth=0",
        ".area-functions h3",
        "header .pill",
        ".area-validation",
    ):
        page.locator(f".srlab {place}").first.click()
        assert page.evaluate("document.querySelector('.srlab').contains(document.activeElement)"), place
        for key in ("x", "d", "d", "b", "a", "Shift+M", "Escape"):
            page.keyboard.press(key)
        drawn(page)
        assert cells.count() == len(CELLS), place
    page.locator(".jp-CodeCell").nth(1).locator(".jp-InputPrompt").click()
    page.keyboard.press("b")  # and beside it JupyterLab has its keys
    expect(cells).to_have_count(len(CELLS) + 1)


def test_the_export_menu_and_the_log_obey_arrows(page):
    menu = page.locator(".srlab header details.menu", has_text="Export")
    menu.locator("summary").focus()
    page.keyboard.press("ArrowDown")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("End")
    expect(menu.locator("button", has_text="Everything")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    page.locator(".srlab .log").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".srlab .log button:focus")).to_have_count(1)
    page.keyboard.press("Tab")  # one stop, and on
    expect(page.locator(".srlab .log:focus-within")).to_have_count(0)


def test_best_loss_and_hypervolume_are_drawn_over_the_search_time(page):
    expect(page.locator(".srlab .converges path.loss")).to_have_attribute("d", re.compile("^M"))
    volume = page.locator(".srlab .converges .line-volume b")
    last = volume.inner_text()  # of test errors, so that it need not be the largest
    assert 50 <= int(last.removesuffix(" %")) <= 100
    second = page.evaluate(f"{STORE}.fronts[1][0] / {STORE}.header.elapsed")  # when a second formula came
    page.get_by_label("Search time shown").fill(str(min(999, int(1000 * second) + 1)))
    expect(volume).not_to_have_text(re.compile(f"^({last}|–)$"))
    page.get_by_label("Search time shown").fill("1000")
    expect(volume).to_have_text(last)
    slider, lines = (page.locator(f".srlab {place}").bounding_box() for place in (".history input", ".converges svg"))
    assert abs(slider["x"] - lines["x"]) < 4 and abs(slider["width"] - lines["width"]) < 4


def test_the_table_is_sorted_filtered_tagged_and_copied(page):
    table = page.locator(".srlab .area-table")
    nodes = table.locator("tr[data-id] td:nth-child(2)")
    whole = [int(cell) for cell in nodes.all_inner_texts()]

    def listed(numbers):
        expect(nodes).to_have_text([str(number) for number in numbers])

    table.get_by_role("button", name="nodes").click()
    listed(sorted(whole, reverse=True))
    table.get_by_role("button", name="nodes").click()
    listed(sorted(whole))
    limit = sorted(whole)[len(whole) // 2]
    table.get_by_role("searchbox").fill(f"nodes<={limit}")
    listed(n for n in sorted(whole) if n <= limit)
    table.get_by_role("searchbox").fill("nodes<many")
    expect(table.locator("h3 .wrong")).to_contain_text("cannot be read")
    listed(sorted(whole))
    table.get_by_role("searchbox").fill("")
    row = table.locator("tr[data-id]").first
    row.focus()
    page.keyboard.press("t")
    page.keyboard.type("<b>paper</b>")
    page.keyboard.press("Enter")
    expect(row.locator("button.tag")).to_have_text("<b>paper</b>")
    assert row.locator("b").count() == 0
    name = row.get_attribute("data-id")
    assert page.evaluate(f"name => {STORE}.settings.tags[name]", name) == "<b>paper</b>"
    with passing(page, ".srlab .area-table h3", "copied as CSV"):
        table.get_by_role("button", name="CSV").click()
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert (
        copied[0].startswith("id,nodes,")
        and len(copied) == 1 + len(whole) + page.locator(".srlab tr.reference").count()
    )


def test_properties_are_columns_chosen_with_the_keyboard(page):
    table = page.locator(".srlab .area-table")
    table.locator("summary").focus()
    page.keyboard.press("ArrowDown")
    for _ in range(2):  # ground state, and the property below it
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
    expect(table.get_by_role("menuitemcheckbox", checked=True)).to_have_count(2)  # it stays open
    assert page.evaluate(f"{STORE}.cards.chosen") == ["ground_state", "lattice_constant"]
    page.keyboard.press("Escape")
    expect(table.locator("summary")).to_be_focused()
    heads, cells = table.locator("thead"), table.locator("tr[data-id] td:nth-child(7)")
    for word in ("ground state", "lattice constant", "Å"):
        expect(heads).to_contain_text(word)
    words = lambda: {cell.split()[0] for cell in cells.all_inner_texts() if cell.strip()}  # noqa: E731
    until(lambda: words() and words() <= {"fcc", "bcc", "hcp", "diamond", "–"} and words() != {"–"})
    expect(table.locator("tr[data-id][tabindex='0']")).to_have_count(1)  # one stop of the Tab key


def test_the_atoms_behind_a_property_are_seen(page, pictures):
    import lab

    pytest.importorskip("nglview")
    panel, dots = page.locator(".srlab .area-structure"), page.locator(".srlab .dots-surfaces")
    dots.locator("summary").click()
    dots.get_by_role("menuitem", name="stacking fault", exact=True).click()
    panel.locator("canvas").first.wait_for()
    for words in ("intrinsic stacking fault", "meV"):
        expect(panel).to_contain_text(words)
    panel.screenshot(path=str(pictures / "structure.png"))
    panel.get_by_role("button", name="close").click()
    expect(panel.locator("canvas")).to_have_count(0)
    lab.run_cell(page, 1)
    dots.locator("summary").click()
    dots.get_by_role("menuitem", name="(110)", exact=True).click()
    key = page.locator(".srlab .dotskey")
    key.get_by_text("relaxing the structure").wait_for()
    key.get_by_role("button", name="Cancel").press("Enter")
    expect(key).not_to_contain_text("relaxing")
    expect(panel.locator("canvas")).to_have_count(0)


def test_residuals_are_a_panel_of_the_page_and_a_frame_is_seen(page, pictures):
    pytest.importorskip("plotly")
    pytest.importorskip("nglview")
    panel = page.locator(".srlab .area-residuals")
    panel.get_by_role("button", name="show").click()
    panel.locator(".scatterlayer .point").first.wait_for(state="attached")
    wide = "() => document.querySelector('.srlab .area-residuals .main-svg').getBoundingClientRect().width"
    page.wait_for_function(f"() => ({wide})() > 750")  # of the panel, and not plotly's 700
    panel.locator("select").first.select_option(index=1)
    panel.locator("canvas").first.wait_for()
    expect(panel).to_contain_text(re.compile(r"frame \d+: .* eV/atom"))
    panel.screenshot(path=str(pictures / "residuals.png"))
    other = page.evaluate(f"{STORE}.front.find(id => id !== {STORE}.selected.candidate)")
    expect(panel).not_to_contain_text(f"{other}, ")
    page.locator(f".srlab tr[data-id='{other}']").click()
    expect(panel).to_contain_text(f"{other}, ")  # it follows the selection
    panel.get_by_role("button", name="close").click()
    expect(panel.locator("canvas")).to_have_count(0)


def test_an_ended_search_goes_on_from_the_page(page):
    before = page.evaluate(f"{STORE}.header.evaluations")
    page.locator(".srlab header summary", has_text="Extend").click()
    page.locator(".srlab header [role=menuitem]", has_text="1 hour").click()
    page.wait_for_function(f"n => {STORE}.header.state === 'running' && {STORE}.header.evaluations > n", arg=before)
    page.wait_for_function(f"() => {STORE}.settings.evaluations === null && {STORE}.settings.seconds > 3600")


def test_the_example_can_be_injected_and_an_error_stays_beside_the_text(page):
    field, note = page.locator(".srlab .inject textarea"), page.locator(".srlab #srlab-inject-note")
    field.fill("phi = 900*exp(-3*r; f = 1")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(note).to_have_text(re.compile(".{11}"))
    field.fill("")
    page.locator(".srlab .inject button").click()
    expect(note).to_contain_text("Taken")
    page.wait_for_function(f"() => [...{STORE}.nodes.values()].some(n => n.move === 'inject')")
    page.wait_for_function(f"() => {STORE}.injected.size > 0")
    page.locator(".srlab .front .own").first.wait_for(state="attached")


def test_a_fork_is_told_opened_and_in_the_log(page, pictures):
    page.locator(".srlab .tree").focus()
    page.keyboard.press("End")
    page.locator(".srlab .area-tree button", has_text="fork").click()
    note = page.locator(".srlab header .note", has_text="searches on its own")
    note.wait_for()
    opens = note.get_by_role("button", name="Open it here")
    page.locator(".srlab .log button", has_text="fork").wait_for()
    opens.click()
    page.wait_for_function(f"() => !{STORE}.settings.folder.endsWith('first')")
    fork = page.evaluate(f"{STORE}.settings.folder").split("/")[-1]
    expect(page.locator(".srlab header .pill")).to_contain_text("running")
    assert page.evaluate(f"{STORE}.settings.seconds") > 3600  # the budget of its parent
    page.get_by_role("button", name="Runs", exact=True).click()
    page.locator(f".srlab tr[data-run='{fork}'].here").wait_for()
    page.locator(".srlab .area-runs").screenshot(path=str(pictures / "runs.png"))
    page.locator(".srlab tr[data-run='first'] button", has_text="open").click()
    shows(page, "/first")
    page.locator(".srlab .log button", has_text=f"fork {fork}").wait_for()


def test_runs_are_noted_compared_stopped_and_deleted(page):
    runs = page.locator(".srlab .area-runs")
    runs.locator("tr[data-run='first'].here").wait_for()  # the page has shown it again, and the panel knows
    fork = runs.locator("tr[data-run]:not(.here)").get_attribute("data-run")
    row = runs.locator(f"tr[data-run='{fork}']")
    row.get_by_label("Note on").fill("drawn to the best")
    page.keyboard.press("Enter")
    until(lambda: read_notes(page.runs / fork)["note"] == "drawn to the best")
    for box in runs.get_by_role("checkbox").all():
        box.check()
    compared, close = (
        page.locator(".srlab .area-compare .srlab-pair .front .point"),
        page.locator(".area-compare > h3 button"),
    )
    runs.get_by_role("button", name="compare two").click()
    compared.first.wait_for(state="attached")
    close.click()
    page.locator(".srlab .area-compare").wait_for(state="hidden")
    expect(page.locator(".srlab-pair")).to_have_count(0)
    row.get_by_role("button", name="stop").click()
    until(
        lambda: (runs.get_by_role("button", name="refresh").click(), "stopped" in row.locator(".pill").inner_text())[1],
    )
    row.get_by_role("button", name="delete").click()
    expect(row.locator(".ask")).to_contain_text("Delete")
    assert (page.runs / fork).exists()
    row.get_by_role("button", name="keep").click()
    row.get_by_role("button", name="delete").click()
    row.get_by_role("button", name="delete").click()
    until(lambda: row.count() == 0 and not (page.runs / fork).exists())
    runs.get_by_role("button", name="close").click()


def test_the_console_is_clean(page):
    assert page.errors == []
