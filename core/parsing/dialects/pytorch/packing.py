"""Packed sequences of `torch.nn.utils.rnn`: padded tensors that say in which order their axes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Namespace, Special

ORDER = ("batch_sizes", "sorted_indices", "unsorted_indices")


@dataclass(eq=False)
class Packed(Special):
    """What `pack_padded_sequence` returns: (B, T, F) with the lengths, all taken as long as the longest here."""

    x_BTF: Tensor
    lengths: Any = None

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        if name in ORDER:  # which say no more than what it is
            return self
        return self.x_BTF.flatten(0, 1) if name == "data" else MISSING


def _pack(call: BuiltinCall, x: Tensor, lengths: Any, batch_first: Any = False, *args: Any, **kwargs: Any) -> Packed:
    """`pack_padded_sequence(x, lengths, batch_first=True)`."""
    first = call.evaluator.is_true(batch_first, call.node)
    return Packed(x if first else x.transpose(0, 1), lengths)


def _pack_list(call: BuiltinCall, sequences: Any, *args: Any, **kwargs: Any) -> Packed:
    """`pack_sequence(list)` of sequences that are equally long here."""
    return Packed(torch.stack(call.iterate(sequences)))


def _packed(call: BuiltinCall, data: Tensor, batch_sizes: Any, *args: Any, **kwargs: Any) -> Packed:
    """`PackedSequence(layer(packed.data), packed.batch_sizes)`: other values in the same order."""
    if not isinstance(batch_sizes, Packed):
        raise call.fail("it takes the batch_sizes of a packed sequence.")
    return Packed(data.unflatten(0, batch_sizes.x_BTF.shape[:2]), batch_sizes.lengths)


def _pad(
    call: BuiltinCall, sequence: Any, batch_first: Any = False, padding_value: Any = 0.0, total_length: Any = None
) -> Any:
    """`pad_packed_sequence(packed, batch_first=True)`: the tensor and the lengths."""
    if not isinstance(sequence, Packed):
        raise call.fail("it takes what pack_padded_sequence returns, or a recurrent layer of it.")
    x = sequence.x_BTF
    steps = call.evaluator.resolve(total_length, call.node)
    if steps is not None:
        x = x.new_empty(x.shape[0], checked_steps(call, steps, x.shape[1]), *x.shape[2:])
    first = call.evaluator.is_true(batch_first, call.node)
    return x if first else x.transpose(0, 1), sequence.lengths


def checked_steps(call: BuiltinCall, steps: Any, least: int) -> int:
    """How long sequences are padded to. Raises: ValueError as PyTorch does, where they are longer."""
    if type(steps) is not int or steps > MOST_STEPS:
        raise call.fail("total_length is a number of steps.")
    if steps < least:
        raise ValueError(f"Expected total_length to be at least the length of the longest sequence, {least}")
    return steps


def run(evaluator: Any, module: nn.RNNBase, args: list[Any], node: Any) -> tuple[Packed, Any] | None:
    """A recurrent layer of a packed sequence, whichever order it takes padded ones in; None for anything else."""
    packed, *states = args
    if not isinstance(packed, Packed):
        return None
    x = packed.x_BTF if module.batch_first else packed.x_BTF.transpose(0, 1)
    output, last = evaluator.call_module(module, [x, *states], {}, node)
    return Packed(output if module.batch_first else output.transpose(0, 1), packed.lengths), last


def _pad_list(call: BuiltinCall, sequences: Any, batch_first: Any = False, *args: Any, **kwargs: Any) -> Tensor:
    """`pad_sequence(list)`: all as long as the longest."""
    first = call.evaluator.is_true(batch_first, call.node)
    rows = call.iterate(sequences)
    longest = max((len(row) for row in rows), default=0)
    padded = [F.pad(row, (0, 0) * (row.dim() - 1) + (0, longest - len(row))) for row in rows]
    return torch.stack(padded, 0 if first else 1)


MOST_STEPS = 1_000_000
FUNCTIONS = {
    "pack_sequence": Builtin("pack_sequence", _pack_list, needs_call=True),
    "PackedSequence": Builtin("PackedSequence", _packed, needs_call=True),
    "pack_padded_sequence": Builtin("pack_padded_sequence", _pack, needs_call=True),
    "pad_packed_sequence": Builtin("pad_packed_sequence", _pad, needs_call=True),
    "pad_sequence": Builtin("pad_sequence", _pad_list, needs_call=True),
}
RNN = Namespace("nn.utils.rnn", FUNCTIONS)
