"""The camera, live: frame after frame is classified while it runs, and none after it has stopped."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_camera_is_classified_as_long_as_it_runs(visit):
    found = visit("/inspect_network?part=My+classes&oc_from=Camera%2C+live")
    page = found.page
    page.get_by_role("button", name="Use two example classes").click()
    page.get_by_role("button", name="Start camera").click()
    picture = page.locator(".overlay img").first
    picture.wait_for()
    first = picture.get_attribute("src")
    expect(picture).not_to_have_attribute("src", first)
    page.get_by_role("button", name="Stop camera").click()
    page.get_by_role("button", name="Start camera").wait_for()
    found.settle()
    last = picture.get_attribute("src")
    page.wait_for_timeout(1000)
    assert picture.get_attribute("src") == last
    assert found.problems() == []
