"""`torch.quantization`: layers that become one are put together as PyTorch does; weights that it packs are said."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from core.parsing.dialects.pytorch.helpers import HELPERS
from core.parsing.evaluation.calls import BuiltinCall, first_line
from core.parsing.evaluation.values import Builtin, Namespace

UNCHANGED = "fuse_modules_qat prepare prepare_qat quantize_qat"
PACKING = "convert quantize_dynamic"


def _unchanged(call: BuiltinCall, module: Any = None, *args: Any, **kwargs: Any) -> Any:
    """What observes a network, or makes it ready to be quantized, leaves its shapes and its weights."""
    return module


def _packed(call: BuiltinCall, module: Any = None, *args: Any, **kwargs: Any) -> Any:
    line = getattr(call.node, "lineno", 1)
    said = f"Line {line}: {call.name}() packs weights into bytes; here they are counted as before, as parameters."
    call.evaluator.notes.append(said)
    return module


def _fused(call: BuiltinCall, module: nn.Module, modules_to_fuse: Any, inplace: Any = False, **more: Any) -> nn.Module:
    """`fuse_modules(net, [["conv", "norm", "relu"]])`: the weights of a norm become those of the layer before it."""
    rows = modules_to_fuse if isinstance(modules_to_fuse, (list, tuple)) else [modules_to_fuse]
    names = [[str(one) for one in row] if isinstance(row, (list, tuple)) else str(row) for row in rows]
    call.evaluator.budget.layer(call.node, sum(1 for _ in module.modules()))
    with _in_evaluation(module):
        return _as_pytorch(call, torch.ao.quantization.fuse_modules, module, names, inplace=inplace is True)


def fused_with_norm(fuse: Callable[..., nn.Module]) -> Builtin:
    """`fuse_conv_bn_eval(conv, norm)`: one layer that computes both, with a bias."""

    def run(call: BuiltinCall, layer: nn.Module, norm: nn.Module, *args: Any, **kwargs: Any) -> nn.Module:
        call.evaluator.budget.layer(call.node)
        with _in_evaluation(layer), _in_evaluation(norm):
            return _as_pytorch(call, fuse, layer, norm, *args, **kwargs)

    return Builtin(fuse.__name__, run, needs_call=True)


def _as_pytorch(call: BuiltinCall, function: Callable[..., nn.Module], *args: Any, **kwargs: Any) -> nn.Module:
    try:
        return function(*args, **kwargs)
    except (AttributeError, NotImplementedError, AssertionError) as error:
        raise call.fail(f"{first_line(error)}.") from None


@contextlib.contextmanager
def _in_evaluation(module: nn.Module) -> Iterator[None]:
    """A while in evaluation mode, in which a text does so."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


QUANTIZATION = Namespace(
    "torch.quantization",
    {
        **{name: HELPERS[name] for name in ("QuantStub", "DeQuantStub")},
        **{name: Builtin(name, _unchanged, needs_call=True) for name in UNCHANGED.split()},
        **{name: Builtin(name, _packed, needs_call=True) for name in PACKING.split()},
        "fuse_modules": Builtin("fuse_modules", _fused, needs_call=True),
    },
)
