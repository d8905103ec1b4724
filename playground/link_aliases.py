"""Old words in shared links: what a control's value was once called, and what it is called now.

A link holds the words that stood on the screen when it was copied. When a word on the screen changes, the old one goes
into this table, and every link of before opens the state that it meant.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.state.session_state_proxy import get_session_state

_MOMENTUM = {"Momentum": "SGD with momentum"}
_SCHEDULES = {name.lower(): name for name in ("Constant", "Step", "Exponential", "Cosine", "One-cycle")}
_NETWORK = {
    "kind": {"dense": "Fully connected", "conv": "3×3 conv"},
    "norm": {"none": "None", "batch": "Batch", "layer": "Layer", "group": "Group"},
    "loss": {"cross-entropy": "Cross-entropy", "squared error": "Mean squared error"},
}
_VIEWS = {"gradients": "Gradients", "outputs": "Outputs", "dead or flat": "Saturation", "steps": "Updates"}

# page file -> key in the address bar -> {the old word: the word of today}, both as the address writes them
ALIASES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "kernels": {},
    "convolution": {},
    "dense_to_conv": {},
    "pooling": {},
    "upsampling": {"up_weights": {"even": "Uniform", "bilinear": "Bilinear", "random": "Random"}},
    "activations": {
        "ac_l_goal": {"leaky line, slope 0.4": "Leaky ReLU, slope 0.4", "absolute value": "Absolute value"},
        "ac_between": {"none": "None"},
    },
    "gradients": {"g_what": _VIEWS}
    | {f"{network}_{key}": words for network in ("ga", "gb") for key, words in _NETWORK.items()},
    "initialization": {"in_f_kind": {"linear": "Fully connected", "conv": "Conv"}},
    "optimizers": dict.fromkeys(("op_names", "op_one", "op_r_names", "op_f_one"), _MOMENTUM),
    "normalization": {},
    "dropout": {},
    "augmentation": {},
    "calculator": {"ca_opt": {"SGD with Nesterov momentum": "Nesterov"}},
    "training": {f"t{recipe}_schedule": _SCHEDULES for recipe in ("now", "then", "best", "probe", "tune")},
}


def apply(page: str) -> None:
    """Put today's words into the address of a page that was opened with old ones, before a control reads it.

    A control that is bound to the address takes its first value from what the address held when the page was opened, so
    that is told as well.
    """
    given = {key: st.query_params.get_all(key) for key in ALIASES.get(page, {})}
    with get_session_state().query_params() as address:
        old = {key: words for key, words in given.items() if not address.is_bound(key)}
        today = {key: [ALIASES[page][key].get(word, word) for word in words] for key, words in old.items()}
        if today != old:
            address.update(today)
            address.set_initial_query_params_from_current()
