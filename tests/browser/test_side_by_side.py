"""Two searches on one page, in a real JupyterLab and a real Chromium."""

import pytest
from lab import until

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


def points(page, side):
    return page.locator(f".srlab-pair .layer-{side} .point")


def states(page):
    return page.locator(".srlab-pair .comparison .pill").all_inner_texts()


def test_both_fronts_grow_each_in_its_own_shape(page):
    until(lambda: points(page, 0).count() >= 2 and points(page, 1).count() >= 2)
    known = page.evaluate(f"{STORES}.map(s => s.candidates.size)")
    page.wait_for_function(f"known => {STORES}.every((s, side) => s.candidates.size > known[side])", arg=known)
    assert page.evaluate(
        "[...document.querySelectorAll('.srlab-pair .layer-0 .point')].every(p => p.tagName === 'circle')"
    )
    assert page.evaluate(
        "[...document.querySelectorAll('.srlab-pair .layer-1 .point')].every(p => p.tagName === 'rect')"
    )
    assert page.locator(".srlab-pair .front g.reference").count() >= 2  # once for both, not twice
    assert page.locator(".srlab-pair .front g.reference").count() == page.evaluate(
        "document.querySelector('.srlab-pair').parentElement.pair.stores[0].references.length"
    )


def test_the_numbers_say_who_leads_and_what_differs(page):
    assert (
        "exp" in page.locator(".differences").inner_text()
        and "only in “all units”" in page.locator(".differences").inner_text()
    )
    assert "Same data: cu-gpaw-v1" in page.locator(".differences").inner_text()
    until(lambda: page.locator(".comparison td.leads").count() >= 1)
    shown = page.locator(".comparison .what").inner_text()
    assert "force error, test" in shown
    page.locator(".srlab-pair .chip", has_text="energy").click()
    assert "energy error, test" in page.locator(".comparison .what").inner_text()
    page.locator(".srlab-pair .chip", has_text="force").click()
    assert all("running" in state for state in states(page))


def test_both_pause_and_a_click_selects_in_either_search(page):
    import lab

    page.locator(".srlab-pair header button", has_text="Pause both").click()
    until(lambda: all("paused" in state for state in states(page)))
    page.wait_for_function(f"() => {STORES}.every(s => !s.header.pending)")  # what was under way has arrived
    chosen = []
    for side in (0, 1):
        last = (
            "side => { const p = [...document.querySelectorAll(`.srlab-pair .layer-${side} "
            ".point`)].at(-1), b = p.getBoundingClientRect(); return [p.dataset.id, b.x + "
            "b.width / 2, b.y + b.height / 2] }"
        )
        identity, x, y = page.evaluate(last, side)  # in one go: news redraw the plot
        page.mouse.click(x, y)
        panel = page.locator(f".srlab-pair .area-equation.side-{side}")
        until(lambda panel=panel, identity=identity: panel.locator("h3 small").inner_text().endswith(f" {identity}"))
        assert panel.locator(".equations .katex-html").count() == 3
        chosen.append(identity)
    assert str(chosen) in lab.run_cell(page, 1).locator(".jp-OutputArea-output").inner_text()
    assert page.locator(".srlab-pair .front .chosen").count() == 2


def test_the_keyboard_goes_along_a_front_and_to_the_other(page):
    page.locator(".srlab-pair .front").focus()

    def ids():
        return page.evaluate(
            "document.querySelector('.srlab-pair').parentElement.pair.stores.map(s => s.selected.candidate)"
        )  # noqa: E731

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
    until(lambda: len(page.evaluate(columns).split()) == 1)
    assert page.evaluate("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('.srlab-pair').parentElement)")
    lab.picture(page, pictures / "pair-800.png")
    page.set_viewport_size({"width": 1400, "height": 1300})


def test_the_dashboards_unfold_below_and_validate_only_then(page, pictures):
    validations = "document.querySelector('.srlab-pair').parentElement.pair.stores.map(s => s.validations.size)"
    assert page.evaluate(validations) == [0, 0]
    page.locator(".srlab-pair header button", has_text="Dashboards").click()
    page.wait_for_selector(".srlab-columns .srlab .tree canvas", state="attached")
    assert page.locator(".srlab-columns .srlab").count() == 2
    page.wait_for_function(f"() => {validations}.every(n => n > 0)")
    page.locator(".srlab-columns").screenshot(path=str(pictures / "pair-columns.png"))
    page.locator(".srlab-pair header button", has_text="Dashboards").click()
    assert page.locator(".srlab-columns .srlab").count() == 0


def test_both_go_on_and_stop_and_the_console_is_clean(page):
    page.locator(".srlab-pair header button", has_text="Resume both").click()
    until(lambda: all("running" in state for state in states(page)))
    page.locator(".srlab-pair .comparison button", has_text="Stop").first.click()  # one alone
    until(lambda: "stopped" in states(page)[0])
    assert "running" in states(page)[1]
    page.locator(".srlab-pair header button", has_text="Stop both").click()
    until(lambda: "stopped" in states(page)[1])
    assert page.errors == []
