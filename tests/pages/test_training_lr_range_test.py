"""The learning-rate finder on the page: found in the background, drawn, taken over with a click, to each their own."""

import dataclasses
import time

import pytest

from core.datasets import REMOTE
from playground import identity
from playground.job_manager import job_manager
from playground.training import program
from tests.pages.helpers import labels, open_page, page_test, rerun_until
from tests.pages.test_training import button, texts

NETWORK = (
    "nn.Sequential(nn.Conv2d(3, 4, 5, stride=4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))"
)
QUICK = {"tz": "32", "tnow_own": NETWORK, "tnow_batch_size": "16", "tnow_shift": "0"}
PATIENCE = 480  # seconds: a busy machine is slow, not wrong


@pytest.fixture(scope="module", autouse=True)
def _end_the_processes():
    yield
    job_manager().close()
    job_manager.clear()


def until(page, label):
    """Run the page until it has a button of that name."""
    return rerun_until(page, lambda: label in labels(page), lambda: texts(page), PATIENCE)


def until_it_shows_code(page):
    return rerun_until(page, lambda: bool(page.code), lambda: texts(page), PATIENCE)


def search(page):
    return button(page, "Find a learning rate").click().run()


def owner(page):
    return page.session_state[identity.NO_COOKIE]


def test_two_people_find_their_own_rates_and_take_them_over():
    ann, bob = (open_page("training", **QUICK, tnow_optimizer=kind) for kind in ("Nesterov", "Adam"))
    assert owner(ann) != owner(bob)
    for page in (ann, bob):
        search(page)
        assert not page.exception
        assert "Find a learning rate" not in labels(page)
    for page in (ann, bob):
        until(page, "Close")
        told = next(text for text in texts(page) if "the loss is at its minimum" in text)
        use = next(label for label in labels(page) if label.startswith("Use "))
        rate = float(use.removeprefix("Use "))
        assert f"**{rate:g}**" in told
        button(page, use).click().run()
        assert not page.exception
        assert page.selectbox(key="tnow_learning_rate").value == rate
        page.session_state[program.KEY] = True
        until_it_shows_code(page.run())
        assert f"LEARNING_RATE = {rate}" in page.code[0].value
    assert ann.selectbox(key="tnow_optimizer").value == "Nesterov"
    searches = [job_manager().lr_searches.of(identity.named(owner(page))) for page in (ann, bob)]
    assert [search.spec.config.optimizer for search in searches] == ["Nesterov", "Adam"]


def test_what_was_found_for_other_settings_is_not_shown(monkeypatch):
    page = until(search(open_page("training", **QUICK)), "Close")
    page.selectbox(key="tnow_optimizer").set_value("SGD").run()
    assert not any(label.startswith("Use ") for label in labels(page))
    assert "The settings have changed since the last search: search again." in texts(page)
    page.selectbox(key="tnow_optimizer").set_value("Nesterov").run()
    assert any(label.startswith("Use ") for label in labels(page)), "it was found for these"
    _never_a_number(page, monkeypatch)
    button(page, "Close").click().run()
    assert "Find a learning rate" in labels(page)


def _never_a_number(page, monkeypatch):
    searches = job_manager().lr_searches
    lr_search = searches.of
    with monkeypatch.context() as patch:
        patch.setattr(searches, "of", lambda owner: dataclasses.replace(lr_search(owner), rate=None))
        page.run()
    assert "NaN" in page.error[0].value
    assert not any(label.startswith("Use ") for label in labels(page))


def test_a_search_is_cancelled():
    page = search(open_page("training", tz="32", tnow_network="ResNet-18", tnow_batch_size="256"))
    assert "Cancel" in labels(page)
    button(page, "Cancel").click().run()
    page.run()
    assert not page.exception
    assert "Find a learning rate" in labels(page)


def test_a_network_that_does_not_fit_is_one_sentence():
    page = open_page("training", tz="32", tnow_own="nn.Sequential(nn.Flatten(), nn.Linear(10, 2))")
    search(page)
    give_up = time.monotonic() + PATIENCE
    while not any("does not take" in error.value for error in page.error):
        assert time.monotonic() < give_up
        time.sleep(0.2)
        page.run()
    assert not page.exception
    assert "Find a learning rate" in labels(page)


def test_pictures_that_are_not_here_have_to_be_downloaded_first():
    name = "cats_and_dogs_filtered"
    page = page_test("training", ts=REMOTE[name].title, tz="32").run()
    assert button(page, "Find a learning rate").disabled
    assert button(page, "Start training").disabled
    said = [text for text in texts(page) if "download it first" in text]
    assert said == ["This dataset is not on this server yet: download it first (68.61 MB)."]
