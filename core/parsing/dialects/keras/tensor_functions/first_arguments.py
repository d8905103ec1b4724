"""What TensorFlow calls the first argument of its functions: many names for the same tensor."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from core.parsing.evaluation.values import Builtin

NAMES = (
    "features", "logits", "input", "inputs", "images", "image", "tensor", "value", "values", "a", "array",
    "input_tensor", "input_data", "arr",
)  # fmt: skip


def with_first_names(functions: Mapping[str, Builtin]) -> dict[str, Builtin]:
    """The same functions, whose tensor may be given by any of its names: `tf.nn.softmax(logits=x)`."""
    return {name: _named(builtin) if _takes_x(builtin.run) else builtin for name, builtin in functions.items()}


def _takes_x(run: Callable[..., Any]) -> bool:
    parameters = list(inspect.signature(run).parameters)
    return parameters[:2] == ["call", "x"]


def _named(builtin: Builtin) -> Builtin:
    def run(call: Any, *args: Any, **kwargs: Any) -> Any:
        if not args and "x" not in kwargs:
            name = next((one for one in NAMES if one in kwargs), "")
            kwargs = {("x" if key == name else key): value for key, value in kwargs.items()}
        return builtin.run(call, *args, **kwargs)

    return Builtin(builtin.name, run, needs_call=True)
