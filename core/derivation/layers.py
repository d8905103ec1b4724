"""What the formulas need to know about PyTorch's layers: their families, their axes and their paddings."""

from __future__ import annotations

from torch import nn

from core.derivation.expression import Symbol

Shape = tuple[int, ...]
AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
INDICES = {1: ("l",), 2: ("h", "w"), 3: ("d", "h", "w")}
SIDES = {"L": "length", "D": "depth", "H": "height", "W": "width"}

Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d
Transposed = nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
Pool = nn.MaxPool1d | nn.MaxPool2d | nn.MaxPool3d | nn.AvgPool1d | nn.AvgPool2d | nn.AvgPool3d
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
ADAPTIVE = (
    *(nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
    *(nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
)
PADS = (
    *(nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d, nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d),
    *(nn.ReflectionPad1d, nn.ReflectionPad2d, nn.ReplicationPad1d, nn.ReplicationPad2d, nn.CircularPad2d),
)


def each(value: int | Shape, axes: int) -> Shape:
    """A setting once for each axis.

    >>> each(3, 2), each((5, 1), 2)
    ((3, 3), (5, 1))
    """
    return (value,) * axes if isinstance(value, int) else tuple(value)


def padding(module: Convolution | Transposed | Pool, axes: int) -> tuple[tuple[int, int], ...]:
    """Padding before and after each side; `padding="same"` puts the odd cell at the end, as PyTorch does."""
    if module.padding == "valid":
        return ((0, 0),) * axes
    if module.padding == "same" and isinstance(module, CONVOLUTIONS):
        totals = [d * (k - 1) for k, d in zip(module.kernel_size, module.dilation, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    return () if isinstance(module.padding, str) else tuple((pad, pad) for pad in each(module.padding, axes))


def named(sides: Shape) -> list[tuple[int, tuple[str, int]]]:
    """Sizes with the number and the letter of their axis.

    >>> named((150, 100))
    [(0, ('H', 150)), (1, ('W', 100))]
    """
    return list(enumerate(zip(AXES[len(sides)], sides, strict=True)))


def kernel(axes: int) -> str:
    """The cells of a kernel, as an expression.

    >>> kernel(2)
    'k0 * k1'
    """
    return " * ".join(f"k{axis}" for axis in range(axes))


def kernel_symbols(kernel_size: Shape) -> dict[str, Symbol]:
    """The names in `kernel`, with their letters and values."""
    letters = INDICES[len(kernel_size)]
    return {
        f"k{axis}": Symbol(f"k_{letters[axis]}", side, f"kernel {SIDES[letters[axis].upper()]}")
        for axis, side in enumerate(kernel_size)
    }


def side_symbols(sides: Shape, which: str) -> dict[str, Symbol]:
    """n0, n1, ... for the sides of the "in"put or the "out"put."""
    return {
        f"n{axis}": Symbol(rf"{name}_{{{which}}}", size, f"{which}put {SIDES[name]}")
        for axis, (name, size) in named(sides)
    }
