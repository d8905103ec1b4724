"""The PyTorch code that does to picture.png what the page has just done."""

from __future__ import annotations

import numpy as np

from core.lessons.kernels.analysis import separate
from core.lessons.kernels.combination import ANGLE, COMBINE, Response
from core.lessons.kernels.denoising import FILTERS, DenoisingSetup
from core.lessons.kernels.filter_banks import BANKS, NO_POOL, ConvBlockSettings
from core.lessons.kernels.filtering import SUMMED, ConvSettings, stacked
from core.lessons.kernels.hidden_kernel import Descent, Puzzle
from core.optim import get_optimizer

COMBINED = {
    "Magnitude": "torch.hypot(a, b)",
    "Angle": "torch.rad2deg(torch.atan2(b, a))",
    "Sum": "a + b",
    "Difference": "a - b",
}
assert set(COMBINED) == set(COMBINE)


def one_kernel(response: Response, conv: ConvSettings, channels: str, how: str) -> str:
    """A program that reads picture.png and leaves the output of one kernel, or of two combined, in `y` (1, C, H, W)."""
    depth, *size = response.first.shape
    grey = depth == 1
    padding = conv.padding_of(*size)
    summed = channels == SUMMED and not grey
    arguments = [f"{depth}", "1" if grey or summed else f"{depth}", f"({size[0]}, {size[1]})"]
    arguments += [f"stride={conv.stride}"] if conv.stride > 1 else []
    arguments += [f"padding=({padding[0]}, {padding[1]})"] if any(padding) else []
    arguments += [f"dilation={conv.dilation}"] if conv.dilation > 1 else []
    arguments += [f"groups={depth}"] if not grey and not summed else []
    arguments += [f'padding_mode="{conv.mode}"'] if conv.mode != "zeros" and any(padding) else []
    program = [
        *read_picture(depth),
        "",
        "def convolve(x, kernel):",
        f"    conv = nn.Conv2d({', '.join(arguments)}, bias=False)",
        "    conv.weight.data = kernel",
        "    return conv(x).detach()",
        "",
        "",
    ]
    shape = f"1, {depth}" if summed else f"{depth}, 1"
    if response.second is None:
        return "\n".join([*program, *weight("kernel", response.first, shape), "y = convolve(x, kernel)"])
    program += weight("first", response.first, shape) + weight("second", response.second, shape)
    program += ["a, b = convolve(x, first), convolve(x, second)", f"y = {COMBINED[how]}"]
    return "\n".join(program + (["magnitude = torch.hypot(a, b)"] if how == ANGLE else []))


def conv_block(block: ConvBlockSettings) -> str:
    """The block in PyTorch, reading picture.png, leaving its feature maps in `y` (1, 8, H, W)."""
    weight = stacked(list(BANKS[block.bank].values()))
    kernel_size = weight.shape[1:]
    padding = ConvSettings(stride=block.stride).padding_of(*kernel_size)
    layers = [f"nn.Conv2d(1, {len(weight)}, {kernel_size}, stride={block.stride}, padding={padding}, bias=False)"]
    layers += ["nn.ReLU()"] if block.relu else []
    if block.pool != NO_POOL:
        layers.append(f"nn.{'MaxPool2d' if block.pool == 'Max' else 'AvgPool2d'}({block.size})")
    imports, picture = read_picture(1)[:-4], read_picture(1)[-3:]
    return "\n".join(
        [
            *imports,
            "",
            "from core.lessons.kernels.filter_banks import BANKS",
            "from core.lessons.kernels.filtering import stacked",
            "",
            *picture,
            f'kernels = stacked(list(BANKS["{block.bank}"].values()))  # {weight.shape}',
            "block = nn.Sequential(",
            *(f"    {layer}," for layer in layers),
            ")",
            "block[0].weight.data = torch.from_numpy(kernels)[:, None].float()",
            "y = block(x).detach()",
        ]
    )


def denoising(setup: DenoisingSetup, depth: int) -> str:
    """The filter in PyTorch, reading picture.png, leaving `y` (1, depth, H, W)."""
    program = FILTERS[setup.filter].code.format(size=setup.size, reach=setup.size // 2, depth=depth)
    return "\n".join([*read_picture(depth), program]).replace(
        "from torch import nn", "from torch.nn import functional as F"
    )


def gradient_descent(puzzle: Puzzle, descent: Descent) -> str:
    """The training loop as a program; leaves the learned kernel in `weight` (1, 1, k, k)."""
    optimizer = get_optimizer(descent.optimizer).code("[weight]", f"{descent.lr:g}")
    return LOOP.format(number=puzzle.number, size=puzzle.size, picture=descent.picture, optimizer=optimizer)


def read_picture(depth: int) -> list[str]:
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
        expression = matrix(kernels[0])
        return [f"{name} = {expression}", f"{name} = {name}.expand({shape}, {height}, {width}).clone()"]
    expressions = ", ".join(matrix(kernel) for kernel in kernels)
    return [f"{name} = torch.stack([{expressions}])", f"{name} = {name}.view({shape}, {height}, {width})"]


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


LOOP = """\
import torch
from torch.nn import functional as F

from core.lessons.kernels.hidden_kernel import Puzzle, input_and_output

_, x, y = input_and_output(Puzzle({number}, {size}, "{picture}"))  # the output of the hidden kernel is y
x, y = torch.from_numpy(x)[None], torch.from_numpy(y)[None]

weight = 0.1 * torch.randn(1, 1, {size}, {size}, generator=torch.Generator().manual_seed({number}))
weight.requires_grad_()
optimizer = {optimizer}
for step in range(3000):
    loss = F.mse_loss(F.conv2d(x, weight), y)
    if loss < 1e-10:
        break
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(step, loss.item(), weight.data)
"""
