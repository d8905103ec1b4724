"""HTML and SVG from Python: whatever is not markup already is escaped, by markupsafe; and pictures as addresses."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import quote

import numpy as np
from markupsafe import Markup, escape
from PIL import Image

# Written without an end tag where they are empty.
EMPTY = frozenset(("img", "br", "rect", "line", "circle", "ellipse", "path", "polyline", "polygon", "image", "use"))
_SIGNS = re.compile("[&<>\"']")
_WHOLE, _PLAIN = (int, np.integer), (str, int, float, np.number)
Content = str | int | float | None | Iterable[Any]


def element(tag: str, *content: Content, **attributes: str | int | float | None) -> Markup:
    """An element; strings in it are escaped, elements are not, None is left out, and iterables give all they hold.

    >>> element("b", "1 < 2", class_="big")
    Markup('<b class="big">1 &lt; 2</b>')
    >>> element("rect", x=0.50, stroke_width=2, fill=None)
    Markup('<rect x="0.5" stroke-width="2"/>')
    >>> element("tr", (element("td", cell) for cell in (1, "a")), None)
    Markup('<tr><td>1</td><td>a</td></tr>')
    """
    written = "".join([f' {_name(key)}="{_text(value)}"' for key, value in attributes.items() if value is not None])
    if not content and tag in EMPTY:
        return Markup(f"<{tag}{written}/>")
    inside = "".join([_inside(part) for part in content])
    return Markup(f"<{tag}{written}>{inside}</{tag}>")


def joined(content: Iterable[Content]) -> Markup:
    """What stands one after the other.

    >>> joined(["<", element("br"), None])
    Markup('&lt;<br/>')
    """
    return Markup("".join([_inside(part) for part in content]))


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], right: str = "") -> str:
    """A table in Markdown; `right` has ">" for a column of numbers, anything else for one of words.

    A bar inside of a cell stays in it.

    >>> table(("Layer", "Parameters"), [("Linear", "650")], right="->")
    '| Layer | Parameters |\\n|---|---:|\\n| Linear | 650 |'
    """
    heads, *rows = ([cell.replace("|", r"\|") for cell in cells] for cells in (heads, *rows))
    marks = ("---:" if mark == ">" else "---" for mark in right.ljust(len(heads), "-")[: len(heads)])
    head = f"| {' | '.join(heads)} |".replace("|  |", "| |")
    return "\n".join([head, f"|{'|'.join(marks)}|", *(f"| {' | '.join(cells)} |" for cells in rows)])


def style_sheet(css: str) -> Markup:
    """A `style` element; `css` is ours, and must be."""
    return Markup(f"<style>{css}</style>")


def data_uri(pixels: np.ndarray | Image.Image, format: str = "PNG", **options: Any) -> str:
    """A picture, uint8 (H, W) or (H, W, 3), as an address that holds it; `options` are those of Pillow's `save`."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(np.ascontiguousarray(pixels))
    buffer = io.BytesIO()
    image.save(buffer, format, **({"compress_level": 1} if format == "PNG" else {}) | options)
    return f"data:image/{format.lower()};base64,{as_base64(buffer.getvalue())}"


def svg_uri(svg: str) -> str:
    """A drawing as an address, for `src` or a style sheet's `url`."""
    return f"data:image/svg+xml,{quote(svg, safe=' =:/,.-')}"


def icon_uri(drawing: Markup, box: str) -> str:
    """The same of what is drawn in `box`, a viewBox."""
    return svg_uri(element("svg", drawing, xmlns="http://www.w3.org/2000/svg", viewBox=box))


def packed(values: np.ndarray, dtype: str) -> str:
    """An array's values one after the other, as our components read them: base64 of little-endian `dtype`."""
    return as_base64(np.ascontiguousarray(values, dtype=dtype).tobytes())


def as_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def from_base64(text: str) -> bytes | None:
    """What a browser has sent so; None if it is nothing of the kind."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def from_data_uri(address: str, format: str) -> bytes | None:
    """The file that an address of `data_uri` holds; None if it holds none of that format."""
    head = f"data:image/{format.lower()};base64,"
    return from_base64(address.removeprefix(head)) if address.startswith(head) else None


@cache
def _name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return escape(value) if _SIGNS.search(value) else value  # asked first: six times as fast where there is none
    return str(value) if isinstance(value, _WHOLE) else f"{value:g}"


def _inside(part: Content) -> str:
    if part is None:
        return ""
    return _text(part) if isinstance(part, _PLAIN) else joined(part)
