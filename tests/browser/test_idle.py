"""Closing the page: the worker pauses by itself, and the page that is opened again says so and goes on. Then a new
kernel, and the run is there again."""

import time

import pytest
from lab import until

pytestmark = pytest.mark.browser

CELLS = [
    """
import srlab
from srlab_widgets import Dashboard

search = srlab.Search(srlab.load_dataset("cu-gpaw-v1"), "run", seconds=600, seed=1, workers=1, idle_limit=8).start()
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
def lab_with_run(tmp_path_factory):
    import lab

    from srlab.search.search import Search

    root = tmp_path_factory.mktemp("idle")
    lab.write_notebook(root / "idle.ipynb", CELLS)
    with lab.server(root) as (address, token), lab.browser(1400, 1000) as context:
        page = lab.open_notebook(context, address, token, "idle.ipynb")
        lab.run_cell(page, 0)
        page.wait_for_selector(".srlab .front .point", timeout=60_000)
        yield context, page, (address, token), Search.attach(root / "run")
        run = Search.attach(root / "run")
        run.stop()
        run.wait(20)


def test_a_closed_page_pauses_the_search_and_the_next_one_resumes_it(lab_with_run, pictures):
    import lab

    context, page, (address, token), search = lab_with_run
    time.sleep(14.0)  # longer than the limit
    assert search.state == "running"  # a page that is open is enough
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1500)
    page.close()
    until(lambda: search.state == "paused", 60)
    page = lab.open_notebook(context, address, token, "idle.ipynb")
    page.wait_for_selector(".srlab .front .point", timeout=60_000)
    assert "paused" in page.locator(".srlab .pill").inner_text()
    note = page.locator(".srlab header .note")
    note.wait_for(timeout=10_000)
    assert "no page has shown this search for 8 seconds" in note.inner_text()
    lab.picture(page, pictures / "idle.png")
    page.locator(".srlab header button", has_text="Resume").click()
    until(lambda: "running" in page.locator(".srlab .pill").inner_text(), 15)
    until(lambda: not note.is_visible(), 10)
    assert page.errors == []


def test_a_new_kernel_attaches_to_the_run_while_its_worker_goes_on(lab_with_run):
    import lab

    context, _, _, search = lab_with_run
    page = context.pages[-1]
    search.steer(idle_limit=None)  # a restart may take longer than the limit
    search.refresh()
    before, old = len(search.view.nodes), kernel(search)
    page.click("div.lm-MenuBar-itemLabel:text-is('Kernel')")
    page.click("li.lm-Menu-item:has(div.lm-Menu-itemLabel:text-is('Restart Kernel…'))", no_wait_after=True)
    page.click(".jp-Dialog button.jp-mod-warn", no_wait_after=True)
    page.wait_for_selector(".jp-Dialog", state="detached")
    until(lambda: kernel(search) not in (None, old), 60)
    page.wait_for_timeout(3000)
    lab.wait_for_kernel(page)
    assert search.alive and search.state in ("running", "paused")
    cell = lab.run_cell(page, 1, 180)
    attached = cell.locator(".srlab")
    try:
        attached.wait_for(timeout=180_000)
    except Exception as error:  # a restart has many parts: say which of them was not there
        raise AssertionError(
            "no dashboard under the cell, which shows: "
            f"{cell.locator('.jp-OutputArea').inner_text()[:500]!r}; console: {page.errors}"
        ) from error
    attached.locator(".front .point").first.wait_for(timeout=180_000)

    def shown():
        return page.evaluate(
            "document.querySelectorAll('.jp-CodeCell')[1].querySelector('.srlab').dashboard.store.nodes.size"
        )  # noqa: E731

    until(lambda: shown() >= before, 20)
    until(lambda: "running" in attached.locator(".pill").inner_text(), 10)
    first = shown()
    until(lambda: shown() > first, 60)  # the same worker, followed by a kernel that did not start it
    attached.locator("header button", has_text="Pause").click()
    until(lambda: search.state == "paused", 20)
