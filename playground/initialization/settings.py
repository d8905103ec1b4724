"""The controls of the initialization page."""

from __future__ import annotations

from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS
from core.lessons.initialization.fan_arithmetic import LayerShape
from core.lessons.initialization.signal_propagation import DEPTH_KNOB, KnobValues, LinearStack
from core.lessons.initialization.symmetry import STEPS_KNOB
from playground import controls


def choose_initialization(prefix: str, default: str) -> tuple[str, KnobValues]:
    """One initialization and its knobs."""
    name = controls.pick("Initialization", tuple(INITIALIZATIONS), f"{prefix}name", default=default)
    short = name.split()[0].lower()
    knobs = INITIALIZATIONS[name].knobs.items()
    return name, tuple((key, controls.widget(key, knob, f"{prefix}{short}_{key}")) for key, knob in knobs)


def choose_stack() -> LinearStack:
    """The layers that the signal goes through."""
    return controls.edit(LinearStack, "in_")


def choose_layer() -> LayerShape:
    """The layer whose fans are counted."""
    return controls.edit(LayerShape, "in_f_")


def choose_steps() -> int:
    """How long the hidden units train."""
    return controls.widget("steps", STEPS_KNOB, "in_s_steps")


def choose_depth(key: str) -> int:
    """How many layers."""
    return controls.widget("depth", DEPTH_KNOB, key)


def choose_activation() -> str:
    """The activation between the layers that LSUV scales."""
    return controls.pick("Activation", tuple(ACTIVATIONS), "in_l_act", default="GELU")
