"""What a kernel is, seen from outside: its frequency response, whether it comes apart, what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core import shapes
from core.lessons.kernels.filtering import NONE, Sweep, convolve
from core.lessons.kernels.zoo import tidy


def frequency_response(kernel: np.ndarray, cells: int = 65) -> np.ndarray:
    r"""By what factor the kernel changes a wave of each frequency: float (cells, cells), frequency 0 in the middle.

    $$|H(f_x, f_y)| = \Bigl|\sum_{u,v} w_{u,v}\, e^{-2\pi i (f_x v + f_y u)}\Bigr|$$

    Frequencies run from -1/2 to 1/2 cycles a pixel along both sides, both ends included.
    """
    frequency = np.linspace(-0.5, 0.5, cells)
    rows, columns = (np.exp(-2j * np.pi * np.outer(frequency, np.arange(side))) for side in kernel.shape)
    return np.abs(rows @ kernel @ columns.T)


@dataclass(frozen=True)
class Factors:
    """A kernel as a sum of `rank` outer products; if the rank is 1, `column` and `row` are its two vectors."""

    rank: int
    column: np.ndarray | None
    row: np.ndarray | None


def separate(kernel: np.ndarray) -> Factors:
    r"""The rank of a kernel, and its two vectors if it is an outer product.

    $$w_{u,v} = c_u\, r_v$$

    Vectors: column (kh,) and row (kw,), with column[:, None] * row the kernel. Of the many ways to share a factor, the
    row of a blur sums to 1, and that of a derivative is in whole numbers if it can be, as Sobel's (-1, 0, 1).
    """
    rank = int(np.linalg.matrix_rank(kernel, tol=1e-6 * np.abs(kernel).max()))
    if rank != 1:
        return Factors(rank, None, None)
    strongest = np.unravel_index(np.abs(kernel).argmax(), kernel.shape)
    row = kernel[strongest[0]]
    unit = row.sum() if (kernel >= 0).all() else np.abs(row[np.abs(row) > 1e-6 * np.abs(row).max()]).min()
    row = row / unit
    column = kernel[:, strongest[1]] / row[strongest[1]]
    return Factors(rank, tidy(column), tidy(row))


@dataclass(frozen=True)
class Cost:
    """Multiplications for one channel of one picture: the kernel as it is, as two vectors, as a dense layer."""

    direct: int
    separable: int
    dense: int


def cost(height: int, width: int, kernel: tuple[int, int], sweep: Sweep) -> Cost:
    r"""Multiplications that one channel costs, each way.

    $$H_{out} W_{out}\, k_h k_w$$

    Separable: a column of weights first (H_out x W answers), then a row. Dense: every output from every input pixel.
    Raises: ShapeError if the kernel does not fit.
    """
    pad = sweep.padding_of(*kernel)
    h_out, w_out = (
        shapes.conv_output_size(side, k, sweep.stride, p, sweep.dilation)
        for side, k, p in zip((height, width), kernel, pad, strict=True)
    )
    padded_width = width if sweep.mode == "zeros" else width + 2 * pad[1]
    return Cost(
        direct=h_out * w_out * kernel[0] * kernel[1],
        separable=h_out * padded_width * kernel[0] + h_out * w_out * kernel[1],
        dense=height * width * h_out * w_out,
    )


@dataclass(frozen=True)
class EdgeAnswers:
    """The strongest answer (absolute) to three black and white pictures: upright edge, level edge, and none at all."""

    upright: float
    level: float
    even: float

    @property
    def only_upright(self) -> bool:
        """Whether upright edges alone are answered, beyond what float32 rounds off."""
        silence = 1e-5 * max(self.upright, 1e-3)
        return self.upright > 1e-3 and self.level < silence and self.even < silence


def edge_answers(kernel: np.ndarray) -> EdgeAnswers:
    """What a kernel (kh, kw) answers to an edge from 0 to 1 across it, and to a picture of ones; no padding."""
    side = 2 * max(kernel.shape)
    across = np.zeros((1, side, side), dtype=np.float32)
    across[:, :, side // 2 :] = 1
    pictures = across, np.ascontiguousarray(across.transpose(0, 2, 1)), np.ones_like(across)
    return EdgeAnswers(*(float(np.abs(convolve(x, kernel[None], Sweep(padding=NONE))).max()) for x in pictures))
