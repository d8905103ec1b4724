"""Keras's layers that turn texts into numbers: PyTorch's layers take indices, so a network begins behind them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from core.parsing.dialects.keras.layer_kinds.encodings import ENCODINGS, lookup_member
from core.parsing.dialects.keras.layer_kinds.vocabulary import Vocabulary
from core.parsing.dialects.keras.shaped_data import ShapedData
from core.parsing.dialects.keras.symbols import KerasTensor
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Unknown

POSITIONS = {"max_tokens": 0, "output_mode": 4, "output_sequence_length": 5, "vocabulary": 7}
USUAL_STEPS = 224  # words of a text, where the code leaves them open


def _setting(layer: Any, call: BuiltinCall, name: str, default: Any = None) -> Any:
    place = POSITIONS[name]
    value = layer.kwargs.get(name, layer.args[place] if len(layer.args) > place else default)
    return call.evaluator.resolve(value, call.node)


def _size(layer: Any, call: BuiltinCall) -> int:
    """How many numbers a text becomes."""
    mode = str(_setting(layer, call, "output_mode", "int"))
    if mode != "int":
        words = _setting(layer, call, "max_tokens")
        if mode not in ("multi_hot", "binary", "count", "tf_idf", "tf-idf") or type(words) is not int:
            raise call.fail(f"max_tokens says how many numbers output_mode={mode[:20]!r} gives: write it.")
        return words
    steps = _setting(layer, call, "output_sequence_length")
    if type(steps) is int and steps > 0:
        return steps
    typed = call.evaluator.input_shape
    if typed is not None and len(typed) == 1:
        return int(typed[0])
    call.evaluator.notes.append(f"How many words a text has is left open; {USUAL_STEPS} are assumed.")
    return USUAL_STEPS


def vectorized(layer: Any, call: BuiltinCall, x: Any) -> Any:
    """`TextVectorization(max_tokens, output_sequence_length=n)(text)`: n indices for each text."""
    if not isinstance(x, KerasTensor):
        count = Unknown("this depends on data", getattr(call.node, "lineno", 1), is_data=True)
        return ShapedData((count, _size(layer, call)))
    if x.record is not None or x.layer not in (None, layer):
        raise call.fail("it takes texts, which no layer gives: call it on an Input of strings.")
    if x.layer is None:
        x.shape, x.layer = (_size(layer, call),), layer
        call.evaluator.notes.append(
            "TextVectorization is left out: the input of the network in PyTorch are the numbers that it gives."
        )
    return x


def vocabulary_of(layer: Any, evaluator: Any, name: str, node: ast.AST | None) -> Any:
    """What such a layer has besides: `adapt`, `get_vocabulary`, `vocabulary_size`."""
    if layer.kind in ENCODINGS:
        return lookup_member(layer, evaluator, name, node)
    call = BuiltinCall(evaluator, node, layer.kind)
    if name in ("adapt", "set_vocabulary"):
        return Builtin(name, lambda call, *args, **kwargs: None, needs_call=True)
    words = _setting(layer, call, "max_tokens")
    line = getattr(node, "lineno", 1)
    known = words if type(words) is int else Unknown("how many words there are depends on data", line, "vocab_size")
    if name in ("vocabulary_size", "vocab_size"):
        return Builtin(name, lambda call: known, needs_call=True)
    if name == "get_vocabulary":
        return Builtin(name, lambda call, *args, **kwargs: Vocabulary(known), needs_call=True)
    return MISSING


TEXTS: dict[str, Callable[..., Any]] = {"TextVectorization": vectorized, **ENCODINGS}
