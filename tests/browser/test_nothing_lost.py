"""Nothing is lost, nothing is dead: keys stay in the dashboard, forks and runs have a place, an ended search goes
on."""

import pytest
from lab import until

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
    "import sys; dashboard._relaxer.command = [sys.executable, '-c', 'import time; time.sleep(3600)']  # never done",
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
        page.wait_for_function(f"() => document.querySelector('.srlab') && {STORE}.header.state === 'finished'")
        page.wait_for_selector(".srlab .front .point")
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
        assert cells.count() == len(CELLS), place
    page.locator(".jp-CodeCell").nth(1).locator(".jp-InputPrompt").click()
    page.keyboard.press("b")  # and beside it JupyterLab has its keys
    until(lambda: cells.count() == len(CELLS) + 1)


def test_the_export_menu_and_the_log_obey_arrows(page):
    menu = page.locator(".srlab header details.menu", has_text="Export")
    menu.locator("summary").focus()
    page.keyboard.press("ArrowDown")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("End")
    assert "Everything" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None and page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.locator(".srlab .log").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(
        "document.activeElement.closest('.log') !== null && document.activeElement.tagName === 'BUTTON'"
    )
    page.keyboard.press("Tab")  # one stop, and on
    assert page.evaluate("document.activeElement.closest('.log') === null")


def test_best_loss_and_hypervolume_are_drawn_over_the_search_time(page):
    assert page.locator(".srlab .converges path.loss").get_attribute("d").startswith("M")
    volume = page.locator(".srlab .converges .line-volume b")
    last = volume.inner_text()  # of test errors, so that it need not be the largest
    assert 50 <= int(last.removesuffix(" %")) <= 100
    second = page.evaluate(f"{STORE}.fronts[1][0] / {STORE}.header.elapsed")  # when a second formula came
    page.get_by_label("Search time shown").fill(str(min(999, int(1000 * second) + 1)))
    until(lambda: volume.inner_text() not in (last, "–"))
    page.get_by_label("Search time shown").fill("1000")
    slider, lines = (page.locator(f".srlab {place}").bounding_box() for place in (".history input", ".converges svg"))
    assert abs(slider["x"] - lines["x"]) < 4 and abs(slider["width"] - lines["width"]) < 4


def test_the_table_is_sorted_filtered_tagged_and_copied(page):
    table = page.locator(".srlab .area-table")
    nodes = lambda: [int(cell) for cell in table.locator("tr[data-id] td:nth-child(2)").all_inner_texts()]  # noqa: E731
    whole = nodes()
    table.get_by_role("button", name="nodes").click()
    assert nodes() == sorted(whole, reverse=True)
    table.get_by_role("button", name="nodes").click()
    limit = sorted(whole)[len(whole) // 2]
    table.get_by_role("searchbox").fill(f"nodes<={limit}")
    assert nodes() == [n for n in sorted(whole) if n <= limit]
    table.get_by_role("searchbox").fill("nodes<many")
    assert "cannot be read" in table.locator("h3 .wrong").inner_text() and len(nodes()) == len(whole)
    table.get_by_role("searchbox").fill("")
    row = table.locator("tr[data-id]").first
    name = row.get_attribute("data-id")
    row.focus()
    page.keyboard.press("t")
    page.keyboard.type("<b>paper</b>")
    page.keyboard.press("Enter")
    page.wait_for_function(f"name => {STORE}.settings.tags[name] === '<b>paper</b>'", arg=name)
    assert row.locator("button.tag").inner_text() == "<b>paper</b>" and row.locator("b").count() == 0
    table.get_by_role("button", name="CSV").click()
    page.wait_for_function("() => document.querySelector('.srlab .area-table h3').innerText.includes('copied as CSV')")
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
    page.wait_for_function(f"() => {STORE}.cards.chosen.length === 2")
    assert page.evaluate(f"{STORE}.cards.chosen") == ["ground_state", "lattice_constant"]
    assert table.get_by_role("menuitemcheckbox", checked=True).count() == 2  # it stays open
    page.keyboard.press("Escape")
    assert table.locator("summary").evaluate("summary => summary === document.activeElement")
    heads, cells = table.locator("thead"), table.locator("tr[data-id] td:nth-child(7)")
    until(lambda: all(word in heads.inner_text() for word in ("ground state", "lattice constant", "Å")))
    words = lambda: {cell.split()[0] for cell in cells.all_inner_texts() if cell.strip()}  # noqa: E731
    until(lambda: words() and words() <= {"fcc", "bcc", "hcp", "diamond", "–"} and words() != {"–"})
    assert table.locator("tr[data-id][tabindex='0']").count() == 1  # one stop of the Tab key


def test_the_atoms_behind_a_property_are_seen(page, pictures):
    import lab

    pytest.importorskip("nglview")
    panel, dots = page.locator(".srlab .area-structure"), page.locator(".srlab .dots-surfaces")
    dots.locator("summary").click()
    dots.get_by_role("menuitem", name="stacking fault", exact=True).click()
    panel.locator("canvas").first.wait_for()
    assert "intrinsic stacking fault" in panel.inner_text() and "meV" in panel.inner_text()
    panel.screenshot(path=str(pictures / "structure.png"))
    panel.get_by_role("button", name="close").click()
    until(lambda: panel.locator("canvas").count() == 0)
    lab.run_cell(page, 1)
    dots.locator("summary").click()
    dots.get_by_role("menuitem", name="(110)", exact=True).click()
    key = page.locator(".srlab .dotskey")
    key.get_by_text("relaxing the structure").wait_for()
    key.get_by_role("button", name="Cancel").press("Enter")
    until(lambda: "relaxing" not in key.inner_text())
    assert panel.locator("canvas").count() == 0


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
    assert "frame" in panel.inner_text()
    panel.screenshot(path=str(pictures / "residuals.png"))
    before, other = panel.inner_text(), page.evaluate(f"{STORE}.front.find(id => id !== {STORE}.selected.candidate)")
    page.locator(f".srlab tr[data-id='{other}']").click()
    until(lambda: panel.inner_text() != before)  # it follows the selection
    panel.get_by_role("button", name="close").click()
    until(lambda: panel.locator("canvas").count() == 0)


def test_an_ended_search_goes_on_from_the_page(page):
    before = page.evaluate(f"{STORE}.header.evaluations")
    page.locator(".srlab header summary", has_text="Extend").click()
    page.locator(".srlab header [role=menuitem]", has_text="1 hour").click()
    page.wait_for_function(f"n => {STORE}.header.state === 'running' && {STORE}.header.evaluations > n", arg=before)
    assert page.evaluate(f"{STORE}.settings.evaluations") is None and page.evaluate(f"{STORE}.settings.seconds") > 3600


def test_the_example_can_be_injected_and_an_error_stays_beside_the_text(page):
    field, note = page.locator(".srlab .inject textarea"), page.locator(".srlab #srlab-inject-note")
    field.fill("phi = 900*exp(-3*r; f = 1")
    field.press("Enter")
    until(lambda: field.get_attribute("aria-invalid") == "true" and len(note.inner_text()) > 10)
    field.fill("")
    page.locator(".srlab .inject button").click()
    until(lambda: "Taken" in note.inner_text())
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
    until(lambda: "running" in page.locator(".srlab .pill").first.inner_text())
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
    until(lambda: page.locator(".srlab-pair").count() == 0)
    row.get_by_role("button", name="stop").click()
    until(
        lambda: (runs.get_by_role("button", name="refresh").click(), "stopped" in row.locator(".pill").inner_text())[1],
    )
    row.get_by_role("button", name="delete").click()
    assert "Delete" in row.locator(".ask").inner_text() and (page.runs / fork).exists()
    row.get_by_role("button", name="keep").click()
    row.get_by_role("button", name="delete").click()
    row.get_by_role("button", name="delete").click()
    until(lambda: row.count() == 0 and not (page.runs / fork).exists())
    runs.get_by_role("button", name="close").click()


def test_the_console_is_clean(page):
    assert page.errors == []
