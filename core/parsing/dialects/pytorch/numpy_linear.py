"""Linear algebra of numpy and scipy: of known numbers by numpy itself, of other matrices by the shapes of PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.parsing.dialects.pytorch.functions import plain_values
from core.parsing.dialects.pytorch.numpy_values import as_numpy, as_values
from core.parsing.evaluation.arrays import Array, as_tensor
from core.parsing.evaluation.budget import TENSOR_STEPS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.known import known, tensors_among
from core.parsing.evaluation.values import Builtin, Namespace

NUMPY_NAMES = "norm inv det pinv matrix_rank solve qr svd slogdet cholesky"
SCIPY_NAMES = "qr svd inv pinv det norm cholesky solve lu"


def _linear(name: str) -> Builtin:
    """`np.linalg.qr(matrix)` and scipy's."""
    of_numpy = getattr(np.linalg, name, None)

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        values, named = plain_values(call, args, kwargs)
        device = call.evaluator.run.device
        if of_numpy and all(known(one) is not None for one in tensors_among((*values, *named.values()))):
            return as_values(of_numpy(*map(as_numpy, values), **named), device)
        matrices = [as_tensor(one, device) if isinstance(one, Array) else one for one in values]
        if named or not all(isinstance(one, Tensor) for one in matrices):
            raise call.fail(f"{call.name} is known of matrices alone, without settings.")
        return getattr(torch.linalg, name)(*(one.float() for one in matrices))

    return Builtin(f"linalg.{name}", run, needs_call=True, pays=TENSOR_STEPS)


LINEAR = Namespace("numpy.linalg", {name: _linear(name) for name in NUMPY_NAMES.split()})
SCIPY = Namespace("scipy", {"linalg": Namespace("scipy.linalg", {n: _linear(n) for n in SCIPY_NAMES.split()})})
