"""The programs of the kernels page: what it has just done, with PyTorch alone.

Where a picture may be anybody's own, they read image.png, which stands beside them as a download.
"""

from __future__ import annotations

import numpy as np

from core.images import SAMPLES
from core.lessons.kernels.analysis import separate
from core.lessons.kernels.combination import ANGLE, COMBINE, Response
from core.lessons.kernels.denoising import FILTERS, SALT, DenoisingSetup
from core.lessons.kernels.filter_banks import BANKS, NO_POOL, ConvBlockSettings
from core.lessons.kernels.filtering import SUMMED, ConvSettings, stacked
from core.lessons.kernels.hidden_kernel import (
    CONVERGED_LOSS,
    DOTS,
    EDGE,
    PHOTOGRAPH,
    STEPS,
    Descent,
    Puzzle,
    hidden_kernel,
    input_picture,
)
from core.lessons.kernels.hidden_kernel import NOISE as NOISE_PICTURE
from core.optim import get_optimizer
from playground.program_text import program

PRINT_SHAPE = "print(tuple(y.shape))  # (1, C, H_out, W_out)"
COMBINED = {
    "Magnitude": "torch.hypot(a, b)",
    "Angle": "torch.rad2deg(torch.atan2(b, a))",
    "Sum": "a + b",
    "Difference": "a - b",
}
assert set(COMBINED) == set(COMBINE)


def one_kernel(response: Response, conv: ConvSettings, channels: str, how: str) -> str:
    """A program that reads image.png, leaves the output of one kernel or of two combined in `y`, prints its shape."""
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
    lines = [
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
        return "\n".join([*lines, *weight("kernel", response.first, shape), "y = convolve(x, kernel)", PRINT_SHAPE])
    lines += weight("first", response.first, shape) + weight("second", response.second, shape)
    lines += ["a, b = convolve(x, first), convolve(x, second)", f"y = {COMBINED[how]}"]
    lines += ["magnitude = torch.hypot(a, b)"] if how == ANGLE else []
    return "\n".join([*lines, PRINT_SHAPE])


def conv_block(block: ConvBlockSettings) -> str:
    """The block in PyTorch, reading image.png; prints the shape and the number of values after each layer."""
    weight_shape = stacked(list(BANKS[block.bank].values())).shape
    count, *kernel_size = weight_shape
    padding = ConvSettings(stride=block.stride).padding_of(*kernel_size)
    arguments = f"1, {count}, {tuple(kernel_size)}, stride={block.stride}, padding={padding}, bias=False"
    layers = [f"nn.Conv2d({arguments})"]
    layers += ["nn.ReLU()"] if block.relu else []
    if block.pool != NO_POOL:
        layers.append(f"nn.{'MaxPool2d' if block.pool == 'Max' else 'AvgPool2d'}({block.size})")
    return BLOCK.format(
        read="\n".join(read_picture(1)).rstrip(),
        bank=bank_program(block.bank),
        shape=weight_shape,
        layers="\n".join(f"    {layer}," for layer in layers),
    )


def bank_program(bank: str) -> str:
    """Lines that leave the kernels of a bank in `kernels`, an array (8, kh, kw)."""
    if bank in BANK_PROGRAMS:
        return BANK_PROGRAMS[bank].strip()
    kernels = ", ".join(matrix(kernel) for kernel in stacked(list(BANKS[bank].values())))
    return f"kernels = torch.stack([{kernels}]).numpy()"


def denoising(setup: DenoisingSetup, name: str, shape: tuple[int, ...]) -> str:
    """A program that adds the noise to the sample picture (H, W) or (H, W, 3), filters it and prints its PSNR."""
    depth, size = 1 if len(shape) == 2 else 3, (shape[1], shape[0])
    axes = "[None, None]" if depth == 1 else ".permute(2, 0, 1)[None]"
    amount = setup.amount / 100
    noise = NOISE[setup.noise].format(low=amount / 2, high=1 - amount / 2, sigma=255 * amount)
    return program(
        (*IMPORTS, "from torch.nn import functional as F", SAMPLES[name].needs),
        f"clean = np.array(Image.fromarray({SAMPLES[name].code}).resize({size}, Image.Resampling.BILINEAR))\n{noise}",
        f"x = torch.from_numpy(noisy){axes} / 255  # (1, {depth}, H, W)\n"
        + FILTERS[setup.filter].code.format(size=setup.size, reach=setup.size // 2, depth=depth),
        f"error = ((torch.from_numpy(clean){axes} / 255 - y.double()) ** 2).mean()\n"
        'print(f"PSNR {-10 * error.log10():.2f} dB" if error else "identical")',
    )


def gradient_descent(puzzle: Puzzle, descent: Descent) -> str:
    """The training loop as a program; prints its steps, its loss and the learned kernel, `weight` (1, 1, k, k)."""
    needs, picture = INPUTS[descent.picture]
    return program(
        (*IMPORTS[:2], "from torch.nn import functional as F", *needs),
        picture,
        LOOP.format(
            seed=puzzle.number,
            size=puzzle.size,
            hidden=matrix(hidden_kernel(puzzle)),
            optimizer=get_optimizer(descent.optimizer).code("[weight]", f"{descent.lr:g}"),
            steps=STEPS,
            converged=f"{CONVERGED_LOSS:g}",
        ),
    )


def read_picture(depth: int) -> list[str]:
    """Lines that read image.png into `x`, (1, depth, H, W), 0..1."""
    mode, axes = ("L", "[None, None]") if depth == 1 else ("RGB", ".permute(2, 0, 1)[None]")
    return [
        "import numpy as np",
        "import torch",
        "from PIL import Image",
        "from torch import nn",
        "",
        f'picture = np.array(Image.open("image.png").convert("{mode}"))',
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


BLOCK = """\
{read}
{bank}

block = nn.Sequential(
{layers}
)
block[0].weight.data = torch.tensor(kernels, dtype=torch.float32)[:, None]  # {shape}, one channel each
y = x
for layer in block:
    y = layer(y).detach()
    print(type(layer).__name__, tuple(y.shape[1:]), "=", y.numel(), "values")"""

IMPORTS = ("import numpy as np", "import torch", "from PIL import Image")
GABOR = """
def gabor(size, angle, frequency, sigma):
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    wave = np.exp(-(x**2 + y**2) / (2 * sigma**2)) * np.cos(2 * np.pi * frequency * along)
    return wave - wave.mean()


"""
BANK_PROGRAMS = {  # of the banks whose rule is shorter than their numbers
    "Edges in 8 directions": """
right = np.outer([1, 2, 1], [-1, 0, 1])  # Sobel: brighter to the right
angles = np.radians(np.arange(0, 360, 45))
kernels = np.stack([np.cos(angle) * right + np.sin(angle) * right.T for angle in angles])
""",
    "Stripes in 8 directions": GABOR
    + "kernels = np.stack([gabor(11, angle, 0.15, 2.5) for angle in np.arange(8) * 22.5])",
    "Coarse to fine stripes": GABOR + "frequencies = (0.08, 0.16, 0.24, 0.32)\n"
    "kernels = np.stack([gabor(13, angle, frequency, 3.0) for angle in (0, 90) for frequency in frequencies])",
    "Mixed": """
identity = np.pad([[1.0]], 1)
neighbours = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
outline = (9 * identity - 1) / 8
emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
sobel = np.outer([1, 2, 1], [-1, 0, 1])
row, column = np.mgrid[:9, :9] - 4
square = row**2 + column**2
blur = np.exp(-square / (2 * 1.5**2))
laplacian = (square / (2 * 1.4**2) - 1) * np.exp(-square / (2 * 1.4**2)) / (np.pi * 1.4**4)
small = {name: np.pad(kernel, 3) for name, kernel in  # to 9×9, as one layer has one kernel size
         (("identity", identity), ("sharpen", identity - neighbours), ("outline", outline), ("emboss", emboss))}
kernels = np.stack([
    small["identity"], blur / blur.sum(), small["sharpen"], small["outline"], small["emboss"],
    laplacian - laplacian.mean(), np.pad(sobel, 3), np.pad(sobel.T, 3),
])
""",
}

NOISE = {
    SALT: """\
draw = np.random.default_rng(0).random(clean.shape[:2])
noisy = clean.copy()
noisy[draw < {low}] = 0
noisy[draw > {high}] = 255""",
    "Gaussian": """\
noisy = clean + np.random.default_rng(0).normal(0, {sigma}, clean.shape)
noisy = np.rint(noisy.clip(0, 255)).astype(np.uint8)""",
}

INPUTS: dict[str, tuple[tuple[str, ...], str]] = {  # what gradient descent learns from: imports, and lines
    PHOTOGRAPH: (
        ("from PIL import Image", SAMPLES["chelsea"].needs),
        f'image = Image.fromarray({SAMPLES["chelsea"].code}).convert("L")\n'
        f"picture = np.array(image.resize({input_picture(PHOTOGRAPH).shape[::-1]}, Image.Resampling.BILINEAR))",
    ),
    NOISE_PICTURE: ((), "picture = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)"),
    DOTS: ((), "picture = np.zeros((64, 64), dtype=np.uint8)\npicture[7::14, 7::14] = 255"),
    EDGE: ((), f"picture = {SAMPLES['edge'].code}"),
}

LOOP = """\
hidden = {hidden}
x = torch.from_numpy(picture)[None, None] / 255  # (1, 1, H, W)
y = F.conv2d(x, hidden[None, None])  # x and y are all that descent sees

weight = 0.1 * torch.randn(1, 1, {size}, {size}, generator=torch.Generator().manual_seed({seed}))
weight.requires_grad_()
optimizer = {optimizer}
for step in range({steps} + 1):
    loss = F.mse_loss(F.conv2d(x, weight), y)
    if loss.item() < {converged} or not loss.isfinite() or step == {steps}:
        break
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
error = (weight[0, 0] - hidden).abs().max()
print(f"after {{step}} steps: loss {{loss.item():.3e}}, largest weight error {{error:.4f}}")
print(weight.data[0, 0])"""
