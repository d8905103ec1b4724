"""A run on disk: written whole or not at all, and read without running anybody's code."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from core.errors import DataError
from core.training.batches import Normalization
from core.training.loop import Trainer
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import build_network


def save(trainer: Trainer, path: Path) -> None:
    """Write the run's state and all that a prediction needs. A reader sees the old file or the new one, never half."""
    about = {
        "config": dataclasses.asdict(trainer.config),
        "classes": list(trainer.classes),
        "size": trainer.train_images.shape[-1],
        "mean": list(trainer.normalize.mean),
        "std": list(trainer.normalize.std),
    }
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save({"about": about, "state": trainer.state()}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def resume(trainer: Trainer, path: Path) -> None:
    """Go on from the checkpoint at `path`.

    Raises: DataError if it belongs to another config or other classes.
    """
    found = _read(path)
    if TrainConfig(**found["about"]["config"]) != trainer.config or found["about"]["classes"] != list(trainer.classes):
        raise DataError(
            f"the checkpoint {path.name} is of another run: start anew, or give the config it was made with."
        )
    trainer.load_state(found["state"])


@dataclass(frozen=True)
class Trained:
    """A network with what it needs to look at a picture: its classes, picture size and normalization."""

    model: nn.Module
    config: TrainConfig
    classes: tuple[str, ...]
    size: int
    normalize: Normalization
    step: int

    def probabilities(self, images: Tensor) -> Tensor:
        """uint8 (B, 3, size, size) -> float32 (B, K), each row adding up to 1."""
        with torch.no_grad():
            return self.model(self.normalize(images)).softmax(1)


def load_trained(path: Path) -> Trained:
    """The network of a checkpoint, ready to predict (in eval mode, on the CPU)."""
    found = _read(path)
    about, state = found["about"], found["state"]
    config = TrainConfig(**about["config"])
    model = build_network(config.network, len(about["classes"]), about["size"])
    model.load_state_dict(state["model"])
    normalize = Normalization(tuple(about["mean"]), tuple(about["std"]))
    return Trained(model.eval(), config, tuple(about["classes"]), about["size"], normalize, state["step"])


def _read(path: Path) -> dict:
    return torch.load(path, map_location="cpu", weights_only=True)
