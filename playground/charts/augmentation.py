"""Augmented images in a grid, the density of mixing shares, and speeds as bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from core.lessons.augmentation.template_matching import TemplateMatch
from playground.charts import pictures, svg
from playground.markup import data_uri, element

SHARP_BELOW = 64  # pixels: smaller images are shown as sharp squares
RIM = {"": "rgba(128,128,128,.35)", "bad": svg.BAD, "doubtful": svg.MARK}
LABEL = {"": "inherit", "bad": svg.BAD_TEXT, "doubtful": svg.MARK_TEXT}


@dataclass(frozen=True)
class AugmentedImage:
    """One image, uint8 (S, S, 3): what happened to it, its label, and whether the label is still correct."""

    pixels: np.ndarray
    description: str
    label: str
    state: str = ""  # a key of RIM


def state_of(match: TemplateMatch) -> str:
    """Whether the label is still correct: a key of `RIM`."""
    return "bad" if match.is_confused else "doubtful" if match.is_doubtful else ""


def sheet(cards: Iterable[AugmentedImage], alt: str, small: bool = False) -> Markup:
    """Cards side by side, three per row, or as many `small` ones as fit, as HTML."""
    cells = (_card(card, f"{alt}: {index + 1}", small) for index, card in enumerate(cards))
    columns = "repeat(auto-fill,minmax(4.4rem,1fr))" if small else "repeat(3,minmax(0,1fr))"
    return element("div", cells, style=f"display:grid;grid-template-columns:{columns};gap:.6rem .7rem;max-width:46rem")


def _card(card: AugmentedImage, alt: str, small: bool) -> Markup:
    colour = RIM[card.state]
    text = f"{alt}. {card.description}. {card.label}"
    ink = f"color:{LABEL[card.state]};font-weight:600"
    size = ".8rem" if small else ".76rem"
    style = (
        "width:100%;display:block;"
        f"border-radius:.4rem;image-rendering:{'pixelated' if len(card.pixels) < SHARP_BELOW else 'auto'};"
        f"box-shadow:0 0 0 {2 if card.state else 1}px {colour}"
    )
    description = element("span", card.description, style="opacity:.8") if card.description else None
    look = f"font-size:{size};line-height:1.3;padding:.25rem .1rem"
    words = element("figcaption", element("span", card.label, style=ink), " ", description, style=look)
    image = element("img", src=as_uri(card.pixels), alt=text, style=style)
    return element("figure", image, words, style="margin:0;min-width:0")


def as_uri(pixels: np.ndarray) -> str:
    """Small images exactly, larger ones as JPEG: nine of them are sent at each change of a slider."""
    small = len(pixels) < SHARP_BELOW
    return data_uri(pixels) if small else data_uri(pixels, "JPEG", quality=92, subsampling=0)


WIDTH, HEIGHT, LEFT, TOP = 420, 130, 14, 12
SHARES, HIGHEST = np.linspace(0.01, 0.99, 99), 4.0  # densities above are cut off


def density_curve(density: Callable[[float], float], samples: Iterable[float], label: str) -> Markup:
    """A density over 0..1 as a curve, and samples as dots below it, as SVG."""
    heights = np.minimum([density(float(share)) for share in SHARES], HIGHEST)
    x_values = LEFT + SHARES * (WIDTH - 2 * LEFT)
    y_values = HEIGHT - 30 - heights / max(heights.max(), 1) * (HEIGHT - 30 - TOP)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(x_values, y_values, strict=True))
    parts = [
        svg.line(LEFT, HEIGHT - 30, WIDTH - LEFT, HEIGHT - 30, stroke_opacity=0.4),
        element("polyline", points=path, fill="none", stroke="#4f86e8", stroke_width=2.5),
        *(svg.dot(LEFT + x * (WIDTH - 2 * LEFT), HEIGHT - 30, 4.5, svg.MARK, fill_opacity=0.85) for x in samples),
        svg.text("0: second image only", LEFT, HEIGHT - 8, 12, opacity=0.8),
        svg.text("1: first image only", WIDTH - LEFT, HEIGHT - 8, 12, "end", opacity=0.8),
    ]
    return svg.root(parts, WIDTH, HEIGHT, label)


def speed_bars(speeds: Iterable[tuple[str, float]]) -> Markup:
    """Names and images per second as bars on a common scale from 0, as HTML."""
    rows = list(speeds)
    longest = max(speed for _, speed in rows)
    bars = (pictures.bar(name, 100 * speed / longest, f"{speed:,.0f}") for name, speed in rows)
    return pictures.bars(bars, "max-width:44rem")
