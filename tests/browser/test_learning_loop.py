"""The view of a learning loop in a real JupyterLab and a real Chromium, on a fast loop labelled with EMT."""

import json
import re

import pytest
from lab import drawn, expect, until

pytestmark = pytest.mark.browser
START = """
import numpy as np
from ase.build import bulk
import srlab
from srlab.learning import Learning
from srlab.sampling import label
rng, frames = np.random.default_rng(3), []
for _ in range(24):
    atoms = bulk("Cu", "fcc", a=3.6 * rng.uniform(0.93, 1.12), cubic=True)
    atoms.positions += rng.normal(0, 0.15, (4, 3))
    frames.append(atoms)
label(frames, "emt.extxyz", "emt")
loop = Learning(srlab.load_dataset("emt.extxyz"), "loop", "emt", rounds=2, seconds=None, evaluations=3000, frames=6, atoms=(4,), walkers=20, levels=30, members=3, samplers=2).start()
"""
SHOW = "from srlab_widgets import LearnView\nview = LearnView(loop)\nview"
CEILING = "() => document.querySelector('.srlab-learn figure path.this')?.getAttribute('d').split('L').length ?? 0"


@pytest.fixture(scope="module")
def page(desk):
    """A notebook with the loop started and shown: the tests below follow one another on it."""
    import lab

    lab.write_notebook(desk.folder / "loop.ipynb", (START, SHOW))
    page = desk.open("loop.ipynb", height=1300)
    lab.run_cell(page, 0)
    lab.run_cell(page, 1)
    lab.wait_for_widget(page, ".srlab-learn")
    return page


def circles(page, kind):
    return page.locator(f".srlab-learn figure:nth-child(2) g.{kind} circle").count()


def rows(page):
    return page.locator(".srlab-learn tbody tr").count()


def test_the_ceiling_falls_while_it_runs(page, pictures):
    import lab

    expect(page.locator(".srlab-learn .pill")).to_have_text("running")
    until(lambda: page.evaluate(CEILING) >= 3)
    first = page.evaluate(CEILING)
    name = page.locator(".srlab-learn figure .wait").first.inner_text()
    until(
        lambda: page.evaluate(CEILING) > first or page.locator(".srlab-learn figure .wait").first.inner_text() != name,
    )
    until(lambda: "sampl" in page.locator(".srlab-learn .message").inner_text() or rows(page) > 1)
    page.locator(".nglview-viewer-element canvas, .widget-box canvas").first.wait_for()
    drawn(page)
    lab.picture(page, pictures / "loop-sampling.png")


def test_labels_and_rounds_come(page, desk):
    until(lambda: circles(page, "fresh") >= 4)
    until(lambda: rows(page) >= 2)
    until(lambda: circles(page, "seen") >= 4)  # those of the round before
    expect(page.locator(".srlab-learn .pill")).to_have_text("finished")
    labels = [json.loads(line) for path in desk.folder.glob("loop/*/parity.jsonl") for line in path.open()]
    shown = [label for label in labels if not label["extreme"]]
    until(lambda: rows(page) == 3 and circles(page, "fresh") + circles(page, "seen") == len(shown))
    assert len(labels) == 12
    expect(page.locator(".srlab-learn .num")).to_contain_text("12 labels")
    expect(page.locator(".srlab-learn figure:nth-child(5) path.this")).to_have_attribute(
        "d", re.compile("^[^L]*(L[^L]*){2}$")
    )


def test_structures_are_shown(page):
    page.locator(".srlab-learn").scroll_into_view_if_needed()
    box = page.locator("select:has(option:text('chosen in round 2'))")
    page.get_by_text("follow the newest").click()
    box.select_option(label="chosen in round 2")
    page.get_by_text("the formulas disagree by").first.wait_for()


def test_light_dark_and_narrow(page, pictures):
    import lab

    outputs = page.locator(".jp-OutputArea-output:has(.srlab-learn)").first
    behind, own = (
        "getComputedStyle(document.querySelector('.srlab-atoms canvas')).backgroundColor",
        "getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor",
    )
    seen = []
    for name in ("Light", "Dark"):
        lab.theme(page, f"JupyterLab {name}")
        outputs.screenshot(path=str(pictures / f"loop-{name.lower()}.png"))
        page.wait_for_function(f"() => {behind} === {own}")
        seen.append(page.evaluate(own))
    assert seen[0] != seen[1]
    colour = "getComputedStyle(document.querySelector('.srlab-learn')).color"
    assert page.evaluate(colour) != "rgb(28, 28, 31)"
    lab.theme(page, "JupyterLab Light")
    page.set_viewport_size({"width": 700, "height": 2200})
    fits = "document.querySelector('.srlab-learn').scrollWidth <= document.querySelector('.srlab-learn').clientWidth"
    page.wait_for_function(f"() => {fits}")
    lab.picture(page, pictures / "loop-700.png")
    page.set_viewport_size({"width": 1400, "height": 1300})


@pytest.mark.slow
def test_a_reload_shows_the_same(page):
    import lab

    before = page.locator(".srlab-learn tbody tr").all_inner_texts()
    lab.save(page)
    lab.reload(page, ".srlab-learn tbody tr")
    until(lambda: page.locator(".srlab-learn tbody tr").all_inner_texts() == before)
    page.locator(".widget-box canvas").first.wait_for()


def test_the_console_is_clean(page):
    assert page.errors == []
