"""Weights that somebody has downloaded here, read again: safetensors alone, for reading that runs nobody's code.

The file says in its metadata which network it belongs to, for how large images and which classes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import DataError, PlaygroundError
from core.knobs import knobs_of
from core.training.batches import ImageNormalization
from core.training.checkpoints import TrainedModel
from core.training.recipe.architecture_options import ArchitectureOptions
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import MOST_PARAMETERS, build_network, on_meta

MOST_BYTES = 4 * MOST_PARAMETERS + 10_000_000
MOST_HEADER_BYTES = 2_000_000  # names and places of the tensors, and the metadata: ours have some 30,000
PART = 1 << 20  # numbers that are looked at together
LARGEST_IMAGE, MOST_CLASSES = 512, 10_000
OTHERS = {
    b"PK\x03\x04": "a ZIP archive, as torch.save and Keras write; such a file can run anybody's code when it is read",
    b"\x80": "a pickle, which can run anybody's code when it is read",
    b"\x89HDF": "an HDF5 file, as Keras writes",
    b"\x08": "an ONNX model or another Protocol Buffers file",
}
WANTED = "Only safetensors files are read: take weights.safetensors from the Download tab of a finished run"


def read_weights(file: bytes | Path) -> TrainedModel:
    """The network of a file that `core.training.export.weights_bytes` has written, ready to predict.

    The file at a path is mapped: its weights stay there, and take none of the process's own memory.

    Raises: DataError with the reason if it is another kind of file, is damaged, does not say what it belongs to, or
    belongs to another network than it says.
    """
    check_size(len(file) if isinstance(file, bytes) else file.stat().st_size)
    about, weights = _parsed(file)
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
    model = _model(weights, config, len(classes), size)
    return TrainedModel(model.eval(), config, classes, size, normalize, step)


def check_size(size_bytes: int, most_bytes: int = MOST_BYTES) -> None:
    """Raises: DataError if a file is larger than the largest network here."""
    if size_bytes > (most := min(most_bytes, MOST_BYTES)):
        raise DataError(f"The file has {size_bytes:,} bytes, and the limit is {most:,}.")


def _parsed(file: bytes | Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and tensors."""
    from safetensors import SafetensorError
    from safetensors.torch import load, load_file

    header = _header(file)
    try:
        weights = load(file) if isinstance(file, bytes) else load_file(file)
        about = json.loads(header).get("__metadata__", {})
    except (SafetensorError, ValueError, RecursionError) as error:
        raise DataError(f"The file is damaged or cut off: {error}. Download it again.") from error
    return about, weights


def _header(file: bytes | Path) -> bytes:
    """What describes the tensors, before any of it is parsed. Raises: DataError if it is another kind of file."""
    start = _first_bytes(file, 8 + MOST_HEADER_BYTES)
    length = int.from_bytes(start[:8], "little")
    if start[8:9] != b"{":
        kind = next((words for first, words in OTHERS.items() if start.startswith(first)), "no safetensors file")
        raise DataError(f"This is {kind}. {WANTED}.")
    if length > MOST_HEADER_BYTES:
        raise DataError(
            f"The file's list of tensors has {length:,} bytes, and the limit is {MOST_HEADER_BYTES:,}: it belongs to "
            "no network that is trained here."
        )
    return start[8 : 8 + length]


def _first_bytes(file: bytes | Path, count: int) -> bytes:
    if isinstance(file, bytes):
        return file[:count]
    with file.open("rb") as opened:
        return opened.read(count)


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


def _model(weights: Mapping[str, Tensor], config: TrainConfig, classes: int, size: int) -> nn.Module:
    """The network with these very tensors in it. Raises: DataError if they are not those of such a network."""
    model = on_meta(config.network, classes, size, config)
    _check(weights, model.state_dict(), config.network)
    if _holds_other_tensors(model, weights):
        model = build_network(config.network, classes, size, config)
    model.load_state_dict(weights, assign=True)
    return model


def _holds_other_tensors(model: nn.Module, weights: Mapping[str, Tensor]) -> bool:
    """Whether it has numbers that no file holds, so that it has to be built with them."""
    own = {*dict(model.named_parameters()), *dict(model.named_buffers())}
    plain = (value for module in model.modules() for value in vars(module).values())
    return not own <= weights.keys() or any(isinstance(value, Tensor) for value in plain)


def _check(weights: Mapping[str, Tensor], wanted: Mapping[str, Tensor], network: str) -> None:
    """Whether these are the weights of the network, before memory is taken for it. Raises: DataError if not."""
    missing, unknown = sorted(wanted.keys() - weights.keys()), sorted(weights.keys() - wanted.keys())
    if missing or unknown:
        which = f"{missing[0]} is missing" if missing else f"it has no {unknown[0]}"
        raise DataError(f"These are not the weights of the network that the file names ({network}): {which}.")
    for name, value in wanted.items():
        if value.shape != weights[name].shape or value.dtype != weights[name].dtype:
            there, here = (f"{'×'.join(map(str, one.shape)) or 'one'} {one.dtype}" for one in (weights[name], value))
            raise DataError(f"The weights do not fit the network that the file names: {name} is {there}, not {here}.")
        if value.is_floating_point() and not _is_finite(weights[name]):
            raise DataError(f"The weights are of no use: {name} holds values that are NaN or infinite.")


def _is_finite(value: Tensor) -> bool:
    """Part after part, for what is computed in between has the size of a part."""
    return all(bool(torch.isfinite(part).all()) for part in value.reshape(-1).split(PART))
