"""What would go wrong in the course of a run is an error before it starts."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError, ShapeError
from core.training.preparing.input_pipeline import image_size_at
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import on_meta


def validate_config(config: TrainConfig, classes: int, size: int, device: torch.device) -> None:
    """Try the smallest images of the run on the meta device, where they cost nothing.

    Raises: PlaygroundError if images are to grow and the network takes only one size, or if 16 bits would go wrong.
    """
    first_size = image_size_at(0, config.first_size, size)
    in_16_bits = config.precision != "fp32" and device.type == "cpu"
    if first_size == size and not in_16_bits:
        return
    try:
        hook = _check_strided_convolution if in_16_bits else None
        on_meta(config.network, classes, first_size, config, hook)
    except ShapeError:
        if first_size == size:
            raise
        raise PlaygroundError(
            f"the network does not take images of {first_size} instead of {size} pixels, so progressive resizing "
            f"cannot start at {100 * config.first_size:.0f} %: set the initial size (first_size) to 1, or pool to 1×1 "
            "before the first linear layer."
        ) from None


def check_batch_norm(config: TrainConfig, classes: int, size: int, images: int) -> None:
    """Try the smallest pass of the run, of so many images, in training mode, where that is a single one.

    Raises: PlaygroundError if a layer normalizes over the batch and has a single value of each channel.
    """
    if images > 1:
        return
    first_size = image_size_at(0, config.first_size, size)
    model = on_meta(config.network, classes, first_size, config).train()
    try:
        model(torch.empty(1, 3, first_size, first_size, device="meta"))
    except ValueError as error:
        parts = f" in {config.accumulate} parts" if config.accumulate > 1 else ""
        raise PlaygroundError(
            f"A step of this run has a single image to normalize over (batch_size {config.batch_size}{parts}), and "
            f"batch normalization takes more than one value of each channel: use a larger batch or fewer parts. "
            f"PyTorch says: {error}."
        ) from error


def _check_strided_convolution(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    """The CPU kernels of torch 2.13 read stray memory for the weight gradient of such a layer in 16 bits."""
    if isinstance(layer, nn.Conv2d) and max(layer.stride) > 1 < max(layer.kernel_size) and min(inputs[0].shape[2:]) < 2:
        raise PlaygroundError(
            f"a {layer.kernel_size[0]}×{layer.kernel_size[1]} convolution with a stride gets feature maps of a single "
            "cell, whose gradients PyTorch computes wrongly in 16 bits on a CPU: use larger images, or precision fp32."
        )
