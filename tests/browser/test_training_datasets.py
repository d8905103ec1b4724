"""Pictures of one's own in Chromium: a class from files, a class from the camera, and a look at the set they make."""

import io

import pytest
from PIL import Image

from tests.browser.visit import take_photo

pytestmark = pytest.mark.browser


def plain(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return file.getvalue()


def add_class(page, name):
    page.get_by_label("Class name").fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text(f"{name}: 0 photos").wait_for()


def test_two_classes_from_files_and_from_the_camera_become_a_set(visit):
    found = visit("/training?tz=32", width=390)
    page = found.page
    page.get_by_role("button", name="More datasets / my photos").click()
    page.get_by_text("Ready-made datasets").wait_for()
    add_class(page, "mug")
    files = [
        {"name": f"{colour}.png", "mimeType": "image/png", "buffer": plain(colour)}
        for colour in ("red", "teal", "gold")
    ]
    page.locator("[class*=photographs-files-chosen] input[type=file]").set_input_files(files)
    page.get_by_text("gold.png").wait_for()
    page.get_by_role("button", name="Add to mug").click()
    page.get_by_text("mug: 3 photos").wait_for()
    add_class(page, "card")
    page.get_by_role("radio", name="Camera").click()
    take_photo(page)
    page.get_by_text("card: 1 photo", exact=True).wait_for()
    page.get_by_role("button", name="Clear photo").click()
    page.get_by_role("button", name="Clear photo").wait_for(state="detached")
    take_photo(page)
    page.get_by_text("card: 2 photos", exact=True).wait_for()
    page.get_by_role("button", name="Use these photos").click()
    page.get_by_text("images take").wait_for()
    page.get_by_role("tab", name="Cleaning").click()
    page.get_by_text("Two labels").wait_for()
    found.settle()
    assert found.problems() == []
    assert found.sideways() <= 0
