"""PyTorch's functions of each value, under the names that TensorFlow and Keras have for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.tensor_functions.activations import sparse_max


def _cube_root(x: Tensor) -> Tensor:
    return x.sign() * x.abs() ** (1 / 3)


def _square_plus(x: Tensor) -> Tensor:
    return (x + (x.square() + 4.0).sqrt()) / 2


def _sparse_plus(x: Tensor) -> Tensor:
    return torch.where(x.abs() < 1, (x + 1).square() / 4, F.relu(x))


def _sparse_sigmoid(x: Tensor) -> Tensor:
    return ((x + 1) / 2).clamp(0, 1)


OF_EACH: Mapping[str, Callable[..., Tensor]] = {
    "absolute": torch.abs, "reciprocal": torch.reciprocal, "tan": torch.tan, "sinh": torch.sinh, "cosh": torch.cosh,
    "arcsin": torch.asin, "arccos": torch.acos, "arctan": torch.atan, "asin": torch.asin, "acos": torch.acos,
    "atan": torch.atan, "arcsinh": torch.asinh, "arccosh": torch.acosh, "arctanh": torch.atanh, "log2": torch.log2,
    "log10": torch.log10, "exp2": torch.exp2, "log_sigmoid": F.logsigmoid, "hard_tanh": F.hardtanh, "celu": F.celu,
    "tanh_shrink": F.tanhshrink, "soft_shrink": F.softshrink, "hard_shrink": F.hardshrink, "trunc": torch.trunc,
    "isnan": torch.isnan, "isinf": torch.isinf, "isfinite": torch.isfinite, "is_nan": torch.isnan,
    "logical_not": torch.logical_not, "nan_to_num": torch.nan_to_num, "lgamma": torch.lgamma, "erfc": torch.erfc,
    "fabs": torch.abs, "rint": torch.round, "asinh": torch.asinh,
    "acosh": torch.acosh, "atanh": torch.atanh, "erfinv": torch.erfinv, "digamma": torch.digamma,
    "hard_swish": F.hardswish, "deg2rad": torch.deg2rad, "rad2deg": torch.rad2deg, "is_finite": torch.isfinite,
    "is_inf": torch.isinf, "cbrt": _cube_root, "real": torch.clone, "conj": torch.clone,
    "exponential": torch.exp, "squareplus": _square_plus, "sparse_plus": _sparse_plus,
    "sparse_sigmoid": _sparse_sigmoid, "sinc": torch.sinc, "i0": torch.i0, "signbit": torch.signbit,
    "isneginf": torch.isneginf, "isposinf": torch.isposinf, "positive": torch.positive, "threshold": torch.clone,
    "sparsemax": sparse_max,
}  # fmt: skip
