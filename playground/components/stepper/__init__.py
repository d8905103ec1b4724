"""The convolution stepper: point at any cell of input, kernel or output and see its sum, forward and backward."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.knobs import knobs_of
from core.lessons.convolution import PRESETS, Stepper
from core.lessons.convolution.config import LONGEST
from playground.components import bundle

_TEXTS = ("x", "w", "b", "picked")  # settings without a control of their own


def _fields() -> dict[str, dict[str, object]]:
    """The settings with their defaults and bounds, as the script wants them."""
    limited = {
        name: {"default": knob.default, "low": knob.low, "high": knob.high, "choices": knob.choices or None}
        for name, knob in knobs_of(Stepper).items()
    }
    return limited | {name: {"default": ""} for name in _TEXTS}


_mount = bundle.component(
    "stepper", FIELDS=_fields(), LONGEST=LONGEST, PRESETS={name: preset.params for name, preset in PRESETS.items()}
)


def stepper(key: str = "stepper") -> Stepper:
    """Show the stepper and return its state; the address bar holds every setting, so that each state is a link."""

    def remember() -> None:
        params = st.session_state[key].get("params")
        if isinstance(params, Mapping):  # a browser can send anything
            st.query_params.from_dict(Stepper.from_params(params).params)

    state = Stepper.from_params(st.query_params.to_dict())
    _mount(data={"params": state.params}, key=key, on_params_change=remember)
    return state
