"""Keras's layers that turn words, numbers and categories into indices, or indices into rows of zeros and ones."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.layer_kinds.vocabulary import Vocabulary
from core.parsing.dialects.keras.symbols import KerasTensor, in_keras_order
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Unknown

LOOKUPS = ("StringLookup", "IntegerLookup")
FIRST = {"CategoryEncoding": "num_tokens", "Hashing": "num_bins", **dict.fromkeys(LOOKUPS, "max_tokens")}
SPREAD = ("one_hot", "multi_hot", "binary", "count", "tf_idf")  # modes that give a number for each category


def _setting(layer: Any, call: BuiltinCall, name: str) -> Any:
    given = layer.kwargs.get(name, layer.args[0] if layer.args and FIRST.get(layer.kind) == name else None)
    return call.evaluator.resolve_all(given, call.node)


def _categories(layer: Any, call: BuiltinCall) -> Any:
    """How many categories a layer tells apart, None where that depends on data."""
    if layer.kind in ("CategoryEncoding", "Hashing"):
        return _setting(layer, call, FIRST[layer.kind])
    if layer.kind == "Discretization":
        bounds, bins = _setting(layer, call, "bin_boundaries"), _setting(layer, call, "num_bins")
        return len(bounds) + 1 if isinstance(bounds, (list, tuple)) else bins
    words = _setting(layer, call, "vocabulary")
    if not isinstance(words, (list, tuple)):
        return _setting(layer, call, "max_tokens")
    unknown = _setting(layer, call, "num_oov_indices")
    has_mask = _setting(layer, call, "mask_token") is not None and _mode(layer, call) == "int"
    return len(words) + (1 if unknown is None else unknown) + has_mask


def _mode(layer: Any, call: BuiltinCall) -> str:
    usual = "multi_hot" if layer.kind == "CategoryEncoding" else "int"
    return str(_setting(layer, call, "output_mode") or usual)


def encoded(layer: Any, call: BuiltinCall, x: Any) -> Any:
    """What such a layer gives: as many indices as its input has values, or a number for each category."""
    if not isinstance(x, KerasTensor):
        return Unknown("this depends on data", getattr(call.node, "lineno", 1), is_data=True)
    mode = _mode(layer, call)
    if mode == "int":
        if layer.kind in LOOKUPS:
            call.evaluator.notes.append(
                f"{layer.kind} is left out: the input of the network in PyTorch are the indices that it gives."
            )
        return x
    count = _categories(layer, call)
    if mode not in SPREAD or type(count) is not int or not 0 < count <= 1_000_000:
        raise call.fail(f"how many categories output_mode={mode[:20]!r} tells apart depends on data: write the number.")
    return in_keras_order(_spread, x, count, mode == "one_hot", name=layer.kind.lower())


def _spread(x: Tensor, count: int, is_each: bool) -> Tensor:
    """A number for each category: for each index of a row, or for all of them together."""
    rows = F.one_hot(x.long(), count).to(torch.float32)
    if not is_each:
        return rows.amax(-2)
    return rows.squeeze(-2) if x.shape[-1] == 1 else rows


def lookup_member(layer: Any, evaluator: Any, name: str, node: ast.AST | None) -> Any:
    """What a lookup has besides: `adapt`, `vocabulary_size()`, `get_vocabulary()`."""
    if name == "adapt":
        return Builtin(name, lambda call, *args, **kwargs: None, needs_call=True)
    if name not in ("vocabulary_size", "vocab_size", "get_vocabulary"):
        return MISSING
    count = _categories(layer, BuiltinCall(evaluator, node, layer.kind))
    if type(count) is not int:
        count = Unknown("how many words there are depends on data", getattr(node, "lineno", 1), "vocab_size")
    result = Vocabulary(count) if name == "get_vocabulary" else count
    return Builtin(name, lambda call, *args, **kwargs: result, needs_call=True)


ENCODINGS: dict[str, Callable[..., Any]] = dict.fromkeys(
    ("CategoryEncoding", "Discretization", "Hashing", *LOOKUPS), encoded
)
