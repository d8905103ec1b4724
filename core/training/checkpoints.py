"""A run on disk: two files, written whole or not at all, and read without running anybody's code.

`NAME.pt` is what training goes on from: config, optimizer, average, scaler, best epoch. The weights that predict lie
beside it as `NAME-DIGEST.safetensors`, which other programs read too. The first names the second, and is replaced after
the second is complete: so a reader finds the old pair or the new one. Generators need not be kept: random numbers are
a function of the step (`core.training.seeding`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.datasets.cachedir import replacing
from core.errors import DataError
from core.training.batches import ImageNormalization
from core.training.loop import Trainer
from core.training.mechanics.learner import log_probabilities
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import build_network


def save(trainer: Trainer, path: Path) -> None:
    """Write the run's state and all that a prediction needs."""
    from safetensors.torch import save as as_bytes

    about = {
        "config": dataclasses.asdict(trainer.config),
        "classes": list(trainer.classes),
        "size": trainer.size,
        "mean": list(trainer.normalize.mean),
        "std": list(trainer.normalize.std),
        "step": trainer.step,
    }
    weights = as_bytes(plain_weights(trainer.predictor), {name: json.dumps(value) for name, value in about.items()})
    beside = path.with_name(f"{path.stem}-{hashlib.sha256(weights).hexdigest()[:16]}.safetensors")
    with replacing(beside) as file:
        file.write(weights)
    with replacing(path) as file:
        torch.save({"about": about, "weights": beside.name, "state": trainer.state()}, file)
    for old in path.parent.glob(f"{path.stem}-*.safetensors"):
        if old != beside:
            old.unlink(missing_ok=True)


def plain_weights(model: nn.Module) -> dict[str, Tensor]:
    """The state dict as safetensors wants it: on the CPU, rows one after the other, no memory shared."""
    return {name: value.detach().cpu().contiguous().clone() for name, value in model.state_dict().items()}


def resume(trainer: Trainer, path: Path) -> None:
    """Go on from the checkpoint at `path`.

    Raises: DataError if it belongs to another config or other classes.
    """
    saved = _read(path)
    if TrainConfig(**saved["about"]["config"]) != trainer.config or saved["about"]["classes"] != list(trainer.classes):
        raise DataError(
            f"the checkpoint {path.name} belongs to another run: start a new one, or use the config it was made with."
        )
    trainer.load_state(saved["state"])


@dataclass(frozen=True)
class TrainedModel:
    """A network with what a prediction needs: its classes, image size and normalization."""

    model: nn.Module
    config: TrainConfig
    classes: tuple[str, ...]
    size: int
    normalize: ImageNormalization
    step: int

    def probabilities(self, images: Tensor) -> Tensor:
        """uint8 (B, 3, size, size) -> float32 (B, K), each row adding up to 1."""
        with torch.no_grad():
            return log_probabilities(self.model, self.normalize(images), self.config.test_flip).exp()


def load_trained(path: Path) -> TrainedModel:
    """The network of a checkpoint, ready to predict (in eval mode, on the CPU)."""
    about, weights = _read_weights(path)
    config = TrainConfig(**about["config"])
    model = build_network(config.network, len(about["classes"]), about["size"], config)
    model.load_state_dict(weights)
    normalize = ImageNormalization(tuple(about["mean"]), tuple(about["std"]))
    return TrainedModel(model.eval(), config, tuple(about["classes"]), about["size"], normalize, about["step"])


def _read_weights(path: Path, tries: int = 3) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """A pair that belongs together; again if a run has replaced it in the meantime."""
    from safetensors.torch import load_file

    saved = _read(path)
    try:
        return saved["about"], load_file(path.with_name(saved["weights"]))
    except FileNotFoundError:
        if tries == 1:
            raise
        return _read_weights(path, tries - 1)


def _read(path: Path) -> dict[str, Any]:
    return torch.load(path, map_location="cpu", weights_only=True)
