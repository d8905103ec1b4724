"""Weights of a run after a few of its epochs, so that its network can be looked at while it learns.

A snapshot is `epoch-NNNN.safetensors`, in half precision, with the figures of its epoch as metadata. Before the first
step the weights are those that the seed draws, and after the last those of the checkpoint: these two are not kept here.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from core.datasets.cachedir import replacing
from core.errors import DataError
from core.training.checkpoints import SUFFIX, TrainedModel, plain_weights
from core.training.events import Epoch
from core.training.recipe.networks import build_network

MOST_KEPT, MOST_BYTES = 5, 48_000_000  # of one run
START = "epoch-"
ABOUT = "about"


@dataclass(frozen=True)
class WeightSnapshot:
    """The weights after an epoch, in the file at `path`; `correct` of `count` validation images were recognized."""

    path: Path
    epoch: int
    step: int
    correct: int
    count: int


def kept_epochs(epochs: int, size_bytes: int) -> tuple[int, ...]:
    """After which of so many epochs weights of `size_bytes` each are kept: spread evenly, the last not among them.

    >>> kept_epochs(12, 1_000_000)
    (2, 4, 6, 8, 10)
    >>> kept_epochs(3, 1_000_000), kept_epochs(12, 40_000_000), kept_epochs(12, 60_000_000)
    ((1, 2), (6,), ())
    """
    count = max(0, min(MOST_KEPT, MOST_BYTES // max(1, size_bytes), epochs - 1))
    return tuple(part * epochs // (count + 1) for part in range(1, count + 1))


def keep_snapshot(folder: Path, model: nn.Module, event: Epoch, epochs: int) -> WeightSnapshot | None:
    """Keep the weights of `model` in the folder if the epoch is one of those that are kept, else None.

    Raises: OSError if there is no room or no right to write; nothing of it stays.
    """
    if event.epoch not in kept_epochs(epochs, sum(map(_half_bytes, model.state_dict().values()))):
        return None
    from safetensors.torch import save as as_bytes

    correct = sum(count for true, predicted, count in event.confusion.cells if true == predicted)
    count = sum(count for _, _, count in event.confusion.cells)
    snapshot = WeightSnapshot(folder / f"{START}{event.epoch:04}{SUFFIX}", event.epoch, event.step, correct, count)
    figures = {name: value for name, value in dataclasses.asdict(snapshot).items() if name != "path"}
    weights = {name: _halved(value) for name, value in plain_weights(model).items()}
    folder.mkdir(mode=0o700, exist_ok=True)
    with replacing(snapshot.path) as file:
        file.write(as_bytes(weights, {ABOUT: json.dumps(figures)}))
    return snapshot


def weight_snapshots(folder: Path) -> tuple[WeightSnapshot, ...]:
    """The snapshots in a folder, the earliest first; none where there is no folder. One that is damaged is left out."""
    read = (_read_about(path) for path in folder.glob(f"{START}*{SUFFIX}"))
    return tuple(sorted((one for one in read if one is not None), key=lambda one: one.epoch))


def load_snapshot(snapshot: WeightSnapshot, trained: TrainedModel) -> nn.Module:
    """The network of `trained` with the weights of a snapshot, in evaluation mode and float32.

    Raises: DataError if the file is gone, damaged or of another network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    model = build_network(trained.config.network, len(trained.classes), trained.size, trained.config)
    try:
        model.load_state_dict(load_file(snapshot.path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise DataError(f"The weights after epoch {snapshot.epoch} are gone or damaged: choose others.") from error
    return model.eval().requires_grad_(False)


def _read_about(path: Path) -> WeightSnapshot | None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            return WeightSnapshot(path, **json.loads(file.metadata()[ABOUT]))
    except (OSError, SafetensorError, ValueError, TypeError, KeyError):
        return None


def _half_bytes(value: Tensor) -> int:
    return value.numel() * (2 if value.is_floating_point() else value.element_size())


def _halved(value: Tensor) -> Tensor:
    """In half precision, unless it holds what is too large for that."""
    half = value.half() if value.is_floating_point() else value
    return half if torch.isfinite(half).all() or not torch.isfinite(value).all() else value
