"""Parameters that a text makes itself, alone, in a list or under names."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.parsing.evaluation.calls import BuiltinCall


def parameter(call: BuiltinCall, data: Any = None, requires_grad: bool = True) -> nn.Parameter:
    """`nn.Parameter(tensor)`."""
    if data is None:
        data = torch.empty(0, device=call.evaluator.run.device)
    data = call.evaluator.resolve(data, call.node)
    if not isinstance(data, Tensor):
        raise call.fail("it takes a tensor, for example torch.zeros(1, 64).")
    return nn.Parameter(data.detach(), requires_grad=bool(requires_grad) and data.is_floating_point())


def buffer(call: BuiltinCall, data: Any = None, *, persistent: Any = True) -> Tensor:
    """`nn.Buffer(tensor)`, which becomes a buffer of what it is set on."""
    if not isinstance(data, Tensor):
        raise call.fail("it takes a tensor, for example torch.zeros(64).")
    return nn.Buffer(data.detach(), persistent=bool(persistent))


def parameter_list(call: BuiltinCall, values: Any = ()) -> nn.ParameterList:
    """`nn.ParameterList(parameters)`; it may hold None among them."""
    kept = (nn.Parameter, nn.Module, type(None))
    return nn.ParameterList([v if isinstance(v, kept) else parameter(call, v) for v in call.iterate(values)])


def parameter_dict(call: BuiltinCall, values: Any = None) -> nn.ParameterDict:
    """`nn.ParameterDict({name: parameter})`."""
    given = values or {}
    pairs = given if isinstance(given, (dict, nn.ParameterDict)) else dict(map(call.iterate, call.iterate(given)))
    return nn.ParameterDict(
        {str(k): v if isinstance(v, nn.Parameter) else parameter(call, v) for k, v in pairs.items()}
    )
