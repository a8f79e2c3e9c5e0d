"""The dashboard as an app: Voila shows a notebook without its code, and the search lives, pauses and validates
there."""

import os
import signal
import subprocess
import sys
from importlib.util import find_spec

import pytest
from lab import expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("voila") is None, reason="voila is not installed: pip install 'voila>=0.5'"),
]


@pytest.fixture
def address(tmp_path):
    import lab

    port = lab.free_port()
    private = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
    with (tmp_path / "log").open("w") as log:
        voila = subprocess.Popen(
            [sys.executable, "-m", "srlab.cli", "lab", "--app", "--no-browser", f"--port={port}"],
            cwd=tmp_path,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=dict(os.environ, **{name: str(tmp_path / folder) for name, folder in private.items()}),
        )
    address = f"http://127.0.0.1:{port}/"
    lab.wait_for(f"{address}static/", voila, tmp_path / "log")
    yield address
    os.killpg(voila.pid, signal.SIGINT)
    voila.wait(300)
    from srlab.search.search import Search

    for run in (tmp_path / "runs").glob("*"):
        search = Search.attach(run)
        search.stop()
        search.wait(300)


def test_the_dashboard_lives_in_voila(context, address, pictures):
    with context.new_page() as page:
        page.set_viewport_size({"width": 1400, "height": 1700})
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.locator(".srlab header button", has_text="Start").click()
        page.wait_for_selector(".srlab .front .point")
        nodes = lambda: page.evaluate("document.querySelector('.srlab').dashboard.store.nodes.size")  # noqa: E731
        first = nodes()
        page.wait_for_function("n => document.querySelector('.srlab').dashboard.store.nodes.size > n", arg=first)
        page.locator(".srlab header button", has_text="Pause").click()
        page.locator(".srlab header button", has_text="Resume").wait_for()
        page.locator(".srlab tr[data-id]").first.click()
        expect(page.locator(".srlab .eos path.this")).to_have_count(1)
        page.screenshot(path=str(pictures / "voila.png"))
        assert errors == []
