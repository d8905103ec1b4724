"""What would go wrong in the course of a run is said before it starts."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError, ShapeError
from core.training.preparing.input_pipeline import side_at
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import on_meta


def check(config: TrainConfig, classes: int, size: int, device: torch.device) -> None:
    """Try the smallest pictures of the run on the meta device, where they cost nothing.

    Raises: PlaygroundError if pictures are to grow and the network takes only one size, or if 16 bits would go wrong.
    """
    side = side_at(0, config.first_size, size)
    in_16_bits = config.precision != "fp32" and device.type == "cpu"
    if side == size and not in_16_bits:
        return
    try:
        on_meta(config.network, classes, side, config, _refuse if in_16_bits else None)
    except ShapeError:
        if side == size:
            raise
        raise PlaygroundError(
            f"the network does not take pictures of {side} instead of {size} cells, so they cannot begin at "
            f"{config.first_size:.0%} of their size: set first_size to 1, or pool to 1x1 before its first linear layer."
        ) from None


def _refuse(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    """The CPU kernels of torch 2.13 read stray memory for the weight gradient of such a layer in 16 bits."""
    if isinstance(layer, nn.Conv2d) and max(layer.stride) > 1 < max(layer.kernel_size) and min(inputs[0].shape[2:]) < 2:
        raise PlaygroundError(
            f"a {layer.kernel_size[0]}x{layer.kernel_size[1]} convolution with a stride meets maps of a single cell, "
            "whose gradients PyTorch gets wrong in 16 bits on a CPU: choose larger pictures, or precision fp32."
        )
