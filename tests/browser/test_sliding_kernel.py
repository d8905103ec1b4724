"""The cat of the home page: what is shown is what PyTorch's convolution gives, and it moves only where it may."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from playground.charts.theme import rgb
from playground.components.sliding_kernel.cat import EYE, SIZE, cat
from tests.browser.chromium import rest

pytestmark = pytest.mark.browser
HIGH, WIDE = SIZE[1] - 2, SIZE[0] - 2
PLACES = [(0, 60), (HIGH - 1, 50), EYE, (40, 0), (13, WIDE - 1)]


def outline(n: int) -> np.ndarray:
    """The whole output for a slider position, float64 (78, 118), by PyTorch."""
    kernel = torch.full((3, 3), -n / 64, dtype=torch.float64)
    kernel[1, 1] = 1
    picture = torch.tensor(cat(), dtype=torch.float64)
    return F.conv2d(picture[None, None], kernel[None, None])[0, 0].numpy()


def playing_field(found):
    """The cat, once its numbers are there."""
    found.page.locator(".sliding-kernel[data-row][data-value]").wait_for()
    return found.page.locator(".sliding-kernel")


def shown(component) -> dict[str, float]:
    return component.evaluate("box => Object.fromEntries(Object.entries(box.dataset).map(([k, v]) => [k, Number(v)]))")


def point(found, row: int, column: int) -> None:
    """The pointer over the middle of an output cell."""
    box = found.page.locator(".result-map .sheet").bounding_box()
    x, y = box["x"] + box["width"] * (column + 0.5) / WIDE, box["y"] + box["height"] * (row + 0.5) / HIGH
    found.page.mouse.move(x, y)
    rest(found.page, 120)


def set_slider(found, n: int) -> None:
    found.page.locator(".sliding-kernel input").fill(str(n))
    rest(found.page, 120)


def test_numbers_under_the_pointer_are_pytorchs(visit):
    found = visit("/", reduced=True)
    component = playing_field(found)
    for n in (0, 3, 8):
        set_slider(found, n)
        expected = outline(n)
        for row, column in PLACES:
            point(found, row, column)
            now = shown(component)
            assert (now["row"], now["column"], now["n"]) == (row, column, n)
            assert now["value"] == expected[row, column]
            pixels = [int(text) for text in found.page.locator(".pixels span").all_inner_texts()]
            assert pixels == cat()[row : row + 3, column : column + 3].ravel().tolist()
            line = found.page.locator(".line").inner_text().replace("\u2212", "-")
            if n:
                middle, rest = line.split(" - ", 1)
                share, total = rest.split(" = ")[0].split(" × ")
                top, bottom = map(int, share.split("/"))
                assert int(middle) - top * int(total) / bottom == float(line.split(" = ")[1]) == now["value"]
    assert found.problems() == []


def test_the_outline_to_come_is_pale_and_its_colours_are_named(visit):
    found = visit("/")
    component = playing_field(found)
    opacities = component.locator(".result-map canvas").evaluate(
        "k => { const all = k.getContext('2d').getImageData(0, 0, k.width, k.height).data;"
        " return [all[3], all[all.length - 1], Math.min(...all.filter((_, i) => i % 4 === 3))]; }"
    )
    assert opacities[0] == 255  # it has been reached
    assert 0 < opacities[1] < 128  # it has not
    assert opacities[2] > 0  # no cell is empty
    caption = found.page.locator(".result-map figcaption").inner_text()
    assert all(word in caption for word in ("negative", "positive", "white = 0", "pale"))
    assert found.problems() == []


@pytest.mark.parametrize(("n", "bound"), [(0, 255), (8, 40)])
def test_every_pixel_of_the_outline_has_the_colour_of_its_number(visit, n, bound):
    found = visit("/", reduced=True)
    set_slider(found, n)
    drawn = found.page.evaluate(
        "() => { const c = document.querySelector('[data-testid=stMain]'); const find = root => {"
        " for (const e of root.querySelectorAll('*')) { if (e.matches('.result-map canvas')) return e;"
        " if (e.shadowRoot) { const f = find(e.shadowRoot); if (f) return f; } } return null; };"
        " const k = find(c); return [...k.getContext('2d').getImageData(0, 0, k.width, k.height).data]; }"
    )
    pixels = np.array(drawn).reshape(HIGH, WIDE, 4)[..., :3]
    assert np.abs(pixels - rgb(outline(n), bound)).max() <= 1  # two ways of rounding a half


def test_nothing_moves_for_those_who_asked_for_less_motion(visit):
    found = visit("/", reduced=True)
    component = playing_field(found)
    before = shown(component)
    assert (before["row"], before["column"]) == EYE
    rest(found.page, 700)
    assert shown(component) == before


def test_it_plays_by_itself_pauses_and_follows_the_arrow_keys(visit):
    found = visit("/")
    component = playing_field(found)
    start = shown(component)
    while shown(component) == start:
        rest(found.page, 100)
    found.page.get_by_role("button", name="Pause").click()
    found.page.mouse.move(2, 2)
    rest(found.page, 200)
    resting = shown(component)
    rest(found.page, 500)
    assert shown(component) == resting
    found.page.locator(".source .sheet").focus()
    found.page.keyboard.press("ArrowDown")
    found.page.keyboard.press("ArrowRight")
    rest(found.page, 200)
    assert shown(component)["row"] == min(resting["row"] + 1, HIGH - 1)
    assert shown(component)["column"] == min(resting["column"] + 1, WIDE - 1)


def test_a_card_leads_to_its_page(visit):
    found = visit("/")
    found.page.locator(".st-key-card-pooling a").click()
    found.page.get_by_role("heading", name="Pooling", level=1).wait_for()
