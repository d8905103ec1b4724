"""The memory format of a network and its images: channels last where that is wished, and safe."""

from __future__ import annotations

import torch
from torch import nn

from core.training.recipe.config import TrainConfig

CHANNELS = 16  # what oneDNN's kernels compute at once with AVX-512, the most of all


def memory_format_of(config: TrainConfig, model: nn.Module, device: torch.device) -> torch.memory_format:
    """That of the weights and of the images of a run on `device`.

    >>> memory_format_of(TrainConfig(), nn.Conv2d(8, 8, 3), torch.device("cpu"))
    torch.channels_last
    >>> memory_format_of(TrainConfig(), nn.Conv2d(8, 8, 1, stride=2), torch.device("cpu"))
    torch.contiguous_format
    """
    is_safe = device.type != "cpu" or not any(map(_corrupts_memory, model.modules()))
    return torch.channels_last if config.channels_last and is_safe else torch.contiguous_format


def _corrupts_memory(layer: nn.Module) -> bool:
    """Whether the gradient of its weights, computed channels last by oneDNN, may end the process.

    For strided 1x1 convolutions of few channels oneDNN 3.12 writes past its workspace (github.com/uxlfoundation/oneDNN,
    issue 6035): the heap is corrupted, and sooner or later malloc notices ("double free or corruption").
    """
    if not isinstance(layer, nn.Conv2d) or set(layer.kernel_size) != {1} or max(layer.stride) == 1:
        return False
    return layer.in_channels // layer.groups < CHANNELS
