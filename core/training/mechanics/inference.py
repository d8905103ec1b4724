"""From normalized images to log-probabilities."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def log_probabilities(model: nn.Module, x: Tensor, mirrored: bool = False) -> Tensor:
    """Logarithms of the probabilities of each class: (B, ...) -> float32 (B, K).

    `mirrored` takes the mean of the probabilities of an image (B, C, H, W) and of its mirror image.
    """
    own = model(x).float().log_softmax(1)
    if not mirrored:
        return own
    return torch.logaddexp(own, model(x.flip(3)).float().log_softmax(1)) - math.log(2)
