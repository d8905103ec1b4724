"""Both networks layer by layer: curves that a pointer reads, and the spread of the outputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.lessons import gradients
from core.lessons.gradients import Deep
from playground.charts import gradients as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.gradients import text

COLOURS = {"A": PALETTE[0], "B": PALETTE[1]}


def draw(chosen: Mapping[str, Deep], found: Mapping[str, gradients.Layers], what: str) -> None:
    """One of LOOKS: gradients, outputs, what is dead or flat, how large a step is."""
    deepest = max(config.depth for config in chosen.values())
    layers = np.arange(1, deepest + 1) if deepest > 1 else [1, 2]
    curves(layers, panels(chosen, found, what, deepest), key="g-layers", x_name="layer", start=1)
    st.caption(text.LOOKS[what])


def panels(chosen: Mapping[str, Deep], found: Mapping[str, gradients.Layers], what: str, deepest: int) -> list[Panel]:
    """The two frames of a look; the shallower network's curves end early."""

    def padded(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, np.full(deepest - len(values), np.nan)])

    def lines(field: str) -> list[Line]:
        return [Line(name, padded(getattr(one, field)), COLOURS[name]) for name, one in found.items()]

    if what == "outputs":
        return [Panel("mean of outputs", lines("mean")), Panel("deviation of outputs", lines("deviation"), log=True)]
    if what == "dead or flat":
        shares = {"share of dead units": "dead", "share of flat values": "flat"}
        return [Panel(title, lines(field), low=0, high=1) for title, field in shares.items()]
    weights = Panel("norm of dL/dW", lines("weight_gradient"), log=True)
    if what == "steps":
        return [weights, Panel("step / weight", lines("update"), log=True)]
    allowed = {name: gradients.bound(config, found[name]) for name, config in chosen.items()}
    bounds = [
        Line(f"{name}, activations alone", padded(bound), COLOURS[name], "3 4")
        for name, bound in allowed.items()
        if bound is not None
    ]
    return [weights, Panel("norm of dL/dh", lines("output_gradient") + bounds, log=True)]


def outputs(found: Mapping[str, gradients.Layers]) -> str:
    """The violins of both networks and what they are, as HTML."""
    violins = [
        charts.violins(one.density, one.spread, f"{name}: outputs of each layer", COLOURS[name])
        for name, one in found.items()
    ]
    return "".join([*violins, f'<figcaption class="note" style="flex-basis:100%">{text.VIOLINS}</figcaption>'])
