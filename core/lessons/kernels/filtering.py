"""A kernel applied to an image, by PyTorch: what the page shows is what `nn.Conv2d` gives.

Shapes: x (C, H, W) float in 0..1, kernels (K, kh, kw), y (C_out, H_out, W_out). Padding is per side, (top and bottom,
left and right).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from core import shapes
from core.errors import ShapeError
from core.knobs import knob
from core.lessons.kernels.editing import resized

MODES = ("zeros", "reflect", "replicate", "circular")
HALF, NONE, CUSTOM = "Half the kernel", "None", "Custom"
DEPTHWISE, SUMMED = "Depthwise", "Summed"


@dataclass(frozen=True)
class ConvSettings:
    """How a kernel is applied to an image: the arguments of nn.Conv2d."""

    stride: int = knob(1, 1, 4, label="Stride", help="Step of the kernel, in pixels.")
    dilation: int = knob(1, 1, 4, label="Dilation", help="1: no gaps; 2: one pixel is skipped between weights.")
    padding: str = knob(
        NONE,
        choices=(NONE, HALF, CUSTOM),
        label="Padding",
        help="Half the kernel on every side keeps the size at stride 1 (odd kernels).",
    )
    cells: int = knob(1, 0, 8, label="Padding (pixels)", help="Pixels added on each of the four sides.")
    mode: str = knob("zeros", choices=MODES, label="Padding mode", help="Values of the added pixels.")

    def padding_of(self, height: int, width: int) -> tuple[int, int]:
        """The padding, in rows and columns, for a kernel of this height and width.

        >>> ConvSettings(dilation=2, padding=HALF).padding_of(5, 1)
        (4, 0)
        """
        if self.padding == CUSTOM:
            return self.cells, self.cells
        if self.padding == NONE:
            return 0, 0
        return self.dilation * (height - 1) // 2, self.dilation * (width - 1) // 2


def as_planes(picture: np.ndarray) -> np.ndarray:
    """uint8 (H, W) or (H, W, 3) -> float32 (1, H, W) or (3, H, W) in 0..1."""
    planes = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    return np.ascontiguousarray(planes, dtype=np.float32) / np.float32(255)


def output_sides(height: int, width: int, kernel: tuple[int, int], conv: ConvSettings) -> tuple[int, int]:
    """Height and width of the output. Raises ShapeError if it does not fit, or the padding mode forbids it."""
    padding = conv.padding_of(*kernel)
    for name, side, pad in (("high", height, padding[0]), ("wide", width, padding[1])):
        limit = side - 1 if conv.mode == "reflect" else side
        if conv.mode in ("reflect", "circular") and pad > limit:
            raise ShapeError(
                f"{conv.mode} padding of {pad} does not fit an image {side} pixels {name}: "
                f"lower the padding to at most {limit}, or pad with zeros."
            )
    rows, columns = (
        shapes.conv_output_size(side, k, conv.stride, pad, conv.dilation)
        for side, k, pad in zip((height, width), kernel, padding, strict=True)
    )
    return rows, columns


def convolve(x: np.ndarray, kernels: np.ndarray, conv: ConvSettings, channels: str = DEPTHWISE) -> np.ndarray:
    """Apply kernels to an image.

    Args: x (C, H, W); kernels (C, kh, kw), one per image channel. `channels` DEPTHWISE gives y (C, H_out, W_out),
    as `nn.Conv2d(C, C, groups=C)`; SUMMED gives y (1, H_out, W_out), as `nn.Conv2d(C, 1)`.
    Raises: ShapeError if the kernel does not fit.
    """
    if channels == DEPTHWISE:
        return _conv2d(x, kernels[:, None], conv, groups=len(x))
    return _conv2d(x, kernels[None], conv)


def feature_maps(x: np.ndarray, kernels: list[np.ndarray], conv: ConvSettings) -> np.ndarray:
    """Many kernels applied to one grey image: x (1, H, W) -> (K, H_out, W_out), as one `nn.Conv2d(1, K)`.

    Smaller kernels are zero-padded to the size of the largest, as one layer has one kernel size.
    """
    return _conv2d(x, stacked(kernels)[:, None], conv)


def stacked(kernels: list[np.ndarray]) -> np.ndarray:
    """Kernels of different sizes as one stack (K, kh, kw), the smaller ones zero-padded."""
    height, width = (max(kernel.shape[axis] for kernel in kernels) for axis in (0, 1))
    return np.stack([resized(kernel, height, width) for kernel in kernels])


def relu(y: np.ndarray) -> np.ndarray:
    """`nn.ReLU`: negative values become 0."""
    return F.relu(torch.from_numpy(y)).numpy()


def pool(y: np.ndarray, kind: str, size: int) -> np.ndarray:
    """`nn.MaxPool2d(size)` or `nn.AvgPool2d(size)` over (K, H, W). Raises ShapeError if no window fits."""
    for side in y.shape[1:]:
        shapes.pool_output_size(side, size)
    maps = torch.from_numpy(y)[None]
    pooled = F.max_pool2d(maps, size) if kind == "Max" else F.avg_pool2d(maps, size)
    return pooled[0].numpy()


def _conv2d(x: np.ndarray, weight: np.ndarray, conv: ConvSettings, groups: int = 1) -> np.ndarray:
    """x (C, H, W), weight (O, I, kh, kw) -> (O, H_out, W_out), with any padding mode."""
    _, height, width = x.shape
    _, _, *kernel = weight.shape
    output_sides(height, width, (kernel[0], kernel[1]), conv)
    image = torch.from_numpy(x)[None]
    rows, columns = conv.padding_of(*kernel)
    if conv.mode != "zeros":
        image, rows, columns = F.pad(image, (columns, columns, rows, rows), mode=conv.mode), 0, 0
    with torch.inference_mode():
        filters = torch.from_numpy(np.ascontiguousarray(weight, dtype=np.float32))
        return F.conv2d(image, filters, None, conv.stride, (rows, columns), conv.dilation, groups)[0].numpy()
