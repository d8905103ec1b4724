"""What a network is called with: tensors of given sizes, or given tensors, in lists and dicts as it wants them."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import PlaygroundError
from core.profiler.rows import Shape


@dataclass(frozen=True)
class TensorInput:
    """One tensor that a network is given.

    Attributes:
        index: its place among all of them.
        name: how a person calls it: the keyword, or its place in a list ("maps[0]"); "" where there is only one.
        shape: without the batch.
        dtype: None where nobody said it: floats, or whole numbers if an embedding is reached.
        values: the tensor itself, batch included, where there is one.
    """

    index: int
    name: str
    shape: Shape
    dtype: torch.dtype | None = None
    values: Tensor | None = field(default=None, compare=False)


@dataclass(frozen=True)
class PackedInput:
    """Sequences of several lengths, packed: `data` is described, how many go on at each step stays as it is."""

    data: TensorInput
    packed: nn.utils.rnn.PackedSequence


@dataclass(frozen=True)
class Inputs:
    """Everything that a call of a network takes; `args` and `kwargs` hold a `TensorInput` for every tensor."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    tensors: tuple[TensorInput, ...]
    target: Any = None

    @property
    def input_shape(self) -> Shape:
        """That of the first tensor."""
        return self.tensors[0].shape if self.tensors else ()

    @property
    def shapes(self) -> tuple[tuple[str, Shape], ...]:
        """Name and size of every tensor."""
        return tuple((tensor.name, tensor.shape) for tensor in self.tensors)

    @property
    def batch_size(self) -> int | None:
        """Pictures in the given tensors; None where only sizes are given."""
        packed = next((part.packed for part in self.args if isinstance(part, PackedInput)), None)
        if packed is not None:
            return int(packed.batch_sizes[0])
        given = [tensor.values for tensor in self.tensors if tensor.values is not None]
        return next((tensor.shape[0] for tensor in given if tensor.dim()), None)

    def cut(self, whole: int, few: int) -> Inputs:
        """The same of the first `few` of `whole` pictures: given tensors are cut along the batch."""
        short = tuple(
            dataclasses.replace(part, values=part.values[:few])
            if part.values is not None and part.values.dim() and part.values.shape[0] == whole
            else part
            for part in self.tensors
        )
        words = {name: _mapped(value, lambda old: short[old.index]) for name, value in self.kwargs.items()}
        target = _cut(self.target, whole, few)
        return Inputs(_mapped(self.args, lambda old: short[old.index]), words, short, target)

    def call(self, make: Callable[[TensorInput], Tensor]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and keyword arguments, with `make(input)` for every tensor."""
        return _mapped(self.args, make), {name: _mapped(value, make) for name, value in self.kwargs.items()}


def as_inputs(input_shape: Any = None, input_data: Any = None, dtype: Any = None, target: Any = None) -> Inputs:
    """What a person gives a profile.

    Args:
        input_shape: (3, 224, 224) for one tensor, [(3, 8, 8), (10,)] for several, [[(3, 8, 8), (3, 4, 4)]] for a list
            of them, {"ids": (128,), "mask": (128,)} for keywords; sizes without the batch.
        input_data: tensors instead, batch included, in the same forms.
        dtype: of all tensors, or of each, in the order (or by the names) in which they are given.
        target: the target of the loss.
    Raises: PlaygroundError where neither or both of sizes and tensors are given.

    >>> as_inputs((3, 8, 8)).shapes, as_inputs({"ids": (5,), "mask": (5,)}).shapes
    ((('', (3, 8, 8)),), (('ids', (5,)), ('mask', (5,))))
    """
    if (input_shape is None) == (input_data is None):
        raise PlaygroundError("give input_shape=(3, 224, 224), or input_data= with a batch of tensors, and not both")
    if input_shape is not None and (is_shape(input_shape) or isinstance(input_shape, Inputs)):
        return input_shape if isinstance(input_shape, Inputs) else _single(_sides(input_shape), dtype, target)
    collected: list[TensorInput] = []
    given = input_data if input_shape is None else input_shape
    read = _read_data if input_shape is None else _read_shape
    if isinstance(given, Mapping):
        args, kwargs = (), {name: read(value, name, collected) for name, value in given.items()}
    else:
        several = tuple(given) if type(given) in (list, tuple) else (given,)
        names = [f"input {index + 1}" if len(several) > 1 else "" for index in range(len(several))]
        args, kwargs = tuple(read(part, name, collected) for part, name in zip(several, names, strict=True)), {}
    typed = _with_dtypes(collected, dtype)
    words = {name: _mapped(value, lambda old: typed[old.index]) for name, value in kwargs.items()}
    whole = Inputs(_mapped(args, lambda old: typed[old.index]), words, typed, target)
    if not whole.tensors:
        raise PlaygroundError("there is no tensor among the inputs: give input_shape=(3, 224, 224), for example")
    return whole


def _single(shape: Shape, dtype: Any, target: Any) -> Inputs:
    (tensor,) = _with_dtypes([TensorInput(0, "", shape)], dtype)
    return Inputs((tensor,), {}, (tensor,), target)


def is_shape(value: Any) -> bool:
    """Whether a value is the size of one tensor."""
    return isinstance(value, Sequence) and not isinstance(value, str) and all(_is_side(side) for side in value)


def _is_side(side: Any) -> bool:
    return hasattr(side, "__index__") and not isinstance(side, (bool, Tensor))


def _sides(value: Any) -> Shape:
    shape = tuple(int(side) for side in value)
    if shape and min(shape) < 1:
        raise PlaygroundError(f"every side of the input must be at least 1, not {shape}")
    return shape


def _read_shape(value: Any, name: str, collected: list[TensorInput]) -> Any:
    """Sizes in lists and dicts; numbers, texts and the like stay."""
    if isinstance(value, (list, tuple)) and is_shape(value):
        return _add(TensorInput(len(collected), name, _sides(value)), collected)
    return _inside(_read_shape, value, name, collected)


def _read_data(value: Any, name: str, collected: list[TensorInput]) -> Any:
    if isinstance(value, Tensor):
        return _add(TensorInput(len(collected), name, tuple(value.shape[1:]), value.dtype, value), collected)
    if isinstance(value, nn.utils.rnn.PackedSequence):  # recurrent layers read its counts
        return PackedInput(_read_data(value.data, name, collected), value)
    return _inside(_read_data, value, name, collected)


def _add(tensor: TensorInput, collected: list[TensorInput]) -> TensorInput:
    collected.append(tensor)
    return tensor


def _inside(read: Callable[..., Any], value: Any, name: str, collected: list[TensorInput]) -> Any:
    if isinstance(value, Mapping):
        return {key: read(part, f"{name}[{key!r}]" if name else str(key), collected) for key, part in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [part.name for part in dataclasses.fields(value)]
        return dataclasses.replace(value, **{part: read(getattr(value, part), part, collected) for part in names})
    if isinstance(value, (list, tuple)):
        parts = [read(part, f"{name}[{index}]", collected) for index, part in enumerate(value)]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def _with_dtypes(tensors: list[TensorInput], dtype: Any) -> tuple[TensorInput, ...]:
    if dtype is None:
        return tuple(tensors)
    if isinstance(dtype, Mapping):
        kinds = [dtype.get(tensor.name) for tensor in tensors]
    elif isinstance(dtype, (list, tuple)):
        kinds = [*dtype, *[None] * (len(tensors) - len(dtype))]
    else:
        kinds = [dtype] * len(tensors)
    pairs = zip(tensors, map(_dtype, kinds), strict=True)
    return tuple(TensorInput(t.index, t.name, t.shape, kind or t.dtype, t.values) for t, kind in pairs)


def _dtype(kind: Any) -> torch.dtype | None:
    known = getattr(torch, kind.removeprefix("torch."), None) if isinstance(kind, str) else kind
    if (known is not None and not isinstance(known, torch.dtype)) or (kind is not None and known is None):
        raise PlaygroundError(f"{kind!r} is no type of tensors: give dtype=torch.int64, for example")
    return known


def _mapped(value: Any, make: Callable[[TensorInput], Any]) -> Any:
    if isinstance(value, TensorInput):
        return make(value)
    if isinstance(value, PackedInput):
        made = make(value.data)
        return PackedInput(made, value.packed) if isinstance(made, TensorInput) else value.packed._replace(data=made)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {part.name: _mapped(getattr(value, part.name), make) for part in dataclasses.fields(value)}
        return dataclasses.replace(value, **named)
    if isinstance(value, dict):
        return {key: _mapped(part, make) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [_mapped(part, make) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def _cut(target: Any, whole: int, few: int) -> Any:
    if isinstance(target, Tensor):
        return target[:few] if target.dim() and target.shape[0] == whole else target
    if isinstance(target, dict):
        return {name: _cut(part, whole, few) for name, part in target.items()}
    if isinstance(target, (list, tuple)):
        return type(target)([_cut(part, whole, few) for part in (target[:few] if len(target) == whole else target)])
    return target


def takes_target(loss: Callable[..., Any]) -> bool:
    """Whether a person's own loss wants a target beside the output.

    >>> takes_target(nn.CrossEntropyLoss()), takes_target(lambda output: output.sum())
    (True, False)
    """
    try:
        signature = inspect.signature(loss.forward if isinstance(loss, nn.Module) else loss)
    except (TypeError, ValueError):
        return True
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [part for part in signature.parameters.values() if part.kind in kinds and part.default is part.empty]
    return len(needed) > 1


def wants_classes(loss: Callable[..., Any]) -> bool:
    """Whether a person's own loss compares with class numbers."""
    kinds = (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss)
    return isinstance(loss, kinds) or loss in (functional.cross_entropy, functional.nll_loss)
