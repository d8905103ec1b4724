"""What the page shows: a picture through one kernel, or through two whose answers become one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.knobs import knob
from core.lessons.kernels.editing import resized
from core.lessons.kernels.filtering import ADDED, APART, Sweep, as_planes, convolve
from core.lessons.kernels.zoo import KERNELS, build

ALONE, TURNED = "none", "the same, turned by 90°"
MAGNITUDE, ANGLE = "magnitude", "angle"

COMBINE: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    MAGNITUDE: np.hypot,
    ANGLE: lambda a, b: np.degrees(np.arctan2(b, a)),
    "sum": np.add,
    "difference": np.subtract,
}
FORMULAS = {
    MAGNITUDE: r"\sqrt{a^2 + b^2}",
    ANGLE: r"\operatorname{atan2}(b, a)",
    "sum": "a + b",
    "difference": "a - b",
}


@dataclass(frozen=True)
class Combination:
    """How the colours of a picture and a second kernel come together."""

    channels: str = knob(
        ADDED,
        choices=(ADDED, APART),
        label="Answers of the three colours",
        help="Added up, as nn.Conv2d(3, 1) does; or kept apart, as nn.Conv2d(3, 3, groups=3) does.",
    )
    second: str = knob(ALONE, choices=(ALONE, TURNED, *KERNELS), label="Second kernel")
    how: str = knob(MAGNITUDE, choices=tuple(COMBINE), label="The two as")


@dataclass(frozen=True)
class Response:
    """An answer: `y` float32 (C, H, W), and for an angle the `strength` (C, H, W) with which it is one.

    `first` and `second` are the kernels that ran, (C, kh, kw) each; `second` is None if there was only one.
    """

    y: np.ndarray
    first: np.ndarray
    second: np.ndarray | None = None
    strength: np.ndarray | None = None


def respond(picture: np.ndarray, kernels: np.ndarray, sweep: Sweep, combination: Combination) -> Response:
    """Run one or two kernels over a uint8 picture, by PyTorch.

    Args: kernels (1, kh, kw) for the same one in every colour, or (3, kh, kw). On a grey picture the first one runs.
    Raises: ShapeError if a kernel does not fit.
    """
    x = as_planes(picture)
    first = kernels if len(kernels) == len(x) else np.repeat(kernels[:1], len(x), axis=0)
    second = second_kernel(first, combination.second)
    if second is None:
        return Response(convolve(x, first, sweep, combination.channels), first)
    first, second = same_size(first, second)
    a, b = (convolve(x, kernel, sweep, combination.channels) for kernel in (first, second))
    strength = np.hypot(a, b) if combination.how == ANGLE else None
    return Response(COMBINE[combination.how](a, b), first, second, strength)


def second_kernel(first: np.ndarray, name: str) -> np.ndarray | None:
    """The second kernel in every channel, (C, kh, kw); None if there is none."""
    if name == ALONE:
        return None
    if name == TURNED:
        return np.rot90(first, -1, axes=(1, 2))
    return np.repeat(build(name)[None], len(first), axis=0)


def same_size(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both framed with zeros to the larger height and width, so that their answers lie over one another."""
    height, width = (max(first.shape[axis], second.shape[axis]) for axis in (1, 2))
    return tuple(np.stack([resized(kernel, height, width) for kernel in stack]) for stack in (first, second))
