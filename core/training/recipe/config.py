"""What a run depends on, besides its images."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from core.augmentation.recipe import Augmentations
from core.errors import PlaygroundError
from core.knobs import knob, knobs_of
from core.optim import OPTIMIZERS, get_optimizer, get_precision, get_schedule
from core.optim.precisions import trainable_precisions
from core.optim.schedules import factor_of, trainable_schedules
from core.training.recipe.architecture_options import ArchitectureOptions
from core.training.recipe.networks import NETWORKS

_RATES = (0.0001, 0.0003, 0.001, 0.002, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 1.0)
_LEAST = {"epochs": 1, "batch_size": 1, "accumulate": 1, "learning_rate": 0, "weight_decay": 0, "seed": 0}
_LEAST |= {"clip": 0, "patience": 0}
_MOST_BITS = {"epochs": 63, "split_seed": 63, "batch_size": 31, "accumulate": 31, "patience": 31}
HIGHEST = 1e30  # rates: PyTorch multiplies weights by them in 32 bits
_SHARES = ("label_smoothing", "ema", "val_share", "test_share")


def _from(base: type, name: str, default: Any) -> Any:
    """The knob that `base` has by that name, with another default."""
    return dataclasses.field(
        default=default, metadata={"knob": dataclasses.replace(knobs_of(base)[name], default=default)}
    )


@dataclass(frozen=True)
class TrainConfig(ArchitectureOptions, Augmentations):
    """The recipe of a run. The same config on the same images gives the same weights, bit for bit, on one device.

    It has the knobs of the augmentations and of our own networks' style too. `network` is a name of `NETWORKS`, a
    preset of `core.models` or the text of an `nn.Sequential`; `learning_rate` is the highest that the schedule reaches;
    `clip`, `ema`, `patience` and `test_share` are off at 0.

    Raises: PlaygroundError if a value is none that training can use.
    """

    network: str = knob("Small ResNet", choices=tuple(NETWORKS), help="The architecture.")
    epochs: int = knob(8, 1, 150, help="Passes over all training images.")
    batch_size: int = knob(64, choices=(16, 32, 64, 128, 256), help="Images per step.")
    optimizer: str = knob("Nesterov", choices=tuple(OPTIMIZERS))
    learning_rate: float = knob(0.05, choices=_RATES, help="The highest that the schedule reaches.")
    schedule: str = knob(
        "One-cycle", choices=trainable_schedules(), help="How the learning rate changes during the run."
    )
    weight_decay: float = knob(0.0005, choices=(0.0, 0.0001, 0.0005, 0.001, 0.01, 0.05))
    label_smoothing: float = knob(
        0.0, 0.0, 0.3, step=0.05, help="Share of the target spread uniformly over all classes."
    )
    clip: float = knob(0.0, 0.0, 10.0, step=0.5, label="Gradient clipping (max norm)", help="0 is off.")
    ema: float = knob(
        0.0,
        choices=(0.0, 0.9, 0.98, 0.99, 0.995, 0.999),
        label="EMA of the weights",
        help="Decay of the exponential moving average, with which predictions are made; 0 is off.",
    )
    patience: int = knob(
        0,
        0,
        30,
        label="Early stopping (patience, epochs)",
        help="Stop after so many epochs without a lower validation loss; 0 is off.",
    )
    accumulate: int = knob(
        1,
        1,
        16,
        label="Gradient accumulation steps",
        help="The batch is split into this many parts: less memory, the same step.",
    )
    first_size: float = knob(
        1.0,
        0.3,
        1.0,
        step=0.05,
        label="Progressive resizing: initial size",
        help="Share of the image size at the start; full size is reached after two thirds of the run. 1 is off.",
    )
    test_flip: bool = knob(
        False,
        label="Test-time augmentation (mirror)",
        help="Predictions are averaged over an image and its mirror image.",
    )
    precision: str = knob(
        "fp32",
        choices=trainable_precisions(),
        help="Floating-point format in which layers compute; weights stay fp32. "
        "bf16 is nearly twice as fast on CPUs with AMX or AVX-512 BF16.",
    )
    channels_last: bool = knob(
        True, help="Memory layout of images and feature maps: the channels of a pixel side by side."
    )
    compile: bool = knob(False, help="`torch.compile`: slow to start, then faster where kernels are small.")
    flip: bool = _from(Augmentations, "flip", True)
    shift: float = _from(Augmentations, "shift", 0.08)
    seed: int = knob(0, 0, 99, help="Initial weights, order of the images and augmentation follow from it.")
    val_share: float = knob(0.2, 0.1, 0.5, step=0.05, label="Validation split")
    test_share: float = knob(0.0, 0.0, 0.4, step=0.05, label="Test split", help="Not used until you open it.")
    split_seed: int = knob(1337, 0, 9999, label="Split seed")

    def __post_init__(self) -> None:
        ArchitectureOptions.__post_init__(self)
        Augmentations.__post_init__(self)
        for name, entry_of in (("optimizer", get_optimizer), ("schedule", get_schedule), ("precision", get_precision)):
            object.__setattr__(self, name, entry_of(getattr(self, name)).name)  # runs of before have keys or old names
        factor_of(self.schedule)
        if self.precision not in trainable_precisions():
            raise PlaygroundError(
                f"precision {self.precision!r} is not known to the trainer: choose one of "
                f"{', '.join(trainable_precisions())}."
            )
        for name, least in _LEAST.items():
            if not getattr(self, name) >= least:
                raise PlaygroundError(f"{name} is {getattr(self, name)}: it must be at least {least}.")
        for name, bits in _MOST_BITS.items():
            if getattr(self, name).bit_length() > bits:
                raise PlaygroundError(f"{name} is too large: it must have at most {bits} bits.")
        for name in ("learning_rate", "weight_decay"):
            if not math.isfinite(getattr(self, name)):
                raise PlaygroundError(f"{name} is {getattr(self, name)}: it must be a finite number.")
            if getattr(self, name) > HIGHEST:
                raise PlaygroundError(f"{name} is {getattr(self, name):g}: it must be at most {HIGHEST:g}.")
        for name in _SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise PlaygroundError(f"{name} is {getattr(self, name)}: it must be at least 0 and below 1.")
        if not 0 < self.first_size <= 1:
            raise PlaygroundError(f"first_size is {self.first_size}: it must be above 0 and at most 1.")
        if not self.val_share + self.test_share < 1:
            raise PlaygroundError(
                f"val_share {self.val_share} and test_share {self.test_share} leave nothing to train on: "
                "together they must stay below 1."
            )
