"""Five thousand nodes: from the kernel's patch to pixels on the page, and the answer back."""

import pathlib

import lab
import pytest
from lab import expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(lab.SLOW_PAGE > 0, reason="SRLAB_SLOW_PAGE delays what is measured here"),
]
TOY = pathlib.Path(__file__).parents[1] / "widgets"

CELLS = [
    f"""
import sys; sys.path.insert(0, {str(TOY)!r})
from toy_run import ToySearch
from srlab_widgets import Dashboard

search = ToySearch("run", rate=80)
search.begin()
search.grow(7000)
dashboard = Dashboard(search)
dashboard
""",
    """
import time

for _ in range(200):
    search.grow(4)
    time.sleep(0.1)
""",
    "import statistics; print(len(dashboard.fold.nodes), len(dashboard.delays), "
    "statistics.median(dashboard.delays[1:]))",
]


def test_a_patch_is_on_the_page_within_a_quarter_of_a_second(desk, pictures):
    lab.write_notebook(desk.folder / "large.ipynb", CELLS)
    page = desk.open("large.ipynb", height=1500)
    lab.run_cell(page, 0)
    page.wait_for_selector(".srlab .point")
    lab.run_cell(page, 1)
    said = lab.run_cell(page, 2).locator(".jp-OutputArea-output")
    expect(said).not_to_have_text("")
    count, patches, median = said.inner_text().split()
    lab.picture(page, pictures / "large-tree.png")
    assert page.errors == []
    assert int(count) > 5000 and int(patches) > 8
    assert float(median) < 0.25, f"{median} s, median of {patches} patches"
