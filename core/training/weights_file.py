"""Weights that somebody has downloaded here, read again: safetensors alone, for reading that runs nobody's code.

The file says in its metadata which network it belongs to, for how large images and which classes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from core.errors import DataError, PlaygroundError
from core.knobs import knobs_of
from core.training.batches import ImageNormalization
from core.training.checkpoints import TrainedModel
from core.training.recipe.architecture_options import ArchitectureOptions
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import MOST_PARAMETERS, build_network, on_meta

MOST_BYTES = 4 * MOST_PARAMETERS + 10_000_000
LARGEST_IMAGE, MOST_CLASSES = 512, 10_000
OTHERS = {
    b"PK\x03\x04": "a ZIP archive, as torch.save and Keras write; such a file can run anybody's code when it is read",
    b"\x80": "a pickle, which can run anybody's code when it is read",
    b"\x89HDF": "an HDF5 file, as Keras writes",
    b"\x08": "an ONNX model or another Protocol Buffers file",
}
WANTED = "Only safetensors files are read: take weights.safetensors from the Download tab of a finished run"


def read_weights(content: bytes) -> TrainedModel:
    """The network of a file that `core.training.export.weights_bytes` has written, ready to predict.

    Raises: DataError with the reason if it is another kind of file, is damaged, does not say what it belongs to, or
    belongs to another network than it says.
    """
    check_size(len(content))
    about, weights = _parsed(content)
    try:
        classes, size = tuple(map(str, json.loads(about["classes"]))), int(about["side"])
        mean, std = (_three(about[name]) for name in ("mean", "std"))
        if min(std) <= 0:
            raise DataError(f"The file says that pixels are divided by {min(std):g}: no network was trained so.")
        normalize = ImageNormalization(mean, std)
        config = _config(about)
        step = int(about.get("step", "0"))
    except DataError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"The file does not say which network, classes and image size its weights belong to. {WANTED}."
        ) from error
    if not (2 <= len(classes) <= MOST_CLASSES and 8 <= size <= LARGEST_IMAGE):
        raise DataError(
            f"The file is for {len(classes):,} classes and images of {size:,} pixels: from 2 to {MOST_CLASSES:,} "
            f"classes and from 8 to {LARGEST_IMAGE} pixels are read."
        )
    _check(weights, config, classes, size)
    model = build_network(config.network, len(classes), size, config)
    model.load_state_dict(weights)
    return TrainedModel(model.eval(), config, classes, size, normalize, step)


def check_size(size_bytes: int) -> None:
    """Raises: DataError if a file is larger than the largest network here."""
    if size_bytes > MOST_BYTES:
        raise DataError(f"The file has {size_bytes:,} bytes, and the limit is {MOST_BYTES:,}.")


def _parsed(content: bytes) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and tensors."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    length = int.from_bytes(content[:8], "little")
    is_header = content[8:9] == b"{" and 8 + length <= len(content)
    if not is_header:
        kind = next((words for start, words in OTHERS.items() if content.startswith(start)), "no safetensors file")
        raise DataError(f"This is {kind}. {WANTED}.")
    try:
        weights = load(content)
        about = json.loads(content[8 : 8 + length]).get("__metadata__", {})
    except (SafetensorError, ValueError, RecursionError) as error:
        raise DataError(f"The file is damaged or cut off: {error}. Download it again.") from error
    return about, weights


def _three(text: str) -> tuple[float, ...]:
    """One number a channel. Raises: ValueError."""
    values = tuple(float(value) for value in json.loads(text))
    if len(values) != 3 or not all(torch.isfinite(torch.tensor(values))):
        raise ValueError(f"{text} is not three numbers")
    return values


def _config(about: Mapping[str, str]) -> TrainConfig:
    """The recipe, or that of a file of earlier versions, which said only the network's name.

    Raises: DataError if an option of the architecture is beyond what its control offers.
    """
    values: dict[str, Any] = json.loads(about["config"]) if "config" in about else {"network": about["network"]}
    try:
        config = TrainConfig(**values)
    except PlaygroundError as error:
        raise DataError(f"The recipe in the file is not one of this app: {error}") from error
    for name, knob in knobs_of(ArchitectureOptions).items():
        if knob.clamp(getattr(config, name)) != getattr(config, name):
            raise DataError(f"The recipe in the file is not one of this app: {name} is {getattr(config, name)!r}.")
    return config


def _check(weights: Mapping[str, Tensor], config: TrainConfig, classes: tuple[str, ...], size: int) -> None:
    """Whether these are the weights of the network, before memory is taken for it. Raises: DataError if not."""
    wanted = on_meta(config.network, len(classes), size, config).state_dict()
    missing, unknown = sorted(wanted.keys() - weights.keys()), sorted(weights.keys() - wanted.keys())
    if missing or unknown:
        which = f"{missing[0]} is missing" if missing else f"it has no {unknown[0]}"
        raise DataError(f"These are not the weights of the network that the file names ({config.network}): {which}.")
    for name, value in wanted.items():
        if value.shape != weights[name].shape or value.dtype != weights[name].dtype:
            there, here = (f"{'×'.join(map(str, one.shape)) or 'one'} {one.dtype}" for one in (weights[name], value))
            raise DataError(f"The weights do not fit the network that the file names: {name} is {there}, not {here}.")
        if value.is_floating_point() and not torch.isfinite(weights[name]).all():
            raise DataError(f"The weights are of no use: {name} holds values that are NaN or infinite.")
