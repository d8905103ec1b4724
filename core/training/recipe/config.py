"""What a run depends on, besides its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import PlaygroundError
from core.knobs import knob, knobs_of
from core.training.recipe.networks import NETWORKS
from core.training.recipe.optimizers import OPTIMIZERS, SCHEDULES

_RATES = (0.0001, 0.0003, 0.001, 0.002, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 1.0)


@dataclass(frozen=True)
class TrainConfig:
    """The recipe of a run. The same config on the same pictures gives the same weights, bit for bit, on one device.

    `network` is a name of `NETWORKS` or the text of an `nn.Sequential`; `learning_rate` is the highest that the
    schedule reaches; `shift` is a share of the side, `rotation` degrees either way.

    Raises: PlaygroundError if a value is none that training can use.
    """

    network: str = knob("Small residual", choices=tuple(NETWORKS), help="The layers that learn.")
    epochs: int = knob(8, 1, 60, help="How often every training picture is seen.")
    batch_size: int = knob(64, choices=(16, 32, 64, 128, 256), help="Pictures in one step.")
    optimizer: str = knob("Nesterov", choices=tuple(OPTIMIZERS))
    learning_rate: float = knob(0.05, choices=_RATES, help="How far a step goes, at the schedule's highest point.")
    schedule: str = knob("one-cycle", choices=tuple(SCHEDULES), help="How the learning rate changes during the run.")
    weight_decay: float = knob(0.0005, choices=(0.0, 0.0001, 0.0005, 0.001, 0.01, 0.05))
    label_smoothing: float = knob(0.0, 0.0, 0.3, step=0.05, help="Share of the target spread over all classes.")
    flip: bool = knob(True, label="Mirror at random", help="Left and right are exchanged in half of the pictures.")
    shift: float = knob(0.08, 0.0, 0.25, step=0.01, label="Shift at random", help="Share of the side.")
    rotation: int = knob(0, 0, 45, label="Rotate at random (degrees)")
    seed: int = knob(0, 0, 99, help="Start weights, order and augmentation follow from it.")
    val_share: float = knob(0.2, 0.1, 0.5, step=0.05, label="Share kept for validation")
    split_seed: int = knob(1337, 0, 9999, label="Seed of the split")

    def __post_init__(self) -> None:
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        for name, least in {"epochs": 1, "batch_size": 1, "learning_rate": 0, "weight_decay": 0, "seed": 0}.items():
            if not getattr(self, name) >= least:
                raise PlaygroundError(f"{name} is {getattr(self, name)}: it has to be at least {least}.")
        for name in ("label_smoothing", "shift", "val_share"):
            if not 0 <= getattr(self, name) < 1:
                raise PlaygroundError(f"{name} is {getattr(self, name)}: it is a share, from 0 to below 1.")

    @property
    def augments(self) -> bool:
        """Whether the network sees changed pictures while it trains."""
        return self.flip or self.shift > 0 or self.rotation > 0


def _one_of(name: str, value: str, known: dict) -> None:
    if value not in known:
        raise PlaygroundError(f"{name} {value!r} is not known: choose one of {', '.join(known)}.")


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
}

RECIPES: dict[str, Recipe] = {
    "As one would today": Recipe(
        "now", {}, "A small residual network with batch normalization and a one-cycle schedule."
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
    names = knobs_of(TrainConfig)
    pairs = {name: (getattr(config, name), getattr(other, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
