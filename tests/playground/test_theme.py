"""The theme: text that can be read, in light and in dark, on the page and on coloured cells."""

import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from playground.charts import svg
from playground.charts.theme import DATA_SCALE, WEIGHT_SCALE, channels, rgb, text_colour

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
MODES = ("light", "dark")
CAPTION, PILL = 0.6, 0.16  # opacity of Streamlit's captions, and of the primary colour behind what is chosen


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def backgrounds(mode: str) -> list[str]:
    theme = CONFIG["theme"][mode]
    return [theme["backgroundColor"], theme["secondaryBackgroundColor"], theme["sidebar"]["backgroundColor"]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("colour", ["textColor", "linkColor"])
def test_text_is_readable_on_every_background(mode, colour):
    for background in backgrounds(mode):
        assert contrast(CONFIG["theme"][mode][colour], background) >= 4.5, background


def blend(colour: str, background: str, share: float) -> str:
    """A colour of some opacity on a background."""
    mixed = share * channels(colour) + (1 - share) * channels(background)
    return "#" + bytes(np.rint(mixed).astype(np.uint8)).hex()


@pytest.mark.parametrize("mode", MODES)
def test_faded_words_and_words_in_the_primary_colour_are_readable(mode):
    theme = CONFIG["theme"][mode]
    for background in backgrounds(mode):
        assert contrast(blend(theme["textColor"], background, CAPTION), background) >= 4.5, background
    pill = blend(theme["primaryColor"], theme["backgroundColor"], PILL)
    assert contrast(theme["primaryColor"], pill) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("words", [svg.GOOD_TEXT, svg.BAD_TEXT, svg.MARK_TEXT])
def test_coloured_words_are_readable(mode, words):
    colours = dict(zip(MODES, re.findall("#[0-9a-f]{6}", words), strict=True))
    for background in backgrounds(mode):
        assert contrast(colours[mode], background) >= 4.5, background


@pytest.mark.parametrize("mode", MODES)
def test_controls_and_curves_stand_out(mode):
    theme = CONFIG["theme"][mode]
    curves = theme.get("chartCategoricalColors", CONFIG["theme"]["chartCategoricalColors"])
    for colour in (theme["primaryColor"], *curves):
        assert contrast(colour, theme["backgroundColor"]) >= 3, colour


@pytest.mark.parametrize("scale", [DATA_SCALE, WEIGHT_SCALE], ids=["data", "weights"])
def test_text_on_cells_is_readable_over_the_whole_scale(scale):
    cells = rgb(np.linspace(-1, 1, 101), 1.0, scale)
    for cell, text in zip(cells, text_colour(cells), strict=True):
        assert contrast(str(text), "#" + bytes(cell).hex()) >= 4.5


@pytest.mark.parametrize("scale", [DATA_SCALE, WEIGHT_SCALE], ids=["data", "weights"])
def test_scales_are_white_at_zero_and_symmetric(scale):
    assert rgb(np.array(0.0), 1.0, scale).tolist() == [255, 255, 255]
    for (left, _), (right, _) in itertools.zip_longest(scale, reversed(scale)):
        assert left == 1 - right
