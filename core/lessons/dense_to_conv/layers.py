"""The same input into a fully connected layer and a convolution: what each costs, and which output shifts with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.knobs import knob
from core.lessons.dense_to_conv.toeplitz import convolution_matrix, dense_like, shift
from core.shapes import conv_output_size

KERNELS: dict[str, tuple[tuple[int, ...], ...]] = {
    "Diagonal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "Vertical edge": ((1, 0, -1), (1, 0, -1), (1, 0, -1)),
    "Outline": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    "Sum": ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
    "1 to 9": ((1, 2, 3), (4, 5, 6), (7, 8, 9)),
}
SEED = 0  # of the fully connected layer's random weights
SHAPES = ("Letter L", "Cross", "Diagonal stroke", "Square", "Dot")


@dataclass(frozen=True)
class DenseVsConvSetup:
    """A square image of one channel and a 3x3 kernel; the convolution has stride 1."""

    size: int = knob(5, 5, 10, label="Input size", help="Rows and columns of the image.")
    shape: str = knob("Letter L", choices=SHAPES, label="Drawing")
    kernel: str = knob("1 to 9", choices=tuple(KERNELS), label="Kernel")
    padding: int = knob(0, 0, 1, label="Padding")
    right: int = knob(1, -2, 2, label="Shift right", help="By how many cells the drawing is shifted.")
    down: int = knob(0, -2, 2, label="Shift down")


@dataclass(frozen=True)
class DenseVsConv:
    """Images (n, n), outputs (m, m), matrices (m * m, n * n), all float64.

    Both layers give `output` for `image`; the others are for the shifted image. `expected` is the output itself
    shifted; `comparable` (m, m) bool marks cells whose whole window still holds what was there before the shift.
    """

    image: np.ndarray
    shifted_image: np.ndarray
    conv_matrix: np.ndarray
    dense_matrix: np.ndarray
    output: np.ndarray
    conv_output: np.ndarray
    dense_output: np.ndarray
    expected: np.ndarray
    comparable: np.ndarray


def drawing(shape: str, size: int) -> torch.Tensor:
    """A small drawing of ones on zeros, (size, size) float64, with two free cells around it."""
    x = torch.zeros(size, size, dtype=torch.float64)
    low, high, middle = 1, size - 2, size // 2
    if shape == "Letter L":
        x[low : high + 1, low] = 1
        x[high, low : high + 1] = 1
    elif shape == "Cross":
        x[middle, low : high + 1] = 1
        x[low : high + 1, middle] = 1
    elif shape == "Diagonal stroke":
        x[range(low, high + 1), range(low, high + 1)] = 1
    elif shape == "Square":
        x[low : high + 1, [low, high]] = 1
        x[[low, high], low : high + 1] = 1
    else:
        x[middle, middle] = 1
    return x


def compare(setup: DenseVsConvSetup) -> DenseVsConv:
    """Both layers give the same output for the drawing; then it is shifted."""
    size, padding = setup.size, setup.padding
    side = conv_output_size(size, 3, padding=padding)
    image = drawing(setup.shape, size)
    shifted = shift(image, setup.down, setup.right)
    conv = convolution_matrix(torch.tensor(KERNELS[setup.kernel], dtype=torch.float64), size, padding=padding)
    dense = dense_like(conv, image.flatten(), SEED)

    def output_of(matrix: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return (matrix @ x.flatten()).view(side, side)

    output = output_of(conv, image)
    fields = (image, shifted, conv, dense, output, output_of(conv, shifted), output_of(dense, shifted))
    expected, comparable = shift(output, setup.down, setup.right), _comparable(setup, side)
    return DenseVsConv(*(x.numpy() for x in (*fields, expected, comparable)))


def _comparable(setup: DenseVsConvSetup, side: int) -> torch.Tensor:
    """Output cells whose window was inside the image before and after the shift; bool (side, side)."""
    cells = shift(torch.ones(side, side), setup.down, setup.right).bool()
    if setup.padding:  # border windows hold zeros that were image before, or the reverse
        inner = torch.zeros(side, side, dtype=torch.bool)
        inner[1:-1, 1:-1] = True
        cells = cells & inner & shift(inner.double(), setup.down, setup.right).bool()
    return cells


def equivariant_cells(comparison: DenseVsConv, output: np.ndarray) -> tuple[int, int]:
    """How many comparable cells of `output` equal the shifted output (to rounding), and of how many."""
    same = np.isclose(output, comparison.expected, atol=1e-9) & comparison.comparable
    return int(same.sum()), int(comparison.comparable.sum())


def dense_parameters(inputs: int, outputs: int, bias: bool = False) -> int:
    r"""Parameters of a fully connected layer.

    $$P_\text{fc} = n_\text{in} \cdot n_\text{out} \;(+\; n_\text{out})$$

    >>> dense_parameters(25, 9), dense_parameters(224 * 224, 1), dense_parameters(32 * 32, 1)
    (225, 50176, 1024)
    """
    return inputs * outputs + outputs * bias


def conv_parameters(in_channels: int, out_channels: int, kernel: int, bias: bool = True) -> int:
    r"""Parameters of a convolution: the size of the image is not in it.

    $$P_\text{conv} = (k \cdot k \cdot C_\text{in} \;(+\; 1)) \cdot C_\text{out}$$

    >>> conv_parameters(1, 1, 3, bias=False), conv_parameters(1, 5, 3), conv_parameters(3, 5, 3)
    (9, 50, 140)
    """
    return (kernel * kernel * in_channels + bias) * out_channels
