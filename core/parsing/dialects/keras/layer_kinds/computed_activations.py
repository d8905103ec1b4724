"""Activations of Keras that PyTorch has no layer for: functions of each value, or of the last axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.symbols import KerasTensor, in_keras_order
from core.parsing.dialects.keras.tensor_functions.activations import sparse_max
from core.parsing.dialects.keras.tensor_functions.each_value import OF_EACH

COMPUTED: dict[str, Callable[..., Tensor]] = {
    "glu": F.glu,
    "sparsemax": sparse_max,
    **{name: OF_EACH[name] for name in ("exponential", "squareplus", "sparse_plus", "sparse_sigmoid")},
}


def computed(x: KerasTensor, activation: Any) -> KerasTensor:
    """What such an activation gives; `x` itself for any other one."""
    known = isinstance(activation, str) and activation in COMPUTED
    return in_keras_order(COMPUTED[activation], x, name=activation) if known else x
