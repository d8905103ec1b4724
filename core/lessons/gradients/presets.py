"""Pairs of networks that differ in exactly one setting, each with the effect it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.lessons.gradients.network import DeepConfig

VIEWS = {"gradients": "Gradients", "outputs": "Outputs", "saturation": "Dead and flat", "updates": "Updates"}


@dataclass(frozen=True)
class NetworkPreset:
    """Two networks, the effect in a sentence that holds for every seed of the page, and which of VIEWS shows it."""

    summary: str
    a: DeepConfig
    b: DeepConfig
    view: str = "gradients"


_KAIMING_SIGMOID = DeepConfig(depth=20, activation="Sigmoid", initialization="Kaiming normal")
_NORMAL_TANH = DeepConfig(depth=20, activation="Tanh", initialization="Normal")
_NORMAL_SIGMOID = DeepConfig(depth=20, activation="Sigmoid", initialization="Normal", learning_rate=0.5)
_SIGMOID = DeepConfig(depth=20, activation="Sigmoid", learning_rate=0.5)
_LARGE_RELU = DeepConfig(depth=30, activation="ReLU", initialization="Kaiming normal", gain=1.5, learning_rate=0.01)
_FAST_RELU = DeepConfig(depth=1, activation="ReLU", initialization="Kaiming normal", learning_rate=5.0, clip=1.0)
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
        "With Xavier initialization each sigmoid layer passes nearly a quarter of the gradient back, with weights of "
        "std 0.05 about a fourteenth: over nineteen layers that makes a billion times and more, and it is still too "
        "little.",
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
        "With weights 1.5× too large, gradient norms exceed 100,000: without clipping the first step diverges; "
        "with clipping it is a short step in the same direction, and training goes on. Train both.",
        _LARGE_RELU,
        replace(_LARGE_RELU, clip=1.0),
        "updates",
    ),
    "Dying ReLU": NetworkPreset(
        "Steps of length 5 push ReLU units below zero for every input, and no gradient brings them back: after 200 "
        "steps at most one of the 32 is alive, and next to nothing is learned (guessing has a loss of ln 10 = 2.30). A "
        "leaky unit always has a small gradient, and the network learns. Train both.",
        _FAST_RELU,
        replace(_FAST_RELU, activation="LeakyReLU"),
        "saturation",
    ),
    "SELU with LeCun": NetworkPreset(
        "SELU keeps the mean near 0 and the std near 1 with LeCun initialization, but not with Kaiming.",
        _LECUN_SELU,
        replace(_LECUN_SELU, initialization="Kaiming normal"),
        "outputs",
    ),
}
