"""After a run in Chromium: maps that can be read out, cells that open, files that are the run."""

import re

import pytest

pytestmark = pytest.mark.browser
QUICK = "/training?tz=32&tnow_epochs=1&tnow_network=Cats+and+dogs&tnow_batch_size=128"


def test_what_a_finished_run_offers(visit, tmp_path):
    found = visit(QUICK)
    page = found.page
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("heading", name="Results").wait_for()
    found.settle()  # what is still drawn above moves the maps, and brings new ones
    maps_are_read_out(page)
    cells_open(page, found.settle)
    a_wrong_image_leads_to_its_explanation(page, found.settle)
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Script").click()
    download.value.save_as(tmp_path / "run.py")
    compile((tmp_path / "run.py").read_text(), "run.py", "exec")
    page.get_by_role("button", name="Repeat Run 1 with one change").click()
    page.get_by_text("The controls are set to Run 1").wait_for()
    assert found.problems() == []
    assert found.sideways() <= 0


def maps_are_read_out(page):
    """By the pointer, from row 0 and column 0; by the arrow keys, one row down and one column to the right."""
    frame, readout = page.locator(".overlay .frame").first, page.locator(".overlay .readout")
    frame.hover(position={"x": 6, "y": 6})  # inside of the rounded corner
    assert readout.inner_text().startswith("Row 0, column 0 of ")
    page.mouse.move(0, 0)  # under a pointer that rests there, a map that moves reads out another cell
    frame.focus()
    page.keyboard.press("ArrowDown")
    first = re.fullmatch(r"Row (\d+), column (\d+) of (\d+)×(\d+): [+−]?[\d.e−]+", readout.inner_text())
    page.keyboard.press("ArrowRight")
    second = re.match(r"Row (\d+), column (\d+) ", readout.inner_text())
    assert int(second[1]) == int(first[1])
    assert int(second[2]) == min(int(first[2]) + 1, int(first[4]) - 1)
    maps = page.locator(".overlay .frame[role=application]")
    assert maps.count() > 1
    page.keyboard.press("PageDown")  # all maps are one stop of the Tab key
    assert maps.nth(1).evaluate("(map) => map.getRootNode().activeElement === map")
    assert maps.evaluate_all("(maps) => maps.filter((map) => map.tabIndex === 0).length") == 1


def a_wrong_image_leads_to_its_explanation(page, settle):
    """Four clicks: the matrix, a cell off its diagonal, an image of it, the tab that says why.

    The lines that repeat it unfold. Then back to the run.
    """
    page.get_by_role("tab", name="Confusion matrix", exact=True).click()
    settle()
    wrong_cell(page).click(force=True)
    page.get_by_text("Choose an image to follow it through the network.").wait_for()
    address, image = page.url, page.locator(".cards a").first
    assert image.inner_text().startswith("✗")
    linked = re.search(r"run=[^&]+&picture=\d+", image.get_attribute("href"))[0]
    image.click()
    page.get_by_role("heading", name="Inspect a network").wait_for()
    settle()
    page.get_by_role("tab", name="Why").click()
    page.get_by_text("The same in PyTorch").first.click()
    page.get_by_text("import torch").first.wait_for()
    settle()
    assert all(word in page.url for word in linked.split("&"))
    page.goto(address)
    page.get_by_role("heading", name="Results").wait_for()
    settle()


def wrong_cell(page):
    """The cell with the most images off the diagonal of two classes."""
    counts = page.locator(".js-plotly-plot .textpoint text")
    return max((counts.nth(1), counts.nth(2)), key=lambda cell: int(cell.text_content()))


def cells_open(page, settle):
    """By the pointer and by the keyboard; the count in the cell is the count in words."""
    page.get_by_role("tab", name="Confusion matrix", exact=True).click()
    counts = page.locator(".js-plotly-plot .textpoint text")
    counts.first.wait_for()
    settle()
    counts.nth(0).click(force=True)
    page.get_by_text(f"{counts.nth(0).text_content()} × true “cat”, predicted “cat”").wait_for()
    settle()
    page.get_by_role("combobox", name="True class").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="dog").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text(f"{counts.nth(2).text_content()} × true “dog”, predicted “cat”").wait_for()
