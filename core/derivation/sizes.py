"""How an output side comes about: one entry a layer type, each filled with one row's numbers.

Shapes are those of one picture, without the batch: (C, H, W), (C, L), (features,). n is the side of the input, k the
kernel, s the stride, p the padding (p' where it differs at the far end), d the dilation, o an output padding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from torch import nn

from core.derivation import layers
from core.derivation.expression import Formula, Symbol
from core.derivation.layers import AXES, Shape

SideFormula = tuple[str, dict[str, int]]  # the expression of one side, and what its names are worth
LETTERS = {"q": "p'"}
MEANINGS = {
    "n": "input size",
    "k": "kernel size",
    "s": "stride",
    "p": "padding",
    "q": "padding at the far end",
    "d": "dilation",
    "o": "output padding",
    "r": "factor",
}


def sizes(module: nn.Module, input_shape: Shape, output_shape: Shape) -> tuple[Formula, ...]:
    """How each output side comes about; one formula where all sides go the same way. Empty if nothing is known."""
    for types, function in SIZES.items():
        if isinstance(module, types):
            return tuple(function(module, input_shape, output_shape))
    return ()


def _window_sizes(module: layers.Convolution | layers.Pool, input_shape: Shape, output_shape: Shape) -> list[Formula]:
    """Convolution and pooling: the floor (or, with `ceil_mode`, the ceiling) of how often a stride fits."""
    axes = len(output_shape) - 1
    kernel = layers.each(module.kernel_size, axes)
    stride = layers.each(module.stride or kernel, axes)
    dilation = layers.each(getattr(module, "dilation", 1), axes)
    padding = layers.padding(module, axes)
    rounding = "ceil(({}) / s) + 1" if getattr(module, "ceil_mode", False) else "({}) // s + 1"
    steps = []
    for axis in range(axes):
        values = {"k": kernel[axis], "s": stride[axis], "d": dilation[axis], "n": input_shape[-axes:][axis]}
        steps.append(_one_window(rounding, values, padding[axis], output_shape[-axes:][axis]))
    return _per_axis(steps, axes)


def _one_window(rounding: str, values: dict[str, int], padding: tuple[int, int], output: int) -> SideFormula:
    """Expression and values of one side; the dilation is written only where it is not 1."""
    before, after = padding
    pads = "2 * p" if before == after else "p + q"
    reach = "k" if values["d"] == 1 else "d * (k - 1) - 1"
    values = values | {"p": before} | ({} if before == after else {"q": after})
    expression = rounding.format(f"n + {pads} - {reach}" if before or after else f"n - {reach}")
    if values["s"] == 1:
        expression = expression.replace(" // s + 1", " + 1").replace(" / s", " / 1")
    if "ceil" in expression and _formula("", expression, values).value != output:
        expression = expression.removesuffix(" + 1")  # a last window that would start in the padding is dropped
    return expression, values


def _transposed_sizes(module: layers.Transposed, input_shape: Shape, output_shape: Shape) -> list[Formula]:
    axes = len(output_shape) - 1
    kernel, stride = layers.each(module.kernel_size, axes), layers.each(module.stride, axes)
    dilation, padding = layers.each(module.dilation, axes), layers.padding(module, axes)
    output_padding = layers.each(module.output_padding, axes)
    steps = []
    for axis in range(axes):
        values = {"n": input_shape[-axes:][axis], "k": kernel[axis], "s": stride[axis], "d": dilation[axis]}
        values |= {"p": padding[axis][0], "o": output_padding[axis]}
        expression = "(n - 1) * s - 2 * p + " + ("k + o" if values["d"] == 1 else "d * (k - 1) + o + 1")
        steps.append((expression, values))
    return _per_axis(steps, axes)


def _padded_sizes(module: nn.ConstantPad3d, input_shape: Shape, output_shape: Shape) -> list[Formula]:
    axes = len(output_shape) - 1
    pads: Shape = tuple(module.padding)  # last axis first, before and after
    pairs = [(pads[2 * axis], pads[2 * axis + 1]) for axis in reversed(range(len(pads) // 2))]
    pairs = [(0, 0)] * (axes - len(pairs)) + pairs
    steps = [
        ("n + p + q", {"n": size, "p": before, "q": after})
        for size, (before, after) in zip(input_shape[-axes:], pairs, strict=True)
    ]
    return _per_axis(steps, axes)


def _adaptive_sizes(module: nn.Module, input_shape: Shape, output_shape: Shape) -> list[Formula]:
    return [
        Formula(rf"{axis}_{{out}}", "o", {"o": Symbol(r"\text{output size}", size)})
        for axis, size in zip(AXES[len(output_shape) - 1], output_shape[1:], strict=True)
    ][: 1 if len(set(output_shape[1:])) == 1 else None]


def _flatten_sizes(module: nn.Module, input_shape: Shape, output_shape: Shape) -> list[Formula]:
    if len(output_shape) != 1 or len(input_shape) not in (1, 2, 3, 4):
        return []
    names = ("C", *AXES[len(input_shape) - 1])[: len(input_shape)] if len(input_shape) > 1 else ("C",)
    meanings = {"C": "channels", **layers.SIDES}
    values = {name: Symbol(name, size, meanings[name]) for name, size in zip(names, input_shape, strict=True)}
    return [Formula(r"\text{features}", " * ".join(names), values)]


def _upsample_sizes(module: nn.Module, input_shape: Shape, output_shape: Shape) -> list[Formula]:
    axes = len(output_shape) - 1
    steps = []
    for size, output in zip(input_shape[-axes:], output_shape[-axes:], strict=True):
        factor, rest = divmod(output, size)
        if rest:
            return []
        steps.append(("n * r", {"n": size, "r": factor}))
    return _per_axis(steps, axes)


def _shuffle_sizes(module: nn.PixelShuffle, input_shape: Shape, output_shape: Shape) -> list[Formula]:
    factor = module.upscale_factor
    channels = Formula(
        "C_{out}",
        "c / r ** 2",
        {"c": Symbol("C_{in}", input_shape[0], "input channels"), "r": Symbol("r", factor, "factor")},
    )
    sides = [("n * r", {"n": size, "r": factor}) for size in input_shape[1:]]
    return [channels, *_per_axis(sides, len(output_shape) - 1)]


def _linear_sizes(module: nn.Linear, input_shape: Shape, output_shape: Shape) -> list[Formula]:
    return [Formula(r"\text{features}", "o", {"o": Symbol(r"\text{out\_features}", output_shape[-1])})]


def _per_axis(steps: Sequence[SideFormula], axes: int) -> list[Formula]:
    """One formula a side; a single one, named after all sides, where they share expression and numbers."""
    if all(step == steps[0] for step in steps):
        left = " = ".join(f"{axis}_{{out}}" for axis in AXES[axes])
        return [_formula(left, *steps[0])]
    return [
        _formula(f"{axis}_{{out}}", *step, Symbol(f"{axis}_{{in}}", step[1]["n"], f"input {layers.SIDES[axis]}"))
        for axis, step in zip(AXES[axes], steps, strict=True)
    ]


def _formula(left: str, expression: str, values: Mapping[str, int], side: Symbol | None = None) -> Formula:
    """The formula with its symbols; `side` replaces n where each side has a formula of its own."""
    symbols = {name: Symbol(LETTERS.get(name, name), value, MEANINGS.get(name, "")) for name, value in values.items()}
    return Formula(left, expression, symbols | ({"n": side} if side else {}))


SIZES: dict[tuple[type, ...], Callable[..., list[Formula]]] = {
    layers.TRANSPOSED: _transposed_sizes,
    layers.CONVOLUTIONS: _window_sizes,
    layers.POOLS: _window_sizes,
    layers.ADAPTIVE: _adaptive_sizes,
    layers.PADS: _padded_sizes,
    (nn.Flatten,): _flatten_sizes,
    (nn.Upsample,): _upsample_sizes,
    (nn.PixelShuffle,): _shuffle_sizes,
    (nn.Linear,): _linear_sizes,
}
