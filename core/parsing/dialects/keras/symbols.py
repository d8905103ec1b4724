"""Keras's symbolic tensors: what a layer is called on while a network is put together, and the graph that remains.

Shapes are PyTorch's inside, channels first; a text sees Keras's, channels last, unless it says otherwise.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx, nn

from core.errors import ParseError
from core.parsing.evaluation.values import MISSING, Builtin, Shared, Special

Shape = tuple[int, ...]
BATCH = 2  # of the tensors on which functions are tried


@dataclass(eq=False)
class Record(Shared):
    """One step: a layer of PyTorch or a function of it, and what it is applied to."""

    target: Any
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass(eq=False)
class KerasTensor(Special):
    """A tensor of a network that is put together: its shape without the batch, channels first, and where it is from."""

    shape: Shape
    record: Record | None = None  # None for an input
    name: str = "x"
    channels_first: bool = False

    def keras_shape(self) -> tuple[int | None, ...]:
        """As the text sees it: (None, height, width, channels)."""
        return (None, *self.shape) if self.channels_first else (None, *to_last(self.shape))

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        """`x.shape` and its kind."""
        if name in ("shape", "_keras_shape"):
            return self.keras_shape()
        if name == "get_shape":
            return Builtin("get_shape", lambda: KerasShape(self.keras_shape()))
        return {"dtype": torch.float32, "name": self.name}.get(name, MISSING)

    def operate(self, name: str, other: Any, is_left: bool) -> Any:
        """Arithmetic with another symbol or a number."""
        function = OPERATORS.get(name)
        like, sizes = getattr(other, "like", None), getattr(other, "sizes", ())
        if like is not None and tuple(sizes[1:]) == self.keras_shape()[1:]:
            other = applied(like, self)  # noise or zeros of the same shape
        if function is None or not isinstance(other, (KerasTensor, int, float)):
            return MISSING
        return applied(function, self, other) if is_left else applied(function, other, self)

    def item(self, evaluator: Any, index: Any, node: Any) -> Any:
        """`x[:, 0]`: Keras's axes in Keras's order, then back."""
        if self.channels_first or len(self.shape) == 1:
            return applied(operator.getitem, self, index)
        raise ParseError(f"Line {getattr(node, 'lineno', 1)}: a slice of a channels-last tensor is not read here.")

    def meta(self) -> Tensor:
        """A tensor of this shape without memory."""
        return torch.empty(BATCH, *self.shape, device="meta")

    def dim(self, axis: int) -> int:
        """PyTorch's index of an axis of Keras."""
        rank = len(self.shape) + 1
        if not isinstance(axis, int) or not -rank <= axis < rank:
            raise ParseError(f"axis={axis} does not exist in a tensor of {rank} dimensions.")
        axis %= rank
        if self.channels_first or axis == 0:
            return axis
        return 1 if axis == rank - 1 else axis + 1


class KerasShape(Special):
    """What `x.get_shape()` returns."""

    def __init__(self, sizes: tuple[int | None, ...]):
        self.sizes = sizes

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        """`.as_list()`."""
        return Builtin("as_list", lambda: list(self.sizes)) if name == "as_list" else MISSING

    def item(self, evaluator: Any, index: Any, node: Any) -> Any:
        """One size, or some."""
        return self.sizes[index]


def to_last(shape: Sequence[int]) -> tuple[int, ...]:
    """Channels first to channels last, without the batch.

    >>> to_last((3, 28, 30))
    (28, 30, 3)
    """
    return (*shape[1:], *shape[:1])


def to_first(shape: Sequence[int]) -> tuple[int, ...]:
    """Channels last to channels first, without the batch.

    >>> to_first((28, 30, 3))
    (3, 28, 30)
    """
    return (*shape[-1:], *shape[:-1])


def applied(function: Callable[..., Any], *args: Any, name: str = "", **kwargs: Any) -> KerasTensor:
    """A function of PyTorch on symbols and numbers; its shape is found on tensors without memory."""
    symbols = [value for value in _flat(args) if isinstance(value, KerasTensor)]
    try:
        output = function(*_on_meta(args), **kwargs)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        raise ParseError(f"{name or function.__name__}: {str(error).splitlines()[0][:160]}.") from None
    if not isinstance(output, Tensor) or output.dim() == 0 or output.shape[0] != BATCH:
        raise ParseError(f"{name or function.__name__} mixes the images of a batch here, which no network does.")
    record = Record(function, args, kwargs, name)
    return KerasTensor(tuple(output.shape[1:]), record, channels_first=symbols[0].channels_first)


def _on_meta(value: Any) -> Any:
    if isinstance(value, KerasTensor):
        return value.meta()
    return type(value)(map(_on_meta, value)) if isinstance(value, (list, tuple)) else value


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def steps_to(outputs: Sequence[KerasTensor], inputs: Sequence[KerasTensor]) -> list[KerasTensor]:
    """All symbols that the outputs are computed from, inputs left out, in an order in which they can be.

    Raises: ParseError where one needs an input that is not among `inputs`.
    """
    order: list[KerasTensor] = []
    done = set(map(id, inputs))
    pending: list[tuple[KerasTensor, bool]] = [(symbol, False) for symbol in reversed(outputs)]
    while pending:
        symbol, is_ready = pending.pop()
        if id(symbol) in done:
            continue
        if symbol.record is None:
            raise ParseError("an output of Model depends on an Input that is not among its inputs.")
        if is_ready:
            done.add(id(symbol))
            order.append(symbol)
            continue
        pending.append((symbol, True))
        pending += [
            (s, False)
            for s in _flat((symbol.record.args, list(symbol.record.kwargs.values())))
            if isinstance(s, KerasTensor)
        ]
    return order


def inputs_of(output: KerasTensor) -> list[KerasTensor]:
    """The inputs that a symbol is computed from."""
    found: list[KerasTensor] = []
    done: set[int] = set()
    pending = [output]
    while pending:
        symbol = pending.pop()
        if id(symbol) in done:
            continue
        done.add(id(symbol))
        if symbol.record is None:
            found.append(symbol)
        else:
            values = (symbol.record.args, list(symbol.record.kwargs.values()))
            pending += [value for value in _flat(values) if isinstance(value, KerasTensor)]
    return found[::-1]


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


class KerasGraph(fx.GraphModule):
    """A graph of layers. One of several inputs that is called with a single tensor gets it for each of them."""

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        missing = sum(1 for node in self.graph.nodes if node.op == "placeholder") - len(inputs) - len(kwargs)
        return super().__call__(*inputs, *inputs[:1] * max(0, missing), **kwargs)


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
        if isinstance(record.target, nn.Module):
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
    return KerasGraph(modules, graph, class_name="Network")


def _free(name: str, modules: nn.Module) -> str:
    """A name that is a word of Python and not taken."""
    base = "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in name) or "layer"
    base = base if not base[0].isdigit() and not hasattr(nn.Module, base) else f"layer_{base}"
    free, number = base, 0
    while free in modules._modules:
        number += 1
        free = f"{base}_{number}"
    return free


OPERATORS = {
    "__add__": operator.add,
    "__sub__": operator.sub,
    "__mul__": operator.mul,
    "__truediv__": operator.truediv,
    "__pow__": operator.pow,
    "__matmul__": operator.matmul,
}
