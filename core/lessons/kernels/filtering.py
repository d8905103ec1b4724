"""A kernel over a picture, by PyTorch: what the page shows is what `nn.Conv2d` gives.

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
HALF, NONE, BY_HAND = "half the kernel", "none", "by hand"
APART, ADDED = "kept apart", "added up"


@dataclass(frozen=True)
class Sweep:
    """How a kernel runs over a picture, in nn.Conv2d's words."""

    stride: int = knob(1, 1, 4, label="Stride", help="How far the kernel steps, in pixels.")
    dilation: int = knob(1, 1, 4, label="Dilation", help="1: its weights touch; 2: one pixel is skipped between them.")
    padding: str = knob(
        NONE,
        choices=(NONE, HALF, BY_HAND),
        label="Padding",
        help="Half the kernel on every side keeps the size at stride 1 (odd kernels).",
    )
    cells: int = knob(1, 0, 8, label="Padding by hand", help="Pixels added on each of the four sides.")
    mode: str = knob("zeros", choices=MODES, label="Padding mode", help="What the added pixels hold.")

    def padding_of(self, height: int, width: int) -> tuple[int, int]:
        """The padding, in rows and columns, for a kernel of this height and width.

        >>> Sweep(dilation=2, padding=HALF).padding_of(5, 1)
        (4, 0)
        """
        if self.padding == BY_HAND:
            return self.cells, self.cells
        if self.padding == NONE:
            return 0, 0
        return self.dilation * (height - 1) // 2, self.dilation * (width - 1) // 2


def as_planes(picture: np.ndarray) -> np.ndarray:
    """uint8 (H, W) or (H, W, 3) -> float32 (1, H, W) or (3, H, W) in 0..1."""
    planes = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    return np.ascontiguousarray(planes, dtype=np.float32) / np.float32(255)


def output_sides(height: int, width: int, kernel: tuple[int, int], sweep: Sweep) -> tuple[int, int]:
    """Height and width behind the kernel. Raises ShapeError if it does not fit, or the padding mode forbids it."""
    padding = sweep.padding_of(*kernel)
    for name, side, pad in (("high", height, padding[0]), ("wide", width, padding[1])):
        limit = side - 1 if sweep.mode == "reflect" else side
        if sweep.mode in ("reflect", "circular") and pad > limit:
            raise ShapeError(
                f"{sweep.mode} padding of {pad} needs more pixels than a picture {side} {name} has: "
                f"lower the padding to at most {limit}, or pad with zeros."
            )
    return tuple(
        shapes.conv_output_size(side, k, sweep.stride, pad, sweep.dilation)
        for side, k, pad in zip((height, width), kernel, padding, strict=True)
    )


def convolve(x: np.ndarray, kernels: np.ndarray, sweep: Sweep, channels: str = APART) -> np.ndarray:
    """Run kernels over a picture.

    Args: x (C, H, W); kernels (C, kh, kw), one a channel of the picture. `channels` APART gives y (C, H_out, W_out),
    as `nn.Conv2d(C, C, groups=C)`; ADDED gives y (1, H_out, W_out), as `nn.Conv2d(C, 1)`.
    Raises: ShapeError if the kernel does not fit.
    """
    output_sides(*x.shape[1:], kernels.shape[1:], sweep)
    weight = torch.from_numpy(np.ascontiguousarray(kernels, dtype=np.float32))
    weight = weight[:, None] if channels == APART else weight[None]
    y = _conv2d(torch.from_numpy(x)[None], weight, sweep, groups=len(x) if channels == APART else 1)
    return y[0].numpy()


def feature_maps(x: np.ndarray, kernels: list[np.ndarray], sweep: Sweep) -> np.ndarray:
    """Many kernels over one grey picture: x (1, H, W) -> (K, H_out, W_out), as one `nn.Conv2d(1, K)`.

    Smaller kernels are framed with zeros to the size of the largest, as one layer has one kernel size.
    """
    weight = torch.from_numpy(stacked(kernels).astype(np.float32))[:, None]
    output_sides(*x.shape[1:], weight.shape[2:], sweep)
    return _conv2d(torch.from_numpy(x)[None], weight, sweep)[0].numpy()


def stacked(kernels: list[np.ndarray]) -> np.ndarray:
    """Kernels of different sizes as one stack (K, kh, kw), the smaller ones framed with zeros."""
    height, width = (max(kernel.shape[axis] for kernel in kernels) for axis in (0, 1))
    return np.stack([resized(kernel, height, width) for kernel in kernels])


def relu(y: np.ndarray) -> np.ndarray:
    """`nn.ReLU`: negative answers become 0."""
    return F.relu(torch.from_numpy(y)).numpy()


def pool(y: np.ndarray, kind: str, size: int) -> np.ndarray:
    """`nn.MaxPool2d(size)` or `nn.AvgPool2d(size)` over (K, H, W). Raises ShapeError if no window fits."""
    for side in y.shape[1:]:
        shapes.pool_output_size(side, size)
    function = {"max": F.max_pool2d, "average": F.avg_pool2d}[kind]
    return function(torch.from_numpy(y)[None], size)[0].numpy()


def _conv2d(x: torch.Tensor, weight: torch.Tensor, sweep: Sweep, groups: int = 1) -> torch.Tensor:
    """x (1, C, H, W), weight (O, I, kh, kw) -> (1, O, H_out, W_out), with any padding mode."""
    rows, columns = sweep.padding_of(*weight.shape[2:])
    if sweep.mode != "zeros":
        x, rows, columns = F.pad(x, (columns, columns, rows, rows), mode=sweep.mode), 0, 0
    with torch.inference_mode():
        return F.conv2d(x, weight, None, sweep.stride, (rows, columns), sweep.dilation, groups)
