"""A run on disk: two files, written whole or not at all, and read without running anybody's code.

`NAME.pt` is what training goes on from: config, optimizer, average, scaler, best epoch. The weights that predict lie
beside it as `NAME-DIGEST.safetensors`, which other programs read too. The first names the second, and is replaced after
the second is complete: so a reader finds the old pair or the new one. What was written is read back before it takes the
place of what was there. Generators need not be kept: random numbers are a function of the step
(`core.training.seeding`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.datasets.cachedir import replace_verified
from core.errors import DataError
from core.training.batches import ImageNormalization
from core.training.loop import Trainer
from core.training.mechanics.learner import log_probabilities
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import build_network
from core.training.recipe.presets import differences

SUFFIX = ".safetensors"


class DamagedCheckpoint(DataError):
    """A file that is no checkpoint, not a whole one, or one of another version of this program."""


def save(trainer: Trainer, path: Path) -> None:
    """Write the run's state and all that a prediction needs.

    Raises: OSError if there is no room or no right to write; what was there before is still there.
    """
    from safetensors.torch import save as as_bytes

    about = {
        "config": dataclasses.asdict(trainer.config),
        "classes": list(trainer.classes),
        "size": trainer.size,
        "mean": list(trainer.normalize.mean),
        "std": list(trainer.normalize.std),
        "step": trainer.step,
        "pictures": trainer.data_digest,
        "split": trainer.split_digest,
    }
    weights = as_bytes(plain_weights(trainer.predictor), {name: json.dumps(value) for name, value in about.items()})
    beside = path.with_name(f"{path.stem}-{hashlib.sha256(weights).hexdigest()[:16]}{SUFFIX}")
    state = io.BytesIO()
    torch.save({"about": about, "weights": beside.name, "state": trainer.state()}, state)
    is_new = not beside.exists()
    replace_verified(beside, weights)
    try:
        replace_verified(path, state.getbuffer())
    except OSError:
        if is_new:  # nothing names it: it only takes room
            beside.unlink(missing_ok=True)
        raise
    for old in path.parent.glob(f"{path.stem}-*{SUFFIX}"):
        if old != beside:
            old.unlink(missing_ok=True)


def plain_weights(model: nn.Module) -> dict[str, Tensor]:
    """The state dict as safetensors wants it: on the CPU, rows one after the other, no memory shared."""
    return {name: value.detach().cpu().contiguous().clone() for name, value in model.state_dict().items()}


def check_path(path: Path) -> None:
    """Whether a checkpoint could be written to `path`: known before a run, not after its first epoch.

    Raises: DataError if it is a folder, or lies in none, or nothing can be written there.
    """
    if not path.name:
        raise DataError(f"{str(path)!r} names no file: give the checkpoint a name such as run.pt.")
    try:
        if path.is_dir():
            raise DataError(f"The checkpoint {path} is a folder: name a file in it, such as {path / 'run.pt'}.")
        if path.exists() and not path.is_file():
            raise DataError(f"The checkpoint {path} is a device, not a file: name another.")
        if not path.parent.is_dir():
            raise DataError(f"There is no folder {path.parent} for the checkpoint {path.name}: make it first.")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}"):
            pass
    except OSError as error:
        raise DataError(f"The checkpoint {path} cannot be written: {error.strerror}.") from error


def resume(trainer: Trainer, path: Path) -> None:
    """Go on from the checkpoint at `path`. The config may have more epochs than the checkpoint's.

    Raises: DataError if it belongs to another config, other images or other classes, DamagedCheckpoint if it cannot
    be read.
    """
    saved = read_checkpoint(path)
    try:
        different = _differences(saved["about"], trainer)
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedCheckpoint(f"The checkpoint {path.name} does not say what it belongs to.") from error
    if different:
        raise DataError(
            f"The checkpoint {path.name} belongs to another run: {'; '.join(different)}. Use what it was made with, "
            "or another file for a new run."
        )
    try:
        trainer.load_state(saved["state"])
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"The checkpoint {path.name} was written by another version of this program."
        raise DamagedCheckpoint(message) from error


def _differences(about: dict[str, Any], trainer: Trainer) -> list[str]:
    """What a checkpoint and a run do not have in common, each in a phrase; older checkpoints know less."""
    pairs = differences(_config(about), trainer.config)
    if pairs.get("epochs", (0, 0))[0] < trainer.config.epochs:
        pairs.pop("epochs", None)  # a longer run
    pairs |= {"classes": (about["classes"], list(trainer.classes)), "image size": (about["size"], trainer.size)}
    unequal = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    phrases = [f"{name} is {_short(there)} there and {_short(here)} here" for name, (there, here) in unequal.items()]
    if phrases:
        return phrases
    if about.get("pictures", trainer.data_digest) != trainer.data_digest:
        return ["it was trained on other images"]
    if about.get("split", trainer.split_digest) != trainer.split_digest:
        return ["its images were split otherwise"]
    return []


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _config(about: dict[str, Any]) -> TrainConfig:
    """Raises: DataError if another version of this program has written it."""
    try:
        return TrainConfig(**about["config"])
    except TypeError as error:
        raise DataError(f"The checkpoint was written by another version of this program: {error}.") from error


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
    """The network of a checkpoint, ready to predict (in eval mode, on the CPU). Raises: DataError if there is none."""
    about, weights = _read_weights(path)
    config = _config(about)
    model = build_network(config.network, len(about["classes"]), about["size"], config)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise DataError(f"The weights beside {path.name} belong to another network.") from error
    normalize = ImageNormalization(tuple(about["mean"]), tuple(about["std"]))
    return TrainedModel(model.eval(), config, tuple(about["classes"]), about["size"], normalize, about["step"])


def _read_weights(path: Path, tries: int = 3) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """A pair that belongs together; again if a run has replaced it in the meantime."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    saved = read_checkpoint(path)
    beside = path.with_name(saved["weights"])
    try:
        return saved["about"], load_file(beside)
    except FileNotFoundError:
        if tries > 1:
            return _read_weights(path, tries - 1)
        raise DamagedCheckpoint(
            f"The weights of {path.name} are missing: {beside.name} has to lie beside it."
        ) from None
    except (SafetensorError, OSError) as error:
        raise DamagedCheckpoint(f"The weights of {path.name} cannot be read from {beside.name}: {error}.") from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What a checkpoint holds: `about` the run, the name of the file with its `weights`, and the `state` of training.

    Raises: DataError if there is none, DamagedCheckpoint that says what the file is instead.
    """
    if not path.exists():
        raise DataError(f"There is no checkpoint {path}.")
    if path.is_file() and path.stat().st_size == 0:
        raise DamagedCheckpoint(f"The checkpoint {path} is empty: delete it, or name another file.")
    try:
        with warnings.catch_warnings(action="ignore"):  # about files that are refused in the end
            saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load has no error of its own: a cut file, a text and a picture raise all kinds
        raise DamagedCheckpoint(
            f"{path} is no checkpoint that can be read, or it is cut off: delete it, or name another file."
        ) from error
    if not isinstance(saved, dict) or not {"about", "weights", "state"} <= saved.keys():
        raise DamagedCheckpoint(f"{path} was not written by this program: name another file for the checkpoint.")
    return saved
