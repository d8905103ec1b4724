"""Accumulation steps and devices on the calculator page: what follows them, what does not, more parts than images."""

from __future__ import annotations

import pytest

from core.models import MODELS
from core.profiler.fitting import budget_bytes, device, largest_batch
from core.profiler.setting import Setting
from playground.calculator import links
from tests.pages.helpers import open_page
from tests.pages.test_calculator import cards


def test_more_passes_than_pictures_get_a_sentence_and_the_nearest_that_can_be():
    lenet = links.of_preset("LeNet-5", 4)
    page = open_page("calculator", **lenet, ca_acc="3", ca_rep="3")
    assert not page.exception
    assert len(page.error) == 1
    assert "cannot be split over 3 devices and 3 accumulation steps" in page.error[0].value
    assert "Gradient accumulation steps = 1 and Devices = 3" in page.error[0].value
    nearest = open_page("calculator", **lenet, ca_rep="3")
    assert not nearest.error
    assert cards(page) == cards(nearest) != cards(open_page("calculator", **lenet))


@pytest.mark.parametrize("key", ["ca_acc", "ca_rep"])
def test_a_number_in_the_box_redraws_what_follows_and_no_control(key):
    page = open_page("calculator", **links.of_preset("LeNet-5", 8))
    before = cards(page)["Peak training memory"]
    page.number_input(key=key).set_value(8).run()
    assert not page.exception
    assert not page.number_input
    assert cards(page)["Peak training memory"] != before
    told = open_page("calculator", **links.of_preset("LeNet-5", 8), **{key: "8"})
    assert cards(page) == cards(told)


@pytest.mark.parametrize(
    ("passes", "devices", "memory"), [(1, 1, "1GiB"), (3, 1, "1GiB"), (2, 5, "4GiB"), (60, 60, "99GiB")]
)
def test_the_largest_batch_is_that_of_these_passes_and_devices(passes, devices, memory):
    lenet, shape = MODELS["lenet5"].on_meta(), MODELS["lenet5"].input_shape
    query = {"ca_acc": str(passes), "ca_rep": str(devices), "ca_dev": memory}
    page = open_page("calculator", **links.of_preset("LeNet-5", 4000), **query)
    setting = Setting(4000, accumulate=passes, replicas=devices, device="cuda")
    best = largest_batch(lenet, shape, budget_bytes(device(memory)), setting)
    assert cards(page)["Largest batch size"] == f"{best.batch_size:,}"


@pytest.mark.parametrize("key", ["ca_acc", "ca_rep"])
def test_where_nothing_follows_only_the_sentence_is_redrawn(key):
    page = open_page("calculator", **links.of_preset("LeNet-5", 1))
    page.number_input(key=key).set_value(9).run()
    assert not page.exception
    assert len(page.error) == 1
    assert not page.metric
