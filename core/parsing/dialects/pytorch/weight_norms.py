"""`torch.nn.utils`: norms and other rules that work a weight out of others, put on layers and taken away again."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import nn

from core.parsing.dialects.pytorch import layers, packing
from core.parsing.dialects.pytorch.quantization import fused_with_norm
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Builtin, Namespace

FUSED = Builtin("fuse_conv_bn_eval", fused_with_norm, needs_call=True)


def _norm(parametrize: Any) -> Builtin:
    def run(call: BuiltinCall, module: nn.Module, *args: Any, **kwargs: Any) -> nn.Module:
        plain = {k: v for k, v in kwargs.items() if k in ("name", "n_power_iterations", "dim", "eps")}
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return parametrize(module, *(v for v in args if isinstance(v, (str, int))), **plain)

    return Builtin("norm", run, needs_call=True)


def _older(norm: Any) -> Any:
    """The same under the names `weight_g` and `weight_orig`, with a weight that can be copied after each pass."""

    def run(module: nn.Module, name: str = "weight", *args: Any, **kwargs: Any) -> nn.Module:
        def let_go(layer: nn.Module, *passed: Any) -> None:
            if name in layer.__dict__:  # until the norm is taken away
                layer.__dict__[name] = layer.__dict__[name].detach()

        norm(module, name, *args, **kwargs).register_forward_hook(let_go)
        return module

    return run


def _without_norm(remove: Any) -> Builtin:
    def run(call: BuiltinCall, module: nn.Module, name: Any = "weight", *args: Any, **kwargs: Any) -> nn.Module:
        with torch.enable_grad():  # or else the weight is no parameter of which gradients are taken
            return remove(module, name)

    return Builtin(remove.__name__, run, needs_call=True)


def _register_parametrization(
    call: BuiltinCall, module: Any, name: str, parametrization: Any, unsafe: Any = False
) -> nn.Module:
    """`parametrize.register_parametrization(layer, "weight", Own())`: a weight that a network works out of another."""
    inner = layers.check_layer(call, parametrization, call.name)
    if not isinstance(module, nn.Module) or isinstance(module, EvaluatedModule):
        raise call.fail("it is read of a layer of PyTorch alone.")
    with torch.enable_grad():
        return torch.nn.utils.parametrize.register_parametrization(module, name, inner, unsafe=unsafe is True)


_norms = torch.nn.utils.parametrizations
UTILS = Namespace(
    "nn.utils",
    {
        "rnn": packing.RNN,
        "spectral_norm": _norm(_older(torch.nn.utils.spectral_norm)),
        "weight_norm": _norm(_older(torch.nn.utils.weight_norm)),
        "remove_weight_norm": _without_norm(torch.nn.utils.remove_weight_norm),
        "remove_spectral_norm": _without_norm(torch.nn.utils.remove_spectral_norm),
        "fuse_conv_bn_eval": FUSED,
        "fusion": Namespace("fusion", {"fuse_conv_bn_eval": FUSED}),
        "parametrize": Namespace(
            "parametrize",
            {
                "remove_parametrizations": _without_norm(torch.nn.utils.parametrize.remove_parametrizations),
                "register_parametrization": Builtin("register_parametrization", _register_parametrization, True),
                "is_parametrized": Builtin("is_parametrized", torch.nn.utils.parametrize.is_parametrized),
            },
        ),
        "parametrizations": Namespace(
            "parametrizations",
            {"spectral_norm": _norm(_norms.spectral_norm), "weight_norm": _norm(_norms.weight_norm)},
        ),
    },
)
