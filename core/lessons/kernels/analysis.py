"""A kernel analysed: its frequency response, whether it is separable, what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.lessons.kernels.filtering import NONE, ConvSettings, convolve, output_sides
from core.lessons.kernels.registry import tidy


def frequency_response(kernel: np.ndarray, cells: int = 65, dilation: int = 1) -> np.ndarray:
    r"""By what factor the kernel changes a wave of each frequency: float (cells, cells), frequency 0 at the centre.

    $$|H(f_x, f_y)| = \Bigl|\sum_{u,v} w_{u,v}\, e^{-2\pi i d (f_x v + f_y u)}\Bigr|$$

    Frequencies run from -1/2 to 1/2 cycles per pixel along both sides, both ends included; weights are d = `dilation`
    pixels apart.
    """
    frequency = np.linspace(-0.5, 0.5, cells)
    rows, columns = (np.exp(-2j * np.pi * dilation * np.outer(frequency, np.arange(side))) for side in kernel.shape)
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
class KernelCost:
    """Multiplications for one channel of one image: the kernel as it is, as two vectors, as a fully connected layer.

    `columns` are those that the first of the two vectors computes, `outputs` those that the second makes of them.
    """

    direct: int
    separable: int
    dense: int
    columns: int
    outputs: int


def kernel_cost(height: int, width: int, kernel: tuple[int, int], conv: ConvSettings) -> KernelCost:
    r"""Multiplications that one channel costs, each way.

    $$H_{out} W_{out}\, k_h k_w$$

    Separable: a column of weights first (H_out x W outputs), then a row. Dense: every output from every input pixel.
    Raises: ShapeError if the kernel does not fit.
    """
    h_out, w_out = output_sides(height, width, kernel, conv)
    padded_width = width if conv.mode == "zeros" else width + 2 * conv.padding_of(*kernel)[1]
    return KernelCost(
        direct=h_out * w_out * kernel[0] * kernel[1],
        separable=h_out * padded_width * kernel[0] + h_out * w_out * kernel[1],
        dense=height * width * h_out * w_out,
        columns=padded_width,
        outputs=w_out,
    )


@dataclass(frozen=True)
class EdgeResponse:
    """The strongest output (absolute) for three images: a vertical edge, a horizontal edge, and uniform white."""

    vertical: float
    horizontal: float
    uniform: float

    @property
    def only_vertical(self) -> bool:
        """Whether it responds to vertical edges alone, beyond rounding in float32."""
        zero = 1e-5 * max(self.vertical, 1e-3)
        return self.vertical > 1e-3 and self.horizontal < zero and self.uniform < zero


def edge_response(kernels: np.ndarray) -> EdgeResponse:
    """The response of kernels (K, kh, kw), each by itself, to an edge from 0 to 1 either way and to an image of ones.

    The strongest of all of them counts.
    """
    side = 2 * max(kernels.shape[1:])
    vertical = np.zeros((1, side, side), dtype=np.float32)
    vertical[:, :, side // 2 :] = 1
    images = vertical, np.ascontiguousarray(vertical.transpose(0, 2, 1)), np.ones_like(vertical)
    responses = (convolve(np.repeat(x, len(kernels), axis=0), kernels, ConvSettings(padding=NONE)) for x in images)
    return EdgeResponse(*(float(np.abs(response).max()) for response in responses))
