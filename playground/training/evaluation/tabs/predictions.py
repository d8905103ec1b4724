"""Predictions for validation images, with a heat map of the evidence over each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import streamlit as st
import torch

from core.explain import PointingGame, pointing_game, pooled_head
from core.percent import percent
from core.training.results import Prediction
from playground import controls, lesson
from playground.charts.pictures import bound_of
from playground.components.heatmap_overlay import MappedImage, overlay
from playground.escaping import literal
from playground.training.evaluation.attribution_controls import AttributionSettings, choose, maps_of_images, row
from playground.training.evaluation.run_artifacts import RunArtifacts
from playground.training.pictures import shown

SHOWN = 12
POINTED = 200  # images of the pointing game

ORDERS: dict[str, Callable[[Sequence[Prediction]], list[Prediction]]] = {
    "Most confident errors": lambda predicted: _most_confident(p for p in predicted if not p.is_correct),
    "Least confident": lambda predicted: sorted(predicted, key=lambda p: p.probability),
    "Most confident correct": lambda predicted: _most_confident(p for p in predicted if p.is_correct),
}


def _most_confident(predicted: Iterable[Prediction]) -> list[Prediction]:
    return sorted(predicted, key=lambda p: -p.probability)


def show(run: RunArtifacts) -> None:
    """The images of one kind of prediction, with a map over each."""
    predicted = run.predictions
    correct = sum(one.is_correct for one in predicted)
    st.markdown(f"**{correct:,} of {len(predicted):,}** validation images are classified correctly.")
    with (container := row()):
        order = controls.pick("Show", {name: name for name in ORDERS}, "ta_show")
    settings = choose(run, "ta", container)
    chosen = ORDERS[order](predicted)[:SHOWN]
    if not chosen:
        st.info("There are none: every validation image is classified correctly." if correct else "There are none.")
        return
    maps = _maps(run, settings, chosen)
    bound = None if settings is None else bound_of(np.stack(maps))
    mapped = [mapped_image(run, one, each) for one, each in zip(chosen, maps, strict=True)]
    overlay(mapped, key="after-answers", side=132, bound=bound)
    if settings is not None:
        st.caption("Orange: evidence for the class; blue: against it; transparent: none.")
        _logit(run, settings, chosen[0], maps[0])
        _ears(run, settings)


def _maps(
    run: RunArtifacts, settings: AttributionSettings | None, chosen: Sequence[Prediction]
) -> Sequence[np.ndarray | None]:
    if settings is None:
        return [None] * len(chosen)
    labels = tuple(one.predicted if settings.label is None else settings.label for one in chosen)
    return list(maps_of_images(run, settings, tuple(one.index for one in chosen), labels))


def mapped_image(run: RunArtifacts, one: Prediction, over: np.ndarray | None = None) -> MappedImage:
    """An image of the dataset with its prediction."""
    data, names = run.data, run.data.classes
    title = f"{names[one.predicted]} {percent(one.probability)}"
    if not one.is_correct:
        title += f" (true: {names[one.label]})"
    boxes = None if data.boxes is None or over is None else (data.boxes[one.index] / data.size).numpy()
    return MappedImage(shown(data, one.index), title, over, one.is_correct, boxes)


def _logit(run: RunArtifacts, settings: AttributionSettings, one: Prediction, over: np.ndarray) -> None:
    """For a class-activation map: its mean and the bias are the logit, in this image's numbers."""
    if settings.method != "CAM":
        return
    network = run.trained
    x_BCHW = network.normalize(run.data.images[one.index : one.index + 1])
    label = one.predicted if settings.label is None else settings.label
    mean, bias = float(over.mean(dtype=np.float64)), float(pooled_head(network.model, x_BCHW).bias[label])
    name = network.classes[label]
    st.caption(f"The mean of the first map plus the bias of “{literal(name)}” gives its logit exactly.")
    with torch.no_grad():
        logit = float(network.model(x_BCHW)[0, label])
    lesson.formula(pooled_logit, printed_sum(mean, bias, logit), LEGEND)


LEGEND = r"$y_c$ = logit of class $c$, $M_c$ = its map of $h \times w$ cells, $b_c$ = its bias in the last layer"


def pooled_logit(mean: float, bias: float) -> float:
    r"""The logit of a class from its class-activation map.

    $$y_c = \frac{1}{hw} \sum_{i, j} M_c(i, j) + b_c$$
    """
    return mean + bias


def printed_sum(mean: float, bias: float, total: float) -> str:
    """A sum in LaTeX with digits enough that what is printed adds up.

    >>> printed_sum(1.2344, -0.3, 0.9344)
    '1.234 - 0.300 = 0.934'
    >>> printed_sum(0.00049, 0.00049, 0.00098)
    '0.0005 + 0.0005 = 0.0010'
    """
    for digits in range(3, 8):
        parts = [round(value * 10**digits) for value in (mean, bias, total)]
        if parts[0] + parts[1] == parts[2]:
            break
    first, second, third = (part / 10**digits for part in parts)
    sign = "-" if second < 0 else "+"
    return f"{first:.{digits}f} {sign} {abs(second):.{digits}f} = {third:.{digits}f}"


def _ears(run: RunArtifacts, settings: AttributionSettings) -> None:
    """Where it is known what distinguishes the classes: how much of the maps lies there."""
    if run.data.boxes is None:
        return
    game = _pointing_game(run, settings)
    if not game.images:
        st.caption("No map has a positive cell: there is nothing to compare with the ears.")
        return
    st.markdown(
        "Only the ears distinguish these faces, and their boxes are known (white frames). Over "
        f"{game.images:,} validation images, **{percent(game.inside)}** of the positive evidence lies inside "
        f"the boxes, which cover **{percent(game.chance)}** of an image: **{game.times_chance:.2f} times** as "
        f"much as for a uniform map. In {percent(game.peaks)} of the images the maximum is on an ear."
    )


@st.cache_data(max_entries=32, show_spinner="Comparing with the ears …")
def _pointing_game(run: RunArtifacts, settings: AttributionSettings) -> PointingGame:
    chosen = sorted(run.predictions, key=lambda one: one.index)[:POINTED]
    maps, data = _maps(run, settings, chosen), run.data
    boxes = data.boxes[[one.index for one in chosen]]
    return pointing_game(torch.from_numpy(np.stack(maps)), boxes, data.size)
