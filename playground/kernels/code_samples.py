"""The lines of PyTorch that do to picture.png what the page has just done."""

from __future__ import annotations

import numpy as np

from core.lessons.kernels.analysis import separate
from core.lessons.kernels.combination import ANGLE, COMBINE, Response
from core.lessons.kernels.filtering import ADDED, Sweep

COMBINED = {
    "magnitude": "torch.hypot(a, b)",
    "angle": "torch.rad2deg(torch.atan2(b, a))",
    "sum": "a + b",
    "difference": "a - b",
}
assert set(COMBINED) == set(COMBINE)


def lines(response: Response, sweep: Sweep, channels: str, how: str) -> str:
    """A program that reads picture.png and leaves the answer in `y`, (1, C, H, W)."""
    depth, *size = response.first.shape
    grey = depth == 1
    padding = sweep.padding_of(*size)
    added = channels == ADDED and not grey
    arguments = [f"{depth}", "1" if grey or added else f"{depth}", f"({size[0]}, {size[1]})"]
    arguments += [f"stride={sweep.stride}"] if sweep.stride > 1 else []
    arguments += [f"padding=({padding[0]}, {padding[1]})"] if any(padding) else []
    arguments += [f"dilation={sweep.dilation}"] if sweep.dilation > 1 else []
    arguments += [f"groups={depth}"] if not grey and not added else []
    arguments += [f'padding_mode="{sweep.mode}"'] if sweep.mode != "zeros" and any(padding) else []
    program = [
        *reading(depth),
        "",
        "def answer(x, kernel):",
        f"    conv = nn.Conv2d({', '.join(arguments)}, bias=False)",
        "    conv.weight.data = kernel",
        "    return conv(x).detach()",
        "",
        "",
    ]
    shape = f"1, {depth}" if added else f"{depth}, 1"
    if response.second is None:
        return "\n".join([*program, *weight("kernel", response.first, shape), "y = answer(x, kernel)"])
    program += weight("first", response.first, shape) + weight("second", response.second, shape)
    program += ["a, b = answer(x, first), answer(x, second)", f"y = {COMBINED[how]}"]
    return "\n".join(program + (["strength = torch.hypot(a, b)"] if how == ANGLE else []))


def reading(depth: int) -> list[str]:
    """Lines that read picture.png into `x`, (1, depth, H, W), 0..1."""
    mode, axes = ("L", "[None, None]") if depth == 1 else ("RGB", ".permute(2, 0, 1)[None]")
    return [
        "import numpy as np",
        "import torch",
        "from PIL import Image",
        "from torch import nn",
        "",
        f'picture = np.array(Image.open("picture.png").convert("{mode}"))',
        f"x = torch.from_numpy(picture){axes} / 255  # (1, {depth}, H, W)",
        "",
    ]


def weight(name: str, kernels: np.ndarray, shape: str) -> list[str]:
    """Lines that make a tensor called `name` of `shape` + (kh, kw) out of kernels (C, kh, kw)."""
    height, width = kernels.shape[1:]
    if (kernels == kernels[0]).all():
        made = matrix(kernels[0])
        return [f"{name} = {made}", f"{name} = {name}.expand({shape}, {height}, {width}).clone()"]
    made = ", ".join(matrix(kernel) for kernel in kernels)
    return [f"{name} = torch.stack([{made}])", f"{name} = {name}.view({shape}, {height}, {width})"]


def matrix(kernel: np.ndarray) -> str:
    """A kernel as an expression: its two vectors where it has them and is large, else every number."""
    factors = separate(kernel) if kernel.size > 25 and kernel.any() else None
    if factors is not None and factors.rank == 1:
        return f"torch.outer({vector(factors.column)}, {vector(factors.row)})"
    rows = ",\n    ".join(f"[{', '.join(number(value) for value in row)}]" for row in kernel)
    return f"torch.tensor([\n    {rows},\n])"


def vector(values: np.ndarray) -> str:
    """A vector as an expression."""
    return f"torch.tensor([{', '.join(number(value) for value in values)}])"


def number(value: float) -> str:
    """Eight digits are more than a float32 holds.

    >>> number(1 / 3), number(-1.0)
    ('0.33333333', '-1.0')
    """
    text = f"{value:.8g}"
    return text if any(mark in text for mark in ".en") else f"{text}.0"
