"""Frozen config dataclasses and registry knobs <-> widgets whose state lives in the address bar."""

from __future__ import annotations

from typing import Any, TypeVar

import streamlit as st

from core.knobs import Knob, knobs_of

Config = TypeVar("Config")
LINK = "query-params"  # every state is a link


def widget(name: str, knob: Knob, key: str, *, disabled: bool = False) -> Any:
    """The widget that fits a knob: a select box, a toggle or a slider. Returns its value.

    `key` is also the name in the address bar, so it is short and never changes. A value that the bounds no longer
    allow (they may depend on other widgets) is moved to the nearest legal one first.
    """
    label = knob.label or name.replace("_", " ").capitalize()
    if key in st.session_state:
        st.session_state[key] = knob.clamp(st.session_state[key])
    common: dict[str, Any] = {"key": key, "help": knob.help, "disabled": disabled, "bind": LINK}
    if knob.choices:
        index = knob.choices.index(knob.default)
        return st.selectbox(label, knob.choices, index=index, **common)
    if isinstance(knob.default, bool):
        return st.toggle(label, value=knob.default, **common)
    if knob.low == knob.high:
        st.slider(label, knob.low, knob.low + 1, knob.low, key=f"{key}-fixed", disabled=True, help=knob.help)
        return knob.low
    return st.slider(label, knob.low, knob.high, knob.default, step=knob.step, **common)


def edit(config: type[Config], prefix: str = "", **limits: Knob) -> Config:
    """A config dataclass from its widgets, one a knob, in order. `limits` replaces the knobs of named fields."""
    values = {name: widget(name, limits.get(name, knob), f"{prefix}{name}") for name, knob in knobs_of(config).items()}
    return config(**values)
