"""Calls that print a table of a network: they change nothing, but state the size of its input."""

from __future__ import annotations

from typing import Any

from core.errors import ParseError
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace


def note_input(call: BuiltinCall, sizes: Any, with_batch: bool) -> None:
    """Remembers (C, H, W), where the text states it."""
    try:
        value = call.evaluator.resolve_all(sizes, call.node)
    except ParseError:
        return
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple)):
        value = value[0]
    shape = tuple(value)[1 if with_batch else 0 :] if isinstance(value, (list, tuple)) else ()
    if shape and all(type(n) is int and n > 0 for n in shape):
        call.evaluator.sizes.append(shape)


def _summary(with_batch: bool | None) -> Builtin:
    def run(call: BuiltinCall, network: Any = None, input_size: Any = None, *args: Any, **kwargs: Any) -> None:
        is_batched = len(input_size) == 4 if with_batch is None and isinstance(input_size, tuple) else bool(with_batch)
        note_input(call, input_size, is_batched)

    return Builtin("summary", run, needs_call=True)


SUMMARY = _summary(None)  # as it stands without an import
ROOTS: dict[str, Any] = {
    "torchsummary": Namespace("torchsummary", {"summary": _summary(False)}),
    "torchinfo": Namespace("torchinfo", {"summary": _summary(True)}),
}
