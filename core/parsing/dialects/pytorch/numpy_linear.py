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
SCIPY_NAMES = "svd inv pinv det norm cholesky solve lu"

SETTINGS = {"mode", "full_matrices"}  # which numpy and PyTorch call alike
MODES = {"full": "complete", "economic": "reduced"}  # of scipy -> of numpy
MAX_SIDE = 512  # a matrix times itself, and its like, take the cube of it


def _linear(name: str) -> Builtin:
    """`np.linalg.qr(matrix)` and scipy's."""
    of_numpy = getattr(np.linalg, name, None)

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        values, named = plain_values(call, args, kwargs)
        device = call.evaluator.run.device
        if of_numpy and all(known(one) is not None for one in tensors_among((*values, *named.values()))):
            arrays = [np.asarray(as_numpy(one)) for one in values]
            if any(side > MAX_SIDE for one in arrays for side in one.shape):
                raise call.fail(f"the sides of a matrix that is worked out here are at most {MAX_SIDE}.")
            return as_values(of_numpy(*arrays, **named), device)
        matrices = [as_tensor(one, device) if isinstance(one, Array) else one for one in values]
        if not named.keys() <= SETTINGS or not all(isinstance(one, Tensor) for one in matrices):
            raise call.fail(f"{call.name} is known of matrices alone, without such settings.")
        return getattr(torch.linalg, name)(*(one.float() for one in matrices), **named)

    return Builtin(f"linalg.{name}", run, needs_call=True, pays=TENSOR_STEPS)


def _qr_of_scipy(call: BuiltinCall, a: Any, *, mode: Any = "full") -> Any:
    """`scipy.linalg.qr(matrix)`, whose first matrix is square where numpy's has as many columns as are needed."""
    if mode not in MODES:
        raise call.fail(f"it is read with mode={' or '.join(map(repr, MODES))}.")
    return call.call(LINEAR.members["qr"], a, mode=MODES[mode])


LINEAR = Namespace("numpy.linalg", {name: _linear(name) for name in NUMPY_NAMES.split()})
_OF_SCIPY = {name: _linear(name) for name in SCIPY_NAMES.split()} | {"qr": Builtin("qr", _qr_of_scipy, needs_call=True)}
SCIPY = Namespace("scipy", {"linalg": Namespace("scipy.linalg", _OF_SCIPY)})
