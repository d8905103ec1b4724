"""Inputs of Paddle's static graphs, with their batch or without it.

Source: fluid.data and fluid.layers.data of Paddle 1.8.
"""

from __future__ import annotations

from typing import Any

from core.parsing.dialects.keras.input_symbols import input_symbol
from core.parsing.dialects.paddle import steps
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Unknown


def data(call: BuiltinCall, name: Any = None, shape: Any = (), *args: Any, **kwargs: Any) -> Any:
    """`fluid.data("x", [None, 3, 32, 32])`: an input; with no axis but the batch it may be anything, such as labels."""
    return _input(call, [*call.iterate(shape)][1:], args, kwargs)


def data_of_one(call: BuiltinCall, name: Any = None, shape: Any = (), append_batch_size: Any = True, *args: Any,
                **kwargs: Any) -> Any:  # fmt: skip
    """`fluid.layers.data("x", [3, 32, 32])`: an input, whose batch is left out unless a size is open."""
    sizes = call.evaluator.resolve_all(list(call.iterate(shape)), call.node)
    has_batch = append_batch_size is False or any(n is None or (type(n) is int and n < 0) for n in sizes)
    return _input(call, sizes[1:] if has_batch else sizes, args, kwargs)


def _input(call: BuiltinCall, sizes: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    given = dict(zip(("dtype", "lod_level"), args, strict=False)) | kwargs
    level = given.get("lod_level") or 0
    if level == 1:
        return steps.sequence_input(call, sizes, given.get("dtype", "float32"))
    if level != 0:
        raise call.fail("sequences of sequences, by lod_level=2, are not read.")
    if not sizes:
        return Unknown("what is put into this data is not known", getattr(call.node, "lineno", 1), is_data=True)
    return input_symbol(call, tuple(None if n == -1 else n for n in sizes), "x")


DATA = Builtin("data", data, needs_call=True)
DATA_OF_ONE = Builtin("data", data_of_one, needs_call=True)
