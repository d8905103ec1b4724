"""States of a network that another method makes: `net.init_hidden(batch)` stands before each batch of a training loop.

A `forward` that reads such a state before anything has made it gets what that method makes for the batch at hand.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.values import MISSING, Class, Function

if TYPE_CHECKING:
    from core.parsing.evaluation.core import Core

MAKING = re.compile(
    r"_*(re)?(init|set|start|begin|clear|zero|make|create|new|get|detach)(?![a-z])|_*reset|_*init|_*zero"
)
BATCH = re.compile(
    r"b|bs|n|bsz|bsize|batch|.*batch_?size|batch_?sz|num_?batch(es)?|n_?batch|mini_?batch|minibatch_?size"
)
INPUT = re.compile(r"x|xs|inp|inputs?|data|seq|sequence|batch_data|features|images?")
STATE = re.compile(
    r"h|c|hx|cx|(\w+_)?(h|c|hidden|cell|states?|memory|mem|hiddens|carry|context|h0|c0)(_\w+)?\d*|hc|h_c|hidden_cell"
)


def made_state(evaluator: Core, module: Any, name: str) -> Any:
    """The value of `self.name` that a method of its class makes, `MISSING` where no method does."""
    shape = evaluator.run.input_shape
    if shape is None or not STATE.fullmatch(name.lower()):
        return MISSING
    maker = _maker(module.definition, name)
    arguments = _arguments(evaluator, maker, module, shape) if maker is not None else None
    if maker is None or arguments is None or maker in evaluator.run.making:
        return MISSING
    evaluator.run.making.append(maker)
    try:
        returned = evaluator.call(maker, [module], arguments, maker.node)
    finally:
        evaluator.run.making.pop()
    value = returned if module.get_value(name) is MISSING else module.get_value(name)
    if value is None:
        return MISSING
    module.set_value(name, value)
    module.__dict__["made_states"] = [*getattr(module, "made_states", ()), name]
    evaluator.makes_states = True
    _say(evaluator, maker, name)
    return value


def _say(evaluator: Core, maker: Function, name: str) -> None:
    said = f"{maker.name}() makes {name}, which forward() goes on with: it is run before each batch."
    if said not in evaluator.notes:
        evaluator.notes.append(said)


def state_for(evaluator: Core, module: Any, name: str) -> Any:
    """The same for an input of `forward` that is such a state; `MISSING` where no method makes it."""
    maker = _returning(module.definition, name) if STATE.fullmatch(name.lower()) else None
    shape = evaluator.run.input_shape
    arguments = _arguments(evaluator, maker, module, shape) if maker is not None and shape is not None else None
    if maker is None or arguments is None:
        return MISSING
    _say(evaluator, maker, name)
    return evaluator.call(maker, [module], arguments, maker.node)


def usual_state(evaluator: Core, module: nn.Module, name: str, among: list[str]) -> Any:
    """Zeros for a state that `forward` is given and no method makes; `MISSING` where its shape is not clear.

    Args: `among` are the inputs of `forward`; a hidden state and a cell state that are two of them are given apart.
    """
    shape = evaluator.run.input_shape
    if shape is None or not takes_zeros(module, name, among):
        return MISSING
    layer = next(part for part in module.modules() if isinstance(part, (nn.RNNBase, nn.RNNCellBase)))
    zeros = torch.zeros(_state_shape(layer, shape[_batch_axis(module, shape)]), device=evaluator.run.device)
    return (zeros, zeros) if isinstance(layer, (nn.LSTM, nn.LSTMCell)) and len(_states(among)) == 1 else zeros


def takes_zeros(module: nn.Module, name: str, among: list[str]) -> bool:
    """Whether an input of `forward` is a state of its recurrent layers, which have all the same shape of it."""
    layers = [part for part in module.modules() if isinstance(part, (nn.RNNBase, nn.RNNCellBase))]
    states = _states(among)
    return name in states and len(states) <= 2 and len({_state_shape(layer, 1) for layer in layers}) == 1


def _states(names: list[str]) -> list[str]:
    return [name for name in names if STATE.fullmatch(name.lower())]


def _state_shape(layer: nn.RNNBase | nn.RNNCellBase, batch: int) -> tuple[int, ...]:
    if isinstance(layer, nn.RNNCellBase):
        return batch, layer.hidden_size
    return layer.num_layers * (2 if layer.bidirectional else 1), batch, layer.proj_size or layer.hidden_size


def has_state(module: Any, name: str) -> bool:
    """Whether a method makes an input of that name."""
    return bool(STATE.fullmatch(name.lower())) and _returning(module.definition, name) is not None


def forget_states(module: nn.Module) -> None:
    """Before each batch, such states are made anew: the next batch may have another size."""
    for part in module.modules():
        for name in getattr(part, "made_states", ()):
            part.set_value(name, None)  # type: ignore[operator]
            part.values.pop(name)  # type: ignore[operator, union-attr]
        part.__dict__.pop("made_states", None)


def _makers(definition: Class) -> list[Function]:
    methods = [one for each in definition.lineage() for one in each.names.values() if isinstance(one, Function)]
    methods = [one for one in methods if one.kind == "function" and one.name not in ("__init__", "forward")]
    return [one for one in methods if MAKING.match(_words(one.name))]


def _maker(definition: Class, name: str) -> Function | None:
    """The method that sets `self.name`, or else the one that is called after it and returns it."""
    for method in _makers(definition):
        if any(_sets(part, name) for part in all_nodes(method.node)):
            return method
    return _returning(definition, name)


def _returning(definition: Class, name: str) -> Function | None:
    """`init_hidden` for `hidden` and `h`."""
    word = (
        "(h|c)?(hidden|state|memory)(_state|s)?"
        if len(name) < 3 or "hid" in name or "stat" in name
        else re.escape(name)
    )
    called = re.compile(rf"_*(init|initial|reset|zero|make|create|get|new)_*{word}", re.I)
    for method in _makers(definition):
        if called.fullmatch(_words(method.name)) and any(isinstance(one, ast.Return) for one in all_nodes(method.node)):
            return method
    return None


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _sets(part: ast.AST, name: str) -> bool:
    targets = part.targets if isinstance(part, ast.Assign) else ()
    places = (leaf for target in targets for leaf in (target.elts if isinstance(target, ast.Tuple) else (target,)))
    return any(
        isinstance(one, ast.Attribute)
        and one.attr == name
        and isinstance(one.value, ast.Name)
        and one.value.id == "self"
        for one in places
    )


def _arguments(evaluator: Core, maker: Function, module: nn.Module, shape: tuple[int, ...]) -> dict[str, Any] | None:
    """What the method needs for the batch at hand; None where that is not clear."""
    spec = maker.node.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)][1:]
    values: dict[str, Any] = {}
    for name in names:
        if BATCH.fullmatch(_words(name)):
            values[name] = shape[_batch_axis(module, shape)]
        elif name in maker.defaults:
            continue
        elif _words(name) == "device":
            values[name] = evaluator.run.device
        elif INPUT.fullmatch(_words(name)):
            values[name] = torch.empty(shape, device=evaluator.run.device)
        else:
            return None
    return values


def _batch_axis(module: nn.Module, shape: tuple[int, ...]) -> int:
    """Where the batch stands: behind the steps of a sequence, unless a recurrent layer takes it first."""
    recurrent = [part for part in module.modules() if isinstance(part, nn.RNNBase)]
    return 1 if recurrent and len(shape) > 1 and not any(part.batch_first for part in recurrent) else 0
