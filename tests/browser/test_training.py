"""Whole runs in Chromium. A run is paused as soon as it is asked for, so that neither a slow nor a fast machine
is ahead of the test; nothing that may pass unseen is waited for."""

import contextlib
import io
import re
import zipfile

import pytest
from PIL import Image
from playwright.sync_api import TimeoutError

from core.datasets import load
from tests.browser import chromium

pytestmark = pytest.mark.browser
SETTING = "/training?tz=32&tnow_network=Cats+and+dogs&tnow_batch_size=16&tnow_epochs="
PICTURES = 60
PAUSED = re.compile(r"Epoch \d+ of \d+ · paused")


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    """Sketches as somebody would have them on disk: a folder a class, and a file that is no picture."""
    path = tmp_path_factory.mktemp("zip") / "my-pets.zip"
    pictures = load("sketches", 48, limit=PICTURES)
    with zipfile.ZipFile(path, "w") as archive:
        for place, label in enumerate(pictures.labels.tolist()):
            file = io.BytesIO()
            Image.fromarray(pictures.images[place].permute(1, 2, 0).numpy()).save(file, "jpeg", quality=90)
            archive.writestr(f"pets/{pictures.classes[label]}/{place}.jpg", file.getvalue())
        archive.writestr("pets/cat/broken.jpg", b"<html>not found</html>")
    return path


def upload(page, zipped):
    page.locator("input[type=file]").first.set_input_files(zipped)
    page.get_by_text("my-pets.zip").first.wait_for()
    page.get_by_text("Left out: 1 file").first.wait_for()


def start_paused(page):
    """Start, and pause before much has happened; what is over before that is started again."""
    paused, again = page.get_by_text(PAUSED).first, page.get_by_role("button", name="Start again")
    pause = page.get_by_role("button", name="Pause", exact=True)
    page.get_by_role("button", name="Start training").click()
    for _ in range(20):
        pause.or_(again).first.wait_for()
        with contextlib.suppress(TimeoutError):  # it was over in this moment
            pause.click(timeout=10_000)
        paused.or_(again).first.wait_for()
        if paused.is_visible():
            return
        again.click()
    pytest.fail("it is always over before it can be paused")


def drawn(page):
    """What the loss chart looks like just now."""
    return page.locator("[data-testid=stVegaLiteChart]").first.screenshot()


def go_on(page):
    page.get_by_role("button", name="Resume").click()


def finished(page):
    """How the page says that it is finished."""
    words = page.get_by_text(re.compile(r"Finished after \d+ steps")).first
    words.wait_for()
    return words.inner_text()


def test_from_a_zip_to_the_files_to_take_home(visit, zipped):
    found = visit(f"{SETTING}6")
    page = found.page
    upload(page, zipped)  # click one and two: "Upload", and the file
    start_paused(page)  # click three
    page.wait_for_url("**run=**")
    page.reload()
    page.get_by_text(PAUSED).first.wait_for()
    page.locator("[data-testid=stVegaLiteChart]").first.wait_for()
    before = drawn(page)
    go_on(page)
    finished(page)
    found.settle()
    assert drawn(page) != before
    page.get_by_role("tab", name="Layer updates").click()
    page.get_by_role("radio", name="Gradients").click()
    page.get_by_text("vanishes on its way back").wait_for()
    page.get_by_role("tab", name="Try an image").click()
    page.get_by_text("Chelsea the cat").click()
    page.get_by_text(re.compile(r"^(cat|dog): \d+\.\d\s%$")).first.wait_for()
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Weights").click()
    assert download.value.suggested_filename == "weights.safetensors"
    assert found.problems() == []
    assert found.sideways() <= 0


def test_the_confusion_matrix_goes_back_in_time(visit):
    found = visit(f"{SETTING.replace('_batch_size=16', '_batch_size=256')}3")
    page = found.page
    start_paused(page)
    go_on(page)
    finished(page)
    found.settle()
    page.get_by_role("tab", name="Confusion matrix by epoch").click()
    slider = page.get_by_role("slider", name="Epoch")
    slider.wait_for()
    assert slider.get_attribute("aria-valuetext").startswith("Epoch 3: ")
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext").startswith("Epoch 2: ")
    cells = page.locator(".epochs td").all_inner_texts()
    assert sum(map(int, cells)) == 200, "every validation image is in some cell"
    assert found.problems() == []


def test_two_browsers_train_at_once_and_neither_sees_the_other(visit, app):
    mine = visit("/training?tz=32&tnow_network=Cats+and+dogs&tnow_batch_size=256&tnow_epochs=2")
    start_paused(mine.page)
    theirs = visit(mine.page.url.removeprefix(app).replace("epochs=2", "epochs=3"))  # the same link in another browser
    theirs.page.get_by_role("button", name="Start training").wait_for()
    assert theirs.page.get_by_text("paused").count() == 0
    theirs.page.get_by_role("button", name="Start training").click()
    theirs.page.get_by_role("button", name="Pause", exact=True).wait_for()
    go_on(mine.page)
    ended = [re.match(r"Finished after \d+ steps", finished(one.page))[0] for one in (mine, theirs)]
    assert ended[0] != ended[1]
    assert mine.page.get_by_text(ended[1]).count() == theirs.page.get_by_text(ended[0]).count() == 0
    chromium.settle(mine.page)
    chromium.settle(theirs.page)
    assert mine.problems() == theirs.problems() == []
