"""Keras's functional way: inputs, and models made of what is computed from them."""

from __future__ import annotations

import keyword
from typing import Any

from core.parsing.dialects.keras.input_symbols import input_symbol, symbol_of
from core.parsing.dialects.keras.layer_kinds.merges import MERGES
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.keras.numbered_names import numbered
from core.parsing.dialects.keras.sequential import KerasSequential
from core.parsing.dialects.keras.symbols import KerasTensor
from core.parsing.dialects.keras.unbuilt import OLD
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin


def input_layer(call: BuiltinCall, shape: Any = None, *args: Any, **kwargs: Any) -> KerasTensor:
    """`keras.Input(shape)`."""
    batched = kwargs.get("batch_shape", kwargs.get("batch_input_shape"))
    sizes = shape if shape is not None else kwargs.get("input_shape")
    if batched is not None:
        sizes = tuple(call.iterate(batched))[1:]
    if sizes is None:
        raise call.fail("it needs a shape, for example Input((28, 28, 1)).")
    if kwargs.get("dtype") == "string" and sizes in ((), []):
        sizes = (1,)  # a text for each row
    made = input_symbol(call, sizes, _identifier(kwargs.get("name"), "x"))
    made.own_name = str(kwargs.get("name") or numbered(call.evaluator, "input_layer"))
    return made


def _identifier(value: Any, default: str) -> str:
    text = str(value) if isinstance(value, str) else default
    return text if text.isidentifier() and not keyword.iskeyword(text) else default


def model(call: BuiltinCall, *args: Any, **kwargs: Any) -> KerasNetwork:
    """`keras.Model(inputs, outputs)`."""
    for old in ("input", "output"):
        if old in kwargs:
            raise call.fail(f"{old} is Keras 1's name, which Keras does not know any more: write {OLD[old]}=.")
    named = dict(zip(("inputs", "outputs"), args, strict=False)) | kwargs
    inputs, outputs = (_symbols(call, named.get(name)) for name in ("inputs", "outputs"))
    if not inputs or not outputs:
        raise call.fail("it needs its inputs and its outputs.")
    made = KerasNetwork(inputs, outputs, _identifier(named.get("name"), ""), getattr(call.node, "lineno", 1))
    made.number(call.evaluator, "functional")
    return made


MODES = {"concat": "Concatenate", "sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum"}


def _merge(
    call: BuiltinCall, branches: Any, mode: Any = "sum", concat_axis: Any = -1, *args: Any, **kwargs: Any
) -> Any:
    """Keras 1's `Merge([left, right], mode="concat")` of networks, and `merge` of outputs of layers."""
    if mode not in MODES:
        raise call.fail(f"mode={str(mode)[:40]!r} is Keras 1's and must be one of {', '.join(MODES)}.")
    networks = [branch for branch in call.iterate(branches) if isinstance(branch, KerasNetwork)]
    for network in networks:
        if isinstance(network, KerasSequential):
            network.settle(call)
    ends = [end for network in networks for end in network.outputs] or [symbol_of(call, one) for one in branches]
    merged = MERGES[MODES[mode]](call, ends, **({"axis": concat_axis} if mode == "concat" else {}))
    if not networks:
        return merged
    starts = [start for network in networks for start in network.inputs]
    return KerasNetwork(starts, [merged], "", getattr(call.node, "lineno", 1))


MERGE = Builtin("Merge", _merge, needs_call=True)


def _symbols(call: BuiltinCall, value: Any) -> list[KerasTensor]:
    if isinstance(value, dict):
        value = list(value.values())
    values = call.iterate(value) if isinstance(value, (list, tuple)) else [value] if value is not None else []
    return [
        symbol
        for one in values
        for symbol in (_symbols(call, one) if isinstance(one, list) else [symbol_of(call, one)])
    ]


def sequential(call: BuiltinCall, layers: Any = (), *args: Any, **kwargs: Any) -> KerasSequential:
    """`keras.Sequential(layers)`."""
    made = KerasSequential(call, kwargs.get("layers", layers), _identifier(kwargs.get("name"), ""))
    made.number(call.evaluator, "sequential")
    return made
