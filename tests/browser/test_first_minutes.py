"""The first minutes of a new user, each step as printed, with its time: clone, make demo, JupyterLab, Run All of
notebook 01, steer, pick, validate, export, LAMMPS.

    pytest tests/browser/test_first_minutes.py -s

SRLAB_ENV names an environment that has everything (a folder with bin/); without it one is built in the clone, which
takes minutes and a network.
"""

import os
import pathlib
import shutil
import subprocess
import time
import zipfile

import pytest
from lab import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = pathlib.Path(__file__).parents[2]
STORE = "document.querySelector('.srlab').dashboard.store"


class Steps:
    """What was done, and the seconds it took."""

    def __init__(self):
        self.rows, self._begun = [], time.monotonic()

    def done(self, what):
        now = time.monotonic()
        self.rows.append((what, now - self._begun))
        self._begun = now

    def __str__(self):
        total = sum(seconds for _, seconds in self.rows)
        return "\n".join(f"{seconds:8.1f} s  {what}" for what, seconds in [*self.rows, ("together", total)])


def run(command, folder, **options):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture
def steps():
    steps = Steps()
    yield steps
    print(f"\n{steps}")


@pytest.fixture
def clone(tmp_path, steps):
    """(folder, environment variables) of a fresh clone in which `make demo` and `make lab` find an environment, where
    one is given."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout: there is nothing to clone")
    folder, variables = tmp_path / "srlab", {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    run(["git", "clone", "--quiet", str(ROOT), str(folder)], tmp_path)
    steps.done("git clone")
    if given := os.environ.get("SRLAB_ENV"):
        (folder / ".venv").mkdir()
        (folder / ".venv/bin").symlink_to(pathlib.Path(given).resolve() / "bin")
        for stamp in ("base", "lab"):
            (folder / f".venv/{stamp}.stamp").touch()
        variables["PYTHONPATH"] = os.pathsep.join(
            map(str, (folder, folder / "widgets"))
        )  # and not what it was made for
    return folder, variables


def test_the_first_minutes(context, clone, steps, pictures, tmp_path):
    import lab

    folder, variables = clone
    printed = run(["make", "demo"], folder, env=variables)
    assert "Sutton-Chen" in printed and "srlab export" in printed
    steps.done("make demo: a search of 60 s, and its table")
    run(["make", "lab", "LAB_ARGS=--version"], folder, env=variables)
    command = [folder / ".venv/bin/srlab", "lab"]
    with lab.server(folder, variables, command, cwd=folder) as (address, token):
        steps.done("srlab lab: JupyterLab answers")
        page = lab.open_notebook(context, address, token, "notebooks/01_live_search.ipynb")
        page.set_viewport_size({"width": 1400, "height": 1750})
        steps.done("the page with its kernel")
        page.click("div.lm-MenuBar-itemLabel:text-is('Run')")
        page.click("li.lm-Menu-item:has(div.lm-Menu-itemLabel:text-is('Run All Cells'))")
        lab.wait_for_widget(page)
        steps.done("Run All: the first point of the front")
        page.locator(".srlab .area-steer .chip", has_text="cos").click()
        expect(page.locator(".srlab .area-steer .chip", has_text="cos")).to_have_attribute("aria-pressed", "false")
        steps.done("steer: an operator banned, and the search says so")
        page.wait_for_function(f"() => {STORE}.front.length >= 3")
        page.locator(".srlab tr[data-id]").last.click()
        chosen = page.evaluate(f"{STORE}.selected.candidate")
        expect(page.locator(".srlab .equations .katex-html")).to_have_count(3)
        steps.done("pick: a formula with its equation and curves")
        page.wait_for_function(f"id => {STORE}.validations.get(id)?.own?.phonons", arg=chosen)
        expect(page.locator(".srlab .eos path.this")).to_have_count(1)
        steps.done("validate: equation of state, elastic constants, phonons")
        page.locator(".srlab header summary", has_text="Export").click()
        with page.expect_download() as download:
            page.locator(".srlab [role=menuitem]", has_text="LAMMPS").click()
        download.value.save_as(tmp_path / "potential.zip")
        steps.done("export: a table that LAMMPS has checked")
        page.screenshot(path=str(pictures / "first-minutes.png"))
        page.locator(".srlab header button", has_text="Stop").click()
        expect(page.locator(".srlab header .pill")).to_contain_text("stopped")
        assert page.errors == []
    zipfile.ZipFile(tmp_path / "potential.zip").extractall(tmp_path / "potential")
    (script,) = (tmp_path / "potential").glob("in.*")
    said = run([folder / ".venv/bin/lmp", "-in", script.name], script.parent, env=variables)
    assert "Total wall time" in said
    steps.done("LAMMPS: the input script as exported")
