"""The same picture into a dense layer and into a convolution: what each costs, and which answer moves along."""

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
    "Nine different": ((1, 2, 3), (4, 5, 6), (7, 8, 9)),
}
SHAPES = ("Letter L", "Cross", "Diagonal stroke", "Square", "Dot")


@dataclass(frozen=True)
class Setup:
    """A square picture of one channel and a 3x3 kernel; the convolution has stride 1 and no padding unless said."""

    size: int = knob(5, 5, 10, label="input side", help="The picture has this many rows and columns.")
    shape: str = knob("Letter L", choices=SHAPES, label="drawing")
    kernel: str = knob("Nine different", choices=tuple(KERNELS), label="kernel")
    padding: int = knob(0, 0, 1, label="padding")
    right: int = knob(1, -2, 2, label="move right", help="By how many cells the picture moves.")
    down: int = knob(0, -2, 2, label="move down")


@dataclass(frozen=True)
class Comparison:
    """Pictures (n, n), answers (m, m), matrices (m * m, n * n), all float64."""

    picture: np.ndarray
    moved: np.ndarray
    conv_matrix: np.ndarray
    dense_matrix: np.ndarray
    answer: np.ndarray
    conv_moved: np.ndarray
    dense_moved: np.ndarray
    followed: np.ndarray  # the answer itself moved: what should come out if nothing but the place changed
    comparable: (
        np.ndarray
    )  # (m, m) bool: cells whose whole window still holds what moved, so that equality may be asked


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


def compare(setup: Setup) -> Comparison:
    """Both layers answer the drawing alike; then the drawing moves."""
    size, padding = setup.size, setup.padding
    side = conv_output_size(size, 3, padding=padding)
    picture = drawing(setup.shape, size)
    moved = shift(picture, setup.down, setup.right)
    conv = convolution_matrix(torch.tensor(KERNELS[setup.kernel], dtype=torch.float64), size, padding=padding)
    dense = dense_like(conv, picture.flatten(), seed=0)

    def answer(matrix: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return (matrix @ x.flatten()).view(side, side)

    before = answer(conv, picture)
    everywhere = shift(torch.ones(side, side), setup.down, setup.right).bool()
    if padding:  # border windows hold zeros that were picture before, or the reverse
        inner = torch.zeros(side, side, dtype=torch.bool)
        inner[1:-1, 1:-1] = True
        everywhere = everywhere & inner & shift(inner.double(), setup.down, setup.right).bool()
    fields = (picture, moved, conv, dense, before, answer(conv, moved), answer(dense, moved))
    return Comparison(*(x.numpy() for x in fields), shift(before, setup.down, setup.right).numpy(), everywhere.numpy())


def followed_cells(comparison: Comparison, answer: np.ndarray) -> tuple[int, int]:
    """How many comparable cells of `answer` equal the moved answer (to rounding), and of how many."""
    same = np.isclose(answer, comparison.followed, atol=1e-9) & comparison.comparable
    return int(same.sum()), int(comparison.comparable.sum())


def dense_parameters(inputs: int, outputs: int, bias: bool = False) -> int:
    r"""Weights of a dense layer.

    $$n_{in} \cdot n_{out} \;(+\; n_{out})$$

    >>> dense_parameters(25, 9), dense_parameters(224 * 224, 1), dense_parameters(32 * 32, 1)
    (225, 50176, 1024)
    """
    return inputs * outputs + outputs * bias


def conv_parameters(in_channels: int, out_channels: int, kernel: int, bias: bool = True) -> int:
    r"""Weights of a convolution: the picture's size is not in it.

    $$(k \cdot k \cdot C_{in} \;(+\; 1)) \cdot C_{out}$$

    >>> conv_parameters(1, 1, 3, bias=False), conv_parameters(1, 5, 3), conv_parameters(3, 5, 3)
    (9, 50, 140)
    """
    return (kernel * kernel * in_channels + bias) * out_channels
