"""Closing the page: the worker pauses by itself, and the page that is opened again says so and goes on. Then a new
kernel, and the run is there again."""

import pytest
from lab import UNSEEN, expect, until

pytestmark = pytest.mark.browser

CELLS = [
    f"""
import srlab
from srlab_widgets import Dashboard

search = srlab.Search(srlab.load_dataset("cu-gpaw-v1"), "run", seconds=3600, seed=1, workers=1).start()
{UNSEEN}
Dashboard(search)
""",
    'from srlab_widgets import Dashboard\nDashboard.attach("run")',
]


def kernel(search):
    """Process id of the kernel that serves the notebook, None while there is none."""
    import psutil

    for process in psutil.process_iter(["cmdline"]):
        try:
            if "ipykernel_launcher" in (process.info["cmdline"] or []) and process.cwd() == str(search.run.parent):
                return process.pid
        except psutil.Error:
            pass
    return None


@pytest.fixture(scope="module")
def watched(desk):
    """(page, search): a page that shows a search under way."""
    import lab

    from srlab.search.search import Search

    lab.write_notebook(desk.folder / "idle.ipynb", CELLS)
    page = desk.open("idle.ipynb")
    lab.run_cell(page, 0)
    lab.wait_for_widget(page)
    return page, Search.attach(desk.folder / "run")


def test_a_closed_page_pauses_the_search_and_the_next_one_resumes_it(desk, watched, pictures):
    import lab

    page, search = watched
    for _ in range(3):  # a page that is open looks again and again, whatever its reader does
        looked = search.folder.attended()
        until(lambda looked=looked: search.folder.attended() != looked)
    lab.save(page)
    page.close()
    search.steer(idle_limit=2)
    until(lambda: search.state == "paused")
    page = desk.open("idle.ipynb")
    lab.wait_for_widget(page)
    expect(page.locator(".srlab .pill")).to_contain_text("paused")
    note = page.locator(".srlab header .note")
    note.wait_for()
    expect(note).to_contain_text("no page has shown this search for 2 seconds")
    lab.picture(page, pictures / "idle.png")
    search.steer(idle_limit=None)  # what comes now may take longer than the limit
    page.locator(".srlab header button", has_text="Resume").click()
    expect(page.locator(".srlab .pill")).to_contain_text("running")
    expect(note).not_to_be_visible()
    assert page.errors == []


@pytest.mark.slow
def test_a_new_kernel_attaches_to_the_run_while_its_worker_goes_on(desk, watched):
    import lab

    search, page = watched[1], desk.context.pages[-1]
    search.refresh()
    before, old = len(search.view.nodes), kernel(search)
    page.click("div.lm-MenuBar-itemLabel:text-is('Kernel')")
    page.click("li.lm-Menu-item:has(div.lm-Menu-itemLabel:text-is('Restart Kernel…'))", no_wait_after=True)
    page.click(".jp-Dialog button.jp-mod-warn", no_wait_after=True)
    page.wait_for_selector(".jp-Dialog", state="detached")
    until(lambda: kernel(search) not in (None, old))
    lab.wait_for_kernel(page)
    assert search.alive and search.state in ("running", "paused")
    attached = page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".srlab")
    lab.run_cell(page, 1)
    attached.locator(".front .point").first.wait_for(state="attached")
    expect(attached).to_have_count(1)

    def shown():
        return page.evaluate(
            "document.querySelectorAll('.jp-CodeCell')[1].querySelector('.srlab').dashboard.store.nodes.size"
        )  # noqa: E731

    until(lambda: shown() >= before)
    expect(attached.locator(".pill")).to_contain_text("running")
    first = shown()
    until(lambda: shown() > first)  # the same worker, followed by a kernel that did not start it
    attached.locator("header button", has_text="Pause").click()
    until(lambda: search.state == "paused")
