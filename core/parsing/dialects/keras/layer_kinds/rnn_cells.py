"""Cells of TensorFlow's first interface, and the functions that run them over sequences: `tf.nn.dynamic_rnn`.

A cell has one bias for each gate, also that of a GRU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from core.parsing.dialects.keras.builders import layer_builder
from core.parsing.dialects.keras.first_tensorflow import refuse_sharing
from core.parsing.dialects.keras.input_symbols import symbol_of
from core.parsing.dialects.keras.layer_kinds.merges import MERGES
from core.parsing.dialects.keras.symbols import KerasTensor, applied, ending
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, LayerFunction, Special, Unknown

KINDS = {"BasicLSTMCell": "LSTM", "LSTMCell": "LSTM", "LayerNormBasicLSTMCell": "", "GRUCell": "GRU"}
KINDS |= {"BasicRNNCell": "SimpleRNN", "LSTMBlockCell": "LSTM", "GRUBlockCell": "GRU"}
CHANGING = ("use_peepholes", "num_proj")  # settings that add weights or change the output


class Cell(Special):
    """`tf.nn.rnn_cell.LSTMCell(64)`, or several on top of each other."""

    def __init__(self, kinds: list[tuple[str, int]]):
        self.kinds = kinds  # of each the layer that it makes over a sequence, and its units

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        """`cell.zero_state(batch, dtype)`, which is where a sequence begins anyway."""
        if name == "zero_state":
            return Builtin("zero_state", lambda *args, **kwargs: None)
        return self.kinds[-1][1] if name == "output_size" else MISSING


class LSTMState(Special):
    """The last state of an LSTM: its memory and its output."""

    def __init__(self, memory: KerasTensor, output: KerasTensor):
        self.pair = (memory, output)

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        """`state.h`, `state.c`."""
        return {"c": self.pair[0], "h": self.pair[1]}.get(name, MISSING)

    def item(self, evaluator: Any, index: Any, node: Any) -> Any:
        """`state[1]`."""
        return self.pair[index]


def _cell(kind: str) -> Callable[..., Cell]:
    def build(call: BuiltinCall, num_units: Any, *args: Any, **kwargs: Any) -> Cell:
        changing = next((name for name in CHANGING if kwargs.get(name)), "")
        if not kind or changing:
            raise call.fail(f"{changing or call.name} is not read: it adds weights to the cell.")
        return Cell([(kind, call.evaluator.resolve_number(num_units, "units", call.node))])

    return build


def _several(call: BuiltinCall, cells: Any, *args: Any, **kwargs: Any) -> Cell:
    """`MultiRNNCell([cell, cell])`: cells on top of each other."""
    listed = call.iterate(cells)
    if not listed or not all(isinstance(one, Cell) for one in listed):
        raise call.fail("it takes a list of cells, such as [LSTMCell(64)].")
    return Cell([kind for one in listed for kind in one.kinds])


def _wrapped(call: BuiltinCall, cell: Any, *args: Any, **kwargs: Any) -> Any:
    """`DropoutWrapper(cell, output_keep_prob=0.5)`: the cell, as it is outside of training."""
    return cell


def _run(call: BuiltinCall, cell: Any, x: KerasTensor, is_back: bool = False) -> tuple[KerasTensor, Any]:
    """All outputs of a cell over a sequence, and its last state."""
    if isinstance(cell, Unknown) and cell.error is not None:
        raise cell.refusal()
    if not isinstance(cell, Cell):
        raise call.fail("its cell is one of tf.nn.rnn_cell, such as LSTMCell(64).")
    states: list[Any] = []
    for kind, units in cell.kinds:
        named = {"return_sequences": True, "return_state": True}
        named |= {"reset_after": False} if kind == "GRU" else {}
        x, *last = call.call(layer_builder(kind)(call, units, **named), x)
        states.append(LSTMState(last[1], last[0]) if kind == "LSTM" else last[0])
    return x, states[0] if len(states) == 1 else tuple(states)


def _check(call: BuiltinCall, kwargs: dict[str, Any]) -> None:
    refuse_sharing(call)
    if kwargs.get("time_major"):
        raise call.fail("time_major=True puts the steps before the batch, which is not read: leave it out.")
    if any(kwargs.get(name) is not None for name in ("initial_state", "initial_state_fw", "initial_state_bw")):
        raise call.fail("a first state other than zeros is not read: leave initial_state out.")


def _over_sequence(call: BuiltinCall, cell: Any, inputs: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """`tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)`: all outputs, and the last state."""
    _check(call, kwargs)
    return _run(call, cell, symbol_of(call, inputs))


def _over_steps(call: BuiltinCall, cell: Any, inputs: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """`tf.nn.static_rnn(cell, [x1, x2])`: a list of outputs, and the last state."""
    _check(call, kwargs)
    steps = [symbol_of(call, one) for one in call.iterate(inputs)]
    sequence = applied(torch.stack, steps, 2)  # (B, C, T)
    output, state = _run(call, cell, sequence)
    outputs = [applied(torch.select, output, 2, place, name="select") for place in range(len(steps))]
    return ending(outputs, (output,)), state


def _both_ways(call: BuiltinCall, forth: Any, back: Any, inputs: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """`tf.nn.bidirectional_dynamic_rnn(cell_fw, cell_bw, x)`: two outputs, and two last states."""
    _check(call, kwargs)
    x = symbol_of(call, inputs)
    (first, first_state), (second, second_state) = _run(call, forth, x), _run(call, back, applied(torch.flip, x, [2]))
    return (first, applied(torch.flip, second, [2])), (first_state, second_state)


def _steps_both_ways(
    call: BuiltinCall, forth: Any, back: Any, inputs: Any, *args: Any, **kwargs: Any
) -> tuple[Any, Any, Any]:
    """`static_bidirectional_rnn(cell_fw, cell_bw, [x1, x2])`: both outputs side by side, step by step."""
    steps = call.iterate(inputs)
    first, first_state = _over_steps(call, forth, steps, **kwargs)
    second, second_state = _over_steps(call, back, steps[::-1], **kwargs)
    pairs = zip(first, reversed(second), strict=True)
    return [MERGES["Concatenate"](call, list(pair)) for pair in pairs], first_state, second_state


CELLS: dict[str, Any] = {
    **{name: Builtin(name, _cell(kind), needs_call=True) for name, kind in KINDS.items()},
    "MultiRNNCell": Builtin("MultiRNNCell", _several, needs_call=True),
    **{name: Builtin(name, _wrapped, needs_call=True) for name in ("DropoutWrapper", "DeviceWrapper")},
    "LSTMStateTuple": Builtin("LSTMStateTuple", lambda call, c, h: LSTMState(c, h), needs_call=True),
}
_RUNNERS: dict[str, Callable[..., Any]] = {
    "dynamic_rnn": _over_sequence,
    "static_rnn": _over_steps,
    "bidirectional_dynamic_rnn": _both_ways,
    "static_bidirectional_rnn": _steps_both_ways,
}
RUNNERS: dict[str, Any] = {name: LayerFunction(name, run, needs_call=True) for name, run in _RUNNERS.items()}
