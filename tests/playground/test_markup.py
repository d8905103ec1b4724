"""Markup is made in one way: what is put in is text, unless it is markup already."""

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from markupsafe import Markup
from PIL import Image

from playground import markup
from playground.markup import element
from tests.browser.chromium import ROOT
from tests.hostile import WORDS


@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_are_text_in_content_and_attributes(words):
    made = element("text", words, [words, element("tspan", words)], title=words)
    read = ET.fromstring(made)
    assert "".join(read.itertext()) == 3 * words
    assert ET.fromstring(element("b", title=words.replace("\n", " "))).get("title") == words.replace("\n", " ")
    assert len(list(read.iter())) == 2


def test_numbers_are_short_and_whole_ones_are_kept():
    made = element("i", 1234567, 0.1 + 0.2, x=np.float32(0.1), y=np.int64(12345678), z=-2.50)
    assert made == '<i x="0.1" y="12345678" z="-2.5">12345670.3</i>'


def test_what_comes_out_goes_in_again_unchanged():
    inner = element("b", "<")
    assert isinstance(inner, Markup)
    assert element("p", inner, (part for part in [inner, None])) == f"<p>{inner}{inner}</p>"
    assert markup.joined([inner, "<"]) == f"{inner}&lt;"


def test_a_bar_in_a_cell_does_not_end_it():
    lines = markup.table(("x", "|slope| < 1"), [("a|b", "1"), ("c", "2")], "->").splitlines()
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in lines] == [3] * 4
    assert lines[0].replace("\\", "") == "| x | |slope| < 1 |"


@pytest.mark.parametrize(("format", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_a_data_uri_holds_the_picture(format, options):
    pixels = np.random.default_rng(0).integers(0, 255, (5, 7, 3), dtype=np.uint8)
    head, _, body = markup.data_uri(pixels, format, **options).partition(",")
    assert head == f"data:image/{format.lower()};base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(body))).convert("RGB")), pixels)


def test_packed_values_are_little_endian():
    assert base64.b64decode(markup.packed(np.array([[1.0, 258.0]]), "<u2")) == b"\1\0\2\1"


def test_nobody_else_escapes_or_encodes_by_hand():
    files = [path for folder in ("playground", "pages") for path in (ROOT / folder).rglob("*.py")]
    others = [path for path in files if path.name != "markup.py"]
    by_hand = re.compile(r"^\s*(from|import) (html|base64)\b|data:image/", re.MULTILINE)
    assert [path.name for path in others if by_hand.search(path.read_text(encoding="utf-8"))] == []
