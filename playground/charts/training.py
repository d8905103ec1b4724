"""A run drawn: curves, the confusion matrix, and images with their predictions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from core.training.events import Epoch, TrainingStep
from playground.charts.vega import Chart, across, level, number
from playground.markup import data_uri, element, style_sheet

POINTS = 240  # of a curve: more cannot be told apart, and each travels several times a second
TRAINING, VALIDATION = "training", "validation"
COLOURS = {"domain": [TRAINING, VALIDATION], "range": ["#2f6fde", "#e8710a"]}
CORRECT, WRONG = "#12926b", "#d1481f"


def thinned(steps: Sequence[TrainingStep], points: int = POINTS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Step numbers, losses and accuracies of a curve of at most `points` points, each the mean of as many steps."""
    if not steps:
        return np.empty(0), np.empty(0), np.empty(0)
    per_point = math.ceil(len(steps) / points)
    values = np.array([(step.step, step.loss, step.accuracy) for step in steps], dtype=float)
    starts = np.arange(0, len(steps), per_point)
    counts = np.diff(np.append(starts, len(steps)))
    means = np.add.reduceat(values, starts) / counts[:, None]
    return values[np.append(starts[1:], len(steps)) - 1, 0], means[:, 1], means[:, 2]


def smoothed(values: np.ndarray, window: int) -> np.ndarray:
    """The mean of each value and the `window - 1` before it (fewer at the start)."""
    sums = np.cumsum(np.insert(values, 0, 0.0))
    ends = np.arange(1, len(values) + 1)
    begins = np.maximum(0, ends - window)
    return (sums[ends] - sums[begins]) / (ends - begins)


def loss_curves(steps: Sequence[TrainingStep], epochs: Sequence[Epoch], all_steps: int, classes: int) -> Chart:
    """Loss of the training batches and of the validation images, over the steps of the whole run."""
    at, losses, _ = thinned(steps)
    frame = _frame(at, losses, [(epoch.step, epoch.val_loss) for epoch in epochs])
    return Chart(frame, _loss_spec(all_steps, classes))


def accuracy_curves(steps: Sequence[TrainingStep], epochs: Sequence[Epoch], all_steps: int, classes: int) -> Chart:
    """Accuracy: the mean of the last eight training points, and of all validation images."""
    at, _, accuracies = thinned(steps)
    frame = _frame(at, smoothed(accuracies, 8), [(epoch.step, epoch.val_accuracy) for epoch in epochs])
    return Chart(frame, _accuracy_spec(all_steps, classes))


def epoch_curves(epochs: Sequence[Epoch], all_epochs: int, what: str, classes: int) -> Chart:
    """The "loss" or "accuracy" after every epoch: mean over its training batches, and of all validation images."""
    at = np.array([epoch.epoch for epoch in epochs])
    training = np.array([getattr(epoch, f"train_{what}") for epoch in epochs], dtype=float)
    frame = _frame(at, training, [(epoch.epoch, getattr(epoch, f"val_{what}")) for epoch in epochs])
    return Chart(frame, (_loss_spec if what == "loss" else _accuracy_spec)(all_epochs, classes, "Epoch"))


def _frame(at: np.ndarray, values: np.ndarray, validation: list[tuple[int, float]]) -> pd.DataFrame:
    """One row per point; a loss that is not a number has none."""
    points = [*zip(at.tolist(), values.tolist(), strict=True), *validation]
    of = [TRAINING] * len(at) + [VALIDATION] * len(validation)
    columns = {"step": [float(step) for step, _ in points], "value": [float(value) for _, value in points], "of": of}
    frame = pd.DataFrame(columns)
    return frame[np.isfinite(frame["value"].to_numpy(float))]


def _loss_spec(last: int, classes: int, unit: str = "Step") -> dict[str, Any]:
    y = {"scale": {"domainMin": 0}, "axis": {"format": ".1f", "tickCount": 5}}
    return _spec(last, unit, number("value", "Loss", **y), math.log(classes), number("value", "Loss", ".3f"))


def _accuracy_spec(last: int, classes: int, unit: str = "Step") -> dict[str, Any]:
    axis = {"labelExpr": "format(100 * datum.value, '.0f') + ' %'", "values": [0, 0.25, 0.5, 0.75, 1]}
    y = number("value", "Accuracy", scale={"domain": [0, 1]}, axis=axis)
    percent = {"calculate": "100 * datum.value", "as": "percent"}
    return {"transform": [percent], **_spec(last, unit, y, 1 / classes, number("percent", "Accuracy (%)", ".1f"))}


def _spec(last: int, unit: str, y: dict[str, Any], guess: float, tooltip: dict[str, Any]) -> dict[str, Any]:
    """Two curves, dots at each validation, and a dashed line at the level of random guessing."""
    encoding = {
        "x": across("step", last, unit),
        "y": y,
        "color": {"field": "of", "type": "nominal", "scale": COLOURS, "legend": {"title": None, "orient": "top"}},
        "tooltip": [{"field": "of", "title": "Images"}, number("step", unit, ",.0f"), tooltip],
    }
    line = {"mark": {"type": "line", "strokeWidth": 2}, "encoding": encoding}
    validation = [{"filter": f"datum.of === '{VALIDATION}'"}]
    dots = {"transform": validation, "mark": {"type": "circle", "size": 60, "opacity": 1}, "encoding": encoding}
    return {"height": 270, "layer": [level(guess, "#8a93a6"), line, dots]}


@dataclass(frozen=True)
class CaptionedImage:
    """An image, as `thumbnail` makes it, with its caption. `share` fills a bar and `is_correct` colours it; one with an
    `address` is a link.
    """

    image: str
    title: str
    share: float | None = None
    is_correct: bool | None = None
    address: str | None = None


def thumbnail(pixels: np.ndarray) -> str:
    """A small image (H, W, 3) as a data URI."""
    return _data_uri(pixels.tobytes(), pixels.shape)


@lru_cache(maxsize=200)  # it keeps the pixels, too
def _data_uri(pixels: bytes, shape: tuple[int, ...]) -> str:
    return data_uri(np.frombuffer(pixels, np.uint8).reshape(shape), "WEBP", quality=82, method=2)


STYLE = style_sheet("""
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(var(--side),1fr));gap:.6rem}
.cards figure{margin:0;border-radius:.6rem;overflow:hidden;background:rgba(128,140,170,.14)}
.cards img{display:block;width:100%;aspect-ratio:1;object-fit:cover}
.cards .bar{height:5px;background:rgba(128,140,170,.25)}
.cards .bar div{height:100%;transition:width .3s}
@media (prefers-reduced-motion:reduce){.cards .bar div{transition:none}}
.cards a{color:inherit;text-decoration:none;border-radius:.6rem}
.cards a:hover,.cards a:focus-visible{outline:3px solid #2f6fde}
.cards figcaption{font-size:.8rem;line-height:1.25;padding:.3rem .5rem .4rem}
""")


def cards(shown: Sequence[CaptionedImage], side: int = 96) -> Markup:
    """A grid of images as HTML that fits any width; `side` is the least width of one in pixels."""
    return STYLE + element("div", map(_card, shown), class_="cards", style=f"--side:{side}px")


def _card(card: CaptionedImage) -> Markup:
    colour = {True: CORRECT, False: WRONG, None: "#5f92ec"}[card.is_correct]
    bar = None
    if card.share is not None:
        filled = element("div", style=f"width:{card.share:.1%};background:{colour}")
        bar = element("div", filled, class_="bar")
    title = {True: "✓ ", False: "✗ ", None: ""}[card.is_correct] + card.title
    figure = element("figure", element("img", src=card.image, alt=title), bar, element("figcaption", title))
    return figure if card.address is None else element("a", figure, href=card.address)
