"""Named recipes, and what two configs do not have in common."""

from __future__ import annotations

from dataclasses import dataclass

from core.knobs import knobs_of
from core.training.recipe.config import TrainConfig


@dataclass(frozen=True)
class Recipe:
    """A named set of choices, and why one would make them."""

    key: str  # short and lasting: it is part of links
    changes: dict
    why: str

    def config(self) -> TrainConfig:
        """The whole config; what the recipe leaves open has its default."""
        return TrainConfig(**self.changes)


_TUTORIAL = {
    "network": "Cats and dogs",
    "epochs": 25,
    "batch_size": 128,
    "optimizer": "RMSprop",
    "learning_rate": 0.001,
    "schedule": "constant",
    "weight_decay": 0.0,
    "flip": True,
    "shift": 0.0,
    "rotation": 36,
    "test_share": 0.1,
}

RECIPES: dict[str, Recipe] = {
    "As one would today": Recipe(
        "now", {"test_share": 0.1}, "A small residual network with batch normalization and a one-cycle schedule."
    ),
    "As the tutorial did it": Recipe(
        "then", _TUTORIAL, "Four convolutions, RMSprop at 0.001 throughout, mirrored and rotated by up to 36 degrees."
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
