"""Pairs of networks that differ in exactly one setting, each with the effect it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.lessons.gradients.network import DeepConfig

VIEWS = {"gradients": "Gradients", "outputs": "Outputs", "saturation": "Saturation", "updates": "Updates"}


@dataclass(frozen=True)
class NetworkPreset:
    """Two networks, the effect in a sentence, and which of VIEWS shows it."""

    summary: str
    a: DeepConfig
    b: DeepConfig
    view: str = "gradients"


_KAIMING_SIGMOID = DeepConfig(depth=20, activation="Sigmoid", initialization="Kaiming normal")
_NORMAL_TANH = DeepConfig(depth=20, activation="Tanh", initialization="Normal")
_NORMAL_SIGMOID = DeepConfig(depth=20, activation="Sigmoid", initialization="Normal", learning_rate=0.5)
_SIGMOID = DeepConfig(depth=20, activation="Sigmoid", learning_rate=0.5)
_LARGE_RELU = DeepConfig(depth=30, activation="ReLU", initialization="Kaiming normal", gain=1.5, learning_rate=0.01)
_FAST_RELU = DeepConfig(depth=10, activation="ReLU", initialization="Kaiming normal", learning_rate=1.0, clip=1.0)
_LECUN_SELU = DeepConfig(depth=30, activation="SELU", initialization="LeCun normal", learning_rate=0.01)

PRESETS = {
    "Sigmoid vs. ReLU": NetworkPreset(
        "Twenty sigmoid layers pass hardly any gradient to the first one; twenty ReLU layers do.",
        _KAIMING_SIGMOID,
        replace(_KAIMING_SIGMOID, activation="ReLU"),
    ),
    "Weight scale": NetworkPreset(
        "With weights of std 0.05 the signal fades in twenty tanh layers; with Xavier initialization it shrinks but "
        "survives.",
        _NORMAL_TANH,
        replace(_NORMAL_TANH, initialization="Xavier normal"),
        "outputs",
    ),
    "Sigmoid with Xavier": NetworkPreset(
        "With Xavier initialization each sigmoid layer passes a quarter of the gradient back, with weights of std 0.05 "
        "a fourteenth: billions of times more arrives at the first layer, and it is still too little.",
        _NORMAL_SIGMOID,
        replace(_NORMAL_SIGMOID, initialization="Xavier normal"),
    ),
    "Batch normalization": NetworkPreset(
        "The same sigmoid layers without and with batch normalization.", _SIGMOID, replace(_SIGMOID, norm="batch")
    ),
    "Residual connections": NetworkPreset(
        "The same sigmoid layers without and with residual connections, which add each layer's input to its output.",
        _SIGMOID,
        replace(_SIGMOID, residual=True),
    ),
    "Gradient clipping": NetworkPreset(
        "With weights 1.5× too large, gradients reach tens of thousands: without clipping the first step diverges; "
        "with clipping it is a short step in the same direction, and training goes on. Train both.",
        _LARGE_RELU,
        replace(_LARGE_RELU, clip=1.0),
        "updates",
    ),
    "Dying ReLU": NetworkPreset(
        "Too large a step pushes ReLU units below zero for every input, and no gradient brings them back; a leaky unit "
        "always has a small one. Train both.",
        _FAST_RELU,
        replace(_FAST_RELU, activation="LeakyReLU"),
        "saturation",
    ),
    "SELU with LeCun": NetworkPreset(
        "SELU keeps mean 0 and std 1 with LeCun initialization, but not with Kaiming.",
        _LECUN_SELU,
        replace(_LECUN_SELU, initialization="Kaiming normal"),
        "outputs",
    ),
}
