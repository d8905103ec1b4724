"""MACs of functions that multiply matrices: the row itself tells the shapes of all that came in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from core.derivation import layers
from core.derivation.costs import by_tensor, linear_macs
from core.derivation.expression import Formula, Symbol
from core.derivation.layers import Shape


def macs(kind: str, inputs: Sequence[Shape], output_shape: Shape) -> Formula | None:
    """The multiply-adds of one picture in a function call; shapes hold the batch. None for an unknown function."""
    function = FUNCTIONS.get(kind)
    return function(inputs, output_shape) if function and len(inputs) > 1 else None


def parameters(inputs: Sequence[Shape], count: int) -> Formula | None:
    """Which of the tensors that came in are learned: the ones behind the first that add up to `count`."""
    learned = [shape for shape in inputs[1:] if shape]
    if not count or sum(map(prod, learned)) != count:
        return None
    return by_tensor(learned, lambda index, axis: f"n_{{{index}{axis}}}")


def _convolution(side: str) -> Callable[[Sequence[Shape], Shape], Formula]:
    def formula(inputs: Sequence[Shape], output_shape: Shape) -> Formula:
        input_shape, weight = inputs[:2]
        sides = (output_shape if side == "out" else input_shape)[2:]
        symbols = layers.side_symbols(sides, side) | layers.kernel_symbols(weight[2:])
        first, second = ("out", "in") if side == "out" else ("in", "out")
        symbols["a"] = Symbol(f"C_{{{first}}}", weight[0], f"{first}put channels")
        symbols["b"] = Symbol(f"C_{{{second}}}/g", weight[1], f"{second}put channels per group")
        cells = " * ".join(f"n{axis}" for axis in range(len(sides)))
        return Formula(r"\text{MACs}", f"{cells} * {layers.kernel(len(sides))} * b * a", symbols)

    return formula


def _linear(inputs: Sequence[Shape], output_shape: Shape) -> Formula:
    """(B, ..., in) by (out, in)."""
    input_shape, weight = inputs[:2]
    return linear_macs(prod(input_shape[1:-1]), weight[-1], output_shape[-1])


def _product(inputs: Sequence[Shape], output_shape: Shape) -> Formula:
    """(B, ..., n, k) by (..., k, m)."""
    symbols = {
        "t": Symbol(r"\text{matrices}", prod(output_shape[1:-2])),
        "n": Symbol("n", output_shape[-2], "rows"),
        "k": Symbol("k", inputs[0][-1], "summed dimension"),
        "m": Symbol("m", output_shape[-1], "columns"),
    }
    return Formula(r"\text{MACs}", "t * n * k * m" if symbols["t"].value != 1 else "n * k * m", symbols)


def _attention(inputs: Sequence[Shape], output_shape: Shape) -> Formula | None:
    """Scores of every query with every key, then their sum over the values."""
    if len(inputs) < 3:
        return None
    query, key, value = inputs[:3]
    symbols = {
        "h": Symbol(r"\text{heads}", prod(query[1:-2])),
        "l": Symbol(r"\text{queries}", query[-2]),
        "s": Symbol(r"\text{keys}", key[-2]),
        "e": Symbol(r"E_{key}", query[-1], "size of a key"),
        "v": Symbol(r"E_{value}", value[-1], "size of a value"),
    }
    return Formula(r"\text{MACs}", "h * l * s * (e + v)", symbols)


FUNCTIONS: dict[str, Callable[[Sequence[Shape], Shape], Formula | None]] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _convolution("out")),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _convolution("in")),
    "linear": _linear,
    **dict.fromkeys(("matmul", "bmm"), _product),
    "scaled_dot_product_attention": _attention,
}
