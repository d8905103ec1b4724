"""Both networks layer by layer: curves with a cursor, and violin plots of the outputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from markupsafe import Markup

from core.lessons.gradients import DeepConfig, LayerStatistics, activation_bound
from playground.charts import gradients as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.gradients import text
from playground.gradients.settings import NetworkPair
from playground.markup import element, joined

COLOURS = {"A": PALETTE[0], "B": PALETTE[1]}


def draw(networks: Mapping[str, DeepConfig], statistics: Mapping[str, LayerStatistics], view: str) -> None:
    """One of VIEWS: gradients, outputs, dead units and flat values, or update sizes."""
    deepest = max(config.depth for config in networks.values())
    layers = np.arange(1, deepest + 1) if deepest > 1 else [1, 2]
    curves(layers, panels(networks, statistics, view, deepest), key="g-layers", x_name="layer", start=1)
    st.caption(text.VIEWS[view])


def panels(
    networks: Mapping[str, DeepConfig], statistics: Mapping[str, LayerStatistics], view: str, deepest: int
) -> list[Panel]:
    """The two panels of a view; the curves of the shallower network end early."""

    def padded(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, np.full(deepest - len(values), np.nan)])

    def lines(field: str) -> list[Line]:
        return [Line(name, padded(getattr(one, field)), COLOURS[name]) for name, one in statistics.items()]

    if view == "outputs":
        return [Panel("Mean of the outputs", lines("mean")), Panel("Std of the outputs", lines("std"), log=True)]
    if view == "saturation":
        shares = {"Share of dead units": "dead", "Share of flat values": "saturated"}
        return [Panel(title, lines(field), low=0, high=1) for title, field in shares.items()]
    weights = Panel("Gradient norm ‖∂L/∂W‖", lines("weight_gradient"), log=True)
    if view == "updates":
        return [weights, Panel("Update size ‖ΔW‖ / ‖W‖", lines("update"), log=True)]
    bounds = {name: activation_bound(config, statistics[name]) for name, config in networks.items()}
    dotted = [
        Line(f"{name}, activations alone", padded(bound), COLOURS[name], "3 4")
        for name, bound in bounds.items()
        if bound is not None
    ]
    return [weights, Panel("Gradient norm ‖∂L/∂h‖", lines("output_gradient") + dotted, log=True)]


def violins(pair: NetworkPair, statistics: Mapping[str, LayerStatistics]) -> Markup:
    """The violin plots of both networks and their caption, as HTML."""
    networks = pair.networks
    plots = [_violins(name, networks[name], pair.seed, one) for name, one in statistics.items()]
    return joined([*plots, element("figcaption", text.violins(networks), class_="note", style="flex-basis:100%")])


@st.cache_resource(max_entries=200, show_spinner=False)  # text, which nobody changes
def _violins(name: str, config: DeepConfig, seed: int, _statistics: LayerStatistics) -> Markup:
    """One network's plot: a control moves one of the two networks, and the other's stays."""
    title = f"Network {name}: outputs per layer"
    return charts.violins(_statistics.density, _statistics.quantiles, title, COLOURS[name])
