"""The kernels page in Chromium: values under the pointer, the divider, the zoom, the grid, the training run."""

import re

import numpy as np
import pytest

from core.images import sample
from core.lessons.kernels.combination import Combination, respond
from core.lessons.kernels.filtering import ConvSettings
from core.lessons.kernels.preprocessing import Preprocessing
from core.lessons.kernels.presets import PRESETS
from core.lessons.kernels.registry import build
from tests.browser.visit import take_photo

pytestmark = pytest.mark.browser
VALUE = re.compile(r"Output \((\d+), (\d+)\): (.+)$")


def readout(page) -> str:
    return page.locator(".compare .readout").first.inner_text().replace("−", "-")


def shown_values(page, canvas, places) -> list[tuple[int, int, float]]:
    """Row, column and value that the readout gives at each place (shares of the canvas)."""
    box = canvas.bounding_box()
    found = []
    for x, y in places:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        match = VALUE.search(readout(page))
        if match:
            found.append((int(match[1]), int(match[2]), float(match[3])))
    return found


@pytest.mark.parametrize(("stride", "padding"), [(1, "None"), (3, "Half the kernel")])
def test_values_under_the_pointer_are_pytorchs(visit, stride, padding):
    found = visit(f"/kernels?w_stride={stride}&w_padding={padding.replace(' ', '+')}", height=1100, reduced=True)
    picture = Preprocessing()(sample("chelsea"))
    conv = ConvSettings(stride=stride, padding=padding)
    y = respond(picture, build("Outline")[None], conv, Combination()).y[0]
    luck = np.random.default_rng(0).uniform(0.02, 0.98, (40, 2))
    canvas = found.page.locator(".compare canvas").first
    values = shown_values(found.page, canvas, luck)
    assert len(values) > 30
    for row, column, value in values:
        assert value == pytest.approx(float(y[row, column]), rel=6e-4, abs=1e-6)
    assert found.problems() == []


def test_the_cell_under_the_pointer_is_the_one_drawn_there(visit):
    found = visit("/kernels?p_pic=Step+edge+%28drawn%29&k=Horizontal+difference", height=1100, reduced=True)
    canvas = found.page.locator(".compare canvas").first
    # the output's column 28 looks at input columns 28 to 30, so it lies over input column 29
    (one,) = shown_values(found.page, canvas, [(29.5 / 50, 0.5)])
    assert one[1:] == (28, 1.0)
    assert "Input (25, 29): 1" in readout(found.page)
    box = canvas.bounding_box()
    found.page.mouse.dblclick(box["x"] + 29.5 / 50 * box["width"], box["y"] + 0.5 * box["height"])
    found.page.keyboard.press("ArrowRight")
    assert "Input (25, 30): 0" in readout(found.page) or "(24, 30)" in readout(found.page)


def test_the_divider_moves_by_key_and_by_hand_and_asks_nothing_of_the_server(visit):
    found = visit("/kernels", reduced=True, height=1100)
    sent = found.page.evaluate("window.talk.times")
    divider = found.page.locator(".compare .divider").first
    assert divider.get_attribute("aria-valuenow") == "50"
    divider.focus()
    found.page.keyboard.press("ArrowRight")
    assert divider.get_attribute("aria-valuenow") == "52"
    found.page.keyboard.press("Home")
    assert divider.get_attribute("aria-valuenow") == "0"
    found.page.get_by_role("button", name="Side by side").first.click()
    assert not divider.is_visible()
    assert found.page.locator(".compare canvas").nth(1).is_visible()
    assert found.page.evaluate("window.talk.times") == sent


def test_typing_into_the_grid_changes_the_kernel_and_the_link(visit):
    found = visit("/kernels?k=Sobel", height=1100, reduced=True)
    found.page.get_by_label("weight, row 0, column 0", exact=True).first.click()
    found.page.keyboard.type("1/2")
    found.page.keyboard.press("Enter")
    found.page.wait_for_url(re.compile(r"kt=0\.5\+0\+1"))
    found.page.get_by_label("weight, row 1, column 0", exact=True).first.click()
    found.page.keyboard.type("-7")
    found.page.keyboard.press("Enter")
    found.page.wait_for_url(re.compile(r"-7\+0\+2"))
    assert "k=Custom" in found.page.url
    found.page.reload()
    found.settle()
    assert found.page.get_by_label("weight, row 1, column 0", exact=True).first.input_value() == "−7"
    assert found.problems() == []


def test_a_case_is_one_click(visit):
    found = visit("/kernels", height=1100, reduced=True)
    for name in ("Mean blur", *PRESETS):
        found.page.get_by_role("button", name=name, exact=True).click()
        found.settle()
        if name == "Mean blur":
            found.page.get_by_role("slider", name="Size").focus()
            found.page.keyboard.press("ArrowRight")
            found.page.wait_for_url(re.compile("box_blur_size=6"))
    assert found.page.locator(".compare .tag.right").first.inner_text() == "Output 7×7"
    assert found.problems() == []


def test_a_hidden_kernel_is_learned_before_ones_eyes(visit):
    found = visit("/kernels?part=Find+the+hidden+kernel&d_lr=0.2", height=1400)
    found.page.get_by_role("button", name="Learn this kernel").click()
    found.page.get_by_text("Found: one input and its output were enough.").wait_for()
    assert found.problems() == []


def test_a_photograph_from_the_camera_lies_under_the_kernel(visit):
    found = visit("/kernels?p_pic=My+camera")
    page = found.page
    page.get_by_text("Until you choose one: Chelsea the cat.").wait_for()
    take_photo(page)
    page.get_by_text("Until you choose one").wait_for(state="detached")
    found.settle()
    assert found.problems() == []
