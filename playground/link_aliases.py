"""Old words in shared links: what a control's value was once called, and what it is called now.

A link holds the words that stood on the screen when it was copied. When a word on the screen changes, the old one goes
into this table, and every link of before opens the state that it meant.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.state.session_state_proxy import get_session_state

from core import old_names

_DRAWN = {"Light meets dark, drawn": "Step edge (drawn)", "The letter X, drawn": "Letter X (drawn)"}
_SALT = {"salt and pepper": "Salt and pepper"}
_HIDDEN_INPUT = {"photograph": "Photograph", "noise": "Noise", "lone dots": "Single dots", "edge": "Edge"}
_HORIZONTAL_DIFFERENCE = {"Light to dark": "Horizontal difference"}
_MOMENTUM = {"Momentum": "SGD with momentum"}
_RECIPES = ("now", "then", "best", "probe", "tune")
_NETWORK = {
    "kind": {"dense": "Fully connected", "conv": "3×3 conv"},
    "norm": {"none": "None", "batch": "Batch", "layer": "Layer", "group": "Group"},
    "loss": {"cross-entropy": "Cross-entropy", "squared error": "Mean squared error"},
}
_FLAT = {"dead or flat": "Dead and flat", "Saturation": "Dead and flat"}
_VIEWS = {"gradients": "Gradients", "outputs": "Outputs", "steps": "Updates"} | _FLAT
_COARSER = {  # beyond 5 the steps of this slider were of a tenth once
    f"{sign}{tenths / 10}": f"{sign}{round(tenths / step) * step / 10}"
    for sign in ("-", "")
    for step, counts in ((5, range(51, 100)), (10, range(101, 200)))
    for tenths in counts
    if tenths % step
}

# page file -> key in the address bar -> {the old word: the word of today}, both as the address writes them
ALIASES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "kernels": {
        "part": {
            "A first CNN block": "A first conv block",
            "Against noise": "Denoising",
            "The hidden kernel": "Find the hidden kernel",
        },
        "p_pic": _DRAWN,
        "k": {"By hand": "Custom"} | _HORIZONTAL_DIFFERENCE,
        "w_padding": {"by hand": "Custom", "half the kernel": "Half the kernel", "none": "None"},
        "c_channels": {"added up": "Summed", "kept apart": "Depthwise"},
        "c_second": {"none": "None", "the same, turned by 90°": "The same, rotated by 90°"} | _HORIZONTAL_DIFFERENCE,
        "c_how": {"magnitude": "Magnitude", "angle": "Angle", "sum": "Sum", "difference": "Difference"},
        "seen": {"red": "Red", "green": "Green", "blue": "Blue"},
        "p_noise": {"none": "None"} | _SALT,
        "show": {"what fits": "Automatic", "signed colour": "Signed", "brightness": "Brightness"},
        "b_pic": _DRAWN,
        "bl_bank": {
            "Edges, eight ways": "Edges in 8 directions",
            "Stripes, eight ways": "Stripes in 8 directions",
            "Coarse to fine": "Coarse to fine stripes",
            "A bit of everything": "Mixed",
        },
        "bl_pool": {"max": "Max", "average": "Average", "none": "None"},
        "n_noise": _SALT,
        "n_filter": {"nothing": "None", "mean": "Mean", "median": "Median"},
        "r_picture": _HIDDEN_INPUT,
        "d_picture": _HIDDEN_INPUT,
    },
    "convolution": {"picture": {"checker": "checkerboard"}, "weights": {"count": "ramp"}},
    "dense_to_conv": {"dc_kernel": {"Nine different": "1 to 9"}, "dc_ch": {"grey": "Grey", "colour": "Colour"}},
    "pooling": {},
    "upsampling": {"up_weights": {"even": "Uniform", "bilinear": "Bilinear", "random": "Random"}},
    "activations": {
        "ac_l_goal": {"leaky line, slope 0.4": "Leaky ReLU, slope 0.4", "absolute value": "Absolute value"},
        "ac_between": {"none": "None"},
    },
    "gradients": {"g_what": _VIEWS}
    | {f"{network}_{key}": words for network in ("ga", "gb") for key, words in _NETWORK.items()},
    "inspect_network": {"oc_from": {"My pictures": "My images"}, "sm_change": _COARSER},
    "initialization": {"in_f_kind": {"linear": "Fully connected", "conv": "Conv"}},
    "optimizers": dict.fromkeys(("op_names", "op_one", "op_r_names", "op_f_one"), _MOMENTUM),
    "normalization": {
        "part": {
            "Where to put it": "Order in a block",
            "Train and eval": "Train vs. eval",
            "Folding": "Folding into the convolution",
        },
        "nm_numbers": {"random": "Random", "photographs": "Photographs", "own values": "Own values"},
        "nb_channel": {"all": "All"},
        "np_what": {
            "gradients": "Gradients",
            "dead": "Dead units",
            "flat": "Flat values",
            "Saturated values": "Flat values",
        },
        "np_who": {"the orders": "All orders", "the claim": "A popular claim"},
    },
    "dropout": {"dm_cell": {"the middle": "Centre", "a corner": "Corner"}},
    "augmentation": {
        "part": {
            "Nine draws": "Random samples",
            "Signs turned over": "Letters and digits",
            "Two in one": "MixUp & CutMix",
            "What it costs": "Speed",
        },
        "au_pic": {
            "A drawn cat or dog": "Drawn cat or dog",
            "A handwritten digit": "Handwritten digit",
            "A letter": "Printed letter",
            "My own file": "Your own image",
        },
        "ag_signs": {"letters": "Letters", "digits": "Digits"},
        "am_pair": {"cat and dog": "Cat and dog", "chelsea and flower": "Chelsea and flower"},
    },
    "calculator": {
        "ca_opt": {"SGD with Nesterov momentum": "Nesterov"},
        "ca_net": {"Your own": "Your own code"},
        "ca_tab": {
            "What it sees": "Receptive field",
            "Find a layer": "Layer solver",
            "Classic summary": "torchinfo summary",
        },
        "ca_shard": {
            "Optimizer (ZeRO-1)": "Optimizer state (ZeRO-1)",
            "and gradients (ZeRO-2)": "State, gradients (ZeRO-2)",
            "and weights (FSDP, ZeRO-3)": "State, gradients, weights (FSDP)",
        },
        "ca_inpl": {"as written": "As written", "all in place": "All in place", "none in place": "None in place"},
        "ca_loss": {
            "by the output's shape": "Automatic",
            "cross-entropy of classes (second axis)": "Cross-entropy",
            "binary cross-entropy of logits": "Binary cross-entropy with logits",
            "mean squared error": "Mean squared error",
        },
    },
    "training": {
        "tr": old_names.OLD_RECIPES,
        **{
            f"t{recipe}_{setting}": names
            for recipe in _RECIPES
            for setting, names in old_names.OLD_NAMES.items()
            if names
        },
        "ta_show": {
            "Surest mistakes": "Most confident errors",
            "Least sure": "Least confident",
            "Surest and right": "Most confident correct",
        },
        "ta_doubt": {"Unlike others": "Outlier score"},
        **{key: {"nothing": "None"} for key in ("ta_how", "to_how")},
        **{key: {"what it answers": "Predicted class"} for key in ("ta_for", "to_for")},
    },
}


def apply(page: str) -> None:
    """Put today's words into the address of a page that was opened with old ones, before a control reads it.

    A control that is bound to the address takes its first value from what the address held when the page was opened, so
    that is told as well.
    """
    linked = {key: st.query_params.get_all(key) for key in ALIASES.get(page, {})}
    with get_session_state().query_params() as address:
        old = {key: words for key, words in linked.items() if not address.is_bound(key)}
        today = {key: [ALIASES[page][key].get(word, word) for word in words] for key, words in old.items()}
        if today != old:
            address.update(today)
            address.set_initial_query_params_from_current()


def put(key: str, word: str) -> None:
    """Put a word into the address for a control that is not drawn yet, as if the page had been opened with it."""
    with get_session_state().query_params() as address:
        if not address.is_bound(key):
            address.update({key: [word]})
            address.set_initial_query_params_from_current()
