"""The events of a run. Frozen, and made of plain numbers only, so that they travel between processes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.training.confusion import ConfusionMatrix


@dataclass(frozen=True)
class Began:
    """The run is ready for its first step, or for the first one after it was resumed (`step` > 0)."""

    step: int
    steps: int  # of the whole run
    steps_per_epoch: int
    train_images: int
    val_images: int
    parameters: int
    device: str
    test_images: int = 0
    setting: tuple[str, ...] = ()  # threads or GPU, precision, memory layout: what speed and last bits depend on


@dataclass(frozen=True)
class TrainingStep:
    """One batch. Loss and accuracy are those of the batch before its update.

    Where images are mixed (mixup, CutMix), the heavier label counts as the true one.
    """

    epoch: int  # counted from 1
    step: int  # counted from 1 over the whole run
    loss: float
    accuracy: float
    learning_rate: float
    seen: int  # training images so far in this run, each as often as it was seen


@dataclass(frozen=True)
class LayerUpdate:
    """Lengths (2-norms) of one weight tensor, its gradient, and its update as a share of the weight."""

    name: str
    weight_norm: float
    gradient_norm: float
    update_ratio: float


@dataclass(frozen=True)
class Snapshot:
    """The state between two steps: predictions for the watched validation images, and the update of each layer."""

    step: int
    watched: tuple[int, ...]  # indices of images in the dataset
    probabilities: tuple[tuple[float, ...], ...]  # (watched, classes)
    layers: tuple[LayerUpdate, ...]


@dataclass(frozen=True)
class Epoch:
    """Every training image was seen once more. Training figures are means over the epoch's augmented batches."""

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    confusion: ConfusionMatrix  # (true class, predicted class), validation images
    images_per_second: float  # training images over the time spent training; validation is not in it


@dataclass(frozen=True)
class Done:
    """The run is over: `finished`, `early` (no lower loss lately), `stopped` on request, or `diverged`."""

    reason: str
    epochs: int  # whole epochs trained
    step: int
    val_loss: float
    val_accuracy: float
    images_per_second: float
    seconds: float

    @property
    def has_diverged(self) -> bool:
        """Whether the loss became NaN or infinite: then the network is of no use, and its accuracy means nothing."""
        return self.reason == "diverged"


Event = Began | TrainingStep | Snapshot | Epoch | Done
KINDS: dict[str, type[Event]] = {  # as event logs on disk have them
    "Began": Began,
    "Step": TrainingStep,
    "Snapshot": Snapshot,
    "Epoch": Epoch,
    "Done": Done,
}
_KIND_OF = {event: kind for kind, event in KINDS.items()}


def to_dict(event: Event) -> dict[str, Any]:
    """The event as plain lists, numbers and strings; `kind` says which it is. NaN and infinity, which JSON does not
    have, are None."""
    values = {"kind": _KIND_OF[type(event)], **finite(dataclasses.asdict(event))}
    if isinstance(event, Epoch):
        values["confusion"] = ConfusionMatrix.from_plain(event.confusion).to_plain()
    return values


def finite(value: Any) -> Any:
    """The same with None for every number that is NaN or infinite.

    >>> finite({"loss": float("nan"), "rates": [0.1, float("inf")]})
    {'loss': None, 'rates': [0.1, None]}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    return type(value)(map(finite, value)) if isinstance(value, list | tuple) else value


def from_dict(values: Mapping[str, Any]) -> Event:
    """The inverse of `to_dict`, also after a trip through JSON or msgpack; None becomes NaN.

    >>> step = TrainingStep(1, 3, 0.5, 0.75, 0.1, 192)
    >>> from_dict(to_dict(step)) == step
    True
    """
    fields = {name: _frozen(value) for name, value in values.items() if name not in ("kind", "confusion")}
    if "confusion" in values:
        fields["confusion"] = ConfusionMatrix.from_plain(values["confusion"])
    if "layers" in fields:
        fields["layers"] = tuple(LayerUpdate(**layer) for layer in fields["layers"])
    return KINDS[values["kind"]](**fields)


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _frozen(item) for key, item in value.items()}
    return math.nan if value is None else value
