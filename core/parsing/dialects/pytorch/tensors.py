"""Attributes and methods of tensors that a `forward` may use."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.parsing.dialects.pytorch.function_names import OF_VALUES, TORCH
from core.parsing.dialects.pytorch.functions import (
    checked_result,
    checked_size,
    function_of_values,
    plain_values,
    tensor_function,
)
from core.parsing.dialects.pytorch.meta_rules import OWN
from core.parsing.dialects.pytorch.typed_tensors import NEW, dtype_of
from core.parsing.evaluation.budget import TENSOR_STEPS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.known import known, with_known
from core.parsing.evaluation.values import Builtin

METHODS = """
    view view_as reshape reshape_as expand expand_as repeat size dim ndimension nelement contiguous t unfold index_fill
    masked_fill_ add_ sub_ mul_ div_ clamp_ fill_ zero_ relu_ sigmoid_ tanh_ exp_ normal_ uniform_ copy_ transpose_
    squeeze_ unsqueeze_ float half double int long bool bfloat16 requires_grad_ type_as stride is_contiguous
    element_size sum_to_size index_add index_copy new_zeros new_ones new_empty new_full permute_dims storage_offset
    softmax log_softmax data_ptr detach_ trunc_ pow_ sqrt_ abs_ neg_ sign_ adjoint
    short byte char cdouble cfloat bernoulli_ exponential_ random_ cauchy_ geometric_ log_normal_ fill_diagonal_
    index_put_ get_device
"""
GROWING = ("expand", "repeat", "new_zeros", "new_ones", "new_empty", "new_full", "tile", "repeat_interleave")


NOT_IN_PLACE = ("detach_",)  # named in METHODS
OFF = "is_cuda is_sparse is_quantized is_mkldnn is_nested is_mps is_xpu"
SAME = "to_sparse to_dense coalesce"  # what is kept sparse has the shapes of what is not


def _unknowable(call: BuiltinCall, *args: Any) -> Any:
    raise call.fail("it depends on the values of a tensor, which only a run knows.")


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """What changes no shape and no network."""


def _values(call: BuiltinCall, value: Tensor, *args: Any) -> Any:
    """`item`, `tolist`, `numpy`: the numbers of a tensor that is made of numbers alone."""
    copy = known(value)
    if copy is None and call.name == ".numpy":  # arrays are tensors here
        return value
    if copy is None:
        return _unknowable(call)
    return copy.item() if call.name == ".item" else copy.tolist()


def _moved(call: BuiltinCall, value: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """`.to(...)`: another type of number; a device is chosen later."""
    for target in map(dtype_of, (*args, *kwargs.values())):
        if isinstance(target, Tensor):
            return value.to(target.dtype)
        if isinstance(target, torch.dtype):
            return with_known(Tensor.to, [value, target], {}, value.to(target))
    return value


def _grown(name: str) -> Builtin:
    method = OWN.get(name, getattr(Tensor, name))

    def run(call: BuiltinCall, value: Tensor, *args: Any, **kwargs: Any) -> Any:
        values, named = plain_values(call, args, kwargs)
        sizes = [
            n for v in values for n in (v if isinstance(v, (list, tuple)) else [v]) if isinstance(n, int) and n > 0
        ]
        count = 1.0 if name.startswith("new") else float(value.numel())
        for n in sizes:
            count *= n
        if "device" in named:
            named["device"] = call.evaluator.run.device
        checked_size(call, min(count, float("1e30")) if name != "expand" else 0)
        made = checked_result(call, method(value, *values, **named))
        return with_known(method, [value, *values], named, made)

    return Builtin(f".{name}", run, needs_call=True, pays=TENSOR_STEPS)


def _size(call: BuiltinCall, value: Tensor, dim: Any = None) -> Any:
    dim = call.evaluator.resolve(dim, call.node)
    return value.size() if dim is None else value.size(dim)


def tensor_members() -> dict[str, Any]:
    """What a tensor has: methods as `Builtin`, attributes as functions of the tensor."""
    in_place = [f"{name}_" for name in TORCH.split() if f"{name}_" not in NOT_IN_PLACE]
    names = [name for name in (*TORCH.split(), *in_place, *METHODS.split()) if hasattr(Tensor, name)]
    members: dict[str, Any] = {
        name: tensor_function(f".{name}", OWN.get(name, getattr(Tensor, name))) for name in names
    }
    members |= {name: _grown(name) for name in GROWING}
    for name in ("item", "tolist", "numpy"):
        members[name] = Builtin(f".{name}", _values, needs_call=True)
    members["copy_"] = Builtin(".copy_", lambda call, value, source, *args: value, needs_call=True)
    for name in ("backward", "register_hook", "retain_grad"):  # what trains
        members[name] = Builtin(f".{name}", _nothing, needs_call=True)
    for name in OF_VALUES.split():
        members[name] = function_of_values(f".{name}", getattr(Tensor, name))
    for name in ("to", "cuda", "cpu", "type", "pin_memory"):
        members[name] = Builtin(f".{name}", _moved, needs_call=True)
    for name in SAME.split():
        members[name] = Builtin(f".{name}", lambda value, *args, **kwargs: value)
    for name in ("astype", "copy"):  # of arrays of numpy, which are tensors here
        members[name] = Builtin(f".{name}", lambda value, *args, **kwargs: value)
    members |= NEW
    members["size"] = Builtin(".size", _size, needs_call=True)
    return members | {
        "shape": lambda value: value.shape,
        "ndim": lambda value: value.dim(),
        "dtype": lambda value: value.dtype,
        "device": lambda value: torch.device("cpu") if value.is_meta else value.device,
        "T": lambda value: value.T,
        "mT": lambda value: value.mT,
        "H": lambda value: value.H,
        "mH": lambda value: value.mH,
        "itemsize": lambda value: value.itemsize,
        "nbytes": lambda value: value.nbytes,
        "layout": lambda value: value.layout,
        "data": lambda value: value.detach(),
        "real": lambda value: value.real,
        "imag": lambda value: value.imag,
        "grad": lambda value: None,
        "grad_fn": lambda value: None,
        **{name: lambda value: False for name in OFF.split()},
        "requires_grad": lambda value: value.requires_grad,
        "is_leaf": lambda value: value.is_leaf,
    }


TENSOR = tensor_members()
