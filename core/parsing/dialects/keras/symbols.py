"""Keras's symbolic tensors: what a layer is called on while a network is put together, and the graph that remains.

Shapes are PyTorch's inside, channels first; a text sees Keras's, channels last, unless it says otherwise.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from core.errors import ParseError
from core.parsing.dialects.keras.backward_slices import read_forwards
from core.parsing.dialects.keras.constants import MOST_VALUES, of_values
from core.parsing.dialects.keras.symbol_operators import OPERATORS
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
    layer: Any = field(default=None, kw_only=True)  # of the text, whose output it is
    rows: int = field(default=0, kw_only=True)  # of each image, where a text takes an axis into the batch
    is_inner: bool = field(default=False, kw_only=True)  # a step inside of a layer
    mask: Any = field(default=None, kw_only=True)  # which steps are no padding, where a layer tells
    own_name: str = field(default="", kw_only=True)  # of an input: that which the text or Keras gives it
    is_tensor = True

    def __post_init__(self) -> None:
        self.channels_first = self.channels_first and len(self.shape) > 1  # one axis has no order
        self.rows = self.rows or next((one.rows for one in parents(self) if not isinstance(one, KerasWeight)), 1)

    def keras_shape(self) -> tuple[int | None, ...]:
        """As the text sees it: (None, height, width, channels)."""
        return (None, *self.shape) if self.channels_first else (None, *to_last(self.shape))

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        """`x.shape` and its kind."""
        if name in ("shape", "_keras_shape"):
            evaluator.batch_of = self
            return self.keras_shape()
        if name == "get_shape":
            return Builtin("get_shape", self.keras_shape)
        return {"dtype": torch.float32, "name": self.name}.get(name, MISSING)

    def keep(self, name: str, value: Any) -> bool:
        """Switches of Paddle that say what is trained and stored."""
        return name in ("stop_gradient", "persistable")

    def operate(self, name: str, other: Any, is_left: bool) -> Any:
        """Arithmetic with another symbol or a number."""
        function, start = OPERATORS.get(name), 0 if isinstance(self, KerasWeight) else 1
        like, sizes = getattr(other, "like", None), getattr(other, "sizes", ())
        table = as_table(other)
        if table is not other:
            other = table
        elif like is not None and (tuple(sizes[start:]) == self.keras_shape()[start:] or self._covers(sizes)):
            other = applied(like, self)  # noise or zeros of the same shape
        if function is None or not isinstance(other, (KerasTensor, int, float)):
            return MISSING
        is_elementwise = _is_alike(self, other) and name != "__matmul__"
        apply = applied if is_elementwise else in_keras_order
        return apply(function, self, other) if is_left else apply(function, other, self)

    def _covers(self, sizes: Sequence[Any]) -> bool:
        """Whether values of these sizes are spread over its own axes, so that what results has its shape."""
        own = self.keras_shape()[::-1]
        pairs = zip(reversed(sizes), own, strict=False)
        return 0 < len(sizes) <= len(own) and all(type(one) is int and one in (1, size) for one, size in pairs)

    def item(self, evaluator: Any, index: Any, node: Any) -> Any:
        """`x[:, 0]`: Keras's axes in Keras's order, then back."""
        axes, index = read_forwards(index, self.keras_shape())
        return in_keras_order(operator.getitem, in_keras_order(torch.flip, self, axes) if axes else self, index)

    def meta(self) -> Tensor:
        """A tensor of this shape without memory."""
        return torch.empty(BATCH * self.rows, *self.shape, device="meta")

    def dim(self, axis: int) -> int:
        """PyTorch's index of an axis of Keras."""
        rank = len(self.shape) + 1
        if not isinstance(axis, int):
            raise ParseError(f"an axis is a whole number, not a {type(axis).__name__}.")
        if not -rank <= axis < rank:
            raise ParseError(f"axis={axis} does not exist in a tensor of {rank} dimensions.")
        axis %= rank
        if self.channels_first or axis == 0:
            return axis
        return 1 if axis == rank - 1 else axis + 1


@dataclass(eq=False)
class KerasWeight(KerasTensor):
    """A weight that a layer adds itself, or what is computed from such alone: its whole shape, in Keras's order."""

    initializer: str = ""

    def keras_shape(self) -> tuple[int | None, ...]:
        return self.shape

    def meta(self) -> Tensor:
        return torch.empty(self.shape, device="meta")

    def dim(self, axis: int) -> int:
        return axis


def snake(kind: str) -> str:
    """Keras's own name of a layer.

    >>> snake("GlobalAveragePooling2D"), snake("Conv2D"), snake("LeakyReLU")
    ('global_average_pooling2d', 'conv2d', 'leaky_re_lu')
    """
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


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
    args = tuple(map(as_table, args))
    symbols = symbols_in((args, list(kwargs.values())))
    batched = next((value for value in symbols if not isinstance(value, KerasWeight)), None)
    try:
        output = function(*_on_meta(args), **{key: _on_meta(value) for key, value in kwargs.items()})
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        raise ParseError(f"{name or function.__name__}: {str(error).splitlines()[0][:160]}.") from None
    record = Record(function, args, kwargs, name)
    if batched is None and isinstance(output, Tensor):
        return KerasWeight(tuple(output.shape), record)
    rows = 1 if batched is None else batched.rows
    if not isinstance(output, Tensor) or output.dim() == 0 or output.shape[0] != BATCH * rows:
        raise ParseError(f"{name or function.__name__} mixes the images of a batch here, which no network does.")
    return KerasTensor(tuple(output.shape[1:]), record, channels_first=symbols[0].channels_first)


def in_keras_order(function: Callable[..., Any], *args: Any, name: str = "", **kwargs: Any) -> KerasTensor:
    """The same for a function that counts axes as Keras does: channels go last before it, and first again after it.

    Raises: ParseError, as of `applied`.
    """
    args = tuple(map(as_table, args))
    result = applied(function, *map(channels_last, args), name=name, **kwargs)
    if isinstance(result, KerasWeight) or _is_first(args):
        result.channels_first = not isinstance(result, KerasWeight) and len(result.shape) > 1
        return result
    return ending(channels_first(result), args)


def channels_last(value: Any) -> Any:
    """A symbol with its axes in Keras's order; lists of them likewise, anything else as it is."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(channels_last, value))
    if not isinstance(value, KerasTensor) or isinstance(value, KerasWeight):
        return value
    return value if value.channels_first or len(value.shape) < 2 else applied(torch.movedim, value, 1, -1)


def channels_first(value: KerasTensor) -> KerasTensor:
    """The symbol whose axes in Keras's order are given, in PyTorch's."""
    return applied(torch.movedim, value, -1, 1) if len(value.shape) > 1 else value


def ending(result: Any, args: Any, layer: Any = None) -> Any:
    """The result of a layer or function, whose steps after `args` belong to it: a text sees none of them as a layer."""
    known = {id(one) for one in _flat(args)}
    ends = [one for one in _flat(result) if isinstance(one, KerasTensor) and id(one) not in known]
    for one in ends if layer is not None else ():
        one.layer = layer
    for one in steps_between(result, args)[len(ends) :]:
        one.is_inner = True
    return result


def steps_between(result: Any, args: Any) -> list[KerasTensor]:
    """The steps from what a layer is called on to its result: that first, then what it is computed from."""
    known = {id(one) for one in _flat(args)}
    steps = [one for one in _flat(result) if isinstance(one, KerasTensor) and id(one) not in known]
    known |= {id(one) for one in steps}
    pending = [before for one in steps for before in parents(one)]
    while pending:
        symbol = pending.pop()
        if id(symbol) not in known:
            known.add(id(symbol))
            steps.append(symbol)
            pending += parents(symbol)
    return steps


def parts_of(output: KerasTensor, shapes: Sequence[Shape]) -> list[KerasTensor]:
    """What a layer gives besides its output, one by one, the output first."""
    return [
        KerasTensor(shape, Record(operator.getitem, (output, index)), channels_first=output.channels_first)
        for index, shape in enumerate(shapes)
    ]


def parents(symbol: KerasTensor) -> list[KerasTensor]:
    """What a symbol is computed from, none for an input."""
    if symbol.record is None:
        return []
    return symbols_in((symbol.record.args, list(symbol.record.kwargs.values())))


def symbols_in(value: Any) -> list[KerasTensor]:
    """All symbols in a list of values, also in lists inside of it."""
    return [one for one in _flat(value) if isinstance(one, KerasTensor)]


def _is_first(args: Any) -> bool:
    return any(value.channels_first for value in _flat(args) if isinstance(value, KerasTensor))


def _is_alike(one: KerasTensor, other: Any) -> bool:
    """Whether the axes of two values stand for the same, so that no order matters between them."""
    if not isinstance(other, KerasTensor):
        return True
    if len(one.shape) > 1 and one.channels_first != other.channels_first:
        return False
    return isinstance(one, KerasWeight) == isinstance(other, KerasWeight) and len(one.shape) == len(other.shape)


def as_table(value: Any) -> Any:
    """Known values that no layer gives, such as `tf.ones((3, 3))`, as a symbol; any other value as it is."""
    if isinstance(value, Tensor) and value.numel() <= MOST_VALUES:
        return KerasWeight(tuple(value.shape), Record(of_values(value), (), {}, "constant"), "constant")
    make = None if isinstance(value, KerasTensor) else getattr(value, "as_constant", None)
    table = None if make is None else make()
    return value if table is None else table


def _on_meta(value: Any) -> Any:
    if isinstance(value, KerasTensor):
        return value.meta()
    return type(value)(map(_on_meta, value)) if isinstance(value, (list, tuple)) else value


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _flat(item)
    else:
        yield value
