"""Tables of numbers with a bar beside each: parts of a sum, signed or not, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from markupsafe import Markup

from playground.charts.theme import css_colour, rgb
from playground.markup import data_uri, element

SHARE = "#2f6fde"  # of bars that are never negative


def fixed(value: float | None, digits: int = 4) -> str:
    """A number with so many decimals and a real minus sign; a dash for none.

    >>> fixed(-0.5, 2), fixed(-0.00001), fixed(None)
    ('−0.50', '0.0000', '–')
    """
    if value is None:
        return "–"
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def number(value: float | None, digits: int = 4) -> Markup:
    """A cell with a number."""
    return element("td", fixed(value, digits))


def share(value: float, digits: int = 4) -> Markup:
    """A cell with a number between 0 and 1, and a bar as long."""
    bar = element("span", style=f"left:0;width:{100 * min(max(value, 0), 1):.2f}%;background:{SHARE}")
    return element("td", element("span", bar, class_="amount"), _written(value, digits))


def signed(value: float | None, bound: float, digits: int = 4) -> Markup:
    """A cell with a signed number and a bar from the middle, in the colours of data; `bound` is the longest."""
    if value is None:
        return number(None)
    length = 50 * min(abs(value) / (bound or 1), 1)
    left = 50 if value > 0 else 50 - length
    colour = css_colour(rgb(np.array(0.75 * np.sign(value) * bound), bound))
    bar = element("span", style=f"left:{left:.2f}%;width:{length:.2f}%;background:{colour}")
    return element("td", element("span", bar, class_="amount signed"), _written(value, digits))


def _written(value: float, digits: int) -> Markup:
    """The number behind a bar, as wide in every row, so that the bars lie under each other."""
    return element("span", fixed(value, digits), class_="written")


def map_cell(colours_hwc: np.ndarray, alt: str) -> Markup:
    """A cell with a small picture, uint8 (h, w, 3)."""
    return element("td", element("img", src=data_uri(colours_hwc), alt=alt))


def empty() -> Markup:
    """A cell without anything."""
    return element("td", "")


def row(head: str, cells: Iterable[Markup], is_strong: bool = False) -> Markup:
    """A row under its name."""
    return element("tr", element("th", head, scope="row"), cells, class_="strong" if is_strong else None)


def table(heads: Sequence[str], rows: Iterable[Markup], sums: Iterable[Markup], label: str) -> Markup:
    """Rows under their heads, and the row of sums."""
    head = element("tr", (element("th", one, scope="col") for one in heads))
    return element("table", element("thead", head), element("tbody", rows), element("tfoot", sums), aria_label=label)
