"""Datasets drawn as HTML: images per class, their split, duplicates side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from playground.markup import element, joined, style_sheet

COLOURS = ("#2f6fde", "#e8710a", "#12926b")  # training, validation, test

STYLE = style_sheet("""
.set-bars{display:grid;grid-template-columns:minmax(3rem,max-content) 1fr max-content;gap:.35rem .6rem;
align-items:center;font-size:.85rem;font-variant-numeric:tabular-nums}
.set-bars .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;max-width:11rem}
.set-bars .bar{display:flex;height:1rem;border-radius:.3rem;overflow:hidden;background:rgba(128,140,170,.16)}
.set-bars .bar i{display:block;height:100%}
.set-bars .count{text-align:right}
.set-figures{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;font-variant-numeric:tabular-nums}
.set-figures div{display:flex;flex-direction:column}
.set-figures b{font-size:1.5rem;line-height:1.2;font-weight:600}
.set-figures span{font-size:.8rem;opacity:.75}
.set-part{display:flex;height:.7rem;border-radius:.35rem;overflow:hidden;margin:.1rem 0 .35rem;
background:rgba(128,140,170,.16)}
.set-part i{display:block;height:100%}
.set-key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem;margin:.1rem 0 .5rem}
.set-key i{display:inline-block;width:.75rem;height:.75rem;border-radius:.2rem;margin-right:.35rem}
.duplicates{display:flex;flex-wrap:wrap;gap:.7rem}
.duplicates .group{display:flex;flex-wrap:wrap;gap:.3rem;padding:.35rem;border-radius:.6rem;
background:rgba(128,140,170,.14)}
.duplicates .group.wrong{outline:2px solid #d1481f}
.duplicates figure{margin:0;width:84px}
.duplicates img{display:block;width:84px;height:84px;object-fit:cover;border-radius:.35rem}
.duplicates figcaption{font-size:.72rem;line-height:1.2;padding-top:.2rem;overflow-wrap:anywhere}
""")


def class_bars(counts: Mapping[str, int]) -> Markup:
    """One bar per class, as long as it has images."""
    most = max(counts.values(), default=1)
    rows = []
    for name, count in counts.items():
        rows.append(_row(name, [(count / most, COLOURS[0])], f"{count:,}", f"{count:,} images"))
    return STYLE + element("div", rows, class_="set-bars")


def split_bars(counts: Mapping[str, Sequence[int]], parts: Sequence[str]) -> Markup:
    """One bar per class, cut into parts: how many images of the class each of them has."""
    swatches = (element("i", style=f"background:{colour}") for colour in COLOURS)
    key = [element("span", swatch, part) for swatch, part in zip(swatches, parts, strict=False)]
    rows = []
    for name, numbers in counts.items():
        shares = [(number / max(1, sum(numbers)), colour) for number, colour in zip(numbers, COLOURS, strict=False)]
        shown = " · ".join(f"{number:,}" for number in numbers)
        text = ", ".join(f"{number:,} {part}" for number, part in zip(numbers, parts, strict=True))
        rows.append(_row(name, shares, shown, text))
    return joined([STYLE, element("div", key, class_="set-key"), element("div", rows, class_="set-bars")])


def _row(name: str, shares: Sequence[tuple[float, str]], shown: str, text: str) -> Markup:
    pieces = (element("i", style=f"width:{share:.2%};background:{colour}") for share, colour in shares)
    bar = element("span", pieces, class_="bar", role="img", aria_label=f"{name}: {text}")
    return element("span", name, class_="name", title=name) + bar + element("span", shown, class_="count")


@dataclass(frozen=True)
class DuplicateGroup:
    """Images that are copies of each other: (address, title) each; `is_wrong` if classes differ."""

    images: tuple[tuple[str, str], ...]
    is_wrong: bool = False


def duplicate_groups(groups: Sequence[DuplicateGroup]) -> Markup:
    """Groups of copies, each in a box; those of several classes are framed."""
    return STYLE + element("div", map(_group, groups), class_="duplicates")


def _group(group: DuplicateGroup) -> Markup:
    figures = (
        element("figure", element("img", src=image, alt=title), element("figcaption", title))
        for image, title in group.images
    )
    return element("div", figures, class_="group wrong" if group.is_wrong else "group")


def figures(counts: Mapping[str, str]) -> Markup:
    """Figures in a row, each over what it counts."""
    pairs = (element("div", element("b", figure), element("span", name)) for name, figure in counts.items())
    return STYLE + element("div", pairs, class_="set-figures")


def part_bar(counts: Mapping[str, int]) -> Markup:
    """One bar cut into the parts of a split, with a key that has their numbers."""
    total = max(1, sum(counts.values()))
    shares = list(zip(counts.items(), COLOURS, strict=False))
    pieces = (element("i", style=f"width:{count / total:.2%};background:{colour}") for (_, count), colour in shares)
    key = [
        element(
            "span",
            element("i", style=f"background:{colour}") if count else None,
            f"{name} {count:,}" if count else name,
        )
        for (name, count), colour in shares
    ]
    text = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    bar = element("div", pieces, class_="set-part", role="img", aria_label=text)
    return joined([STYLE, bar, element("div", key, class_="set-key")])
