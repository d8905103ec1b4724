"""Parameters and multiply-adds of a layer: one entry a layer type, each filled with one row's numbers.

MACs are multiply-adds of one picture; adding the bias is left out, as published tables do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from torch import nn

from core.derivation import layers
from core.derivation.expression import Formula, Symbol
from core.derivation.layers import Shape

Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.InstanceNorm2d
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.GroupNorm, nn.InstanceNorm2d)


def parameters(module: nn.Module) -> Formula | None:
    """How many numbers the layer itself learns; None for a layer that learns nothing."""
    own = dict(module.named_parameters(recurse=isinstance(module, nn.MultiheadAttention)))
    for types, function in PARAMETERS.items():
        if isinstance(module, types) and own:
            return function(module)
    labels = [name.replace("_", r"\_") for name in own]
    shapes = [tuple(tensor.shape) for tensor in own.values()]
    return by_tensor(shapes, lambda index, axis: rf"\text{{{labels[index]}}}_{{{axis}}}") if own else None


def macs(module: nn.Module, input_shape: Shape, output_shape: Shape) -> Formula | None:
    """How many multiply-adds one picture costs; None where the layer is not counted."""
    for types, function in MACS.items():
        if isinstance(module, types):
            return function(module, input_shape, output_shape)
    return None


def _window_symbols(module: layers.Convolution | layers.Transposed) -> dict[str, Symbol]:
    """k0, k1, ... of the kernel, c and o of the channels, and g where there is more than one group."""
    symbols = layers.kernel_symbols(module.kernel_size)
    symbols["c"] = Symbol("C_{in}", module.in_channels, "input channels")
    symbols["o"] = Symbol("C_{out}", module.out_channels, "output channels")
    return symbols if module.groups == 1 else symbols | {"g": Symbol("g", module.groups, "groups")}


def _convolution_parameters(module: layers.Convolution) -> Formula:
    weights = f"{layers.kernel(len(module.kernel_size))} * {'c' if module.groups == 1 else '(c / g)'}"
    expression = f"({weights} + 1) * o" if module.bias is not None else f"{weights} * o"
    return Formula(r"\text{parameters}", expression, _window_symbols(module))


def _transposed_parameters(module: layers.Transposed) -> Formula:
    weights = f"{layers.kernel(len(module.kernel_size))} * c * {'o' if module.groups == 1 else '(o / g)'}"
    expression = f"{weights} + o" if module.bias is not None else weights
    return Formula(r"\text{parameters}", expression, _window_symbols(module))


def _linear_parameters(module: nn.Linear) -> Formula:
    expression = "(n + 1) * o" if module.bias is not None else "n * o"
    return Formula(r"\text{parameters}", expression, _linear_symbols(module.in_features, module.out_features))


def _linear_symbols(inputs: int, outputs: int) -> dict[str, Symbol]:
    return {"n": Symbol(r"\text{in}", inputs), "o": Symbol(r"\text{out}", outputs)}


def _norm_parameters(module: Norm) -> Formula:
    """A scale and a shift a channel: two numbers (one, if there is no shift)."""
    tensors = [tensor for tensor in (module.weight, module.bias) if tensor is not None]
    return Formula(
        r"\text{parameters}",
        "m * c",
        {"m": Symbol(r"\text{tensors}", len(tensors)), "c": Symbol("C", tensors[0].numel(), "channels")},
    )


def by_tensor(shapes: Sequence[Shape], latex: Callable[[int, int], str]) -> Formula:
    """Any tensors at all: their sizes multiplied out and added; `latex` writes an axis of one of them."""
    sides = [
        {f"t{index}_{axis}": Symbol(latex(index, axis), side) for axis, side in enumerate(shape)}
        for index, shape in enumerate(shapes)
    ]
    expression = " + ".join(" * ".join(names) or "1" for names in sides)
    return Formula(r"\text{parameters}", expression, {name: s for names in sides for name, s in names.items()})


def _convolution_macs(module: layers.Convolution, input_shape: Shape, output_shape: Shape) -> Formula:
    """Every output value is a sum over one window: its kernel's cells times the channels it reads."""
    return _window_macs(module, output_shape[1:], "out")


def _transposed_macs(module: layers.Transposed, input_shape: Shape, output_shape: Shape) -> Formula:
    """Every input value is multiplied by every weight that it meets; what padding crops is computed all the same."""
    return _window_macs(module, input_shape[-(len(output_shape) - 1) :], "in")


def _window_macs(module: layers.Convolution | layers.Transposed, sides: Shape, which: str) -> Formula:
    """`sides` are those of the "in"put or the "out"put: the positions of the window."""
    channels = "c * o" if module.groups == 1 else "(c / g) * o"
    positions = " * ".join(f"n{axis}" for axis in range(len(sides)))
    symbols = layers.side_symbols(sides, which) | _window_symbols(module)
    return Formula(r"\text{MACs}", f"{positions} * {layers.kernel(len(sides))} * {channels}", symbols)


def _linear_macs(module: nn.Linear, input_shape: Shape, output_shape: Shape) -> Formula:
    return linear_macs(prod(output_shape[:-1]), module.in_features, module.out_features)


def linear_macs(rows: int, inputs: int, outputs: int) -> Formula:
    """Every output of every row is a sum over all inputs."""
    symbols = _linear_symbols(inputs, outputs)
    if rows == 1:
        return Formula(r"\text{MACs}", "n * o", symbols)
    return Formula(r"\text{MACs}", "t * n * o", {"t": Symbol(r"\text{rows}", rows)} | symbols)


def _bilinear_macs(module: nn.Bilinear, input_shape: Shape, output_shape: Shape) -> Formula:
    symbols = {
        "a": Symbol(r"\text{in}_1", module.in1_features),
        "b": Symbol(r"\text{in}_2", module.in2_features),
        "o": Symbol(r"\text{out}", module.out_features),
    }
    return Formula(r"\text{MACs}", "a * b * o", symbols)


def _attention_macs(module: nn.MultiheadAttention, input_shape: Shape, output_shape: Shape) -> Formula | None:
    """Self-attention: three projections in and one out, scores of all pairs, and their sum over the values."""
    if len(input_shape) != 2 or not module.batch_first or {module.kdim, module.vdim} != {module.embed_dim}:
        return None
    symbols = {"l": Symbol(r"\text{tokens}", input_shape[0]), "e": Symbol("E", module.embed_dim, "embedding size")}
    return Formula(r"\text{MACs}", "l * e * (3 * e + e) + l * l * (e + e)", symbols)


PARAMETERS: dict[tuple[type, ...], Callable[..., Formula]] = {
    layers.TRANSPOSED: _transposed_parameters,
    layers.CONVOLUTIONS: _convolution_parameters,
    (nn.Linear,): _linear_parameters,
    NORMS: _norm_parameters,
}

MACS: dict[tuple[type, ...], Callable[..., Formula | None]] = {
    layers.TRANSPOSED: _transposed_macs,
    layers.CONVOLUTIONS: _convolution_macs,
    (nn.Linear,): _linear_macs,
    (nn.Bilinear,): _bilinear_macs,
    (nn.MultiheadAttention,): _attention_macs,
}
