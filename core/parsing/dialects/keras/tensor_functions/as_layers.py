"""Functions of Keras's backend and of `keras.ops` that are layers: pools, borders, larger images, joined tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.parsing.dialects.keras.builders import layer_builder
from core.parsing.dialects.keras.input_symbols import symbol
from core.parsing.dialects.keras.of_training import result_of_data
from core.parsing.dialects.keras.tensor_functions.functions import FUNCTIONS
from core.parsing.dialects.keras.tensor_functions.image_functions import RESIZE
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin


def window_of(kind: str) -> Callable[..., Any]:
    """`ops.max_pool(x, 2)`: the layer of that kind for as many axes as the input has."""

    def run(call: BuiltinCall, x: Any, pool_size: Any, strides: Any = None, padding: Any = "valid",
            data_format: Any = None, *args: Any, **kwargs: Any) -> Any:  # fmt: skip
        axes = len(symbol(call, x).shape) - 1
        layer = layer_builder(f"{kind}Pooling{axes}D")(call, pool_size=pool_size, strides=strides, padding=padding)
        return call.call(layer, x)

    return run


def _pool(call: BuiltinCall, x: Any, pool_size: Any, strides: Any = (1, 1), padding: Any = "valid",
          data_format: Any = None, pool_mode: Any = "max") -> Any:  # fmt: skip
    """`K.pool2d(x, (2, 2))`, which moves by one cell unless it is told otherwise."""
    return window_of("Average" if pool_mode == "avg" else "Max")(call, x, pool_size, strides, padding)


def _enlarged(call: BuiltinCall, x: Any, height_factor: Any, width_factor: Any, *args: Any, **kwargs: Any) -> Any:
    """`K.resize_images(x, 2, 2, "channels_last")`."""
    sizes = zip(symbol(call, x).shape[1:], (height_factor, width_factor), strict=True)
    return call.call(RESIZE["resize"], x, [side * factor for side, factor in sizes], "nearest")


def _bordered(axes: int) -> Callable[..., Any]:
    """`K.spatial_2d_padding(x, ((1, 1), (1, 1)))`, `K.temporal_padding(x, (1, 1))`."""

    def run(call: BuiltinCall, x: Any, padding: Any = None, *args: Any, **kwargs: Any) -> Any:
        named = {} if padding is None else {"padding": padding}
        return call.call(layer_builder(f"ZeroPadding{axes}D")(call, **named), x)

    return run


def _side_by_side(axis: int) -> Callable[..., Any]:
    """`ops.hstack([x, y])`, `ops.append(x, y, axis=-1)`."""

    def run(call: BuiltinCall, values: Any, other: Any = None, **kwargs: Any) -> Any:
        pair = [values, other] if other is not None else list(call.iterate(values))
        return call.call(FUNCTIONS["concat"], pair, kwargs.get("axis", axis))

    return run


def _flat(call: BuiltinCall, x: Any) -> Any:
    """`K.batch_flatten(x)`: all values of each image."""
    return call.call(layer_builder("Flatten")(call), x)


_BACKEND: Mapping[str, Callable[..., Any]] = {
    "hstack": _side_by_side(1),
    "dstack": _side_by_side(2),
    "append": _side_by_side(-1),
    "batch_flatten": _flat,
    "flatten": result_of_data,  # of all images of a batch at once, as in a loss
    "pool2d": _pool,
    "resize_images": _enlarged,
    "spatial_2d_padding": _bordered(2),
    "spatial_3d_padding": _bordered(3),
    "pool3d": _pool,
    "temporal_padding": _bordered(1),
    "repeat_elements": FUNCTIONS["repeat"].run,
}
BACKEND_NUMERIC = {name: Builtin(name, run, needs_call=True) for name, run in _BACKEND.items()}
