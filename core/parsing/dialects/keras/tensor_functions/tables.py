"""TensorFlow's and `keras.ops`' functions that make tables of known values, and cut triangles out of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from core.parsing.dialects.keras.constants import ConstantRecipe
from core.parsing.dialects.keras.first_tensorflow import filled
from core.parsing.dialects.keras.input_symbols import is_of_data, symbol
from core.parsing.dialects.keras.shaped_data import ShapedData, band
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, in_keras_order
from core.parsing.dialects.keras.tensor_functions.copies import MOST_COPIES
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin


def _full(call: BuiltinCall, shape: Any, value: Any = 0.0, *args: Any, **kwargs: Any) -> ShapedData:
    """`tf.fill([n, n], 0.5)`, `ops.full((n, n), 0.5)`."""
    number = call.evaluator.resolve(kwargs.get("fill_value", value), call.node)
    return filled(call, kwargs.get("dims", shape), number)


def _eye(call: BuiltinCall, rows: Any, columns: Any = None, *args: Any, **kwargs: Any) -> ShapedData:
    """`tf.eye(n)`: ones on the diagonal."""
    given = call.evaluator.resolve_all([rows, kwargs.get("M", kwargs.get("num_columns", columns))], call.node)
    sizes = tuple(given[0] if not isinstance(one, int) else one for one in given)
    if not all(type(one) is int and 0 < one <= MOST_COPIES for one in sizes):
        raise call.fail("it takes how many rows there are, and columns.")
    return ShapedData(sizes, recipe=ConstantRecipe(torch.eye, sizes, call.evaluator.run.device))


def _band(call: BuiltinCall, x: Any, num_lower: Any = -1, num_upper: Any = -1, **kwargs: Any) -> KerasTensor:
    """`tf.linalg.band_part(x, -1, 0)`: the triangle below the diagonal."""
    sides = call.evaluator.resolve_all([num_lower, num_upper], call.node)
    if not all(type(one) is int for one in sides):
        raise call.fail("it takes how many diagonals are kept below and above that in the middle.")
    return band(symbol(call, x), *sides)


def _triangle(function: Callable[..., Any]) -> Callable[..., Any]:
    """`ops.tril(x, k=-1)`, `ops.triu(x)`."""

    def run(call: BuiltinCall, x: Any, k: Any = 0, *args: Any, **kwargs: Any) -> Any:
        if is_of_data(x):
            return x
        return in_keras_order(function, symbol(call, x), int(call.evaluator.resolve(k, call.node)), name=call.name)

    return run


def _turned(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> KerasTensor:
    """`tf.linalg.matrix_transpose(x)`: the last two axes the other way round."""
    return in_keras_order(torch.transpose, symbol(call, x), -2, -1, name="matrix_transpose")


def _of_vector(call: BuiltinCall, a: Any, b: Any, *args: Any, **kwargs: Any) -> KerasTensor:
    """`tf.linalg.matvec(a, b)`."""
    column = in_keras_order(torch.unsqueeze, symbol(call, b), -1)
    product = in_keras_order(torch.matmul, symbol(call, a), column, name="matvec")
    return in_keras_order(torch.squeeze, product, -1)


def _size(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> Any:
    """`ops.size(weight)`: how many values it holds."""
    if not isinstance(x, KerasWeight):
        raise call.fail("how many values there are depends on the batch.")
    return x.meta().numel()


def _named(functions: dict[str, Callable[..., Any]]) -> dict[str, Builtin]:
    return {name: Builtin(name, run, needs_call=True) for name, run in functions.items()}


TABLES = _named(
    {
        **dict.fromkeys(("fill", "full"), _full),
        "eye": _eye,
        "tril": _triangle(torch.tril),
        "triu": _triangle(torch.triu),
        "size": _size,
    }
)
LINALG_TABLES = {"eye": TABLES["eye"]} | _named(
    {
        "band_part": _band,
        **dict.fromkeys(("matrix_transpose", "adjoint"), _turned),
        "matvec": _of_vector,
    }
)
OLD_TABLES = {"eye": TABLES["eye"], "fill": TABLES["fill"], "matrix_band_part": LINALG_TABLES["band_part"]}
