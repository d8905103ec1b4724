"""`torch.nn.utils`: norms of weights put on and taken off again, parametrizations, convolutions fused with norms."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from core.parsing.dialects.pytorch import packing
from core.parsing.dialects.pytorch.layers import check_layer
from core.parsing.dialects.pytorch.quantization import fused_with_norm
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Builtin, Namespace

COST = 300  # steps of the budget: PyTorch makes a class for each, or works out a weight
SETTINGS = ("name", "n_power_iterations", "dim", "eps")


def _norm(put_on: Any) -> Builtin:
    def run(call: BuiltinCall, module: nn.Module, *args: Any, **kwargs: Any) -> nn.Module:
        args = tuple(call.evaluator.resolve(one, call.node) for one in args)
        plain = {k: call.evaluator.resolve(v, call.node) for k, v in kwargs.items() if k in SETTINGS}
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return put_on(module, *args, **plain)

    return Builtin("norm", run, needs_call=True, pays=COST)


def _older(norm: Any) -> Any:
    """The same under the names `weight_g` and `weight_orig`, with a weight that can be copied after each pass."""

    def run(module: nn.Module, name: str = "weight", *args: Any, **kwargs: Any) -> nn.Module:
        def let_go(layer: nn.Module, *passed: Any) -> None:
            if name in layer.__dict__:
                layer.__dict__[name] = layer.__dict__[name].detach()

        norm(module, name, *args, **kwargs).register_forward_hook(let_go)
        return module

    return run


def _taken_off(take_off: Callable[..., Any]) -> Builtin:
    """`remove_weight_norm(layer)`: the weight is a weight again."""

    def run(call: BuiltinCall, module: Any, name: str = "weight", *args: Any, **kwargs: Any) -> Any:
        name = kwargs.get("tensor_name", name)
        with torch.enable_grad():  # or else the weight is no parameter of which gradients are taken
            return take_off(module, name) if isinstance(module, nn.Module) else module

    return Builtin(take_off.__name__, run, needs_call=True, pays=COST)


def _parametrized(call: BuiltinCall, module: Any, tensor_name: str, parametrization: Any, **how: Any) -> Any:
    """`register_parametrization(layer, "weight", module)`: the weight is what the module computes of another one."""
    inner = check_layer(call, parametrization, call.name)
    if not isinstance(module, nn.Module) or isinstance(module, EvaluatedModule):
        raise call.fail("it is read of a layer of PyTorch alone.")
    call.evaluator.budget.layer(call.node)
    with torch.enable_grad():
        return parametrize.register_parametrization(module, tensor_name, inner, unsafe=bool(how.get("unsafe")))


def _skip_init(call: BuiltinCall, kind: Any, *args: Any, **kwargs: Any) -> Any:
    """`skip_init(nn.Linear, 3, 8)`: the layer, whose first weights nobody needs."""
    return call.call(kind, *args, **kwargs)


def _vector(call: BuiltinCall, parameters: Any) -> Tensor:
    """`parameters_to_vector(net.parameters())`."""
    return torch.cat([one.reshape(-1) for one in call.iterate(parameters)])


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """What changes no shape: clipped gradients, copied values."""


_norms = torch.nn.utils.parametrizations
_CHANGING = "clip_grad_norm_ clip_grad_norm clip_grad_value_ vector_to_parameters"
_FUSING = ("fuse_conv_bn_eval", "fuse_linear_bn_eval")
FUSED = {name: fused_with_norm(getattr(torch.nn.utils, name)) for name in _FUSING}
PARAMETRIZE = {
    "register_parametrization": Builtin("register_parametrization", _parametrized, needs_call=True, pays=COST),
    "remove_parametrizations": _taken_off(parametrize.remove_parametrizations),
    "is_parametrized": Builtin("is_parametrized", parametrize.is_parametrized),
}
PARAMETRIZATIONS = {name: _norm(getattr(_norms, name)) for name in ("spectral_norm", "weight_norm")}
UTILS = Namespace(
    "nn.utils",
    {
        "rnn": packing.RNN,
        "spectral_norm": _norm(_older(torch.nn.utils.spectral_norm)),
        "weight_norm": _norm(_older(torch.nn.utils.weight_norm)),
        **{name: _taken_off(getattr(torch.nn.utils, name)) for name in ("remove_weight_norm", "remove_spectral_norm")},
        **FUSED,
        "fusion": Namespace("nn.utils.fusion", FUSED),
        **{name: Builtin(name, _nothing, needs_call=True) for name in _CHANGING.split()},
        "parameters_to_vector": Builtin("parameters_to_vector", _vector, needs_call=True),
        "skip_init": Builtin("skip_init", _skip_init, needs_call=True),
        "parametrize": Namespace("nn.utils.parametrize", PARAMETRIZE),
        "parametrizations": Namespace("parametrizations", PARAMETRIZATIONS),
    },
)
