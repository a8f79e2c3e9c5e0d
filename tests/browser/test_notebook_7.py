"""The dashboard in Notebook 7, which has no tabs and no status bar: it shows, and a click selects."""

import pathlib
import sys
from importlib.util import find_spec

import lab
import pytest
from lab import UNSEEN, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_spec("notebook") is None, reason="notebook is not installed: pip install 'srlab[test]'"),
]
APPLICATION = (sys.executable, "-m", "notebook")
TOY = pathlib.Path(__file__).parents[1] / "widgets"
OWN = (
    "Cannot read properties of undefined (reading 'schema')"  # of its settings; nothing of ours or anywidget's has one
)
CELLS = [
    f"""
import sys; sys.path.insert(0, {str(TOY)!r})
from toy_run import ToySearch
from srlab_widgets import Dashboard

search = ToySearch("run")
search.begin()
search.grow(80)
{UNSEEN}
dashboard = Dashboard(search)
dashboard
""",
    "dashboard.selected",
]


def test_the_dashboard_shows_and_a_click_selects(context, tmp_path, pictures):
    lab.write_notebook(tmp_path / "toy.ipynb", CELLS)
    with lab.server(tmp_path, command=APPLICATION) as (address, token), context.new_page() as page:
        page.set_viewport_size({"width": 1400, "height": 1500})
        lab.watched(page).goto(f"{address}/notebooks/toy.ipynb?token={token}")
        lab.wait_for_kernel(page)
        lab.run_cell(page, 0)
        page.wait_for_selector(lab.DASHBOARD)
        page.wait_for_selector(".jp-mod-outputsScrolled", state="attached")  # of any tall output: not so with ours
        area = "document.querySelector('.jp-Cell-outputArea:has(.srlab)')"
        page.wait_for_function(f"() => {area}.clientHeight >= document.querySelector('.srlab').scrollHeight")
        page.mouse.move(5, 5)
        last = page.locator(".srlab .front .point").last
        last.scroll_into_view_if_needed()
        identity = last.get_attribute("data-id")
        last.click(force=True)
        page.wait_for_selector(f".srlab tr.selected[data-id='{identity}']")
        expect(page.locator(".srlab .equations .katex-html")).to_have_count(3)
        lab.prints(page, 1, identity)
        page.screenshot(path=str(pictures / "notebook-7.png"))
        assert [error for error in page.errors if error != OWN] == []
