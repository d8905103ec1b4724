"""The controls of both networks, and what they say to the parts of the page that follow them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from core.knobs import Knob, knobs_of
from core.lessons.gradients import LOOKS, PRESETS, Deep, Layers, inspect
from playground import controls

OPENING = dict(zip("AB", (next(iter(PRESETS.values())).a, next(iter(PRESETS.values())).b), strict=True))
KNOBS = {
    name: {field: replace(knob, default=getattr(start, field)) for field, knob in knobs_of(Deep).items()}
    for name, start in OPENING.items()
}
SEED = Knob(0, 0, 20, label="seed of both")
LOOK = Knob(LOOKS[0], choices=LOOKS)
FOLLOWING = ("g-told", "g-seen", "g-worked", "g-noted")  # the parts of the page that every control redraws
MARKED = "g-marked"  # the story that is marked among the buttons
CHOSEN = "g-chosen"  # the one whose button was clicked
inspected = st.cache_data(inspect, max_entries=200, show_spinner=False)


class Asked(NamedTuple):
    """Both networks and the seed of their weights and batches."""

    a: Deep
    b: Deep
    seed: int

    @property
    def networks(self) -> dict[str, Deep]:
        return {"A": self.a, "B": self.b}

    def found(self) -> dict[str, Layers]:
        """What a forward and a backward pass do to each layer of either."""
        return {name: inspected(config, self.seed) for name, config in self.networks.items()}


def prefix(name: str) -> str:
    """What the keys of a network's controls begin with."""
    return f"g{name.lower()}_"


def draw() -> None:
    """The controls: the seed, then a tab for each network."""
    controls.widget("seed", SEED, "g_seed", on_change=follow)
    for name, tab in zip(KNOBS, st.tabs(list(KNOBS)), strict=True):
        with tab:
            controls.edit(Deep, prefix(name), follow, **KNOBS[name])


def now() -> Asked:
    """What the controls say."""
    networks = (controls.read(Deep, prefix(name), **knobs) for name, knobs in KNOBS.items())
    return Asked(*networks, controls.value(SEED, "g_seed"))


def tell(name: str) -> None:
    """For a button's `on_click`: draw the controls anew, set to a preset."""
    st.session_state[CHOSEN] = name
    controls.redraw("g-play", "g-noted")


def take_up() -> None:
    """Set all controls of both networks to the preset just chosen, and show the figures by which its story is seen.

    In the run that draws them: Streamlit tells the browser and the address bar of what was set in the same run only.
    """
    if (name := st.session_state.pop(CHOSEN, None)) is None:
        return
    story = PRESETS[name]
    for network, config in zip(KNOBS, (story.a, story.b), strict=True):
        for field in knobs_of(Deep):
            st.session_state[prefix(network) + field] = getattr(config, field)
    st.session_state["g_what"] = story.look


def follow() -> None:
    """For a control's `on_change`: redraw what follows it, and the buttons only where another one is to be marked."""
    parts = FOLLOWING if told(now()) == st.session_state.get(MARKED) else ("g-stories", *FOLLOWING)
    controls.redraw(*parts)


def mark() -> str | None:
    """The story on the screen, noted as the one that is marked."""
    st.session_state[MARKED] = told(now())
    return st.session_state[MARKED]


def told(asked: Asked) -> str | None:
    """The name of the preset that is on the screen."""
    return next((name for name, story in PRESETS.items() if (story.a, story.b) == (asked.a, asked.b)), None)
