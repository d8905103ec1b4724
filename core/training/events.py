"""What a run says while it goes on. Frozen, and made of plain numbers only, so that they travel."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


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
    test_images: int = 0  # that nothing looks at
    setting: tuple[str, ...] = ()  # threads or GPU, precision, memory layout: what speed and last bits depend on


@dataclass(frozen=True)
class Step:
    """One batch. Loss and accuracy are those of the batch before its update.

    Where pictures are mixed, the heavier label is the right one.
    """

    epoch: int  # counted from 1
    step: int  # counted from 1 over the whole run
    loss: float
    accuracy: float
    learning_rate: float
    seen: int  # training pictures so far in this run, each as often as it was seen


@dataclass(frozen=True)
class Layer:
    """Lengths (2-norms) of one weight tensor, its gradient, and its update as a share of the weight."""

    name: str
    weight_norm: float
    gradient_norm: float
    update_ratio: float


@dataclass(frozen=True)
class Snapshot:
    """A look inside between two steps: what the watched validation pictures are taken for, and how layers move."""

    step: int
    watched: tuple[int, ...]  # indices of pictures in the data set
    probabilities: tuple[tuple[float, ...], ...]  # (watched, classes)
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Epoch:
    """Every training picture was seen once more. Training figures are means over the epoch's augmented batches."""

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    confusion: tuple[tuple[int, ...], ...]  # (true class, predicted class), validation pictures
    images_per_second: float  # training pictures over the time spent training; validation is not in it


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


Event = Began | Step | Snapshot | Epoch | Done
KINDS: dict[str, type] = {kind.__name__: kind for kind in (Began, Step, Snapshot, Epoch, Done)}


def to_dict(event: Event) -> dict:
    """The event as plain lists, numbers and strings; `kind` says which it is."""
    return {"kind": type(event).__name__, **dataclasses.asdict(event)}


def from_dict(values: dict) -> Event:
    """The inverse of `to_dict`, also after a trip through JSON or msgpack.

    >>> step = Step(1, 3, 0.5, 0.75, 0.1, 192)
    >>> from_dict(to_dict(step)) == step
    True
    """
    fields = {name: _frozen(value) for name, value in values.items() if name != "kind"}
    if "layers" in fields:
        fields["layers"] = tuple(Layer(**layer) for layer in fields["layers"])
    return KINDS[values["kind"]](**fields)


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value
