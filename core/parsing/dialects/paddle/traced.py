"""`paddle.jit`, which makes static graphs of layers: what is built stays the same, and its input may be stated.

Source: paddle.jit of Paddle 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from core.parsing.dialects.pytorch.functions import SAME
from core.parsing.dialects.pytorch.summaries import note_size
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace, Unknown


def input_spec(call: BuiltinCall, shape: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`paddle.static.InputSpec([None, 1, 28, 28])`: the shape alone, with the batch."""
    given = shape if isinstance(shape, (list, tuple)) else ()
    if any(isinstance(one, Unknown) and one.compute is None for one in given):  # assume nothing for it
        return Unknown("the sizes of this input are not known here", getattr(call.node, "lineno", 1))
    return call.evaluator.resolve_all(shape, call.node)


def note_specs(call: BuiltinCall, network: Any, specs: Any) -> None:
    """Remembers the first of several specs as the input of a network, of any that takes it where none is named."""
    first = specs[0] if isinstance(specs, list) and specs and isinstance(specs[0], (list, tuple)) else specs
    note_size(call, network if isinstance(network, nn.Module) else None, first, with_batch=True)


def _to_static(call: BuiltinCall, function: Any = None, input_spec: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`to_static(layer)`, or around a method, with or without settings."""
    note_specs(call, function, input_spec)
    return SAME if function is None else function


def _save(call: BuiltinCall, layer: Any, path: Any = None, input_spec: Any = None, **configs: Any) -> None:
    note_specs(call, layer, input_spec)


def _unchanged(call: BuiltinCall, function: Any = None) -> Any:
    return SAME if function is None else function


def _loaded(call: BuiltinCall, *args: Any, **kwargs: Any) -> Unknown:
    """`load(path)`: what it gives is no network of the text, and no error in what is."""
    return Unknown("what is loaded is not in the text", getattr(call.node, "lineno", 1), is_data=True)


_ALL: dict[str, Callable[..., Any]] = {
    "to_static": _to_static,
    "not_to_static": _unchanged,
    "save": _save,
    "load": _loaded,
}
JIT = Namespace("paddle.jit", {name: Builtin(name, run, needs_call=True) for name, run in _ALL.items()})
