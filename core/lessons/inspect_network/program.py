"""A small network as a list of operations that a browser can compute: the same numbers as PyTorch's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from core.lessons.inspect_network.activations import ADD, RELU, RESHAPE, LayerOutput
from core.lessons.inspect_network.parts import batch_norm_line

MOST_PARAMETERS = 60_000  # they are sent to the browser whole
Operation = dict[str, Any]  # `op`, `inputs`, and what that operation needs; tensors are Tensors


def program_of(layers: Sequence[LayerOutput]) -> list[Operation] | None:
    """One operation for each layer, in their order; None for a network that is too large or holds another kind.

    `op` is one of conv, norm, relu, maxpool, avgpool, mean, reshape, linear and add. Padding is zeros on both sides.
    """
    modules = {id(layer.module): layer.module for layer in layers if layer.module is not None}
    count = sum(parameter.numel() for module in modules.values() for parameter in module.parameters())
    if count > MOST_PARAMETERS:
        return None
    operations = [_operation(layer) for layer in layers]
    if None in operations:
        return None
    return [
        operation | {"inputs": list(layer.inputs)}
        for operation, layer in zip(operations, layers, strict=True)
        if operation is not None
    ]


def _operation(layer: LayerOutput) -> Operation | None:
    if not layer.inputs:
        return None
    if layer.module is None:
        between = {ADD: "add", RELU: "relu", RESHAPE: "reshape"}
        return {"op": between[layer.kind]} if layer.kind in between else None
    maker = _OPERATIONS.get(type(layer.module))
    return maker(layer.module) if maker else None


def _conv(module: nn.Conv2d) -> Operation | None:
    if module.padding_mode != "zeros" or isinstance(module.padding, str):
        return None
    settings = {name: list(getattr(module, name)) for name in ("stride", "padding", "dilation")}
    return {"op": "conv", "weight": module.weight, "bias": _bias(module), "groups": module.groups, **settings}


def _linear(module: nn.Linear) -> Operation:
    return {"op": "linear", "weight": module.weight, "bias": _bias(module)}


def _norm(module: nn.BatchNorm2d) -> Operation:
    lines = [batch_norm_line(module, channel) for channel in range(module.num_features)]
    return {"op": "norm", "lines": [list(line) for line in lines]}


def _pool(module: nn.MaxPool2d | nn.AvgPool2d) -> Operation | None:
    dilation = getattr(module, "dilation", 1)
    if module.ceil_mode or dilation not in (1, (1, 1)) or not getattr(module, "count_include_pad", True):
        return None
    settings = {name: _pair(getattr(module, name)) for name in ("kernel_size", "stride", "padding")}
    return {"op": "maxpool" if isinstance(module, nn.MaxPool2d) else "avgpool", **settings}


def _mean(module: nn.AdaptiveAvgPool2d) -> Operation | None:
    return {"op": "mean"} if module.output_size in (1, (1, 1)) else None


def _bias(module: nn.Conv2d | nn.Linear) -> Tensor | None:
    return module.bias


def _pair(value: int | tuple[int, int]) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)


_OPERATIONS: dict[type, Callable[[Any], Operation | None]] = {
    nn.Conv2d: _conv,
    nn.Linear: _linear,
    nn.BatchNorm2d: _norm,
    nn.ReLU: lambda _: {"op": "relu"},
    nn.MaxPool2d: _pool,
    nn.AvgPool2d: _pool,
    nn.AdaptiveAvgPool2d: _mean,
    nn.Flatten: lambda _: {"op": "reshape"},
}
