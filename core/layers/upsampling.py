"""Upsampling: a small map becomes a large one, by a fixed rule or by learned weights.

Each entry enlarges (B, C, H, W) to (B, C, scale * H, scale * W), so that all of them can be laid side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.knobs import HasKnobs, Knob
from core.shapes import conv_transpose_output_size

WEIGHTS = ("uniform", "bilinear", "random")


def transposed_padding(kernel: int, scale: int) -> tuple[int, int]:
    """The (padding, output_padding) with which a transposed convolution of stride `scale` multiplies a side by `scale`.

    >>> transposed_padding(3, 2), transposed_padding(4, 2), transposed_padding(2, 3)
    ((1, 1), (1, 0), (0, 1))
    """
    padding = max(0, -((scale - kernel) // 2))
    return padding, 2 * padding - (kernel - scale)


def write_counts(size: int, kernel: int, stride: int, padding: int = 0, output_padding: int = 0) -> Tensor:
    """How many inputs are added into each output of a transposed convolution of `size` x `size` inputs, (n', n').

    Unequal counts inside, where the kernel size is not divisible by the stride, are the checkerboard.
    Source: Odena, Dumoulin & Olah 2016, "Deconvolution and Checkerboard Artifacts", Distill.
    """
    ones = torch.ones(1, 1, size, size), torch.ones(1, 1, kernel, kernel)
    return F.conv_transpose2d(*ones, stride=stride, padding=padding, output_padding=output_padding)[0, 0].long()


def write_count_range(kernel: int, stride: int) -> tuple[int, int]:
    """The fewest and the most inputs that are added into an output away from the border.

    >>> write_count_range(4, 2), write_count_range(3, 2)
    ((4, 4), (1, 4))
    """
    inside = write_counts(2 * kernel, kernel, stride)[kernel:-kernel, kernel:-kernel]
    return int(inside.min()), int(inside.max())


def bilinear_kernel(kernel: int, scale: int) -> Tensor:
    """The (k, k) weights with which a transposed convolution interpolates linearly; their mean over its phases is 1.

    Each phase sums to 1, so that a uniform input stays uniform, unless the ramp is cut off (kernel 4 at scale 3, say).

    Source: Long, Shelhamer & Darrell 2015, arXiv:1411.4038, section 3.3.
    """
    centre = (kernel - 1) / 2
    ramp = (1 - (torch.arange(kernel) - centre).abs() / scale).clamp_min(0)
    return torch.outer(ramp, ramp) * (scale / ramp.sum()) ** 2


@torch.no_grad()
def _fill(weight: Tensor, kernel: Tensor, weights: str, seed: int) -> None:
    """Random weights have the mean of the uniform ones, so that the brightness of the picture stays comparable."""
    weight.copy_(kernel.expand_as(weight))
    if weights == "random":
        noise = torch.randn(weight.shape, generator=torch.Generator().manual_seed(seed))
        weight.mul_(1 + 0.6 * noise)


def transposed(channels: int, scale: int, kernel_size: int = 3, weights: str = "uniform", seed: int = 0) -> nn.Module:
    """A depthwise `nn.ConvTranspose2d` with known weights: uniform, bilinear, or random around uniform."""
    padding, output_padding = transposed_padding(kernel_size, scale)
    layer = nn.ConvTranspose2d(
        channels, channels, kernel_size, scale, padding, output_padding, groups=channels, bias=False
    )
    uniform = torch.full((kernel_size, kernel_size), scale**2 / kernel_size**2)
    kernel = bilinear_kernel(kernel_size, scale) if weights == "bilinear" else uniform
    _fill(layer.weight, kernel, weights, seed)
    return layer


def shuffled(channels: int, scale: int, kernel_size: int = 3, weights: str = "uniform", seed: int = 0) -> nn.Module:
    """A depthwise convolution to scale * scale maps per channel, then `nn.PixelShuffle` interleaves them.

    With uniform or bilinear weights all maps of a channel are alike (ICNR), so no checkerboard can appear at the start.
    Source: Shi et al. 2016, arXiv:1609.05158; Aitken et al. 2017, arXiv:1707.02937 (ICNR).
    """
    side = kernel_size | 1  # an odd kernel keeps the size
    layer = nn.Conv2d(channels, channels * scale**2, side, padding=side // 2, groups=channels, bias=False)
    kernel = bilinear_kernel(side, (side + 1) // 2) if weights == "bilinear" else torch.ones(side, side)
    _fill(layer.weight, kernel / kernel.sum(), weights, seed)
    return nn.Sequential(layer, nn.PixelShuffle(scale))


def _fixed(mode: str, channels: int, scale: int) -> nn.Module:
    return nn.Upsample(scale_factor=scale, mode=mode)


@dataclass(frozen=True)
class Upsampling(HasKnobs):
    """One way to enlarge: `build(channels, scale, **knobs)` gives the module, `code` its PyTorch expression."""

    build: Callable[..., nn.Module]
    formula: str  # LaTeX
    paper: str
    code: str
    symbols: tuple[str, ...]  # what the letters of the formula stand for, beside x and y
    learnable: bool = False
    knobs: Mapping[str, Knob] = field(default_factory=dict)


_LEARNABLE = {
    "kernel_size": Knob(3, 2, 7, help="Side length of the learnable kernel."),
    "weights": Knob(
        "uniform",
        choices={name: name.capitalize() for name in WEIGHTS},
        label="Initial weights",
        help="Weights of the learnable kernels before any training.",
    ),
}

UPSAMPLINGS: dict[str, Upsampling] = {
    "Nearest": Upsampling(
        partial(_fixed, "nearest"),
        r"y_{ij} = x_{\lfloor i/s \rfloor \lfloor j/s \rfloor}",
        "torch.nn.Upsample",
        'nn.Upsample(scale_factor={scale}, mode="nearest")',
        ("$s$ = scale", "$i$, $j$ = output row and column"),
    ),
    "Bilinear": Upsampling(
        partial(_fixed, "bilinear"),
        r"y = (1-a)(1-b)\,x_{00} + (1-a)b\,x_{01} + a(1-b)\,x_{10} + ab\,x_{11}",
        "torch.nn.Upsample",
        'nn.Upsample(scale_factor={scale}, mode="bilinear")',
        ("$x_{00}$ to $x_{11}$ = the four nearest inputs", "$a$, $b$ = vertical and horizontal offset from $x_{00}$"),
    ),
    "Bicubic": Upsampling(
        partial(_fixed, "bicubic"),
        r"y = \sum_{u,v=-1}^{2} W(u - a)\,W(v - b)\,x_{uv}",
        "Keys 1981, Cubic convolution interpolation for digital image processing",
        'nn.Upsample(scale_factor={scale}, mode="bicubic")',
        (
            "$x_{uv}$ = the 16 nearest inputs",
            "$W$ = Keys' cubic kernel, whose free parameter is −0.75 in PyTorch (Keys himself: −0.5)",
            "$a$, $b$ = vertical and horizontal offset from $x_{00}$",
        ),
    ),
    "Transposed convolution": Upsampling(
        transposed,
        r"y_{si+u-p,\; sj+v-p} \mathrel{+}= w_{uv}\, x_{ij}",
        "Dumoulin & Visin 2016, arXiv:1603.07285; Odena et al. 2016",
        "nn.ConvTranspose2d({channels}, {channels}, {kernel_size}, {scale}, {padding}, {output_padding}, "
        "groups={channels}, bias=False)",
        (
            "$s$ = stride",
            "$p$ = padding",
            "$w_{uv}$ = weight in row $u$ and column $v$ of the kernel",
            "$i$, $j$ = input row and column",
        ),
        learnable=True,
        knobs=_LEARNABLE,
    ),
    "Pixel shuffle": Upsampling(
        shuffled,
        r"y_{c,\; si+u,\; sj+v} = x_{c s^2 + us + v,\; i,\; j}",
        "Shi et al. 2016, arXiv:1609.05158",
        "nn.Sequential(nn.Conv2d({channels}, {maps}, {odd}, padding={half}, groups={channels}, bias=False), "
        "nn.PixelShuffle({scale}))",
        (
            "$s$ = scale",
            "$c$ = output channel",
            "$i$, $j$ = input row and column",
            r"$u$, $v$ = position in a block of $s \times s$ outputs",
        ),
        learnable=True,
        knobs=_LEARNABLE,
    ),
}


def code_of(name: str, channels: int, scale: int, kernel_size: int) -> str:
    """The PyTorch expression of an entry with its numbers.

    >>> code_of("Pixel shuffle", 1, 2, 3)
    'nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, groups=1, bias=False), nn.PixelShuffle(2))'
    """
    padding, output_padding = transposed_padding(kernel_size, scale)
    return UPSAMPLINGS[name].code.format(
        channels=channels,
        scale=scale,
        kernel_size=kernel_size,
        padding=padding,
        output_padding=output_padding,
        maps=channels * scale**2,
        odd=kernel_size | 1,
        half=(kernel_size | 1) // 2,
    )


def weight_lines(name: str, scale: int, kernel_size: int, weights: str, seed: int = 0) -> str:
    """Python that gives `up`, built by `code_of`, the weights of our builders; empty where there are none."""
    if not UPSAMPLINGS[name].learnable:
        return ""
    shuffle = name == "Pixel shuffle"
    side, target = (kernel_size | 1, "up[0].weight.data") if shuffle else (kernel_size, "up.weight.data")
    if weights == "bilinear":
        reach = (side + 1) // 2 if shuffle else scale
        divided = "kernel / kernel.sum()" if shuffle else "kernel"
        return (
            f"ramp = (1 - (torch.arange({side}) - {(side - 1) / 2:g}).abs() / {reach}).clamp_min(0)\n"
            f"kernel = torch.outer(ramp, ramp) * ({reach} / ramp.sum()) ** 2\n"
            f"{target}[:] = {divided}"
        )
    lines = f"{target}[:] = {1 if shuffle else scale**2} / {side**2}"
    if weights == "random":
        noise = f"torch.randn({target}.shape, generator=torch.Generator().manual_seed({seed}))"
        lines += f"\n{target} *= 1 + 0.6 * {noise}"
    return lines


def transposed_size(size: int, kernel: int, scale: int) -> int:
    """The output size of `transposed`, by the size formula: always `scale * size`."""
    padding, output_padding = transposed_padding(kernel, scale)
    return conv_transpose_output_size(size, kernel, scale, padding, output_padding)
