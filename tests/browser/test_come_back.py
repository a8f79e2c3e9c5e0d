"""The dashboard comes back: on a page that was too slow for JupyterLab or for anywidget, and after a restart of the
kernel."""

import pathlib

import pytest
from lab import UNSEEN, expect

pytestmark = pytest.mark.browser

TOY = pathlib.Path(__file__).parents[1] / "widgets"
CELLS = [
    f"""
import sys; sys.path.insert(0, {str(TOY)!r})
from toy_run import ToySearch
from srlab_widgets import Dashboard

search = ToySearch("run")
search.begin()
search.grow(80)
search.finish()
{UNSEEN}
dashboard = Dashboard(search)
dashboard
""",
    "dashboard.selected",
]
STORE = "document.querySelector('.srlab').dashboard.store"
# JupyterLab's look for a model, and anywidget's patience with one, as a page with much to do has them: the look goes to
# sleep before the model is there, and wakes up when two seconds are over and all models are restored.
SLOW = """
const later = globalThis.setTimeout, sleeping = [], send = WebSocket.prototype.send, text = new TextDecoder();
globalThis.setTimeout = (f, ms, ...rest) => (ms === 100 && /get_model/.test(new Error().stack) ? sleeping.push(f) : later(f, ms, ...rest));
WebSocket.prototype.send = function (data) {
  if (sleeping.length && typeof data !== "string" && text.decode(data).includes('"ready"'))
    later(() => sleeping.splice(0).forEach((f) => f()), 3000);
  return send.call(this, data);
};
"""
DEAF = """
const within = AbortSignal.timeout;
let first = true;
AbortSignal.timeout = (milliseconds) => {
  if (milliseconds !== 2000 || !first) return within(milliseconds);
  first = false;
  const over = new AbortController();
  setTimeout(() => over.abort(), 0);
  return over.signal;
};
"""


@pytest.fixture(scope="module")
def page(desk):
    import lab

    lab.write_notebook(desk.folder / "back.ipynb", CELLS)
    page = desk.open("back.ipynb")
    lab.run_cell(page, 0)
    lab.wait_for_widget(page)
    lab.save(page)
    return page


def known(page, identity):
    """Wait until the kernel has a candidate as the selected one: a page that is left at once takes its last word
    along."""
    import lab

    lab.prints(page, 1, identity)


def choose(page):
    """Select a candidate that is not the best; its id."""
    chosen = page.evaluate(f"{STORE}.front.find(id => id !== {STORE}.best)")
    page.locator(f".srlab tr[data-id='{chosen}']").click()
    page.wait_for_function(f"id => {STORE}.selected.candidate === id", arg=chosen)
    known(page, chosen)
    return chosen


@pytest.mark.slow
def test_a_page_too_slow_for_jupyterlab_draws_it_once_more_as_it_was(page):
    import lab

    chosen = choose(page)
    lab.save(page)
    page.add_init_script(SLOW)
    page.reload()
    lab.wait_for_widget(page)
    page.wait_for_function(f"id => {STORE}.selected.candidate === id && {STORE}.picked", arg=chosen)
    page.errors[:] = [error for error in page.errors if not error.startswith("Error: widget model not found")]
    assert page.errors == []


def test_a_page_too_slow_for_anywidget_gets_another_model(page):
    import lab

    chosen = choose(page)
    lab.save(page)
    page.add_init_script(DEAF)
    page.reload()
    lab.wait_for_widget(page)
    page.wait_for_function(f"id => {STORE}.selected.candidate === id && {STORE}.picked", arg=chosen)
    best = page.evaluate(f"{STORE}.best")
    page.locator(f".srlab tr[data-id='{best}']").click()
    known(page, best)  # it is the same dashboard


def test_after_a_restart_of_the_kernel_a_button_shows_the_run_again(page, pictures):
    page.click("div.lm-MenuBar-itemLabel:text-is('Kernel')")
    page.click("li.lm-Menu-item:has(div.lm-Menu-itemLabel:text-is('Restart Kernel…'))", no_wait_after=True)
    page.click(".jp-Dialog button.jp-mod-warn", no_wait_after=True)
    lost = page.locator(".srlab .lost")
    lost.wait_for()
    expect(page.locator(".srlab header .pill")).to_contain_text("not connected")
    for name in ("Pause", "Resume", "Stop", "Runs"):
        expect(page.locator(".srlab header button", has_text=name).first).not_to_be_visible()
    expect(page.get_by_label("exploration", exact=True)).to_be_disabled()
    page.locator(".srlab tr[data-id]").last.click()  # what is there can be looked at
    expect(page.locator(".srlab .equations .katex-html")).to_have_count(3)
    lost.get_by_role("button", name="copy").click()
    lost.get_by_role("button", name="copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith('Dashboard.attach("run")')
    page.screenshot(path=str(pictures / "not-connected.png"))
    chosen = page.evaluate(f"{STORE}.selected.candidate")
    lost.get_by_role("button", name="Connect again").click()
    page.wait_for_function(
        f"id => document.querySelectorAll('.srlab').length === 1 && {STORE}.connected && {STORE}.nodes.size > 0 && {STORE}.selected.candidate === id",
        arg=chosen,
    )
    expect(lost).not_to_be_visible()
    expect(page.locator(".srlab header .pill")).to_contain_text("finished")
