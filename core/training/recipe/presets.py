"""Named recipes, and what two configs do not have in common."""

from __future__ import annotations

from dataclasses import dataclass

from core.knobs import knobs_of
from core.optim.precisions import fastest_on_cpu
from core.training.recipe.config import TrainConfig


@dataclass(frozen=True)
class Recipe:
    """A named set of choices, and why one would make them.

    `size` is the image size in pixels that it was made for, None where any will do. One that `hurries`
    computes in bf16 where the CPU is faster so.
    """

    key: str  # short and lasting: it is part of links
    changes: dict
    why: str
    size: int | None = None
    hurries: bool = False

    def config(self) -> TrainConfig:
        """The whole config; what the recipe leaves open has its default."""
        return TrainConfig(**(self.changes | ({"precision": fastest_on_cpu()} if self.hurries else {})))


_TUTORIAL = {
    "network": "Cats and dogs",
    "epochs": 25,
    "batch_size": 128,
    "optimizer": "RMSprop",
    "learning_rate": 0.001,
    "schedule": "Constant",
    "weight_decay": 0.0,
    "flip": True,
    "shift": 0.0,
    "rotation": 36,
    "test_share": 0.1,
}

_STRONG = {
    "network": "Wide ResNet",
    "width": 48,
    "epochs": 110,
    "learning_rate": 0.1,
    "shift": 0.0,
    "crop": 0.5,
    "rotation": 15,
    "brightness": 0.3,
    "contrast": 0.3,
    "saturation": 0.3,
    "erase": 0.5,
    "first_size": 0.65,
    "test_flip": True,
    "test_share": 0.1,
}
_PROBE = {
    "network": "EfficientNet-Lite0, frozen",
    "epochs": 10,
    "optimizer": "AdamW",
    "learning_rate": 0.002,
    "weight_decay": 0.01,
    "flip": False,
    "shift": 0.0,
    "test_share": 0.1,
}
_TUNE = {
    "network": "EfficientNet-Lite0, fine-tuned",
    "epochs": 2,
    "batch_size": 32,
    "optimizer": "AdamW",
    "learning_rate": 0.001,
    "weight_decay": 0.01,
    "shift": 0.05,
    "test_flip": True,
    "test_share": 0.1,
}

RECIPES: dict[str, Recipe] = {
    "Modern baseline": Recipe(
        "now", {"test_share": 0.1}, "A small ResNet with batch normalization and a one-cycle schedule."
    ),
    "Classic tutorial": Recipe(
        "then", _TUTORIAL, "Four convolutions, RMSprop at a constant 0.001, mirroring and rotation by up to 36 degrees."
    ),
    "Best in 5 minutes": Recipe(
        "best",
        _STRONG,
        "A wide ResNet, many epochs with progressive resizing, random crops and colours, and test-time augmentation.",
        size=96,
        hurries=True,
    ),
    "Transfer learning, frozen features": Recipe(
        "probe",
        _PROBE,
        "Frozen features of a network pre-trained on ImageNet; only a linear layer is trained: best for few images.",
        192,
        True,
    ),
    "Transfer learning, fine-tuned": Recipe(
        "tune",
        _TUNE,
        "The same pre-trained network, all of whose layers are trained further; slow on a CPU.",
        192,  # and in fp32: the backward pass of depthwise convolutions in bf16 is slower on CPUs
    ),
}


def differences(config: TrainConfig, other: TrainConfig) -> dict[str, tuple]:
    """What two configs do not have in common: name -> (here, there).

    >>> differences(TrainConfig(), TrainConfig(epochs=3))
    {'epochs': (8, 3)}
    """
    names = dict.fromkeys([*TrainConfig.__annotations__, *knobs_of(TrainConfig)])  # its own before inherited ones
    pairs = {name: (getattr(config, name), getattr(other, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
