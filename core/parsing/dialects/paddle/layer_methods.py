"""Attributes and methods that Paddle's layers have and PyTorch's have not."""

from __future__ import annotations

from typing import Any

from torch import nn

from core.parsing.dialects.paddle import training_methods
from core.parsing.dialects.paddle.creation import create_parameter
from core.parsing.dialects.paddle.weight_axes import as_seen
from core.parsing.dialects.pytorch.modules import METHODS as TORCH_METHODS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """What changes no network."""


def _add_parameter(call: BuiltinCall, layer: nn.Module, name: str, parameter: Any = None) -> Any:
    """`self.add_parameter("pos_embed", parameter)`."""
    call.evaluator.set_attribute(layer, name, parameter, call.node)
    return parameter


def _sublayers(is_named: bool) -> Builtin:
    """`net.sublayers()`: the layers in a network, without itself unless it is asked for."""

    def run(call: BuiltinCall, layer: nn.Module, *args: Any, include_self: bool = False, **kwargs: Any) -> Any:
        parts = list(call.evaluator.budget.items(list(layer.named_modules()), call.node))[not include_self :]
        return parts if is_named else [part for _, part in parts]

    return Builtin("sublayers", run, needs_call=True)


def _parameters(call: BuiltinCall, layer: nn.Module, include_sublayers: bool = True) -> list[Any]:
    """`net.parameters()`: a list of all weights, as a text of Paddle sees them."""
    return [weight for _, weight in _named_parameters(call, layer, include_sublayers=include_sublayers)]


def _named_parameters(
    call: BuiltinCall, layer: nn.Module, prefix: str = "", include_sublayers: bool = True
) -> list[tuple[str, Any]]:
    """The same with their names."""
    owners = list(layer.named_modules())[: None if include_sublayers else 1]
    weights = [(owner, path, name, one) for path, owner in owners for name, one in owner._parameters.items()]
    named = {
        id(one): (".".join(filter(None, (prefix, path, name))), as_seen(owner, name, one))
        for owner, path, name, one in weights[::-1]
        if one is not None
    }
    return list(call.evaluator.budget.items(list(named.values())[::-1], call.node))


def _register_buffer(
    call: BuiltinCall, layer: nn.Module, name: str, tensor: Any = None, persistable: bool = True
) -> None:
    """`self.register_buffer("mean", tensor)`."""
    call.call(TORCH_METHODS["register_buffer"], layer, name, tensor, persistable)


_SETTINGS = "in_channels out_channels kernel_size stride padding dilation groups num_features"
ALIASES = {f"_{name}": name for name in _SETTINGS.split()} | {"_mean": "running_mean", "_variance": "running_var"}
_RENAMED = {  # Paddle's name -> PyTorch's
    "get_sublayer": "get_submodule",
    "set_sublayer": "set_submodule",
    "register_forward_post_hook": "register_forward_hook",
}
_OF_PPCLS = ("init_res", "update_res", "flatten_parameters")  # of its TheseusLayer
METHODS = {
    **training_methods.METHODS,
    **{name: TORCH_METHODS[other] for name, other in _RENAMED.items()},
    "parameters": Builtin("parameters", _parameters, needs_call=True),
    "register_buffer": Builtin("register_buffer", _register_buffer, needs_call=True),
    "sublayers": _sublayers(False),
    "named_sublayers": _sublayers(True),
    "named_parameters": Builtin("named_parameters", _named_parameters, needs_call=True),
    "add_parameter": Builtin("add_parameter", _add_parameter, needs_call=True),
    "create_parameter": Builtin(
        "create_parameter", lambda call, layer, *args, **named: create_parameter(call, *args, **named), needs_call=True
    ),
    "_helper": Namespace("LayerHelper", {"get_default_dtype": Builtin("get_default_dtype", lambda: "float32")}),
    "full_name": Builtin("full_name", lambda call, layer: "scope", needs_call=True),
    **{name: Builtin(name, _nothing, needs_call=True) for name in _OF_PPCLS},
}
