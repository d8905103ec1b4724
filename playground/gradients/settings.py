"""The controls of both networks of the gradient page, and which parts of the page follow them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from core.knobs import Knob, knobs_of
from core.lessons.gradients import PRESETS, VIEWS, DeepConfig, LayerStatistics, inspect
from playground import controls

OPENING = next(iter(PRESETS.values()))
KNOBS = {
    name: {field: replace(knob, default=getattr(config, field)) for field, knob in knobs_of(DeepConfig).items()}
    for name, config in {"A": OPENING.a, "B": OPENING.b}.items()
}
SEED = Knob(0, 0, 20, help="Of the weights and batches of both networks.")
VIEW = Knob("gradients", choices=VIEWS)
FOLLOWING = ("g-summary", "g-layers-of-both", "g-lines", "g-run-note")  # the parts that every control redraws
MARKED = "g-marked"  # the preset that is marked among the buttons
CHOSEN = "g-chosen"  # the preset whose button was clicked
inspected = st.cache_data(inspect, max_entries=200, show_spinner=False)


class NetworkPair(NamedTuple):
    """Both networks and the seed of their weights and batches."""

    a: DeepConfig
    b: DeepConfig
    seed: int

    @property
    def networks(self) -> dict[str, DeepConfig]:
        return {"A": self.a, "B": self.b}

    def statistics(self) -> dict[str, LayerStatistics]:
        """The figures of each layer of both after a forward and a backward pass."""
        return {name: inspected(config, self.seed) for name, config in self.networks.items()}


def prefix(name: str) -> str:
    """What the keys of a network's controls begin with."""
    return f"g{name.lower()}_"


def draw() -> None:
    """The controls: the seed, then a tab for each network."""
    controls.widget("seed", SEED, "g_seed", on_change=follow)
    tabs = st.tabs([f"Network {name}" for name in KNOBS], key="g_tab", bind=controls.LINK)
    for name, tab in zip(KNOBS, tabs, strict=True):
        with tab:
            controls.edit(DeepConfig, prefix(name), follow, **KNOBS[name])


def current() -> NetworkPair:
    networks = (controls.read(DeepConfig, prefix(name), **knobs) for name, knobs in KNOBS.items())
    return NetworkPair(*networks, controls.value(SEED, "g_seed"))


def choose_preset(name: str) -> None:
    """For a button's `on_click`: draw the controls anew, set to a preset."""
    st.session_state[CHOSEN] = name
    controls.redraw("g-play", "g-run-note")


def apply_chosen_preset() -> None:
    """Set all controls of both networks to the preset just chosen, and show the figures on which its effect is seen.

    In the run that draws them: Streamlit updates browser and address bar with what was set in the same run only.
    """
    if (name := st.session_state.pop(CHOSEN, None)) is None:
        return
    preset = PRESETS[name]
    for network, config in zip(KNOBS, (preset.a, preset.b), strict=True):
        for field in knobs_of(DeepConfig):
            st.session_state[prefix(network) + field] = getattr(config, field)
    st.session_state["g_what"] = preset.view


def follow() -> None:
    """For a control's `on_change`: redraw what follows it, and the buttons only where another one is to be marked."""
    marked = preset_of(current()) == st.session_state.get(MARKED)
    controls.redraw(*FOLLOWING) if marked else controls.redraw("g-presets", *FOLLOWING)


def mark_preset() -> str | None:
    """The preset on the screen, noted as the one that is marked."""
    st.session_state[MARKED] = preset_of(current())
    return st.session_state[MARKED]


def preset_of(pair: NetworkPair) -> str | None:
    """The name of the preset that consists of these networks, if any does."""
    return next((name for name, preset in PRESETS.items() if (preset.a, preset.b) == (pair.a, pair.b)), None)
