"""The module that Keras's symbols make: a Sequential where they are a chain of layers, else a graph of `torch.fx`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn

from core.parsing.dialects.keras.ancestry import steps_to
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, parents

INPUTS = "inputs"  # key of a graph's `meta`: names and shapes of its inputs, without the batch
INITIALIZERS = "initializers"  # key of a graph's `meta`: name of a weight -> Keras's name of its initializer


def network(inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> nn.Module:
    """The module that computes outputs from inputs: a Sequential where it is a chain of layers, else a graph."""
    steps = steps_to(outputs, inputs)
    chain = _chain(steps, inputs, outputs)
    return nn.Sequential(*chain) if chain is not None else _graph(steps, inputs, outputs)


def _chain(
    steps: list[KerasTensor], inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]
) -> list[nn.Module] | None:
    if len(inputs) != 1 or len(outputs) != 1:
        return None
    before: KerasTensor = inputs[0]
    layers: list[nn.Module] = []
    for step in steps:
        record = step.record
        if record is None or not isinstance(record.target, nn.Module) or record.args != (before,):
            return None
        layers += list(record.target) if type(record.target) is nn.Sequential else [record.target]
        before = step
    return layers if before is outputs[0] else None


def layers_of(outputs: Sequence[KerasTensor], inputs: Sequence[KerasTensor]) -> list[KerasTensor]:
    """Where the layers of a network end, each once, in the order of `model.layers`: by their distance from the output.

    Source: Functional of Keras 3, which puts layers of one distance in the order in which it comes by them.
    """
    order = [one for one in steps_to(outputs, inputs) if not isinstance(one, KerasWeight)]
    starts = set(map(id, inputs))
    above = {id(one): [] if id(one) in starts else _before(one, starts) for one in (*order, *inputs)}
    met: dict[int, KerasTensor] = {}
    pending = list(reversed(outputs))
    while pending:
        symbol = pending.pop()
        if id(symbol) not in met:
            met[id(symbol)] = symbol
            pending += reversed(above[id(symbol)])
    places = {id(one): place for place, one in enumerate(met.values())}
    distances: dict[int, int] = {}
    ends: dict[int, KerasTensor] = {}
    for symbol in [*reversed([one for one in order if id(one) in met]), *inputs]:
        key = id(symbol.layer or symbol)
        ends.setdefault(key, symbol)
        distance = max(distances.get(id(symbol), 0), distances.get(key, 0))
        distances[key] = distance
        for one in above[id(symbol)]:
            distances[id(one)] = max(distances.get(id(one), 0), distance + 1)
    first = {key: min(places[id(one)] for one in met.values() if id(one.layer or one) == key) for key in ends}
    return [ends[key] for key in sorted(ends, key=lambda key: (-distances[key], first[key]))]


def _before(symbol: KerasTensor, starts: set[int]) -> list[KerasTensor]:
    """What a layer is called on: its steps inside are passed by."""
    found: list[KerasTensor] = []
    pending = parents(symbol)[::-1]
    while pending:
        one = pending.pop()
        if isinstance(one, KerasWeight):
            continue
        if one.is_inner and id(one) not in starts:
            pending += reversed(parents(one))
        else:
            found.append(one)
    return found


class KerasGraph(fx.GraphModule):
    """A graph of layers. One of several inputs that is called with a single tensor gets it for each that is alike.

    Zeros stand for those that have another shape than the first one.
    """

    def reset_parameters(self) -> None:
        """Draws weights that belong to no layer, by the initializer that Keras's `add_weight` names for each."""
        for name, parameter in (*self._parameters.items(), *self._buffers.items()):
            if parameter is not None:
                _draw(parameter, self.meta.get(INITIALIZERS, {}).get(name, ""))

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        shapes = list(self.meta.get(INPUTS, {}).values())
        missing = shapes[len(inputs) : len(shapes) - len(kwargs)] if inputs else []
        more = [inputs[0] if shape == shapes[0] else _zeros_beside(inputs[0], shape) for shape in missing]
        return super().__call__(*inputs, *more, **kwargs)


def inputs_besides(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """The inputs of a graph for which zeros stand where it is called with its first one alone, and their shapes."""
    shapes = module.meta.get(INPUTS, {}) if isinstance(module, KerasGraph) else {}
    return {name: shape for name, shape in shapes.items() if shape != next(iter(shapes.values()))}


def _zeros_beside(first: Tensor, shape: tuple[int, ...]) -> Tensor:
    kind = first.dtype if first.is_floating_point() else torch.get_default_dtype()
    return torch.zeros(first.shape[0], *shape, dtype=kind, device=first.device)


def _graph(steps: list[KerasTensor], inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> fx.GraphModule:
    graph, modules = fx.Graph(), nn.Module()
    taken: set[str] = set()
    nodes: dict[int, fx.Node] = {}
    for symbol in inputs:
        name = symbol.name if symbol.name not in taken else f"{symbol.name}_{len(taken) + 1}"
        taken.add(name)
        nodes[id(symbol)] = graph.placeholder(name)
    names: dict[int, str] = {}

    def on_nodes(value: Any) -> Any:
        if isinstance(value, KerasTensor):
            return nodes[id(value)]
        return type(value)(map(on_nodes, value)) if isinstance(value, (list, tuple)) else value

    for step in steps:
        record = step.record
        if record is None:
            continue
        if isinstance(record.target, Tensor):
            nodes[id(step)] = graph.get_attr(_own(record.target, record.name, modules))
        elif isinstance(record.target, nn.Module):
            name = names.setdefault(
                id(record.target), _free(record.name or type(record.target).__name__.lower(), modules)
            )
            if name not in modules._modules:
                modules.add_module(name, record.target)
            nodes[id(step)] = graph.call_module(name, on_nodes(record.args))
        else:
            kwargs = {key: on_nodes(value) for key, value in record.kwargs.items()}
            nodes[id(step)] = graph.call_function(record.target, on_nodes(record.args), kwargs)
    results = tuple(nodes[id(symbol)] for symbol in outputs)
    graph.output(results[0] if len(results) == 1 else results)
    built = KerasGraph(modules, graph, class_name="Network")
    initializers = {
        id(step.record.target): step.initializer for step in steps if isinstance(step, KerasWeight) and step.record
    }
    built.meta[INPUTS] = {nodes[id(symbol)].name: tuple(symbol.shape) for symbol in inputs}
    own = (*modules._parameters.items(), *modules._buffers.items())
    built.meta[INITIALIZERS] = {name: initializers.get(id(one), "") for name, one in own}
    return built


def _free(name: str, modules: nn.Module) -> str:
    """A name that is a word of Python and not taken."""
    base = "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in name) or "layer"
    base = base if not base[0].isdigit() and not hasattr(nn.Module, base) else f"layer_{base}"
    free, number = base, 0
    while hasattr(modules, free):
        number += 1
        free = f"{base}_{number}"
    return free


def _own(tensor: Tensor, name: str, modules: nn.Module) -> str:
    """The name under which a weight or constant is kept in the graph's module."""
    for kept in (modules._parameters, modules._buffers):
        found = next((key for key, value in kept.items() if value is tensor), None)
        if found is not None:
            return found
    name = _free(name, modules)
    if isinstance(tensor, nn.Parameter):
        modules.register_parameter(name, tensor)
    else:
        modules.register_buffer(name, tensor)
    return name


def _draw(parameter: Tensor, initializer: str) -> None:
    with torch.no_grad():
        if "zero" in initializer:
            parameter.zero_()
        elif "one" in initializer:
            parameter.fill_(1.0)
        elif parameter.dim() > 1:
            nn.init.xavier_uniform_(parameter)
        else:
            parameter.uniform_(-0.05, 0.05)
