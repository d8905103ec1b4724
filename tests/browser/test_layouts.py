"""Sets brought to the training page in Chromium: the card says what the command line says, and a click corrects it."""

import json
import re

import pytest

from core.__main__ import main
from tests.browser import chromium
from tests.layout_sets import LAYOUTS, per_class, zipped

pytestmark = pytest.mark.browser

FOUR = ("a flat test beside train", "class in the name", "a table of labels", "a folder on disk")
TEN = (
    *FOUR,
    *("class folders", "train, val and test", "a ZIP of ZIPs", "images and masks", "mixed depths", "a compressed tar"),
)


def choose_upload(page, kind):
    """The field for files of that kind; another kind's is drawn anew, and files given to the one of before are lost."""
    choice = page.get_by_role("radio", name=kind, exact=True)
    if not choice.is_checked():
        choice.click()
        chromium.settle(page)
    uploader = page.locator(f"[class*=training-upload-{kind}] input[type=file]")
    uploader.wait_for(state="attached")
    return uploader


def shown_classes(card):
    """Class -> images, from the bars of the card."""
    labels = card.locator(".set-bars .bar").evaluate_all("bars => bars.map(bar => bar.ariaLabel)")
    pairs = (label.rsplit(": ", 1) for label in labels)
    return {name: sum(int(number) for number in re.findall(r"\d+", numbers)) for name, numbers in pairs}


@pytest.mark.parametrize("names", [FOUR, pytest.param(TEN, marks=pytest.mark.soak)], ids=len)
def test_the_card_of_a_layout_says_what_the_command_line_says(names, visit, tmp_path, capsys):
    opened = visit("/training?tz=32")
    page, card = opened.page, opened.page.locator(".st-key-training-card")
    for number, name in enumerate(names):
        path = LAYOUTS[name].write(tmp_path, f"set{number}")
        assert main(["data", str(path), "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        choose_upload(page, "Folder" if path.is_dir() else "Files").set_input_files(path)
        card.get_by_text(path.name, exact=True).wait_for()
        for _ in range(10 * chromium.PATIENCE_S):  # the bars of the set before may still be there
            if shown_classes(card) == said["classes"]:
                break
            page.wait_for_timeout(100)
        assert shown_classes(card) == said["classes"] == LAYOUTS[name].classes, name
        page.get_by_role("button", name="Remove").click()
    assert opened.problems() == []


def test_a_click_leaves_a_class_out_and_another_takes_it_in_again(visit, tmp_path):
    path = tmp_path / "three.zip"
    path.write_bytes(zipped(per_class(("ant", "bee", "fly"), 3, "{c}/{n}.jpg")))
    opened = visit("/training?tz=32", width=390)
    page, card = opened.page, opened.page.locator(".st-key-training-card")
    page.get_by_text("The images take").wait_for()  # the dataset of before is decoded, and nothing moves any more
    opened.settle()
    choose_upload(page, "Files").set_input_files(path)
    card.get_by_text(path.name, exact=True).wait_for()
    opened.settle()
    table = card.locator("[data-testid=stDataFrame]")
    table.scroll_into_view_if_needed()
    for images in ("6", "9"):
        table.click(position={"x": 42, "y": 35 + 18})
        card.locator(".set-figures div", has_text="images").get_by_text(images, exact=True).wait_for()
        opened.settle()
    assert opened.problems() == []
    assert opened.sideways() <= 0
