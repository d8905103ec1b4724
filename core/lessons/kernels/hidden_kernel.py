"""A kernel that nobody shows, and two ways to find it from the picture it was given and the picture it made."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn import functional as F

from core.images import resize, sample
from core.knobs import knob
from core.lessons.kernels.filtering import NONE, Sweep, as_planes, convolve
from core.lessons.kernels.preprocessing import grey

SMALL = 1e-10  # a loss at which nobody would see a difference
PHOTOGRAPH, NOISE, DOTS, EDGE = "photograph", "noise", "lone dots", "edge"
PICTURES = (PHOTOGRAPH, NOISE, DOTS, EDGE)
OPTIMIZERS = {
    "SGD": lambda weights, lr: torch.optim.SGD(weights, lr),
    "SGD with momentum": lambda weights, lr: torch.optim.SGD(weights, lr, momentum=0.9),
    "Adam": lambda weights, lr: torch.optim.Adam(weights, lr),
}


CODE = {
    "SGD": "torch.optim.SGD([weight], {lr:g})",
    "SGD with momentum": "torch.optim.SGD([weight], {lr:g}, momentum=0.9)",
    "Adam": "torch.optim.Adam([weight], {lr:g})",
}


@dataclass(frozen=True)
class Riddle:
    """Which kernel is hidden, and what picture it was laid over."""

    number: int = knob(1, 1, 20, label="Riddle", help="Each number hides another kernel.")
    size: int = knob(3, 3, 5, step=2, label="Its size")
    picture: str = knob(PHOTOGRAPH, choices=PICTURES, label="Laid over")


@dataclass(frozen=True)
class Descent:
    """What the search learns from, and how it moves."""

    picture: str = knob(NOISE, choices=PICTURES, label="Learns from")
    optimizer: str = knob("Adam", choices=tuple(OPTIMIZERS), label="Optimizer")
    lr: float = knob(0.05, 0.001, 1.0, log=True, label="Learning rate")


@dataclass(frozen=True)
class Moment:
    """The search after `step` steps: the mean squared error before that step's move, and the kernel (k, k)."""

    step: int
    loss: float
    kernel: np.ndarray


def hidden_kernel(riddle: Riddle) -> np.ndarray:
    """Whole numbers from -2 to 2, about half of them 0, never all; float64 (k, k)."""
    luck = np.random.default_rng([riddle.number, riddle.size])
    weights = luck.integers(-2, 3, (riddle.size, riddle.size)) * (luck.random((riddle.size, riddle.size)) < 0.6)
    if not weights.any():
        weights[riddle.size // 2, riddle.size // 2] = 1
    return weights.astype(np.float64)


def given(riddle: Riddle) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What one may look at: the picture uint8 (H, W), the same as x (1, H, W) in 0..1, and the answer y, unpadded."""
    picture = drawn(riddle.picture)
    x = as_planes(picture)
    return picture, x, convolve(x, hidden_kernel(riddle)[None], Sweep(padding=NONE))


def drawn(name: str, side: int = 64) -> np.ndarray:
    """A picture to lay a kernel over: uint8 (H, W), no side longer than `side`."""
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
    r"""The kernel (size, size) that makes y out of x best, and the rank of the system: below size^2 it is not unique.

    $$\hat w = \arg\min_w \sum_i \Bigl(\sum_u x_{i+u} w_u - y_i\Bigr)^2$$

    Each place of the picture is one equation, each weight one unknown.
    Source: Legendre 1805, Nouvelles methodes pour la determination des orbites des cometes.
    """
    windows = np.lib.stride_tricks.sliding_window_view(x[0].astype(np.float64), (size, size))
    solution, _, rank, _ = np.linalg.lstsq(
        windows.reshape(-1, size * size), y.reshape(-1).astype(np.float64), rcond=1e-6
    )
    return solution.reshape(size, size), int(rank)


def descend(riddle: Riddle, descent: Descent, steps: int = 3000) -> Iterator[Moment]:
    """Gradient descent on the weights of one convolution, from small random ones.

    A moment for every step at first and for every tenth later; it ends early once the loss is as good as nothing.
    """
    _, x, y = given(replace(riddle, picture=descent.picture))
    picture, target = torch.from_numpy(x)[None], torch.from_numpy(y)[None]
    luck = torch.Generator().manual_seed(riddle.number)
    weight = (0.1 * torch.randn(1, 1, riddle.size, riddle.size, generator=luck)).requires_grad_()
    optimizer = OPTIMIZERS[descent.optimizer]([weight], descent.lr)
    for step in range(steps + 1):
        loss = F.mse_loss(F.conv2d(picture, weight), target)
        done = loss.item() < SMALL or not math.isfinite(loss.item()) or step == steps
        if step <= 60 or step % 10 == 0 or done:
            yield Moment(step, loss.item(), weight.detach()[0, 0].double().numpy().copy())
        if done:
            return
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def misfit(x: np.ndarray, y: np.ndarray, kernel: np.ndarray) -> float:
    """Mean squared error of the picture that a kernel makes of x, against y; float."""
    return float(np.mean((convolve(x, kernel[None], Sweep(padding=NONE)).astype(np.float64) - y) ** 2))
