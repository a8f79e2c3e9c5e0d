"""Two searches on one page, in a real JupyterLab and a real Chromium."""

import re

import pytest
from lab import expect, settled, until

pytestmark = pytest.mark.browser

CELLS = [
    """
import srlab
from srlab_widgets import SideBySide

data = srlab.load_dataset("cu-gpaw-v1")
common = dict(seconds=3600, seed=5, workers=1)
a = srlab.Search(data, "all", **common).start()
b = srlab.Search(data, "powers", operators=("pow", "sqrt", "linear", "square", "log"), **common).start()
pair = SideBySide(a, b, names=("all units", "powers only"))
pair
""",
    "print([c and c.id for c in pair.candidates])",
]


@pytest.fixture(scope="module")
def page(desk):
    """The pair with both searches started: the tests below follow one another on it."""
    import lab

    lab.write_notebook(desk.folder / "pair.ipynb", CELLS)
    page = desk.open("pair.ipynb", height=1300)
    lab.run_cell(page, 0)
    lab.wait_for_widget(page, ".srlab-pair")
    yield page
    lab.run_cell(page, 1)  # whatever happened, the kernel still answers


STORES = "document.querySelector('.srlab-pair').parentElement.pair.stores"
# The last member of a front: its name, and where it is drawn, in pixels of the window.
LAST = """side => { const point = [...document.querySelectorAll(`.srlab-pair .layer-${side} .point`)].at(-1), { x, y, width, height } = point.getBoundingClientRect();
    return [point.dataset.id, x + width / 2, y + height / 2] }"""


def points(page, side):
    return page.locator(f".srlab-pair .layer-{side} .point")


def in_state(page, *states):
    """Wait until the searches say that they are in these states."""
    expect(page.locator(".srlab-pair .comparison .pill")).to_have_text([re.compile(f"^{state} ") for state in states])


def test_both_fronts_grow_each_in_its_own_shape(page):
    until(lambda: points(page, 0).count() >= 2 and points(page, 1).count() >= 2)
    known = page.evaluate(f"{STORES}.map(s => s.candidates.size)")
    page.wait_for_function(f"known => {STORES}.every((s, side) => s.candidates.size > known[side])", arg=known)
    tags = [points(page, side).evaluate_all("points => points.map((point) => point.tagName)") for side in (0, 1)]
    assert set(tags[0]) == {"circle"} and set(tags[1]) == {"rect"}
    page.wait_for_function(  # the published forms, once for both, not twice
        "() => (drawn => drawn >= 2 && drawn === document.querySelector('.srlab-pair').parentElement.pair.stores[0]"
        ".references.length)(document.querySelectorAll('.srlab-pair .front g.reference').length)"
    )


def test_the_numbers_say_who_leads_and_what_differs(page):
    for words in ("exp", "only in “all units”", "Same data: cu-gpaw-v1"):
        expect(page.locator(".differences")).to_contain_text(words)
    until(lambda: page.locator(".comparison td.leads").count() >= 1)
    shown = page.locator(".comparison .what")
    expect(shown).to_contain_text("force error, test")
    page.locator(".srlab-pair .chip", has_text="energy").click()
    expect(shown).to_contain_text("energy error, test")
    page.locator(".srlab-pair .chip", has_text="force").click()
    expect(shown).to_contain_text("force error, test")
    in_state(page, "running", "running")


def test_both_pause_and_a_click_selects_in_either_search(page):
    import lab

    page.locator(".srlab-pair header button", has_text="Pause both").click()
    in_state(page, "paused", "paused")  # what was under way has arrived
    chosen = []
    for side in (0, 1):
        identity, x, y = settled(page, LAST, side)
        page.mouse.click(x, y)
        panel = page.locator(f".srlab-pair .area-equation.side-{side}")
        expect(panel.locator("h3 small")).to_have_text(re.compile(f" {identity}$"))
        expect(panel.locator(".equations .katex-html")).to_have_count(3)
        chosen.append(identity)
    lab.prints(page, 1, str(chosen))
    expect(page.locator(".srlab-pair .front .chosen")).to_have_count(2)


def test_the_keyboard_goes_along_a_front_and_to_the_other(page):
    page.locator(".srlab-pair .front").focus()

    def ids():
        return page.evaluate(f"{STORES}.map(s => s.selected.candidate)")  # a key changes it at once

    before = ids()
    page.keyboard.press("ArrowLeft")
    after = ids()
    assert after != before and after[1] == before[1]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    assert ids()[0] == after[0] and ids()[1] != after[1]


def test_it_is_a_picture_in_light_dark_and_narrow(page, pictures):
    import lab

    page.mouse.move(5, 5)
    lab.picture(page, pictures / "pair-light.png")
    lab.theme(page, "JupyterLab Dark")
    lab.picture(page, pictures / "pair-dark.png")
    lab.theme(page, "JupyterLab Light")
    page.set_viewport_size({"width": 800, "height": 2000})
    columns = "getComputedStyle(document.querySelector('.srlab-pair')).gridTemplateColumns"
    page.wait_for_function(f"() => {columns}.split(' ').length === 1")
    page.wait_for_function(
        "() => (e => e.scrollWidth <= e.clientWidth)(document.querySelector('.srlab-pair').parentElement)"
    )
    lab.picture(page, pictures / "pair-800.png")
    page.set_viewport_size({"width": 1400, "height": 1300})


def test_the_dashboards_unfold_below_and_validate_only_then(page, pictures):
    validations = f"{STORES}.map(s => s.validations.size)"
    assert page.evaluate(validations) == [0, 0]
    page.locator(".srlab-pair header button", has_text="Dashboards").click()
    page.wait_for_selector(".srlab-columns .srlab .tree canvas", state="attached")
    expect(page.locator(".srlab-columns .srlab")).to_have_count(2)
    page.wait_for_function(f"() => {validations}.every(n => n > 0)")
    page.locator(".srlab-columns").screenshot(path=str(pictures / "pair-columns.png"))
    page.locator(".srlab-pair header button", has_text="Dashboards").click()
    expect(page.locator(".srlab-columns .srlab")).to_have_count(0)


def test_both_go_on_and_stop_and_the_console_is_clean(page):
    page.locator(".srlab-pair header button", has_text="Resume both").click()
    in_state(page, "running", "running")
    page.locator(".srlab-pair .comparison button", has_text="Stop").first.click()  # one alone
    in_state(page, "stopped", "running")
    page.locator(".srlab-pair header button", has_text="Stop both").click()
    in_state(page, "stopped", "stopped")
    assert page.errors == []
