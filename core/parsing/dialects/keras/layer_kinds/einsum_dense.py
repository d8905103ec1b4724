"""Keras's EinsumDense: a dense layer whose axes an equation names, such as "abc,cd->abd". Its axes are Keras's.

Source: keras.layers.EinsumDense, Keras 3.
"""

from __future__ import annotations

import math
import re
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.dialects.keras.symbols import KerasTensor, Record, to_first, to_last
from core.parsing.dialects.pytorch.functions import checked_size
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.evaluation.calls import BuiltinCall

NAMES = ("equation", "output_shape", "activation", "bias_axes")
READ = ("equation", "output_shape", "bias_axes")
EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class EinsumDense(nn.Module):
    """Shapes: (B, C, ...) in, (B, C', ...) out; the equation is over Keras's axes, channels last."""

    def __init__(self, equation: str, kernel: tuple[int, ...], bias: tuple[int, ...] | None):
        super().__init__()
        self.equation = equation
        self.kernel = nn.Parameter(torch.empty(kernel))
        self.bias = None if bias is None else nn.Parameter(torch.empty(bias))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the kernel by the number of its values; biases begin at zero."""
        bound = (6 / max(1, sum(self.kernel.shape))) ** 0.5
        nn.init.uniform_(self.kernel, -bound, bound)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.einsum(self.equation, x.movedim(1, -1), self.kernel)
        return (y if self.bias is None else y + self.bias).movedim(-1, 1)


def weight_shapes(
    equation: str, inner: tuple[int, ...], output: tuple[Any, ...], bias_axes: str
) -> tuple[tuple[int, ...], tuple[int, ...] | None, tuple[int, ...]]:
    """The shapes of the kernel, of the bias, and of what results, without the batch. Raises: ParseError.

    Args: `inner` is the shape of the input, `output` that which the text states; None stands for a side of the input.

    >>> weight_shapes("abc,cde->abde", (10, 768), (None, 12, 64), "de")
    ((768, 12, 64), (12, 64), (10, 12, 64))
    >>> weight_shapes("...x,xy->...y", (7, 5, 32), (64,), "y")
    ((32, 64), (64,), (7, 5, 64))
    """
    match = EQUATION.fullmatch(equation.replace(" ", "")) if isinstance(equation, str) else None
    if match is None:
        raise ParseError(f"equation={str(equation)[:60]!r} must be of the form 'ab,bc->ac' or '...b,bc->...c'.")
    _, before, is_after, weight, _, after, _ = match.groups()
    has_start = not equation.startswith("...")  # the batch is among the letters of the equation
    sides, stated = (0, *inner) if has_start else inner, (0, *output) if has_start else output
    taken = dict(zip(before, sides, strict=False)) if has_start else dict(zip(before[::-1], sides[::-1], strict=False))
    made = dict(zip(after, stated, strict=False)) if has_start else dict(zip(after[::-1], stated[::-1], strict=False))
    rest = sides[len(before) :] if is_after else () if has_start else sides[: len(sides) - len(before)]
    sizes = {letter: taken[letter] if letter in taken else made.get(letter) for letter in {*weight, *after}}
    if len(taken) < len(before) or not all(type(n) is int for n in sizes.values()):
        raise ParseError(f"an input of {len(inner)} axes and output_shape={output} do not fit {equation!r}.")
    whole = {letter: int(n or 0) for letter, n in sizes.items()}
    given = (*(whole[letter] for letter in after),)
    shape = (*given[1:], *rest) if has_start else (*rest, *given)
    return tuple(whole[letter] for letter in weight), _bias(after, whole, bias_axes), shape


def _bias(after: str, sizes: dict[str, int], axes: str) -> tuple[int, ...] | None:
    """A value for each place along the named axes, and one for all along those between and behind them."""
    if not axes:
        return None
    if not set(axes) <= set(after):
        raise ParseError(f"bias_axes={axes!r} must be axes of what results, {after!r}.")
    first = min(after.index(letter) for letter in axes)
    return tuple(sizes[letter] if letter in axes else 1 for letter in after[first:])


def einsum_dense(layer: Any, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    """`EinsumDense("abc,cd->abd", output_shape=(None, 64), bias_axes="d")(x)`."""
    given = dict(zip(NAMES, layer.args, strict=False)) | layer.kwargs
    equation, output, axes = (call.evaluator.resolve_all(given.get(name), call.node) for name in READ)
    output = tuple(output) if isinstance(output, (list, tuple)) else (output,)
    try:
        kernel, bias, shape = weight_shapes(equation, to_last(x.shape), output, axes or "")
    except ParseError as error:
        raise ParseError(f"Line {layer.line}: EinsumDense: {error}") from None
    checked_size(call, math.prod(kernel))
    if layer.made is None:
        layer.made = constructed(call, EinsumDense, (equation.replace(" ", ""), kernel, bias), {})
    result = KerasTensor(to_first(shape), Record(layer.made, (x,), {}, layer.name or "einsum_dense"))
    return layer.activated(call, result, given.get("activation"))
