"""A small picture for each page of the catalogue. A new page adds a function to one of the dicts beside this file."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from playground.markup import svg_uri
from playground.thumbnails import convolution, regularization, signal

PICTURES = convolution.PICTURES | signal.PICTURES | regularization.PICTURES


@cache
def svg(file: str) -> Markup:
    """The picture of `pages/<file>.py` as SVG text; a plain one for a page that has none of its own."""
    return PICTURES.get(file, convolution.default)()


def as_url(file: str) -> str:
    """The same for a style sheet: `url("data:...")`."""
    return f'url("{svg_uri(svg(file))}")'
