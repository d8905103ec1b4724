"""The notebook of a page as a visitor gets it, also after a slider has redrawn one fragment alone."""

import nbformat
import pytest

from playground.training.program import NOT_READY
from tests.browser import chromium

pytestmark = pytest.mark.browser
SMALL_IMAGES = {"training": "?tz=32"}  # which other tests have decoded


def downloaded(found) -> tuple[str, list[str]]:
    """Name and programs of the notebook that the page gives now."""
    with found.page.expect_download() as download:
        found.page.get_by_role("button", name="Download as notebook").click()
    read = nbformat.read(download.value.path(), as_version=4)
    nbformat.validate(read)
    return download.value.suggested_filename, [cell.source for cell in read.cells if cell.cell_type == "code"]


def shown_programs(found) -> list[str]:
    return [block.inner_text().strip("\n") for block in found.page.locator("[data-testid=stCode] code").all()]


def test_the_notebook_follows_a_slider_that_redraws_its_fragment_alone(visit):
    found = visit("/upsampling", height=1100)
    name, before = downloaded(found)
    assert name == "upsampling.ipynb"
    assert shown_programs(found) == before[1:]
    slider = found.page.get_by_role("slider").first
    slider.focus()
    slider.press("ArrowRight")
    found.settle()
    _, after = downloaded(found)
    assert shown_programs(found) == after[1:] != before[1:]
    assert found.problems() == []


@pytest.mark.parametrize("file", ["kernels", "calculator", "training"])
def test_lessons_and_tools_give_their_notebook(visit, file):
    found = visit(f"/{file}{SMALL_IMAGES.get(file, '')}", width=390)
    name, programs = downloaded(found)
    for _ in range(2 * chromium.PATIENCE_S):
        if len(programs) >= 2:
            break
        assert programs == [f"# {NOT_READY}"]  # the images of the training page are being decoded
        found.page.wait_for_timeout(500)
        name, programs = downloaded(found)
    assert name == f"{file}.ipynb"
    assert found.sideways() <= 0
    assert len(programs) >= 2
    assert found.problems() == []
