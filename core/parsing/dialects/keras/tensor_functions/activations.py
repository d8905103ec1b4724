"""Activations of Keras and TensorFlow with the settings that their functions take besides the tensor.

Source: keras.activations, keras.ops, keras.backend of Keras 2, tf.nn.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.input_symbols import symbol
from core.parsing.dialects.keras.symbols import in_keras_order
from core.parsing.evaluation.calls import BuiltinCall

ALIASES = {"default_value": "value", "features": "x"}
SLOPE = ("relu", "leaky_relu")  # whose alpha is called negative_slope today


def rectified(x: Tensor, negative_slope: Any = 0.0, max_value: Any = None, threshold: Any = 0.0) -> Tensor:
    """The slope below a threshold, the value itself above it, and never more than a maximum."""
    y = torch.where(x >= threshold, x, negative_slope * (x - threshold))
    return y if max_value is None else y.clamp(max=max_value)


def leaky(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    """Keras's and TensorFlow's slope is 0.2, PyTorch's 0.01."""
    return F.leaky_relu(x, negative_slope)


def _elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return F.elu(x, alpha)


def _celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return F.celu(x, alpha)


def _gelu(x: Tensor, approximate: bool = False) -> Tensor:
    return F.gelu(x, approximate="tanh" if approximate else "none")


def _silu(x: Tensor, beta: float = 1.0) -> Tensor:
    return x * torch.sigmoid(beta * x)


def _hard_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    return F.hardshrink(x, threshold)


def _soft_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    return F.softshrink(x, threshold)


def _square_plus(x: Tensor, b: float = 4.0) -> Tensor:
    return (x + (x.square() + b).sqrt()) / 2


def _threshold(x: Tensor, threshold: float, value: float) -> Tensor:
    return F.threshold(x, threshold, value)


def _log_softmax(x: Tensor, axis: int = -1) -> Tensor:
    return F.log_softmax(x, axis)


def sparse_max(x: Tensor, axis: int = -1) -> Tensor:
    """The nearest point whose values are not negative and add up to one. Source: Martins 2016, arXiv:1602.02068."""
    x = x.movedim(axis, -1)
    ordered = x.sort(-1, descending=True).values
    count = torch.arange(1, x.shape[-1] + 1, device=x.device, dtype=x.dtype)
    sums = ordered.cumsum(-1) - 1
    support = (count * ordered > sums).sum(-1, keepdim=True)
    return F.relu(x - sums.gather(-1, support - 1) / support).movedim(-1, axis)


WITH_SETTINGS: Mapping[str, Callable[..., Tensor]] = {
    "relu": rectified,
    "leaky_relu": leaky,
    "elu": _elu,
    "celu": _celu,
    "gelu": _gelu,
    **dict.fromkeys(("silu", "swish"), _silu),
    "hard_shrink": _hard_shrink,
    "soft_shrink": _soft_shrink,
    "squareplus": _square_plus,
    "threshold": _threshold,
    "log_softmax": _log_softmax,
    "sparsemax": sparse_max,
}


def with_settings(call: BuiltinCall, name: str, x: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`tf.nn.leaky_relu(x, alpha=0.1)`; None where nothing is set that the plain function does not have."""
    function = WITH_SETTINGS.get(name)
    if function is None:
        return None
    order = list(inspect.signature(function).parameters)[1:]
    given = dict(zip(order, args, strict=False)) | {_today(name, key): value for key, value in kwargs.items()}
    known = call.evaluator.resolve_all([given.get(key) for key in order], call.node)
    settings = {key: value for key, value in zip(order, known, strict=True) if isinstance(value, (int, float))}
    if not settings:
        return None
    return in_keras_order(function, symbol(call, x), name=name, **settings)


def _today(name: str, setting: str) -> str:
    return "negative_slope" if setting == "alpha" and name in SLOPE else ALIASES.get(setting, setting)
