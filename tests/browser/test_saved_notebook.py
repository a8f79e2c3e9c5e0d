"""A saved notebook 01 for a reader who has no kernel and does not trust it: the last picture is there, and no dead
widget stands in its place."""

import pathlib

import pytest
from lab import drawn, expect

pytestmark = pytest.mark.browser
NOTEBOOK = pathlib.Path(__file__).parents[2] / "notebooks" / "01_live_search.ipynb"


def test_the_picture_is_there_without_a_kernel(desk, pictures):
    (desk.folder / NOTEBOOK.name).write_text(NOTEBOOK.read_text())
    page = desk.context.new_page()
    page.route(
        "**/api/sessions*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )  # whoever asks for a kernel gets none
    page.goto(desk.url(NOTEBOOK.name))
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.locator(".jp-Dialog", has_text="Error Starting Kernel").get_by_role("button").click()
    page.locator(".jp-Dialog button", has_text="No Kernel").click()
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    page.keyboard.press("Control+b")
    image = page.locator(".jp-RenderedImage img").first
    image.scroll_into_view_if_needed()
    image.evaluate("e => e.decode()")
    drawn(page)
    assert desk.sessions() == []
    size = image.evaluate("e => [e.naturalWidth, e.naturalHeight, e.getBoundingClientRect().width]")
    assert size[0] > 1000 and size[1] > 400 and size[2] > 500
    assert page.locator(".srlab").count() == 0
    assert (
        page.locator("text=/live while the kernel runs|Error displaying widget|Loading widget/").count() <= 1
    )  # one line says what stood there
    page.screenshot(path=str(pictures / "saved-without-kernel.png"))
    page.locator(".jp-OutputArea-output td", has_text="Sutton-Chen").first.wait_for(
        state="attached"
    )  # the table of the front is text
