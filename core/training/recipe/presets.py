"""Named recipes, and what two configs do not have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.knobs import knobs_of
from core.old_names import OLD_RECIPES
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
    "width": 32,
    "epochs": 140,
    "learning_rate": 0.1,
    "shift": 0.0,
    "crop": 0.5,
    "rotation": 15,
    "brightness": 0.3,
    "contrast": 0.3,
    "saturation": 0.3,
    "erase": 0.5,
    "first_size": 0.6,
    "test_flip": True,
    "test_share": 0.1,
}
_PROBE = {
    "network": "EfficientNet-Lite0, frozen",
    "epochs": 40,  # after the first they take no time: the features are kept
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


class Recipes(dict[str, Recipe]):
    """Recipes by the names of today. A name that one had before is understood, and never listed.

    >>> RECIPES["Modern baseline"] is RECIPES["From scratch (modern)"], "Modern baseline" in RECIPES
    (True, True)
    """

    def __missing__(self, name: str) -> Recipe:
        if name not in OLD_RECIPES:
            raise KeyError(name)
        return self[OLD_RECIPES[name]]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in OLD_RECIPES

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(OLD_RECIPES.get(name, name), default)

    def of_key(self, key: str) -> Recipe:
        """The recipe with that key. Raises: KeyError if there is none."""
        return {recipe.key: recipe for recipe in self.values()}[key]

    def name_of(self, key: str) -> str:
        """Its name. Raises: KeyError if no recipe has that key."""
        return {recipe.key: name for name, recipe in self.items()}[key]


RECIPES = Recipes(
    {
        "From scratch (modern)": Recipe(
            "now", {"test_share": 0.1}, "A small ResNet with batch normalization and a one-cycle schedule."
        ),
        "From scratch (tutorial)": Recipe(
            "then",
            _TUTORIAL,
            "Four convolutions, RMSprop at a constant 0.001, mirroring and rotation by up to 36 degrees.",
        ),
        "From scratch (wide ResNet)": Recipe(
            "best",
            _STRONG,
            "A wide ResNet, many epochs with progressive resizing, random crops and colours, and test-time "
            "augmentation.",
            size=80,
            hurries=True,
        ),
        "Transfer learning (frozen)": Recipe(
            "probe",
            _PROBE,
            "Frozen features of a network pre-trained on ImageNet; only a linear layer is trained: best for few "
            "images.",
            192,
            True,
        ),
        "Fine-tuning": Recipe(
            "tune",
            _TUNE,
            "Transfer learning in which all layers of the pre-trained network are trained further; slow on a CPU.",
            192,  # and in fp32: the backward pass of depthwise convolutions in bf16 is slower on CPUs
        ),
    }
)


def differences(config: TrainConfig, other: TrainConfig) -> dict[str, tuple]:
    """What two configs do not have in common: name -> (here, there).

    >>> differences(TrainConfig(), TrainConfig(epochs=3))
    {'epochs': (8, 3)}
    """
    names = dict.fromkeys([*TrainConfig.__annotations__, *knobs_of(TrainConfig)])  # its own before inherited ones
    pairs = {name: (getattr(config, name), getattr(other, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
