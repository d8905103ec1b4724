"""Keras's recurrent layers: their modules in PyTorch, and how a text's settings become one.

Axes: B batch, C channels or features, T steps, U units; sequences are (B, C, T), as after `nn.Conv1d`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.dialects.keras.layer_kinds.own_cells import run_cell
from core.parsing.dialects.keras.symbols import KerasTensor, Record, applied, parts_of
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Instance, Unknown

MERGED: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "sum": torch.add,
    "mul": torch.mul,
    "ave": lambda one, two: (one + two) / 2,
}
CELLS: dict[str, type[nn.RNNBase]] = {"LSTM": nn.LSTM, "GRU": nn.GRU, "SimpleRNN": nn.RNN}

# Kinds that compute the same, with Keras's names of them; the first two for a GPU, with two biases a gate
SAME = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU", "LSTMCell": "LSTM", "GRUCell": "GRU", "SimpleRNNCell": "SimpleRNN"}
OF_LOOP = ("return_sequences", "return_state", "go_backwards")  # settings of an RNN that are not those of its cell
LOOPED = (*CELLS, "CuDNNLSTM", "CuDNNGRU")


class OneBias(nn.RNNBase):
    """Has one bias per gate, as Keras counts it; PyTorch's own has two, whose sum is all that matters."""

    def keep_one_bias(self) -> None:
        """Makes the second bias a buffer of zeros."""
        for name in [name for name in self._parameters if name.startswith("bias_hh")]:
            bias = self._parameters.pop(name)
            if bias is not None:
                self.register_buffer(name, torch.zeros_like(bias))

    def reset_parameters(self) -> None:
        """Draws the weights; the second bias stays zero."""
        super().reset_parameters()
        for buffer in self._buffers.values():
            if buffer is not None:
                buffer.zero_()


ONE_BIAS: dict[str, type[nn.RNNBase]] = {
    kind: type(f"OneBias{cls.__name__}", (OneBias, cls), {}) for kind, cls in CELLS.items()
}


@dataclass(frozen=True)
class RecurrentSettings:
    """What an LSTM, GRU or SimpleRNN returns, how it runs, and how many biases a gate has: 0, 1 or 2."""

    all_steps: bool = False
    with_states: bool = False
    biases: int = 2
    merge: str = ""  # how both directions are joined, "" where there is one
    is_backward: bool = False  # from the last step to the first


class Recurrent(nn.Module):
    """LSTM, GRU or SimpleRNN over a sequence: the output of the last step or of all of them, with its states on demand.

    Shapes: (B, C, T) in; (B, U) out, or (B, U, T) with `all_steps`; twice U where both ways are concatenated.
    States are (B, U).
    """

    def __init__(self, kind: str, features: int, units: int, settings: RecurrentSettings):
        super().__init__()
        self.settings = settings
        cell = (ONE_BIAS if settings.biases == 1 else CELLS)[kind]
        common = {"batch_first": True, "bidirectional": bool(settings.merge), "bias": settings.biases > 0}
        self.rnn: nn.RNNBase = cell(features, units, **common)  # type: ignore[arg-type]
        if isinstance(self.rnn, OneBias):
            self.rnn.keep_one_bias()

    def forward(self, x_BCT: Tensor, *first_BU: Tensor) -> Any:
        x_BCT = x_BCT.flip(2) if self.settings.is_backward else x_BCT
        y_BTU, last = self.rnn(x_BCT.transpose(1, 2), self._before(first_BU))
        output = self._merged(y_BTU)
        if not self.settings.with_states:
            return output
        states_DBU = last if isinstance(last, tuple) else (last,)
        return (output, *(state[way] for way in range(states_DBU[0].shape[0]) for state in states_DBU))

    def _before(self, states_BU: tuple[Tensor, ...]) -> Any:
        """The first states as PyTorch takes them: (ways, B, U), two of them for an LSTM."""
        if not states_BU:
            return None
        kinds = 2 if isinstance(self.rnn, nn.LSTM) else 1
        stacked = tuple(torch.stack(states_BU[kind::kinds]) for kind in range(kinds))
        return stacked if kinds == 2 else stacked[0]

    def _merged(self, y_BTU: Tensor) -> Tensor:
        forth, back = y_BTU, y_BTU[..., :0]
        if self.settings.merge:
            forth, back = y_BTU.chunk(2, -1)
        if not self.settings.all_steps:
            forth, back = forth[:, -1], back[:, 0]
        merge = MERGED.get(self.settings.merge, lambda one, two: torch.cat([one, two], -1))
        output = merge(forth, back) if self.settings.merge else forth
        return output.transpose(1, 2) if self.settings.all_steps else output


def recurrent(layer: Any, call: BuiltinCall, x: KerasTensor, *states: KerasTensor, merge: str = "") -> Any:
    """LSTM, GRU and SimpleRNN as a text has them."""
    if len(x.shape) != 2:
        raise ParseError(f"Line {layer.line}: {layer.kind} takes sequences: its input is (steps, features).")
    features, steps = x.shape
    units = layer_number(layer, call, "units", 0)
    settings = RecurrentSettings(
        _switch(layer, call, "return_sequences", False),
        _switch(layer, call, "return_state", False),
        _biases(layer, call),
        merge,
        not merge and _switch(layer, call, "go_backwards", False),
    )
    note_activations(layer, call)
    kind = SAME.get(layer.kind, layer.kind)
    if layer.made is None:
        layer.made = constructed(call, Recurrent, (kind, features, units, settings), {})
    width = units * (2 if merge == "concat" else 1)
    record = Record(layer.made, (x, *states), {}, layer.name or layer.kind.lower())
    output = KerasTensor((width, steps) if settings.all_steps else (width,), record, channels_first=x.channels_first)
    if not settings.with_states:
        return output
    count = (2 if kind == "LSTM" else 1) * (2 if merge else 1)
    return parts_of(output, [output.shape, *[(units,)] * count])


USUAL = {"activation": "tanh", "recurrent_activation": "sigmoid"}


def note_activations(layer: Any, call: BuiltinCall) -> None:
    """Says which activations of a recurrent layer are read as others: PyTorch's layers have one of each."""
    for name, usual in USUAL.items():
        given = call.evaluator.resolve(layer.kwargs.get(name, usual), call.node)
        said = str("linear" if given is None else getattr(given, "name", given)).rpartition(".")[2]
        if said != usual:
            call.evaluator.notes.append(
                f"{layer.kind} computes with {usual} here, where the text has {name}={said[:20]!r}: "
                "sizes and parameters are the same."
            )


class Looped:
    """A cell with the settings of the RNN that runs it: a layer such as LSTM."""

    def __init__(self, cell: Any, layer: Any, is_first: bool, is_last: bool):
        self.kind, self.args, self.line, self.name = cell.kind, cell.args, layer.line, layer.name
        own = {name: layer.kwargs[name] for name in OF_LOOP if name in layer.kwargs}
        if not is_last:
            own["return_sequences"] = True
        if not is_first:  # the one before has turned the steps round
            own["go_backwards"] = False
        self.kwargs = {**cell.kwargs, **own}
        self.made: nn.Module | None = None


def looped(layer: Any, call: BuiltinCall, x: KerasTensor, *states: KerasTensor) -> Any:
    """`RNN(LSTMCell(8))`, `RNN([GRUCell(8), GRUCell(4)])`."""
    given = layer.args[0] if layer.args else layer.kwargs.get("cell")
    if getattr(given, "kind", "") == "StackedRNNCells":
        given = given.args[0] if given.args else given.kwargs.get("cells")
    cells = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(cells) == 1 and isinstance(cells[0], Instance):
        return run_cell(layer, call, cells[0], x, *states)
    if not cells or not all(getattr(cell, "kind", "").endswith("Cell") for cell in cells):
        raise ParseError(f"Line {layer.line}: RNN takes LSTMCell, GRUCell, SimpleRNNCell, or a list of them, here.")
    if len(cells) > 1 and states:
        raise ParseError(f"Line {layer.line}: first states of several cells are not read here: use a layer for each.")
    layer.parts = layer.parts or [Looped(cell, layer, cell is cells[0], cell is cells[-1]) for cell in cells]
    last: list[Any] = []
    for part in layer.parts:
        result = recurrent(part, call, x, *states)
        x, *own = result if isinstance(result, list) else [result]
        last += own if len(cells) == 1 or len(own) == 1 else [own] if own else []
    return [x, *last] if last else x


def one_step(layer: Any, call: BuiltinCall, x: KerasTensor, *states: KerasTensor) -> tuple[KerasTensor, list[Any]]:
    """`LSTMCell(8)(x, [h, c])`: a step by itself gives its output and its states."""
    if len(x.shape) != 1:
        raise ParseError(f"Line {layer.line}: {layer.kind} takes one step: its input is (features,).")
    layer.parts = layer.parts or [Looped(layer, layer, True, True)]
    layer.parts[0].kwargs["return_state"] = True
    output, *last = recurrent(layer.parts[0], call, applied(torch.unsqueeze, x, 2), *states)
    return output, last


def _of_one_cell(layer: Any, inner: Any) -> Looped | None:
    """`RNN(LSTMCell(8))` inside of a Bidirectional: the layer that the cell is one step of."""
    cell = (inner.args[0] if inner.args else inner.kwargs.get("cell")) if getattr(inner, "kind", "") == "RNN" else None
    if getattr(cell, "kind", "") not in SAME:
        return None
    layer.parts = layer.parts or [Looped(cell, inner, True, True)]
    return layer.parts[0]


def bidirectional(layer: Any, call: BuiltinCall, x: KerasTensor, *states: KerasTensor) -> Any:
    """Bidirectional(LSTM(...))."""
    inner = layer.args[0] if layer.args else layer.kwargs.get("layer")
    inner = _of_one_cell(layer, inner) or inner
    back = layer.kwargs.get("backward_layer")
    if getattr(inner, "kind", "").startswith("ConvLSTM") and back is None and not states:
        return _both_ways(layer, call, x, inner)
    if not isinstance(inner, Looped) and getattr(inner, "kind", "") not in LOOPED:
        raise ParseError(f"Line {layer.line}: Bidirectional wraps LSTM, GRU, SimpleRNN or ConvLSTM here.")
    if back is not None and _settings_both_ways(back) != _settings_both_ways(inner):
        raise ParseError(f"Line {layer.line}: backward_layer of Bidirectional is read where it is like the other one.")
    merge = layer.kwargs.get("merge_mode", "concat")
    if merge not in ("concat", None, *MERGED):
        raise ParseError(f"Line {layer.line}: merge_mode of Bidirectional is one of concat, {', '.join(MERGED)}, None.")
    result = recurrent(inner, call, x, *states, merge=merge or "concat")
    if merge is not None:
        return result
    output, *last = result if isinstance(result, list) else [result]
    units = output.shape[0] // 2
    return [*(applied(torch.narrow, output, 1, start, units) for start in (0, units)), *last]


def _both_ways(layer: Any, call: BuiltinCall, x: KerasTensor, inner: Any) -> Any:
    """A ConvLSTM forth, and one like it back, each image of whose output stands at its own step again."""
    layer.parts = layer.parts or [inner, _turned_round(inner)]
    forth, back = (call.call(one, x) for one in layer.parts)
    merge = layer.kwargs.get("merge_mode", "concat")
    if not isinstance(forth, KerasTensor) or merge not in ("concat", *MERGED):
        raise ParseError(f"Line {layer.line}: Bidirectional of a ConvLSTM is read without states, and merged.")
    if _switch(inner, call, "return_sequences", False):
        back = applied(torch.flip, back, [2])
    if merge == "concat":
        return applied(torch.cat, [forth, back], 1)
    return applied(MERGED[merge], forth, back)


def _turned_round(inner: Any) -> Any:
    other = copy.copy(inner)
    other.kwargs = inner.kwargs | {"go_backwards": not inner.kwargs.get("go_backwards", False)}
    other.made, other.built, other.last, other.weights = None, {}, None, []
    return other


def _settings_both_ways(layer: Any) -> tuple[Any, ...]:
    """What both layers of a Bidirectional must have alike."""
    kwargs = {
        name: value for name, value in getattr(layer, "kwargs", {}).items() if name not in ("go_backwards", "name")
    }
    return getattr(layer, "kind", ""), getattr(layer, "args", ()), kwargs


def layer_number(layer: Any, call: BuiltinCall, name: str, position: int, default: Any = None) -> int:
    """A setting that is a number from 1. Raises: ParseError."""
    value = layer.kwargs.get(name, layer.args[position] if len(layer.args) > position else default)
    if isinstance(value, Unknown):
        value = call.evaluator.resolve_number(value, name, call.node)
    if type(value) is not int or not 0 < value <= 10_000_000:
        raise ParseError(f"Line {layer.line}: {layer.kind}: {name}={str(value)[:40]} must be an integer from 1.")
    return value


def _switch(layer: Any, call: BuiltinCall, name: str, default: bool) -> bool:
    return call.evaluator.is_true(layer.kwargs.get(name, default), call.node)


def _biases(layer: Any, call: BuiltinCall) -> int:
    """Biases per gate: Keras has one, but two in a GRU that multiplies before it resets."""
    if not _switch(layer, call, "use_bias", True):
        return 0
    if layer.kind.startswith("CuDNN"):
        return 2
    return 2 if layer.kind in ("GRU", "GRUCell") and _switch(layer, call, "reset_after", True) else 1
