"""Images under a Gaussian of their own, the border mirrored, as kornia blurs them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

LARGE = 256 * 256  # pixels from which on a CPU adds shifted images faster than it convolves


def gaussian_blur(x_BCHW: Tensor, size: int, sigma_B: Tensor) -> Tensor:
    """Each image with a kernel of `size` (odd) by `size` cells and its own standard deviation, in pixels."""
    weights = gaussian_weights(size, sigma_B.to(x_BCHW))
    height, width = x_BCHW.shape[2:]
    along = _added if x_BCHW.device.type == "cpu" and height * width >= LARGE else _convolved
    return along(along(x_BCHW, weights, 3), weights, 2)


def gaussian_weights(size: int, sigma_B: Tensor) -> Tensor:
    """Of a kernel along one axis, (B, size), which add up to 1."""
    offset = torch.arange(size, device=sigma_B.device, dtype=sigma_B.dtype) - size // 2
    weights = torch.exp(-(offset**2) / (2 * sigma_B[:, None] ** 2))
    return weights / weights.sum(-1, keepdim=True)


def _mirrored(x_BCHW: Tensor, weights: Tensor, axis: int) -> Tensor:
    """With so much more on both sides of an axis as the kernel reaches."""
    reach = weights.shape[1] // 2
    return F.pad(x_BCHW, (reach, reach, 0, 0) if axis == 3 else (0, 0, reach, reach), mode="reflect")


def _convolved(x_BCHW: Tensor, weights: Tensor, axis: int) -> Tensor:
    (batch, channels, *_), size = x_BCHW.shape, weights.shape[1]
    kernel = weights.view(batch, 1, *((1, size) if axis == 3 else (size, 1))).repeat_interleave(channels, 0)
    padded = _mirrored(x_BCHW, weights, axis).flatten(0, 1)
    return F.conv2d(padded[None], kernel, groups=batch * channels).view_as(x_BCHW)


def _added(x_BCHW: Tensor, weights: Tensor, axis: int) -> Tensor:
    padded, length = _mirrored(x_BCHW, weights, axis), x_BCHW.shape[axis]
    blurred = torch.zeros_like(x_BCHW)
    for place, weight in enumerate(weights.unbind(1)):
        blurred.addcmul_(padded.narrow(axis, place, length), weight.view(-1, 1, 1, 1))
    return blurred
