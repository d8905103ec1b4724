"""What the network says about pictures that it has never learnt from, and where it looked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
import torch

from core.explain import Pointing, pointing, pooled_head
from core.training.results import Prediction
from playground import controls, lesson
from playground.charts.pictures import bound_of
from playground.components.heatmap_overlay import Laid, overlay
from playground.escaping import literal
from playground.training.evaluation.attribution_controls import Look, choose, maps_of_set, row
from playground.training.evaluation.run_artifacts import Left
from playground.training.pictures import shown

SHOWN = 12
POINTED = 200  # pictures over which it is counted where maps point

ORDERS: dict[str, Callable[[Sequence[Prediction]], list[Prediction]]] = {
    "Surest mistakes": lambda found: sorted((p for p in found if not p.is_right), key=lambda p: -p.probability),
    "Least sure": lambda found: sorted(found, key=lambda p: p.probability),
    "Surest and right": lambda found: sorted((p for p in found if p.is_right), key=lambda p: -p.probability),
}


def show(left: Left) -> None:
    """The pictures of one kind of answer, with a map over each."""
    found = left.found
    right = sum(one.is_right for one in found)
    st.markdown(f"**{right:,} of {len(found):,}** validation pictures are right.")
    with (place := row()):
        order = controls.pick("Show", {name: name for name in ORDERS}, "ta_show")
    look = choose(left, "ta", place)
    chosen = ORDERS[order](found)[:SHOWN]
    if not chosen:
        st.info("There are none: every validation picture is right." if right else "There are none.")
        return
    maps = _maps(left, look, chosen)
    bound = None if look is None else bound_of(np.stack(maps))
    over = [laid(left, one, each) for one, each in zip(chosen, maps, strict=True)]
    overlay(over, key="after-answers", side=132, bound=bound)
    if look is not None:
        st.caption("Orange speaks for the class, blue against it; where the map says nothing, the picture is seen.")
        _sum(left, look, chosen[0], maps[0])
        _ears(left, look)


def _maps(left: Left, look: Look | None, chosen: Sequence[Prediction]) -> Sequence[np.ndarray | None]:
    if look is None:
        return [None] * len(chosen)
    kinds = tuple(one.taken_for if look.kind is None else look.kind for one in chosen)
    return list(maps_of_set(left, look, tuple(one.index for one in chosen), kinds))


def laid(left: Left, one: Prediction, over: np.ndarray | None = None) -> Laid:
    """A picture of the set with what it is taken for."""
    data, names = left.data, left.data.classes
    title = f"{names[one.taken_for]} {one.probability:.1%}"
    if not one.is_right:
        title += f", truly {names[one.label]}"
    boxes = None if data.boxes is None or over is None else (data.boxes[one.index] / data.size).numpy()
    return Laid(shown(data, one.index), title, over, one.is_right, boxes)


def _sum(left: Left, look: Look, one: Prediction, over: np.ndarray) -> None:
    """For a class-activation map: its mean and the bias are the logit, in this picture's numbers."""
    if look.method != "CAM":
        return
    network = left.trained
    x_BCHW = network.normalize(left.data.images[one.index : one.index + 1])
    kind = one.taken_for if look.kind is None else look.kind
    mean, bias = float(over.mean(dtype=np.float64)), float(pooled_head(network.model, x_BCHW).bias[kind])
    name = network.classes[kind]
    st.caption(f"Nothing is lost: the first map's mean and the bias of “{literal(name)}” add up to its logit.")
    with torch.no_grad():
        logit = float(network.model(x_BCHW)[0, kind])
    lesson.formula(pooled_logit, sum_shown(mean, bias, logit))


def pooled_logit(mean: float, bias: float) -> float:
    r"""The logit of a class from its class-activation map.

    $$y_c = \frac{1}{hw} \sum_{i, j} M_c(i, j) + b_c$$
    """
    return mean + bias


def sum_shown(mean: float, bias: float, total: float) -> str:
    """A sum in LaTeX with digits enough that what is printed adds up.

    >>> sum_shown(1.2344, -0.3, 0.9344)
    '1.234 - 0.300 = 0.934'
    >>> sum_shown(0.00049, 0.00049, 0.00098)
    '0.0005 + 0.0005 = 0.0010'
    """
    for digits in range(3, 8):
        parts = [round(value * 10**digits) for value in (mean, bias, total)]
        if parts[0] + parts[1] == parts[2]:
            break
    first, second, third = (part / 10**digits for part in parts)
    sign = "-" if second < 0 else "+"
    return f"{first:.{digits}f} {sign} {abs(second):.{digits}f} = {third:.{digits}f}"


def _ears(left: Left, look: Look) -> None:
    """Where the set knows what to look at: how much of the maps lies there."""
    if left.data.boxes is None:
        return
    found = _pointing(left, look)
    if not found.pictures:
        st.caption("No map has a positive place: there is nothing to compare with the ears.")
        return
    st.markdown(
        f"Only the ears tell these faces apart, and their boxes are known (white frames). Over {found.pictures:,} "
        f"validation pictures, **{found.inside:.1%}** of the evidence for its answer lies inside the boxes, which "
        f"cover **{found.chance:.1%}** of a picture: **{found.times_chance:.2f} times** as much as of a map that knows "
        f"nothing. In {found.peaks:.1%} of the pictures the strongest place is on an ear."
    )


@st.cache_data(max_entries=32, show_spinner="Looking at the ears …")
def _pointing(left: Left, look: Look) -> Pointing:
    chosen = sorted(left.found, key=lambda one: one.index)[:POINTED]
    maps, data = _maps(left, look, chosen), left.data
    boxes = data.boxes[[one.index for one in chosen]]
    return pointing(torch.from_numpy(np.stack(maps)), boxes, data.size)
