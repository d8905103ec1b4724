"""Pairs of networks that differ in exactly one thing, each telling one story."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.lessons.gradients.network import Deep


@dataclass(frozen=True)
class Story:
    """Two networks, what becomes of them in a sentence, and by which figures that is seen: one of LOOKS."""

    words: str
    a: Deep
    b: Deep
    look: str


LOOKS = ("gradients", "outputs", "dead or flat", "steps")
PRESETS: dict[str, Story] = {}


def _preset(name: str, words: str, a: Deep, look: str = "gradients", **change: object) -> None:
    PRESETS[name] = Story(words, a, replace(a, **change), look)


_SIGMOID = Deep(depth=20, activation="Sigmoid", learning_rate=0.5)
_preset(
    "Sigmoid or ReLU",
    "Twenty sigmoid layers hardly pass any gradient to the first one; twenty ReLU layers do.",
    Deep(depth=20, activation="Sigmoid", initialization="Kaiming normal"),
    activation="ReLU",
)
_preset(
    "Scale of weights",
    "Through weights of deviation 0.05 the signal fades away in twenty tanh layers; through Xavier's it shrinks, and "
    "lives.",
    Deep(depth=20, activation="Tanh", initialization="Normal"),
    "outputs",
    initialization="Xavier normal",
)
_preset(
    "Sigmoid and Xavier",
    "Xavier's weights pass a quarter back through each sigmoid layer, weights of 0.05 a fourteenth: thousands "
    "of millions of times more arrives, and it is still too little.",
    Deep(depth=20, activation="Sigmoid", initialization="Normal", learning_rate=0.5),
    initialization="Xavier normal",
)
_preset("Batch norm", "The same sigmoid layers without and with batch normalization.", _SIGMOID, norm="batch")
_preset(
    "Residuals", "The same sigmoid layers without and with adding each input to its output.", _SIGMOID, residual=True
)
_preset(
    "Explosion and clipping",
    "Weights half as large again, and gradients of tens of thousands: the first step of one blows it up, the "
    "clipped one takes the same direction in a short step and holds. Train both.",
    Deep(depth=30, activation="ReLU", initialization="Kaiming normal", gain=1.5, learning_rate=0.01),
    "steps",
    clip=1.0,
)
_preset(
    "Dying ReLU",
    "Too large a step pushes ReLU units below zero for every input, and no gradient brings them back; a leaky unit "
    "always has a little. Train both.",
    Deep(depth=10, activation="ReLU", initialization="Kaiming normal", learning_rate=1.0, clip=1.0),
    "dead or flat",
    activation="LeakyReLU",
)
_preset(
    "SELU and LeCun",
    "SELU keeps mean 0 and deviation 1 with LeCun's weights and loses them with Kaiming's.",
    Deep(depth=30, activation="SELU", initialization="LeCun normal", learning_rate=0.01),
    "outputs",
    initialization="Kaiming normal",
)
