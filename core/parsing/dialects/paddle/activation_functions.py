"""Activations of Paddle whose settings have other names or values than PyTorch's.

Source: paddle.nn.functional of Paddle 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.paddle.functions import FUNCTIONS, own
from core.parsing.evaluation.values import Builtin


def _selu(x: Tensor, scale: float = 1.0507009873554805, alpha: float = 1.6732632423543772) -> Tensor:
    return scale * F.elu(x, alpha)


def _softshrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    return F.softshrink(x, threshold)


def _hardshrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    return F.hardshrink(x, threshold)


def _thresholded(x: Tensor, threshold: float = 1.0, value: float = 0.0) -> Tensor:
    return F.threshold(x, threshold, value)


def _rrelu(x: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = True) -> Tensor:
    return F.rrelu(x, lower, upper, training)


def _tanh(x: Tensor) -> Tensor:
    return torch.tanh(x)


_OWN: dict[str, Callable[..., Any]] = {
    "selu": _selu, "softshrink": _softshrink, "hardshrink": _hardshrink, "thresholded_relu": _thresholded,
    "rrelu": _rrelu, "tanh": _tanh,
}  # fmt: skip
_BY_NAME = {name: own(run) for name, run in _OWN.items()}
ACTIVATION_FUNCTIONS: dict[str, Builtin] = {
    **_BY_NAME,
    **{f"{name}_": _BY_NAME[name] for name in ("thresholded_relu", "tanh")},
    "softmax_": FUNCTIONS["softmax"],
}
