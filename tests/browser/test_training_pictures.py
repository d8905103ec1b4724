"""Pictures of one's own in Chromium: a class from files, a class from the camera, and a look at the set they make."""

import contextlib
import io

import pytest
from PIL import Image

pytestmark = pytest.mark.browser
PATIENCE = 90_000  # ms


def plain(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return file.getvalue()


def add_class(page, name):
    page.get_by_label("Name of a class").fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text(f"{name}: 0 photographs").wait_for(timeout=PATIENCE)


def take_photo(page, told):
    """Until it is there: the camera may not be on yet at the first click."""
    playwright = pytest.importorskip("playwright.sync_api")
    button = page.get_by_role("button", name="Take photo")
    for _ in range(12):
        if button.is_visible():
            button.click()
        with contextlib.suppress(playwright.TimeoutError):
            page.get_by_text(told, exact=True).wait_for(timeout=PATIENCE / 12)
            return
    pytest.fail(f"no {told} after {PATIENCE} ms")


def test_two_classes_from_files_and_from_the_camera_become_a_set(visit):
    found = visit("/training?tz=32", width=390)
    page = found.page
    page.get_by_role("button", name="More sets, or your own").click()
    page.get_by_text("Ready-made sets").wait_for(timeout=PATIENCE)
    add_class(page, "mug")
    files = [
        {"name": f"{colour}.png", "mimeType": "image/png", "buffer": plain(colour)}
        for colour in ("red", "teal", "gold")
    ]
    page.locator("input[type=file][multiple]").set_input_files(files)
    page.get_by_text("gold.png").wait_for(timeout=PATIENCE)
    page.get_by_role("button", name="Add to mug").click()
    page.get_by_text("mug: 3 photographs").wait_for(timeout=PATIENCE)
    add_class(page, "card")
    page.get_by_role("radio", name="Camera").click()
    take_photo(page, "card: 1 photograph")
    page.get_by_role("button", name="Clear photo").click()
    take_photo(page, "card: 2 photographs")
    page.get_by_role("button", name="Use these photographs").click()
    page.get_by_text("5 pictures").wait_for(timeout=PATIENCE)
    page.get_by_role("tab", name="Cleaning").click()
    page.get_by_text("With two labels").wait_for(timeout=PATIENCE)
    found.settle()
    assert found.problems() == []
    assert found.sideways() <= 0
