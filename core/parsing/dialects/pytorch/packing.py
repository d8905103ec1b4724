"""Packed sequences of `torch.nn.utils.rnn`: padded tensors that say in which order their axes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Namespace, Special


@dataclass(eq=False)
class Packed(Special):
    """What `pack_padded_sequence` returns: (B, T, F) with the lengths, all taken as long as the longest here."""

    x_BTF: Tensor
    lengths: Any = None

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        return self.x_BTF.flatten(0, 1) if name == "data" else MISSING


def _pack(call: BuiltinCall, x: Tensor, lengths: Any, batch_first: Any = False, *args: Any, **kwargs: Any) -> Packed:
    """`pack_padded_sequence(x, lengths, batch_first=True)`."""
    first = call.evaluator.is_true(batch_first, call.node)
    return Packed(x if first else x.transpose(0, 1), lengths)


def _pad(call: BuiltinCall, packed: Any, batch_first: Any = False, *args: Any, **kwargs: Any) -> Any:
    """`pad_packed_sequence(packed, batch_first=True)`: the tensor and the lengths."""
    if not isinstance(packed, Packed):
        raise call.fail("it takes what pack_padded_sequence returns, or a recurrent layer of it.")
    first = call.evaluator.is_true(batch_first, call.node)
    return packed.x_BTF if first else packed.x_BTF.transpose(0, 1), packed.lengths


def run(evaluator: Any, module: nn.RNNBase, args: list[Any], node: Any) -> tuple[Packed, Any] | None:
    """A recurrent layer of a packed sequence, whichever order it takes padded ones in; None for anything else."""
    packed, *states = args
    if not isinstance(packed, Packed):
        return None
    x = packed.x_BTF if module.batch_first else packed.x_BTF.transpose(0, 1)
    output, last = evaluator.call_module(module, [x, *states], {}, node)
    return Packed(output if module.batch_first else output.transpose(0, 1), packed.lengths), last


def _pad_list(call: BuiltinCall, sequences: Any, batch_first: Any = False, *args: Any, **kwargs: Any) -> Tensor:
    """`pad_sequence(list)` of sequences that are equally long here."""
    first = call.evaluator.is_true(batch_first, call.node)
    return torch.stack(call.iterate(sequences), 0 if first else 1)


FUNCTIONS = {
    "pack_padded_sequence": Builtin("pack_padded_sequence", _pack, needs_call=True),
    "pad_packed_sequence": Builtin("pad_packed_sequence", _pad, needs_call=True),
    "pad_sequence": Builtin("pad_sequence", _pad_list, needs_call=True),
}
RNN = Namespace("nn.utils.rnn", FUNCTIONS)
