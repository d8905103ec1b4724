"""Datasets drawn as HTML: images per class, their split, duplicates side by side."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COLOURS = ("#2f6fde", "#e8710a", "#12926b")  # training, validation, test

STYLE = """<style>
.set-bars{display:grid;grid-template-columns:minmax(3rem,max-content) 1fr max-content;gap:.35rem .6rem;
align-items:center;font-size:.85rem;font-variant-numeric:tabular-nums}
.set-bars .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;max-width:11rem}
.set-bars .bar{display:flex;height:1rem;border-radius:.3rem;overflow:hidden;background:rgba(128,140,170,.16)}
.set-bars .bar i{display:block;height:100%}
.set-bars .count{text-align:right}
.set-key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem;margin:.1rem 0 .5rem}
.set-key i{display:inline-block;width:.75rem;height:.75rem;border-radius:.2rem;margin-right:.35rem}
.duplicates{display:flex;flex-wrap:wrap;gap:.7rem}
.duplicates .group{display:flex;flex-wrap:wrap;gap:.3rem;padding:.35rem;border-radius:.6rem;
background:rgba(128,140,170,.14)}
.duplicates .group.wrong{outline:2px solid #d1481f}
.duplicates figure{margin:0;width:84px}
.duplicates img{display:block;width:84px;height:84px;object-fit:cover;border-radius:.35rem}
.duplicates figcaption{font-size:.72rem;line-height:1.2;padding-top:.2rem;overflow-wrap:anywhere}
</style>"""


def class_bars(counts: Mapping[str, int]) -> str:
    """One bar per class, as long as it has images."""
    most = max(counts.values(), default=1)
    rows = []
    for name, count in counts.items():
        rows.append(_row(name, [(count / most, COLOURS[0])], f"{count:,}", f"{count:,} images"))
    return f'{STYLE}<div class="set-bars">{"".join(rows)}</div>'


def split_bars(counts: Mapping[str, Sequence[int]], parts: Sequence[str]) -> str:
    """One bar per class, cut into parts: how many images of the class each of them has."""
    named = zip(map(html.escape, parts), COLOURS, strict=False)
    key = "".join(f'<span><i style="background:{colour}"></i>{part}</span>' for part, colour in named)
    rows = []
    for name, numbers in counts.items():
        shares = [(number / max(1, sum(numbers)), colour) for number, colour in zip(numbers, COLOURS, strict=False)]
        shown = " · ".join(f"{number:,}" for number in numbers)
        text = ", ".join(f"{number:,} {part}" for number, part in zip(numbers, parts, strict=True))
        rows.append(_row(name, shares, shown, text))
    return f'{STYLE}<div class="set-key">{key}</div><div class="set-bars">{"".join(rows)}</div>'


def _row(name: str, shares: Sequence[tuple[float, str]], shown: str, text: str) -> str:
    name, text = html.escape(name), html.escape(text)
    pieces = "".join(f'<i style="width:{share:.2%};background:{colour}"></i>' for share, colour in shares)
    bar = f'<span class="bar" role="img" aria-label="{name}: {text}">{pieces}</span>'
    return f'<span class="name" title="{name}">{name}</span>{bar}<span class="count">{shown}</span>'


@dataclass(frozen=True)
class DuplicateGroup:
    """Images that are copies of each other: (address, title) each; `is_wrong` if classes differ."""

    images: tuple[tuple[str, str], ...]
    is_wrong: bool = False


def duplicate_groups(groups: Sequence[DuplicateGroup]) -> str:
    """Groups of copies, each in a box; those of several classes are framed."""
    return f'{STYLE}<div class="duplicates">{"".join(map(_group, groups))}</div>'


def _group(group: DuplicateGroup) -> str:
    named = ((image, html.escape(title)) for image, title in group.images)
    figures = "".join(f'<figure><img src="{p}" alt="{t}"><figcaption>{t}</figcaption></figure>' for p, t in named)
    return f'<div class="group{" wrong" if group.is_wrong else ""}">{figures}</div>'
