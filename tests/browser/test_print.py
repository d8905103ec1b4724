"""A printed page: no sheet is left nearly empty, and nothing is cut off at its edge."""

import re

import pytest

pytestmark = pytest.mark.browser
A4 = {"width": 688, "height": 1017}  # px between margins of 14 mm
_HEIGHT = "() => document.querySelector('.stMainBlockContainer').getBoundingClientRect().height"
_TOO_HIGH = """(most) => [...document.querySelectorAll('[data-testid=stMain] *')]
  .filter((one) => getComputedStyle(one).breakInside === 'avoid' && one.getBoundingClientRect().height > most)
  .map((one) => `${one.dataset.testid ?? one.tagName}: ${Math.round(one.getBoundingClientRect().height)} px`)"""
# Whether a sheet may end within and after the boxes of headings, and of what is moved.
_BREAKS = """() => {
  const breaks = (kinds) => [...document.querySelectorAll('[data-testid=stMain] [data-testid=stElementContainer]')]
    .filter((one) => one.querySelector(kinds))
    .map((one) => getComputedStyle(one)).map((style) => `${style.breakInside} ${style.breakAfter}`);
  const controls = '[data-testid=stSlider], [data-testid=stSelectbox]';
  return {headings: breaks('[data-testid=stHeading]'), controls: breaks(controls)};
}"""
# As on paper, where no script runs between the new width and the sheet: how far blocks reach, and the drawing.
_DRAWN_ON_PAPER = """(width) => {
  const stage = [...document.querySelectorAll('[data-testid^=stBidiComponent]')]
    .map((one) => one.shadowRoot?.querySelector('.stage')).find(Boolean);
  stage.style.width = `${width}px`;
  const right = (one) => one.getBoundingClientRect().right;
  return [Math.max(...[...stage.querySelectorAll('polygon')].map(right)), right(stage)];
}"""


@pytest.mark.parametrize("lesson", ["gradients", "dropout"])  # the longest code, and controls in tabs
def test_code_begins_where_there_is_room_and_goes_on_on_the_next_sheet(visit, lesson):
    page = visit(f"/{lesson}", **A4).page
    page.emulate_media(media="print")
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert sheets <= 1.4 * page.evaluate(_HEIGHT) / A4["height"] + 1


def test_a_heading_and_its_controls_stay_with_what_they_change(visit):
    page = visit("/initialization", **A4).page
    page.emulate_media(media="print")
    breaks = page.evaluate(_BREAKS)
    assert set(breaks["headings"]) == {"auto avoid"}
    assert set(breaks["controls"]) == {"avoid avoid"}


@pytest.mark.parametrize("lesson", ["convolution", "pooling", "optimizers"])  # the highest components
def test_what_is_held_together_fits_a_sheet(visit, lesson):
    page = visit(f"/{lesson}", **A4).page
    page.emulate_media(media="print")
    assert page.evaluate(_TOO_HIGH, A4["height"]) == []


def test_a_wide_drawing_of_a_network_is_as_wide_as_the_sheet(visit):
    page = visit("/calculator").page
    page.emulate_media(media="print")
    blocks, stage = page.evaluate(_DRAWN_ON_PAPER, A4["width"] / 2)
    assert blocks <= stage + 1
