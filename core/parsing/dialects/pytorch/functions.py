"""Functions of torch and torch.nn.functional that a `forward` may call; each pays before it runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.dialects.pytorch.function_names import FUNCTIONAL, LINALG, OF_VALUES, SPARSE, SPECIAL, TORCH
from core.parsing.dialects.pytorch.meta_rules import OWN
from core.parsing.dialects.pytorch.numbers_in_lists import as_numbers
from core.parsing.evaluation.array_growth import check_growth
from core.parsing.evaluation.budget import MAX_REAL_VALUES, MAX_VALUES, TENSOR_STEPS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.known import MAX_KNOWN, all_known, known, remember, with_known
from core.parsing.evaluation.values import Builtin, Unknown, type_name

OF_TORCH = (Tensor, torch.dtype, torch.device, torch.memory_format, torch.layout)
PLAIN = (*OF_TORCH, int, float, complex, bool, str, list, tuple, slice, type(None), type(Ellipsis), dict)
PIECES = ("unbind", "split", "chunk", "tensor_split")
KNOWN = (
    "arange",
    "range",
    "linspace",
    "logspace",
    "zeros",
    "ones",
    "full",
    "eye",
)  # creators whose values are no chance


def checked_size(call: BuiltinCall, count: float) -> None:
    """Refuses a tensor of so many values, before it is made."""
    is_real = call.evaluator.run.device.type != "meta" and not torch._C._len_torch_dispatch_stack()
    most = MAX_REAL_VALUES if is_real else MAX_VALUES
    if count > most:
        raise call.fail(f"this tensor would have {count:.2g} values, more than {most:,}.")


def checked_result(call: BuiltinCall, result: Any) -> Any:
    """The result itself, unless it is a tensor that is too large."""
    for value in result if isinstance(result, (tuple, list)) else (result,):
        if isinstance(value, Tensor) and value.numel() > MAX_REAL_VALUES:
            checked_size(call, value.numel())
    return result


def plain_values(call: BuiltinCall, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments as PyTorch's functions take them; refuses what is no value of PyTorch."""
    values, named = [_plain(call, v) for v in args], {k: _plain(call, v) for k, v in kwargs.items() if k != "out"}
    return values, named


def _plain(call: BuiltinCall, value: Any) -> Any:
    if hasattr(value, "__next__"):
        value = call.iterate(value)
    if isinstance(value, Unknown):
        value = call.evaluator.resolve_number(value, "", call.node)
    elif isinstance(value, (list, tuple)) and any(isinstance(item, Unknown) for item in value):
        value = type(value)(_plain(call, item) for item in value)
    value = call.evaluator.resolve_all(value, call.node) if isinstance(value, (list, tuple)) else value
    if not isinstance(value, PLAIN):
        raise call.fail(f"it takes tensors and numbers, not {type_name(value)}.")
    return value


def checked_parts(call: BuiltinCall, name: str, values: list[Any], named: dict[str, Any]) -> None:
    """Refuses to take a tensor apart into more pieces than a list may have, before they are made."""
    if name not in PIECES or not values or not isinstance(values[0], Tensor):
        return
    longest = max(values[0].shape, default=0)
    how = [v for v in (*values[1:], *named.values()) if isinstance(v, int) and v > 0]
    if name == "split":
        call.evaluator.budget.size(longest // (how[0] if how else 1), call.node)
    else:
        call.evaluator.budget.size(longest if name == "unbind" or not how else max(how), call.node)


def tensor_function(name: str, function: Callable[..., Any]) -> Builtin:
    """A function of tensors under its name."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        values, named = plain_values(call, args, kwargs)
        if "device" in named:
            named["device"] = call.evaluator.run.device
        checked_parts(call, name.rpartition(".")[2], values, named)
        return with_known(function, values, named, checked_result(call, function(*values, **named)))

    return Builtin(name, run, needs_call=True, pays=TENSOR_STEPS)


def function_of_values(name: str, function: Callable[..., Any]) -> Builtin:
    """A function whose result, or its shape, depends on the values of a tensor: `torch.unique(labels)`."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Unknown):
            return Unknown("the values of this data are not known", getattr(call.node, "lineno", 1))
        values, named = plain_values(call, args, kwargs)
        if not all_known([*values, *named.values()]):
            raise call.fail("it depends on the values of a tensor, which only a run knows.")
        values = [v if known(v) is None else known(v) for v in values]
        if name.endswith("bincount"):
            check_growth("bincount", [one.numpy() if isinstance(one, Tensor) else one for one in values], named)
        return _on_device(call, function(*values, **named))

    return Builtin(name, run, needs_call=True, pays=TENSOR_STEPS)


def _on_device(call: BuiltinCall, made: Any) -> Any:
    """What was worked out of numbers, where the evaluation has its tensors."""
    if isinstance(made, tuple):
        return tuple(_on_device(call, one) for one in made)
    return remember(made.to(call.evaluator.run.device), made) if isinstance(made, Tensor) else made


def _sizes(args: tuple[Any, ...]) -> list[int]:
    sizes: list[int] = []
    for value in args:
        sizes += [n for n in value if isinstance(n, int)] if isinstance(value, (list, tuple)) else [value]
    return [n for n in sizes if isinstance(n, (int, float))]


def creation(
    name: str,
    count: Callable[[tuple[Any, ...]], float] = lambda args: math.prod(_sizes(args) or [1]),
    module: Any = torch,
) -> Builtin:
    """A function that makes a tensor from sizes, on the device of the evaluation."""
    function = getattr(module, name)

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        values, named = plain_values(call, args, kwargs)
        values = [_number(value) for value in values]
        sized = (*values, *(v for k, v in named.items() if k in ("size", "end", "steps", "n", "m", "high")))
        checked_size(call, count(sized))
        named["device"] = call.evaluator.run.device
        named.pop("generator", None)
        made = function(*values, **named)
        if name in KNOWN and made.numel() <= MAX_KNOWN:
            remember(made, function(*values, **(named | {"device": "cpu"})))
        return made

    return Builtin(f"torch.{name}", run, needs_call=True, pays=TENSOR_STEPS)


def _number(value: Any) -> Any:
    """The number that a tensor of one value holds, where that is known: `torch.arange(lengths.max())`."""
    copy = known(value) if isinstance(value, Tensor) and value.dim() == 0 else None
    return value if copy is None else copy.item()


def _last(args: tuple[Any, ...]) -> float:
    return max((abs(v) for v in args if isinstance(v, (int, float))), default=0)


def _first_sizes(args: tuple[Any, ...]) -> float:
    return math.prod(_sizes(args[:1]) or [1])


CREATORS: dict[str, Builtin] = {
    **{name: creation(name) for name in ("zeros", "ones", "empty", "rand", "randn")},
    **{name: creation(name, _last) for name in ("arange", "range", "linspace", "logspace", "randperm")},
    **{
        name: creation(name, _last)
        for name in (f"{kind}_window" for kind in ("hann", "hamming", "blackman", "bartlett", "kaiser"))
    },
    **{name: creation(name) for name in ("tril_indices", "triu_indices")},
    "full": creation("full", _first_sizes),
    "eye": creation("eye", lambda args: _last(args) ** 2),
    "randint": creation(
        "randint", lambda args: math.prod([n for v in args if isinstance(v, (list, tuple)) for n in v])
    ),
}


FREQUENCIES = {name: creation(name, _last, torch.fft) for name in ("fftfreq", "rfftfreq")}
_DRAWN = tensor_function("torch.normal", torch.normal)


def _normal(call: BuiltinCall, mean: Any = 0.0, std: Any = 1.0, size: Any = None, **kwargs: Any) -> Any:
    """`torch.normal(0, 1, size=(3, 8))`, or one number for each mean and each deviation."""
    if size is not None:
        return call.call(CREATORS["empty"], size, **kwargs)
    return call.call(_DRAWN, mean, std)


def _sized(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """`torch.Tensor(3, 8)` and `torch.Tensor(x.size())` have that size, and `torch.Tensor([3, 8])` has these values."""
    try:
        sizes = [call.evaluator.resolve(value, call.node) for value in args]
    except ParseError:
        if len(args) == 1 and args[0].error is None:
            return args[0]  # what is loaded from a file: a tensor of unknown size
        raise
    if len(sizes) == 1 and isinstance(sizes[0], torch.Size):
        sizes = list(sizes[0])
    if not sizes or all(type(size) is int for size in sizes):
        return call.call(CREATORS["empty"], *(sizes or (0,)))
    made = _tensor(call, *args, **kwargs)
    is_new = made is not args[0] and isinstance(made, Tensor)
    return with_known(Tensor.float, [made], {}, made.float()) if is_new else made


def _tensor(call: BuiltinCall, data: Any = 0, *args: Any, **kwargs: Any) -> Any:
    if isinstance(data, Tensor):
        return data
    try:
        data = call.evaluator.resolve_all(data, call.node)
    except ParseError:
        if isinstance(data, Unknown) and data.error is None:
            return data
        raise
    kwargs = {k: v for k, v in kwargs.items() if k == "dtype"}
    if not isinstance(data, (int, float, bool, list, tuple)):
        raise call.fail("it takes numbers and lists of numbers.")
    data, is_known = as_numbers(data)
    made = torch.tensor(data, device=call.evaluator.run.device, **kwargs)
    if is_known and made.numel() <= MAX_KNOWN:
        remember(made, torch.tensor(data, **kwargs))
    return made


def _same(call: BuiltinCall, value: Any, *args: Any, **kwargs: Any) -> Any:
    return value


def _checkpoint(call: BuiltinCall, function: Any, *args: Any, **kwargs: Any) -> Any:
    """Gradient checkpointing: what the function computes."""
    return call.call(function, *args)


def _checkpoint_sequential(
    call: BuiltinCall, functions: Any, segments: Any, input: Any = None, *args: Any, **kwargs: Any
) -> Any:
    """`checkpoint_sequential(layers, segments, x)`: one after another."""
    for function in functions if isinstance(functions, nn.Sequential) else call.iterate(functions):
        input = call.call(function, input)
    return input


def _vmap(call: BuiltinCall, function: Any, *axes: Any, **settings: Any) -> Builtin:
    """`torch.vmap(function)`: the function of each item."""

    def run(inner: BuiltinCall, *args: Any) -> Any:
        return torch.vmap(lambda *values: inner.call(function, *values), *axes, **settings)(*args)

    return Builtin("vmap", run, needs_call=True, pays=TENSOR_STEPS)


def _sparse_tensor(call: BuiltinCall, indices: Any, values: Any, size: Any = None, **how: Any) -> Any:
    """`torch.sparse_coo_tensor(indices, values, size)`, which has the shape of one that is not sparse."""
    if size is None:
        raise call.fail("its size depends on the values of a tensor: write it as the third argument.")
    return call.call(CREATORS["zeros"], size)


def functions() -> dict[str, Any]:
    """Members of `torch`."""
    in_place = [f"{name}_" for name in TORCH.split()]
    names = [name for name in (*TORCH.split(), *in_place) if hasattr(torch, name)]
    members: dict[str, Any] = {
        name: tensor_function(f"torch.{name}", OWN.get(name, getattr(torch, name))) for name in names
    }
    members |= CREATORS | {"normal": Builtin("torch.normal", _normal, needs_call=True)}
    members["sparse_coo_tensor"] = SPARSE_TENSOR
    members |= {name: function_of_values(f"torch.{name}", getattr(torch, name)) for name in OF_VALUES.split()}
    members |= {name: Builtin(f"torch.{name}", _tensor, needs_call=True) for name in _FROM_NUMBERS}
    return members


SIZED = _sized
VMAP = Builtin("torch.vmap", _vmap, needs_call=True)
SPARSE_TENSOR = Builtin("torch.sparse_coo_tensor", _sparse_tensor, needs_call=True)
_FROM_NUMBERS = ("tensor", "as_tensor", "asarray", "scalar_tensor", "from_numpy")


def _least_squares(call: BuiltinCall, a: Tensor, b: Tensor, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
    """`torch.linalg.lstsq(a, b)`: its solution has a row for each column of a."""
    solution = torch.matmul(a.mT, b)
    return torch.return_types.linalg_lstsq((solution, *(solution.new_empty(0) for _ in range(3))))  # type: ignore[attr-defined]


def sparse() -> dict[str, Any]:
    """Members of `torch.sparse`."""
    return {name: tensor_function(f"torch.sparse.{name}", getattr(torch, name)) for name in SPARSE.split()}


def linear_algebra() -> dict[str, Any]:
    """Members of `torch.linalg`."""
    members: dict[str, Any] = {name: tensor_function(name, getattr(torch.linalg, name)) for name in LINALG.split()}
    return members | {"lstsq": Builtin("lstsq", _least_squares, needs_call=True, pays=TENSOR_STEPS)}


def functional() -> dict[str, Any]:
    """Members of `torch.nn.functional`."""
    return {name: tensor_function(f"F.{name}", OWN.get(name, getattr(F, name))) for name in FUNCTIONAL.split()}


def special() -> dict[str, Any]:
    """Members of `torch.special`."""
    return {name: tensor_function(name, getattr(torch.special, name)) for name in SPECIAL.split()}


SAME = Builtin("same", _same, needs_call=True)
CHECKPOINTS = {
    "checkpoint": Builtin("checkpoint", _checkpoint, needs_call=True),
    "checkpoint_sequential": Builtin("checkpoint_sequential", _checkpoint_sequential, needs_call=True),
}
