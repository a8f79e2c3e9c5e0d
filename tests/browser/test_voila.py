"""The dashboard as an app: Voila shows a notebook without its code, and the search lives, pauses and validates there."""

import os
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(find_spec("voila") is None, reason="voila is not installed: pip install 'voila>=0.5'")]

APP = """
import srlab
from srlab_widgets import Dashboard

Dashboard(srlab.Search(srlab.load_dataset("cu-gpaw-v1"), "run", seconds=600, seed=1, workers=1).start())
"""


@pytest.fixture
def address(tmp_path):
    import lab
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(APP.strip())])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    nbformat.write(notebook, tmp_path / "app.ipynb")
    port = lab.free_port()
    private = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
    with (tmp_path / "log").open("w") as log:
        voila = subprocess.Popen([sys.executable, "-m", "voila", "app.ipynb", "--no-browser", f"--port={port}"], cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT,
                                 env=dict(os.environ, **{name: str(tmp_path / folder) for name, folder in private.items()}))
    yield f"http://127.0.0.1:{port}/"
    voila.terminate()
    voila.wait(20)
    from srlab.search.search import Search

    if (tmp_path / "run").exists():
        search = Search.attach(tmp_path / "run")
        search.stop()
        search.wait(20)


def test_the_dashboard_lives_in_voila(address, pictures):
    import lab

    with lab.browser(1400, 1700) as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        for _ in range(120):
            try:
                page.goto(address, timeout=120_000)
                break
            except Exception:  # it is not up yet
                time.sleep(0.5)
        page.wait_for_selector(".srlab .front .point", timeout=120_000)
        nodes = lambda: page.evaluate("document.querySelector('.srlab').dashboard.store.nodes.size")  # noqa: E731
        first = nodes()
        page.wait_for_function("n => document.querySelector('.srlab').dashboard.store.nodes.size > n", arg=first, timeout=90_000)
        page.locator(".srlab header button", has_text="Pause").click()
        page.locator(".srlab header button", has_text="Resume").wait_for(timeout=30_000)
        page.locator(".srlab tr[data-id]").first.click()
        page.wait_for_function("() => { const s = document.querySelector('.srlab').dashboard.store; return s.validations.get(s.selected.candidate)?.own?.eos }", timeout=120_000)
        page.screenshot(path=str(pictures / "voila.png"))
        assert page.locator(".srlab .eos path.this").count() == 1 and errors == []
