"""Methods of layers and networks that a text may call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from core.parsing.dialects.pytorch.helpers import CAUSAL_MASK
from core.parsing.dialects.pytorch.hooks import register_hook
from core.parsing.dialects.pytorch.layers import check_layer
from core.parsing.dialects.pytorch.parameters import parameter
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.lazy_items import LazyItems
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Builtin, Unknown

UNCHANGED = [
    "to",
    "cuda",
    "cpu",
    "eval",
    "train",
    "float",
    "half",
    "double",
    "bfloat16",
    "share_memory",
    "compile",
    "type",
    "zero_grad",
    "to_empty",
    "xpu",
]


def _add_sublayer(call: BuiltinCall, module: nn.Module, name: str, sublayer: Any) -> Any:
    """Paddle's `add_module`, which takes dots in names."""
    return _add(call, module, name.replace(".", "_") if isinstance(name, str) else name, sublayer)


def _add(call: BuiltinCall, owner: nn.Module, /, name: str, layer_: Any = None, **named: Any) -> Any:
    """`add_module`, and Paddle's `add_sublayer`, which returns the layer."""
    layer = named.get("module", layer_)
    if not isinstance(name, str) or "." in name or not name:
        raise call.fail(f"{str(name)[:40]!r} is no name of a layer.")
    if layer is not None:
        check_layer(call, layer, call.name)
    if isinstance(owner, EvaluatedModule):
        owner.set_value(name, layer)
    else:
        owner._modules[name] = layer
    return layer


def _register_buffer(
    call: BuiltinCall, module: nn.Module, name: str, tensor: Any = None, persistent: bool = True
) -> None:
    if not isinstance(tensor, (Tensor, type(None))):
        raise call.fail("a buffer is a tensor.")
    module._buffers[name] = tensor
    if not persistent:
        module._non_persistent_buffers_set.add(name)


def _register_parameter(call: BuiltinCall, module: nn.Module, name: str, param: Any = None) -> None:
    if not isinstance(param, (nn.Parameter, type(None))):
        raise call.fail("it takes an nn.Parameter.")
    module._parameters[name] = param


def _append(call: BuiltinCall, module: nn.Module, layer: Any) -> nn.Module:
    if isinstance(module, nn.ParameterList):
        return module.append(layer if isinstance(layer, (nn.Parameter, nn.Module)) else parameter(call, layer))
    if layer is not None or not isinstance(module, nn.ModuleList):
        check_layer(call, layer, call.name)
    module._modules[str(len(module._modules))] = layer
    return module


def _extend(call: BuiltinCall, module: nn.Module, layers: Any) -> nn.Module:
    for layer in call.iterate(layers):
        _append(call, module, layer)
    return module


def _insert(call: BuiltinCall, module: Any, index: int, layer: Any) -> nn.Module:
    place = index + len(module) if isinstance(module, nn.ModuleList) and type(index) is int and index < 0 else index
    module.insert(place, check_layer(call, layer, call.name))
    return module


def _pop(call: BuiltinCall, module: Any, key: Any = -1) -> nn.Module:
    return module.pop(key)


def _clear(call: BuiltinCall, module: Any) -> None:
    module.clear()


def _apply(call: BuiltinCall, module: nn.Module, function: Any) -> nn.Module:
    for part in list(module.modules())[::-1]:
        call.call(function, part)
    return module


OF_DICT = ("keys", "items", "values")


def _listed(name: str) -> Callable[..., Any]:
    def run(call: BuiltinCall, module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        plain = {k: v for k, v in kwargs.items() if isinstance(v, (bool, str))}
        if name not in OF_DICT:
            places = [v for v in args if isinstance(v, (bool, str))]
            return LazyItems(call.evaluator.budget.items(getattr(module, name)(*places, **plain), call.node))
        return getattr(module._modules if isinstance(module, nn.ModuleDict) else module, name)()

    return run


def _parts(is_named: bool) -> Callable[..., Any]:
    def run(call: BuiltinCall, module: nn.Module) -> Any:
        parts = list(call.evaluator.budget.items(module.named_children(), call.node))
        return iter(parts if is_named else [part for _, part in parts])

    return run


def _update(call: BuiltinCall, module: Any, layers: Any) -> None:
    pairs = (
        layers.items()
        if isinstance(layers, (dict, nn.ModuleDict, nn.ParameterDict))
        else [call.iterate(pair) for pair in call.iterate(layers)]
    )
    for name, layer in pairs:
        if isinstance(module, nn.ParameterDict):
            module[name] = layer if isinstance(layer, nn.Parameter) else parameter(call, layer)
        else:
            _add(call, module, name, layer)


def _unknown(call: BuiltinCall, module: nn.Module, *args: Any, **kwargs: Any) -> Unknown:
    return Unknown(f"what {call.name}() returns is not known here", getattr(call.node, "lineno", 1))


def _state_dict(call: BuiltinCall, module: nn.Module, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The weights by name."""
    return dict(call.evaluator.budget.items(module.state_dict().items(), call.node))


def _load_state_dict(
    call: BuiltinCall, module: nn.Module, state: Any, strict: Any = True, *args: Any, **kwargs: Any
) -> Unknown:
    """Weights of another network of the text, which PyTorch takes where names and sizes are the same."""
    if isinstance(state, dict) and state and all(isinstance(one, Tensor) for one in state.values()):
        own = module.state_dict()
        others = {name for name, one in state.items() if name in own and own[name].shape != one.shape}
        others |= own.keys() ^ state.keys() if call.evaluator.is_true(strict, call.node) else set()
        if others:
            said = f"{call.name}: {', '.join(sorted(map(str, others)))[:120]} is not the same in both networks."
            raise call.evaluator.fail(call.node, said, RuntimeError)
    return _unknown(call, module)


def _nothing(call: BuiltinCall, module: nn.Module, *args: Any, **kwargs: Any) -> None:
    """What changes no network."""


def _same(call: BuiltinCall, module: nn.Module, *args: Any, **kwargs: Any) -> nn.Module:
    return module


def _requires_grad(call: BuiltinCall, module: nn.Module, requires_grad: Any = True) -> nn.Module:
    return module.requires_grad_(call.evaluator.is_true(requires_grad, call.node))


def _get_part(name: str) -> Callable[..., Any]:
    return lambda call, module, path: getattr(module, name)(path)


def _set_submodule(call: BuiltinCall, module: nn.Module, path: str, layer: Any, *args: Any, **kwargs: Any) -> None:
    owner, _, name = str(path).rpartition(".")
    call.evaluator.set_attribute(module.get_submodule(owner), name, check_layer(call, layer, call.name), call.node)


def _forward(call: BuiltinCall, module: nn.Module, *args: Any, **kwargs: Any) -> Any:
    return call.evaluator.call_module(module, list(args), kwargs, call.node)


def _convolve(call: BuiltinCall, layer: nn.Module, x: Any, weight: Any, bias: Any = None) -> Any:
    """`self._conv_forward(x, weight, self.bias)`, where a class of the text changes its weight first."""
    convolve = getattr(layer, call.name, None)
    if not all(isinstance(one, Tensor) for one in (x, weight)) or convolve is None:
        raise call.fail(f"{call.name} is given an input and a weight, by a convolution.")
    return convolve(x, weight, bias)


def _method(name: str, run: Callable[..., Any]) -> Builtin:
    return Builtin(name, run, needs_call=True)


_OF_TRAINING = """
    register_full_backward_hook register_backward_hook register_full_backward_pre_hook register_state_dict_pre_hook
    register_load_state_dict_pre_hook register_load_state_dict_post_hook register_state_dict_post_hook
    _register_load_state_dict_pre_hook _register_state_dict_hook
"""
METHODS: dict[str, Builtin] = {
    **{name: _method(name, _same) for name in UNCHANGED},
    **{name: _method(name, _listed(name)) for name in ("modules", "named_modules")},
    "children": _method("children", _parts(False)),
    "named_children": _method("named_children", _parts(True)),
    **{name: _method(name, _listed(name)) for name in ("parameters", "named_parameters", "buffers", "named_buffers")},
    **{name: _method(name, _listed(name)) for name in ("keys", "items", "values")},
    **{name: _method(name, _add) for name in ("add_module", "register_module")},
    "add_sublayer": _method("add_sublayer", _add_sublayer),
    "load_state_dict": _method("load_state_dict", _load_state_dict),
    **{name: _method(name, _unknown) for name in _OF_TRAINING.split()},
    "state_dict": _method("state_dict", _state_dict),
    **{name: _method(name, register_hook) for name in ("register_forward_hook", "register_forward_pre_hook")},
    **{name: _method(name, _nothing) for name in ("save_hyperparameters", "log", "log_dict")},  # of Lightning
    **{name: _method(name, _nothing) for name in ("flatten_parameters", "reset_parameters", "_reset_parameters")},
    "sublayers": _method("sublayers", _listed("modules")),
    "register_buffer": _method("register_buffer", _register_buffer),
    "register_parameter": _method("register_parameter", _register_parameter),
    "append": _method("append", _append),
    "extend": _method("extend", _extend),
    "insert": _method("insert", _insert),
    "pop": _method("pop", _pop),
    "update": _method("update", _update),
    "clear": _method("clear", _clear),
    "apply": _method("apply", _apply),
    "requires_grad_": _method("requires_grad_", _requires_grad),
    "set_submodule": _method("set_submodule", _set_submodule),
    **{name: _method(name, _get_part(name)) for name in ("get_submodule", "get_parameter", "get_buffer")},
    "forward": _method("forward", _forward),
    **{name: _method(name, _get_part(name)) for name in ("log_prob", "predict")},  # of AdaptiveLogSoftmaxWithLoss
    "_conv_forward": _method("_conv_forward", _convolve),
    CAUSAL_MASK.name: CAUSAL_MASK,
}
