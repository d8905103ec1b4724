"""The part of numpy that constructors use: arithmetic for sizes, and tables that become buffers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.errors import ParseError
from core.parsing.dialects.pytorch.functions import CREATORS, checked_parts, plain_values
from core.parsing.dialects.pytorch.numpy_linear import LINEAR
from core.parsing.dialects.pytorch.numpy_names import FUNCTIONS, IN_TORCH, OF_DATA
from core.parsing.dialects.pytorch.numpy_tools import TOOLS
from core.parsing.dialects.pytorch.numpy_values import as_numpy, as_values, number_type
from core.parsing.evaluation.array_growth import check_growth
from core.parsing.evaluation.arrays import Array, all_numbers, from_numpy
from core.parsing.evaluation.budget import TENSOR_STEPS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.data_shapes import alike, axes_of_function
from core.parsing.evaluation.known import known, tensors_among, with_known
from core.parsing.evaluation.values import Builtin, Namespace, Special, StoredValue, Type, Unknown

UNKNOWN = "the values of this data are not known"


def _function(name: str) -> Builtin:
    """A function of numbers, of arrays, and of the tensors that tables are here."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Special) and not args[0].is_tensor:  # data of a known shape
            return call.call(args[0].attribute(call.evaluator, name, call.node), *args[1:], **kwargs)
        if args and isinstance(args[0], Unknown):
            axes = axes_of_function(name, list(args), kwargs)
            if axes or name in OF_DATA or args[0].axes:
                return Unknown(UNKNOWN, getattr(call.node, "lineno", 1), axes=axes)
        kind = number_type(kwargs.pop("dtype", None))
        values, named = plain_values(call, args, kwargs)
        tensors = tensors_among((*values, *named.values()))
        if any(known(one) is None for one in tensors):
            if not hasattr(torch, IN_TORCH.get(name, name)):
                raise call.fail("it depends on the values of an array, which only a run knows.")
            function = OWN.get(name) or getattr(torch, IN_TORCH.get(name, name))
            named = _with_torch_axes(name, named)
            checked_parts(call, IN_TORCH.get(name, name), values, named)
            return with_known(function, values, named, function(*values, **named))
        values, named = [as_numpy(one) for one in values], {key: as_numpy(one) for key, one in named.items()}
        check_growth(name, values, named)
        made = getattr(np, name)(*values, **named)
        return as_values(made if kind is None else np.asarray(made).astype(kind), call.evaluator.run.device)

    return Builtin(f"np.{name}", run, needs_call=True, pays=TENSOR_STEPS)


def _flipped(x: Tensor, dims: Any = None) -> Tensor:
    """`np.flip(x, axis)`, of all axes without one."""
    axes = range(x.dim()) if dims is None else dims
    return x.flip((axes,) if type(axes) is int else tuple(axes))


def _grid(*axes: Tensor, indexing: str = "xy") -> tuple[Tensor, ...]:
    """`np.meshgrid(x, y)`, whose first array goes along the columns."""
    return torch.meshgrid(*axes, indexing=indexing)


OWN: dict[str, Callable[..., Any]] = {"flip": _flipped, "meshgrid": _grid}


def _with_torch_axes(name: str, named: dict[str, Any]) -> dict[str, Any]:
    """Arguments by PyTorch's names: `axis` is `dim`, of `flip` several `dims`."""
    if name == "flip" and "axis" in named:
        return {"dims": named["axis"]}
    return {"dim" if key == "axis" else key: value for key, value in named.items()}


def _is_left_out(items: Iterable[Any]) -> bool:
    """Whether `...` stands for numbers, as on a page that shows no data: `[...]`, `[[0, 1], ...]`."""
    return any(one is Ellipsis or (isinstance(one, (list, tuple)) and _is_left_out(one)) for one in items)


def _array(call: BuiltinCall, values: Any = (), *args: Any, **kwargs: Any) -> Any:
    """`np.array(values)`."""
    if isinstance(values, (int, float, Tensor)):
        return values
    try:
        items = call.iterate(values)
    except ParseError:
        if isinstance(values, Unknown) and values.error is None:  # such as data out of a file
            return values
        raise
    if any(isinstance(one, Unknown) for one in items) and (axes := alike(items)):
        return Unknown(UNKNOWN, getattr(call.node, "lineno", 1), axes=(len(items), *axes), example=items[0])
    if _is_left_out(items):
        return StoredValue("`...` stands for data that is not in this text", getattr(call.node, "lineno", 1))
    if any(isinstance(one, (list, tuple)) for one in items):
        listed = call.evaluator.resolve_all(items, call.node)
        return from_numpy(np.array(as_numpy(listed)), call.evaluator.run.device)
    kind = number_type(kwargs.get("dtype", args[0] if args else None))
    made = Array(items) if kind is None or not all_numbers(items) else Array(np.array(items, dtype=kind).tolist())
    are_alike = all(isinstance(one, Tensor) for one in made) and len({one.shape for one in made}) == 1
    return with_known(torch.stack, [made], {}, torch.stack(made)) if are_alike else made


def _created(name: str, fill: float) -> Builtin:
    """`np.zeros(shape)`: an array for one axis, a tensor for more."""

    def run(call: BuiltinCall, shape: Any = (), *args: Any, **kwargs: Any) -> Any:
        sizes = call.evaluator.resolve_all(kwargs.get("shape", shape), call.node)
        sizes = tuple(sizes) if isinstance(sizes, (list, tuple)) else (sizes,)
        if len(sizes) == 1 and type(sizes[0]) is int:
            call.evaluator.budget.size(sizes[0], call.node)
            kind = number_type(kwargs.get("dtype", args[0] if args else None))
            return Array(np.full(sizes[0], fill, dtype=kind).tolist())
        return call.call(CREATORS[name], sizes)

    return Builtin(f"np.{name}", run, needs_call=True)


def _eye(call: BuiltinCall, rows: Any, columns: Any = None, *args: Any, **kwargs: Any) -> Tensor:
    """`np.eye(n)`."""
    sizes = call.evaluator.resolve_all([rows, rows if columns is None else columns], call.node)
    return call.call(CREATORS["eye"], *sizes)


def _unique(call: BuiltinCall, values: Any = (), *args: Any, **kwargs: Any) -> Any:
    """`np.unique(labels)`, of data whose values only a run knows."""
    if isinstance(values, Unknown):
        path = f"np.unique({values.path})" if values.path else ""
        return Unknown(UNKNOWN, getattr(call.node, "lineno", 1), path=path)
    if isinstance(values, Special):  # an array of known shape, whose classes may be known
        unknown = Unknown(UNKNOWN, getattr(call.node, "lineno", 1))
        classes = unknown if getattr(values, "classes", None) is None else Array(call.iterate(values))
        return (classes, *[unknown] * len(kwargs)) if kwargs else classes
    listed = call.evaluator.resolve_all(call.iterate(values), call.node)
    if args or not set(kwargs) <= {"return_counts"}:
        raise call.fail("only the values and their counts are known here.")
    found = Array(sorted(set(listed)))
    return (found, Array(listed.count(one) for one in found)) if kwargs.get("return_counts") else found


def _full(call: BuiltinCall, shape: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
    """`np.full(shape, value)`."""
    sizes = call.evaluator.resolve_all(shape, call.node)
    sizes = tuple(sizes) if isinstance(sizes, (list, tuple)) else (sizes,)
    if len(sizes) != 1 or type(sizes[0]) is not int:
        return call.call(CREATORS["full"], sizes, value)
    call.evaluator.budget.size(sizes[0], call.node)
    return Array([call.evaluator.resolve(value, call.node)] * sizes[0])


def _range(call: BuiltinCall, *bounds: Any, **kwargs: Any) -> Array:
    """`np.arange(start, stop, step)`."""
    values = [call.evaluator.resolve(bound, call.node) for bound in bounds]
    start, stop = (0, values[0]) if len(values) == 1 else values[:2]
    step = values[2] if len(values) > 2 else 1
    call.evaluator.budget.size(abs((stop - start) / step), call.node)
    return Array(np.arange(start, stop, step, dtype=number_type(kwargs.get("dtype"))).tolist())


def _line(call: BuiltinCall, start: Any, stop: Any, num: Any = 50, **kwargs: Any) -> Array:
    """`np.linspace(start, stop, num)`."""
    low, high, count = (call.evaluator.resolve(value, call.node) for value in (start, stop, num))
    call.evaluator.budget.size(count, call.node)
    how = {name: number_type(one) for name, one in kwargs.items() if name in ("endpoint", "dtype")}
    return Array(np.linspace(low, high, int(count), **how).tolist())


def _random(make: Callable[[tuple[Any, ...], dict[str, Any]], Any]) -> Builtin:
    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        sizes = make(args, kwargs)
        if sizes is None or isinstance(sizes, Unknown):
            return Unknown("a random number has no value here", getattr(call.node, "lineno", 1))
        return call.call(CREATORS["rand"], *(sizes if isinstance(sizes, (list, tuple)) else (sizes,)))

    return Builtin("np.random", run, needs_call=True)


_BY_SIZES = _random(lambda args, kwargs: args or None)
_BY_SIZE = _random(lambda args, kwargs: kwargs.get("size", args[2] if len(args) > 2 else None))
RANDOM = {
    **dict.fromkeys(("rand", "randn"), _BY_SIZES),
    **dict.fromkeys(("normal", "uniform", "randint"), _BY_SIZE),
    "random": _random(lambda args, kwargs: kwargs.get("size", args[0] if args else None)),
    "seed": Builtin("seed", lambda *args: None),
}
_ARRAYS = "array asarray asanyarray ascontiguousarray fromiter"
NUMPY = Namespace(
    "numpy",
    {
        **{name: _function(name) for name in FUNCTIONS.split()},
        "linalg": LINEAR,
        **{f"a{name}": _function(name) for name in ("max", "min")},
        **{name: Builtin(f"np.{name}", _array, needs_call=True) for name in _ARRAYS.split()},
        **{name: _created(name, fill) for name, fill in (("zeros", 0.0), ("ones", 1.0), ("empty", 0.0))},
        **{name: Builtin(f"np.{name}", _eye, needs_call=True) for name in ("eye", "identity")},
        "full": Builtin("np.full", _full, needs_call=True),
        "unique": Builtin("np.unique", _unique, needs_call=True),
        "arange": Builtin("np.arange", _range, needs_call=True),
        "linspace": Builtin("np.linspace", _line, needs_call=True),
        "random": Namespace("numpy.random", RANDOM),
        "pi": math.pi,
        "e": math.e,
        "inf": math.inf,
        "newaxis": None,
        "nan": math.nan,
        **TOOLS,
        "ndarray": Type("ndarray", (Array, Tensor), _array),
    },
)
