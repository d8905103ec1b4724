"""Cells of a text's own class, which Keras's RNN runs step by step.

Axes: B batch, C features, T steps, U units; sequences are (B, C, T), as after `nn.Conv1d`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.dialects.keras.graph import network
from core.parsing.dialects.keras.input_symbols import symbol_of
from core.parsing.dialects.keras.symbols import KerasTensor, Record, parts_of
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Instance


class CellLoop(nn.Module):
    """A cell at each step of a sequence: the output of the last step or of all of them, with its states on demand.

    Args: `cell` takes the features of a step and the states, and gives an output and the states behind it.
    Shapes: (B, C, T) in; (B, U) out, or (B, U, T) with `all_steps`; states are (B, U').
    """

    def __init__(self, cell: nn.Module, sizes: tuple[int, ...], all_steps: bool, with_states: bool):
        super().__init__()
        self.cell, self.sizes, self.all_steps, self.with_states = cell, sizes, all_steps, with_states

    def forward(self, x_BCT: Tensor, *first_BU: Tensor) -> Any:
        states = list(first_BU) or [x_BCT.new_zeros(x_BCT.shape[0], size) for size in self.sizes]
        outputs: list[Tensor] = []
        for x_BC in x_BCT.unbind(2):
            output, *states = self.cell(x_BC, *states)
            outputs.append(output)
        result = torch.stack(outputs, 2) if self.all_steps else outputs[-1]
        return (result, *states) if self.with_states else result


def _state_sizes(call: BuiltinCall, cell: Instance) -> tuple[int, ...]:
    given = call.evaluator.resolve_all(call.evaluator.get_attribute(cell, "state_size", call.node), call.node)
    sizes = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    if not sizes or not all(type(size) is int and 0 < size <= 1_000_000 for size in sizes):
        raise call.fail("state_size of a cell is an integer from 1, or a list of them.")
    return sizes


def _step(call: BuiltinCall, cell: Instance, features: int, sizes: tuple[int, ...]) -> nn.Module:
    """The module of one step: features and states in, the output and the states out."""
    inputs = [KerasTensor((size,), None, "x") for size in (features, *sizes)]
    result = call.call(cell, inputs[0], list(inputs[1:]))
    if not isinstance(result, (list, tuple)) or len(result) != 2:
        raise call.fail("call(inputs, states) of a cell gives its output and its states.")
    states = list(result[1]) if isinstance(result[1], (list, tuple)) else [result[1]]
    outputs = [symbol_of(call, one) for one in (result[0], *states)]
    if [one.shape for one in outputs[1:]] != [(size,) for size in sizes]:
        raise call.fail("the states that a cell gives are not as long as its state_size says.")
    return network(inputs, outputs)


def run_cell(layer: Any, call: BuiltinCall, cell: Instance, x: KerasTensor, *states: KerasTensor) -> Any:
    """`RNN(MyCell(8))`, whose cell is of a class of the text."""
    if len(x.shape) != 2:
        raise ParseError(f"Line {layer.line}: RNN takes sequences: its input is (steps, features).")
    every, with_states = (
        call.evaluator.is_true(layer.kwargs.get(name, False), call.node)
        for name in ("return_sequences", "return_state")
    )
    sizes = _state_sizes(call, cell)
    if layer.made is None:
        step = _step(call, cell, x.shape[0], sizes)
        layer.made = constructed(call, CellLoop, (step, sizes, every, with_states), {})
    units = layer.made.cell(*(torch.empty(2, size, device="meta") for size in (x.shape[0], *sizes)))[0].shape[1]
    shape = (units, x.shape[1]) if every else (units,)
    output = KerasTensor(shape, Record(layer.made, (x, *states), {}, layer.name or "rnn"))
    return parts_of(output, [shape, *((size,) for size in sizes)]) if with_states else output
