"""What each layer of a network sees of its input, followed through every operator: residual and parallel paths too.

>>> import torch
>>> from torch import nn
>>> stack = nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3))
>>> [(field.name, field.sides[0].size, str(field.sides[0].jump)) for field in receptive_fields(stack, (3, 32, 32))]
[('0', 3, '1'), ('1', 4, '2'), ('2', 8, '2')]
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary

from core.receptive_field.index_sets import Reach
from core.receptive_field.rules import FOLDS, RULES, Carrier, Track, moved, slice_, spread, unfolded

SMALL = 3 * 10**11  # multiply-adds at most: EfficientNet-Lite0 is, and a ResNet at 224 x 224 is not
SPLITS = ("split", "split_with_sizes", "unsafe_split")


@dataclass(frozen=True)
class Field:
    """The receptive field behind one call of a layer: a `Reach` for each side of the picture, height first.

    `map_shape` are the sides of the layer's output that run along the picture's; empty once they are mixed.
    """

    name: str
    kind: str
    sides: tuple[Reach, ...]
    map_shape: tuple[int, ...]


def receptive_fields(model: nn.Module, input_shape: tuple[int, ...]) -> tuple[Field, ...]:
    """A field for each call of a layer without children, in the order in which they are called.

    Args: `input_shape` is (C, H, W) or (C, L), without the batch. Nothing is computed: tensors have shapes only. But a
    network that is small and has values is run on zeros, for which PyTorch imports none of the 34 MB of modules that
    it needs for shapes alone. The model itself is left as it was.
    """
    fields: list[Field] = []
    tensors = dict(_tensors(model))
    is_real = _is_small(tensors.values(), input_shape)
    shell = {} if is_real else {name: tensor.to("meta") for name, tensor in tensors.items()}
    kind = next((tensor.dtype for tensor in tensors.values() if tensor.is_floating_point()), torch.float32)
    device = next((tensor.device for tensor in tensors.values()), None) if is_real else "meta"
    x = torch.zeros(2, *input_shape, device=device, dtype=kind)
    with evaluating(model), torch.no_grad(), Follow() as follow:
        follow.begin(x, tuple(Carrier(2 + side, Reach.of_input(size)) for side, size in enumerate(input_shape[1:])))
        with _watched(model, follow, fields):
            model(x) if is_real else torch.func.functional_call(model, shell, (x,))
    return tuple(fields)


def _is_small(tensors: Collection[Tensor], input_shape: tuple[int, ...]) -> bool:
    """Whether a network takes a tenth of a second at most, if each weight were used once at each pixel; it has values.

    One without weights may do anything, for as long as it likes.
    """
    most = sum(tensor.numel() for tensor in tensors) * math.prod(input_shape[1:])
    return 0 < most <= SMALL and not any(tensor.is_meta for tensor in tensors)


def distinct(fields: tuple[Field, ...]) -> list[tuple[str, Field]]:
    """Layers at which the field changes, named; those after which it is as before are left out.

    So is `Flatten`, which puts cells into a row: each keeps its field, and the layer behind it is what mixes them.
    """
    changes: list[tuple[str, Field]] = []
    for one in fields:
        if one.kind == "Flatten":
            continue
        if not changes or (changes[-1][1].sides, changes[-1][1].map_shape) != (one.sides, one.map_shape):
            changes.append((f"{one.name} {one.kind}".strip(), one))
    return changes


class Follow(TorchDispatchMode):
    """Carries the track of every tensor through every operator."""

    def __init__(self) -> None:
        super().__init__()
        self.tracks: Any = WeakIdKeyDictionary()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing is compiled here, and guarding against it would import the compiler: 68 MB

    def begin(self, x: Tensor, track: Track) -> None:
        """Follow `x` from here on."""
        self.tracks[x] = track

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        inputs = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor) and x in self.tracks]
        if inputs:
            self._follow(func, inputs, result, _by_name(func, args, kwargs or {}))
        return result

    def _follow(self, func: Any, inputs: list[Tensor], result: Any, args: dict[str, Any]) -> None:
        outputs = [x for x in tree_leaves(result) if isinstance(x, Tensor)]
        name = func.overloadpacket.__name__.removesuffix("_")
        if name not in FOLDS and any(x.shape != outputs[0].shape for x in inputs):
            self.tracks.update({x: unfolded(self.tracks[x]) for x in inputs})
        for index, output in enumerate(outputs if name in SPLITS else outputs[:1]):
            if name in SPLITS:
                self.tracks[output] = _piece(self.tracks[inputs[0]], inputs[0], outputs, index, args.get("dim", 0))
            elif name in RULES:
                self.tracks[output] = RULES[name](self.tracks[inputs[0]], inputs[0], output, args)
            elif name == "cat":
                self.tracks[output] = self._concatenated(inputs, output, args.get("dim", 0))
            else:
                self.tracks[output] = self._elementwise(inputs, output)

    def _concatenated(self, inputs: list[Tensor], output: Tensor, dim: int) -> Track:
        """Side by side along a channel: the larger field counts. Along a side of the picture: all is mixed."""
        return _joined([spread(self.tracks[x], x, [dim % output.dim()]) for x in inputs])

    def _elementwise(self, inputs: list[Tensor], output: Tensor) -> Track:
        """The same cell of every input, smaller shapes repeated; anything that changes the shape mixes everything."""
        if not all(_broadcasts(x, output) for x in inputs):
            return _joined([spread(self.tracks[x], x) for x in inputs])
        return _joined([_aligned(self.tracks[x], x, output) for x in inputs])


def _aligned(track: Track, x: Tensor, output: Tensor) -> Track:
    """On the last axes, as broadcasting puts them; a single cell repeated over a whole side is the same everywhere."""
    offset = output.dim() - x.dim()
    repeated = [axis for axis in range(x.dim()) if x.shape[axis] == 1 and output.shape[axis + offset] > 1]
    return moved(spread(track, x, repeated), lambda axis: axis + offset)


def _broadcasts(x: Tensor, output: Tensor) -> bool:
    pairs = zip(reversed(x.shape), reversed(output.shape), strict=False)
    return x.dim() <= output.dim() and all(a in (b, 1) for a, b in pairs)


def _joined(tracks: list[Track]) -> Track:
    """The largest path, side by side; paths that run along different axes are mixed."""
    first, *rest = tracks
    for track in rest:
        first = tuple(_join(one, other) for one, other in zip(first, track, strict=True))
    return first


def _join(one: Carrier, other: Carrier) -> Carrier:
    if one.axis != other.axis:
        return Carrier(None, one.reach.collapsed().merged(other.reach.collapsed()))
    return Carrier(one.axis, one.reach.joined(other.reach))


def _piece(track: Track, x: Tensor, pieces: list[Tensor], index: int, dim: int) -> Track:
    dim %= x.dim()
    start = sum(piece.shape[dim] for piece in pieces[:index])
    return slice_(track, x, pieces[index], {"dim": dim, "start": start})


@cache
def _signature(func: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (a.name, a.default_value if a.has_default_value() else inspect.Parameter.empty) for a in func._schema.arguments
    )


def _by_name(func: Any, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments of an operator by their names, defaults filled in."""
    names = _signature(func)
    filled = {name: default for name, default in names if default is not inspect.Parameter.empty}
    return filled | {name: value for (name, _), value in zip(names, args, strict=False)} | kwargs


def _tensors(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    yield from model.named_parameters(remove_duplicate=False)
    yield from model.named_buffers(remove_duplicate=False)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode for a while; each module's own mode comes back."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def _watched(model: nn.Module, follow: Follow, fields: list[Field]) -> Iterator[None]:
    """Note the field behind each call of a leaf."""
    names = {module: name for name, module in model.named_modules()}

    def note(module: nn.Module, _: Any, outputs: Any) -> None:
        output = next((x for x in tree_leaves(outputs) if isinstance(x, Tensor) and x in follow.tracks), None)
        if output is not None:
            track = unfolded(follow.tracks[output])
            sides = tuple(output.shape[c.axis] for c in track if c.axis is not None)
            fields.append(Field(names[module], type(module).__name__, tuple(c.reach for c in track), sides))

    leaves = [module for module in model.modules() if not any(module.children())]
    handles = [module.register_forward_hook(note) for module in leaves]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
