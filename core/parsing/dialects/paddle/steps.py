"""Sequences of Paddle's first interface, whose lengths differ within a batch: here all have one length.

A symbol of a sequence is (steps, features). Source: paddle.fluid.layers of Paddle 1.8, `lod_level`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.clean.syntax import all_nodes
from core.parsing.dialects.keras.input_symbols import input_symbol, symbol_of
from core.parsing.dialects.keras.symbols import KerasTensor, Record, applied, parts_of
from core.parsing.dialects.paddle.layers import Parts, activation
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.dialects.translation import part, whole, without, word
from core.parsing.evaluation.calls import BuiltinCall

USUAL_STEPS = 32
POOLS: dict[str, Callable[..., Tensor]] = {
    "max": torch.amax,
    "sum": torch.sum,
    "average": torch.mean,
    "sqrt": torch.sum,
    "first": lambda x, axis: x.select(axis, 0),
    "last": lambda x, axis: x.select(axis, -1),
}


def has_steps(tree: ast.Module) -> bool:
    """Whether a text of Paddle's first interface has sequences of many lengths.

    >>> has_steps(ast.parse("y = fluid.layers.dynamic_lstm(input=x, size=128)"))
    True
    """
    for node in all_nodes(tree):
        match node:
            case ast.keyword(arg="lod_level", value=ast.Constant(value=int() as level)) if level:
                return True
            case ast.Attribute(attr=name) if name in ("dynamic_lstm", "dynamic_gru") or name.startswith("sequence_"):
                return True
    return False


class DynamicRNN(nn.Module):
    """Shapes: (B, T, gates * hidden) in, which a layer before it has made of the features; (B, T, hidden) out."""

    def __init__(self, hidden: int, gates: int, is_reverse: bool = False, peepholes: int = 0):
        super().__init__()
        self.hidden, self.gates, self.is_reverse = hidden, gates, is_reverse
        self.weight = nn.Parameter(torch.empty(hidden, gates * hidden))
        self.bias = nn.Parameter(torch.empty((gates + peepholes) * hidden))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the weights as Paddle does; biases begin at zero."""
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x_BTG: Tensor) -> tuple[Tensor, Tensor]:
        states = [x_BTG.new_zeros(x_BTG.shape[0], self.hidden)] * 2
        outputs: list[tuple[Tensor, Tensor]] = []
        for step_BG in (x_BTG.flip(1) if self.is_reverse else x_BTG).unbind(1):
            states = list(self._lstm(step_BG, *states) if self.gates == 4 else self._gru(step_BG, states[0]))
            outputs.append((states[0], states[1]))
        hidden, cell = (torch.stack(one, 1) for one in zip(*outputs, strict=True))
        return (hidden.flip(1), cell.flip(1)) if self.is_reverse else (hidden, cell)

    def _lstm(self, step: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        width = self.hidden
        gates = step + hidden @ self.weight + self.bias[: 4 * width]
        new, entry, forget, output = gates.chunk(4, 1)
        peepholes = self.bias[4 * width :].unflatten(0, (-1, width)) if len(self.bias) > 4 * width else None
        if peepholes is not None:
            entry, forget = entry + cell * peepholes[0], forget + cell * peepholes[1]
        cell = cell * forget.sigmoid() + new.tanh() * entry.sigmoid()
        output = output if peepholes is None else output + cell * peepholes[2]
        return cell.tanh() * output.sigmoid(), cell

    def _gru(self, step: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        width, given = self.hidden, step + self.bias
        update, reset = (given[:, : 2 * width] + hidden @ self.weight[:, : 2 * width]).sigmoid().chunk(2, 1)
        new = (given[:, 2 * width :] + (reset * hidden) @ self.weight[:, 2 * width :]).tanh()
        hidden = (1 - update) * hidden + update * new
        return hidden, hidden


def _sequence(call: BuiltinCall, value: Any) -> KerasTensor:
    x = symbol_of(call, value)
    if len(x.shape) != 2:
        raise call.fail("it takes a sequence of values: put an embedding before it.")
    return x


def _recurrent(call: BuiltinCall, inputs: Any, hidden: int, gates: int, is_reverse: Any, peepholes: int) -> Any:
    x = _sequence(call, inputs)
    if x.shape[1] != gates * hidden:
        raise call.fail(f"its input must have {gates} times as many values as it has states, {gates * hidden}.")
    module = constructed(call, DynamicRNN, (hidden, gates, bool(is_reverse), peepholes), {})
    shape = (x.shape[0], hidden)
    return parts_of(KerasTensor(shape, Record(module, (x,), {}, call.name), channels_first=True), [shape, shape])


def dynamic_lstm(call: BuiltinCall, inputs: Any, size: Any, h_0: Any = None, c_0: Any = None, param_attr: Any = None,
                 bias: Any = None, use_peepholes: Any = True, is_reverse: Any = False, *args: Any,
                 **settings: Any) -> Any:  # fmt: skip
    """`dynamic_lstm(input=fc, size=4 * hidden)`, which looks through peepholes unless it is told not to."""
    width = whole(size, "size")
    if width % 4:
        raise ParseError(f"size={width} must be four times the number of states.")
    return tuple(_recurrent(call, inputs, width // 4, 4, is_reverse, 3 if use_peepholes else 0))


def dynamic_gru(call: BuiltinCall, inputs: Any, size: Any, param_attr: Any = None, bias: Any = None,
                is_reverse: Any = False, *args: Any, **settings: Any) -> Any:  # fmt: skip
    """`dynamic_gru(input=fc, size=hidden)`, whose input is three times as wide."""
    return _recurrent(call, inputs, whole(size, "size"), 3, is_reverse, 0)[0]


def pool(call: BuiltinCall, inputs: Any, pool_type: Any = "max", *args: Any, **settings: Any) -> KerasTensor:
    """`sequence_pool(input=x, pool_type="max")`: one value for all steps."""
    kind = word(str(pool_type).lower(), "pool_type", tuple(POOLS))
    return applied(POOLS[kind], _sequence(call, inputs), 1, name="sequence_pool")


def step_of(kind: str) -> Callable[..., KerasTensor]:
    """`sequence_last_step(input=x)`."""
    return lambda call, inputs: pool(call, inputs, kind)


def convolution(num_filters: Any, filter_size: Any = 3, bias: Any = None, act: Any = None) -> Callable[..., Parts]:
    """The layers of `sequence_conv`: windows of steps, with zeros before the first and behind the last."""

    def parts(features: int) -> Parts:
        before = whole(filter_size, "filter_size") // 2
        window = part("Conv1d", features, num_filters, filter_size, **without({"bias": bias is not False}, bias=True))
        turned, padded = part("Permute", 0, 2, 1), part("ZeroPad1d", (before, filter_size - 1 - before))
        return (turned, padded, window, turned, *activation(act))

    return parts


def softmax(call: BuiltinCall, inputs: Any, *args: Any, **settings: Any) -> KerasTensor:
    """`sequence_softmax(input=x)`: over the steps."""
    return applied(torch.softmax, _sequence(call, inputs), 1, name="sequence_softmax")


def expanded(call: BuiltinCall, inputs: Any, y: Any = None, *args: Any, **settings: Any) -> KerasTensor:
    """`sequence_expand(x=vector, y=sequence)`: the vector at each step."""
    return applied(_at_each_step, symbol_of(call, inputs), _sequence(call, y), name="sequence_expand")


def _at_each_step(x: Tensor, y: Tensor) -> Tensor:
    return x.reshape(x.shape[0], 1, -1).expand(-1, y.shape[1], -1)


def similarity(call: BuiltinCall, inputs: Any, y: Any) -> KerasTensor:
    """`cos_sim(X=a, Y=b)`: one number."""
    return applied(_cosine, symbol_of(call, inputs), symbol_of(call, y), name="cos_sim")


def _cosine(x: Tensor, y: Tensor) -> Tensor:
    return F.cosine_similarity(x, y, dim=-1).unsqueeze(-1)


def sequence_input(call: BuiltinCall, sizes: list[Any], dtype: Any) -> KerasTensor:
    """An input of so many values a step, or of one word; the typed length, or else a usual one."""
    is_words = str(dtype).startswith("int")
    features = [n for n in sizes if type(n) is int and (n > 1 or not is_words)]
    given = call.evaluator.input_shape
    steps = given[-1] if given is not None and len(given) == len(features) + 1 else USUAL_STEPS
    call.evaluator.notes.append(f"Sequences of many lengths (lod_level): {steps} steps are taken.")
    x = input_symbol(call, (steps, *features), "x")
    return KerasTensor((steps, *features), None, x.name, channels_first=True)
