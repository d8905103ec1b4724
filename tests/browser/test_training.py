"""A whole run in Chromium: from a zip of one's own to the finished curve."""

import io
import re
import zipfile

import pytest
from PIL import Image

from core.datasets import load
from tests.browser import chromium
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser
QUICK = "/training?tz=32&tnow_epochs=40&tnow_network=Cats+and+dogs&tnow_batch_size=16"
PATIENCE = 90_000  # ms


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    """Sketches as somebody would have them on disk: a folder a class, and a file that is no picture."""
    path = tmp_path_factory.mktemp("zip") / "my-pets.zip"
    pictures = load("sketches", 48, limit=120)
    with zipfile.ZipFile(path, "w") as archive:
        for place, label in enumerate(pictures.labels.tolist()):
            file = io.BytesIO()
            Image.fromarray(pictures.images[place].permute(1, 2, 0).numpy()).save(file, "jpeg", quality=90)
            archive.writestr(f"pets/{pictures.classes[label]}/{place}.jpg", file.getvalue())
        archive.writestr("pets/cat/broken.jpg", b"<html>not found</html>")
    return path


def drawn(page):
    """What the loss chart looks like just now."""
    return page.locator("[data-testid=stVegaLiteChart]").first.screenshot()


def test_from_a_zip_to_the_finished_curve(visit, zipped):
    found = visit(QUICK)
    page = found.page
    page.locator("input[type=file]").first.set_input_files(zipped)  # click one and two: "Upload", and the file
    page.get_by_text("my-pets.zip").wait_for(timeout=PATIENCE)
    page.get_by_text("1 of 121 files").wait_for(timeout=PATIENCE)
    page.get_by_role("button", name="Start training").click()  # click three
    page.locator("[data-testid=stVegaLiteChart]").first.wait_for(timeout=PATIENCE)
    first = drawn(page)
    page.get_by_text("Finished after 240 steps").wait_for(timeout=PATIENCE)
    assert drawn(page) != first
    assert "run=" in page.url
    page.reload()
    page.get_by_text("Finished after 240 steps").wait_for(timeout=PATIENCE)
    found.settle()
    page.get_by_text("of 24 validation pictures are right").wait_for(timeout=PATIENCE)
    page.get_by_role("tab", name="A picture of your own").click()
    page.get_by_text("Chelsea the cat").click()
    page.get_by_text(re.compile(r"^(cat|dog): \d+\.\d%$")).first.wait_for(timeout=PATIENCE)
    assert found.problems() == []
    assert found.sideways() <= 0


def test_one_click_on_the_built_in_sketches_and_a_stranger_sees_nothing(visit, app, browser):
    found = visit("/training?tz=32&tnow_epochs=60&tnow_network=Cats+and+dogs")
    page = found.page
    page.get_by_role("button", name="Start training").click()
    page.locator("[data-testid=stVegaLiteChart]").first.wait_for(timeout=PATIENCE)
    page.get_by_text(re.compile(r"Epoch \d+ of 60")).first.wait_for(timeout=PATIENCE)
    stranger = Visit(browser, page.url)  # the same link in another browser
    assert stranger.page.get_by_role("button", name="Start training").is_visible()
    assert stranger.page.get_by_text("of 60").count() == 0
    stranger.page.context.close()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped after").wait_for(timeout=PATIENCE)
    chromium.settle(page)
    assert found.problems() == []
