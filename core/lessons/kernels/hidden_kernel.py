"""A hidden kernel, and two ways to find it from its input and its output: least squares and gradient descent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn import functional as F

from core.images import resize, sample
from core.knobs import knob
from core.lessons.experiments import optimizer_step
from core.lessons.kernels.filtering import NONE, ConvSettings, as_planes, convolve
from core.lessons.kernels.preprocessing import grey
from core.optim import get_optimizer

CONVERGED_LOSS = 1e-10  # below, no difference can be seen
STEPS = 3000  # of gradient descent, at most
PHOTOGRAPH, NOISE, DOTS, EDGE = "Photograph", "Noise", "Single dots", "Edge"
PICTURES = (PHOTOGRAPH, NOISE, DOTS, EDGE)
OPTIMIZERS = tuple(get_optimizer(key).name for key in ("sgd", "momentum", "adam"))


@dataclass(frozen=True)
class Puzzle:
    """Which kernel is hidden, and what picture it was applied to."""

    number: int = knob(1, 1, 20, label="Puzzle", help="Each number hides a different kernel.")
    size: int = knob(3, 3, 5, step=2, label="Kernel size")
    picture: str = knob(PHOTOGRAPH, choices=PICTURES, label="Applied to")


@dataclass(frozen=True)
class Descent:
    """What gradient descent learns from, and its optimizer."""

    picture: str = knob(NOISE, choices=PICTURES, label="Learns from")
    optimizer: str = knob("Adam", choices=OPTIMIZERS, label="Optimizer")
    lr: float = knob(0.05, 0.001, 1.0, log=True, label="Learning rate")


@dataclass(frozen=True)
class DescentStep:
    """Gradient descent after `step` steps: the mean squared error, and the kernel (k, k)."""

    step: int
    loss: float
    kernel: np.ndarray


def hidden_kernel(puzzle: Puzzle) -> np.ndarray:
    """Whole numbers from -2 to 2, about half of them 0, never all; float64 (k, k)."""
    rng = np.random.default_rng([puzzle.number, puzzle.size])
    weights = rng.integers(-2, 3, (puzzle.size, puzzle.size)) * (rng.random((puzzle.size, puzzle.size)) < 0.6)
    if not weights.any():
        weights[puzzle.size // 2, puzzle.size // 2] = 1
    return weights.astype(np.float64)


def input_and_output(puzzle: Puzzle) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is not hidden: the picture uint8 (H, W), the same as x (1, H, W) in 0..1, and the output y, unpadded."""
    picture = input_picture(puzzle.picture)
    x = as_planes(picture)
    return picture, x, convolve(x, hidden_kernel(puzzle)[None], ConvSettings(padding=NONE))


def input_picture(name: str, side: int = 64) -> np.ndarray:
    """A picture to apply a kernel to: uint8 (H, W), no side longer than `side`."""
    if name == PHOTOGRAPH:
        return resize(grey(sample("chelsea")), side)
    if name == EDGE:
        return sample("edge")
    if name == NOISE:
        return np.random.default_rng(0).integers(0, 256, (side, side)).astype(np.uint8)
    dots = np.zeros((side, side), dtype=np.uint8)
    dots[7::14, 7::14] = 255
    return dots


def least_squares(x: np.ndarray, y: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    r"""The kernel (size, size) that best maps x to y, and the rank of the system: below size^2 it is not unique.

    $$\hat w = \arg\min_w \sum_i \Bigl(\sum_u x_{i+u} w_u - y_i\Bigr)^2$$

    Each output position is one equation, each weight one unknown.
    Source: Legendre 1805, Nouvelles methodes pour la determination des orbites des cometes.
    """
    windows = np.lib.stride_tricks.sliding_window_view(x[0].astype(np.float64), (size, size))
    solution, _, rank, _ = np.linalg.lstsq(
        windows.reshape(-1, size * size), y.reshape(-1).astype(np.float64), rcond=1e-6
    )
    return solution.reshape(size, size), int(rank)


def condition_number(x: np.ndarray, size: int) -> float:
    """How many times the loss curves less along one direction of the weights than along another; may be infinite.

    The ratio of the largest to the smallest eigenvalue of its Hessian, which for a mean squared error is that of the
    windows of x (1, H, W) and does not depend on the weights. Where it is large, neighbouring pixels are alike.
    """
    windows = np.lib.stride_tricks.sliding_window_view(x[0].astype(np.float64), (size, size)).reshape(-1, size * size)
    strengths = np.linalg.svd(windows, compute_uv=False) ** 2
    return float(strengths[0] / strengths[-1]) if strengths[-1] > 1e-12 * strengths[0] else math.inf


def descend(puzzle: Puzzle, descent: Descent, steps: int = STEPS) -> Iterator[DescentStep]:
    """Gradient descent on the weights of one convolution, from small random ones.

    Yields every step at first and every tenth later; it ends early once the loss has converged.
    """
    _, x, y = input_and_output(replace(puzzle, picture=descent.picture))
    picture, target = torch.from_numpy(x)[None], torch.from_numpy(y)[None]
    generator = torch.Generator().manual_seed(puzzle.number)
    weight = (0.1 * torch.randn(1, 1, puzzle.size, puzzle.size, generator=generator)).requires_grad_()
    optimizer = get_optimizer(descent.optimizer).build([weight], descent.lr)
    for step in range(steps + 1):
        loss = F.mse_loss(F.conv2d(picture, weight), target)
        done = loss.item() < CONVERGED_LOSS or not math.isfinite(loss.item()) or step == steps
        if step <= 60 or step % 10 == 0 or done:
            yield DescentStep(step, loss.item(), weight.detach()[0, 0].double().numpy().copy())
        if done:
            return
        optimizer_step(optimizer, loss)


def output_error(x: np.ndarray, y: np.ndarray, kernel: np.ndarray) -> float:
    """Mean squared error between a kernel's output for x and y; float."""
    return float(np.mean((convolve(x, kernel[None], ConvSettings(padding=NONE)).astype(np.float64) - y) ** 2))
