"""What `torch` says of itself: types of numbers, orders in memory, switches, and whether something is switched on."""

from __future__ import annotations

import math
from typing import Any

import torch

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin

_DTYPES = """
    float32 float64 float16 bfloat16 int8 int16 int32 int64 uint8 bool long float double half int short complex64
    complex128 cfloat cdouble uint16 uint32 uint64
"""
_LAYOUTS = "channels_last channels_last_3d contiguous_format preserve_format strided sparse_coo sparse_csr"
_SWITCHES = """
    manual_seed seed set_grad_enabled set_default_dtype set_default_device set_default_tensor_type set_num_threads
    set_num_interop_threads use_deterministic_algorithms set_float32_matmul_precision set_printoptions set_rng_state
    set_autocast_enabled set_warn_always set_flush_denormal save
"""
_OFF = """
    is_autocast_enabled is_autocast_cpu_enabled is_inference_mode_enabled is_anomaly_enabled
    are_deterministic_algorithms_enabled
"""


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """What changes no network."""


def _always(value: Any, names: str) -> dict[str, Builtin]:
    return {name: Builtin(name, lambda *args: value) for name in names.split()}


STATE: dict[str, Any] = {
    **{name: getattr(torch, name) for name in (*_DTYPES.split(), *_LAYOUTS.split())},
    **{name: Builtin(name, _nothing, needs_call=True) for name in _SWITCHES.split()},
    **_always(False, _OFF),
    **_always(True, "is_grad_enabled"),
    **_always(torch.float32, "get_default_dtype"),
    **_always(torch.device("cpu"), "get_default_device"),
    **{name: Builtin(name, getattr(torch, name)) for name in ("finfo", "iinfo")},
    "inf": math.inf,
    "nan": math.nan,
    "pi": math.pi,
    "e": math.e,
    "newaxis": None,
    "__version__": "2.0.0",
}
