"""Names of classes, files and archives are a stranger's words on every part of the training page."""

import pytest

from playground.training import evaluation
from playground.training.data import tabs
from playground.training.live import panels
from tests.core.datasets.test_sources import png, zipped
from tests.pages.helpers import choose_tab
from tests.pages.markdown import alive
from tests.pages.test_training import until_over
from tests.pages.test_training_datasets import browsing, button, open_page, until, upload

NAME = "![i](x) <img src=x onerror=alert(1)> $x^2$ **bold**"  # what a folder may be called
FILES = {f"{NAME}{kind}/{NAME}{n}.png": png(20 * kind + n) for kind in (1, 2) for n in range(12)}
BROKEN = {f"{NAME}1/{NAME}broken.png": b"<html>", f"{NAME}notes.txt": b"x", f"{NAME}1/{NAME}copy.png": png(21)}
pytestmark = pytest.mark.usefixtures("own_server")
QUICK = {"tz": "32", "tnow_epochs": "1", "tnow_network": "Cats and dogs"}


def check(page, where):
    assert not page.exception, where
    assert alive(page) == [], where


def look_through(page, key, titles):
    for title in titles:
        check(choose_tab(page, key, title), title)


def test_names_of_an_archive_stand_as_text_from_its_upload_to_what_a_network_makes_of_it():
    page = upload(open_page("training", **QUICK), f":material/home: {NAME}.zip", zipped(FILES | BROKEN))
    check(until(page, "Left out: "), "uploaded")
    look_through(page, "training-look", list(tabs.TABS))
    until_over(button(page, "Start training").click().run())
    check(page, "trained")
    look_through(page, "live-look", panels.PANELS)
    look_through(page, "after-tab", evaluation.TABS)


def test_names_in_what_is_refused_stand_as_text():
    page = open_page("training", tz="32")
    for files in ({f"{NAME}1/{n}.png": png(n) for n in range(3)}, {**FILES, f"{NAME}3/1.png": b"<html>"}):
        page = upload(page, f"{NAME}.zip", zipped(files))
        until(page, "usable" if len(files) > 3 else "Only one class")
        check(page, "refused")


def test_names_of_photographs_stand_as_text():
    page = browsing()
    for name in (NAME, f"{NAME}/", f"{NAME} 2"):
        next(field for field in page.text_input if field.label == "Class name").set_value(name)
        check(button(page, "Add").click().run(), name)
