"""What the page shows: the output of one kernel, or of two combined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.knobs import knob
from core.lessons.kernels.filtering import DEPTHWISE, SUMMED, ConvSettings, as_planes, convolve, stacked
from core.lessons.kernels.registry import KERNELS, build

SINGLE, ROTATED = "None", "The same, rotated by 90°"
MAGNITUDE, ANGLE = "Magnitude", "Angle"

COMBINE: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    MAGNITUDE: np.hypot,
    ANGLE: lambda a, b: np.degrees(np.arctan2(b, a)),
    "Sum": np.add,
    "Difference": np.subtract,
}
FORMULAS = {
    MAGNITUDE: r"y = \sqrt{a^2 + b^2}",
    ANGLE: r"y = \mathrm{atan2}(b, a)",
    "Sum": "y = a + b",
    "Difference": "y = a - b",
}


@dataclass(frozen=True)
class Combination:
    """How the colour channels and a second kernel are combined."""

    channels: str = knob(
        SUMMED,
        choices=(SUMMED, DEPTHWISE),
        label="Three colour channels",
        help="Summed, as in `nn.Conv2d(3, 1)`; depthwise: one output per channel, as in `nn.Conv2d(3, 3, groups=3)`.",
    )
    second: str = knob(SINGLE, choices=(SINGLE, ROTATED, *KERNELS), label="Second kernel")
    how: str = knob(MAGNITUDE, choices=tuple(COMBINE), label="Combined as")


@dataclass(frozen=True)
class Response:
    """An output: `y` float32 (C, H, W), and for an angle its `magnitude` (C, H, W).

    `first` and `second` are the kernels that were applied, (C, kh, kw) each; `second` is None if there was only one.
    """

    y: np.ndarray
    first: np.ndarray
    second: np.ndarray | None = None
    magnitude: np.ndarray | None = None


def respond(picture: np.ndarray, kernels: np.ndarray, conv: ConvSettings, combination: Combination) -> Response:
    """Apply one or two kernels to a uint8 picture, by PyTorch.

    Args: kernels (1, kh, kw) for the same one in every channel, or (3, kh, kw). A grey picture takes the first one.
    Raises: ShapeError if a kernel does not fit.
    """
    x = as_planes(picture)
    first = kernels if len(kernels) == len(x) else np.repeat(kernels[:1], len(x), axis=0)
    second = second_kernel(first, combination.second)
    if second is None:
        return Response(convolve(x, first, conv, combination.channels), first)
    first, second = same_size(first, second)
    a, b = (convolve(x, kernel, conv, combination.channels) for kernel in (first, second))
    magnitude = np.hypot(a, b) if combination.how == ANGLE else None
    return Response(COMBINE[combination.how](a, b), first, second, magnitude)


def second_kernel(first: np.ndarray, name: str) -> np.ndarray | None:
    """The second kernel in every channel, (C, kh, kw); None if there is none."""
    if name == SINGLE:
        return None
    if name == ROTATED:
        return np.rot90(first, -1, axes=(1, 2))
    return np.repeat(build(name)[None], len(first), axis=0)


def same_size(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both zero-padded to the larger height and width, so that their outputs align."""
    both = stacked([*first, *second])
    return both[: len(first)], both[len(first) :]
