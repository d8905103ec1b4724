"""Tables that no input changes: indices of positions, whose embedding is added to a sequence; patches of images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.parsing.dialects.keras.constants import ConstantRecipe
from core.parsing.dialects.keras.shaped_data import constant
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, Record, in_keras_order
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.evaluation.budget import MAX_ITEMS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Special


class PositionEmbedding(nn.Module):
    """A learned vector for each position. Shapes: nothing in; (T, C) out, or (1, T, C)."""

    def __init__(self, tokens: int, features: int, steps: range, has_batch: bool):
        super().__init__()
        self.embedding = nn.Embedding(tokens, features)
        self.steps, self.has_batch = steps, has_batch

    def forward(self) -> Tensor:
        steps = self.steps
        indices = torch.arange(steps.start, steps.stop, steps.step, device=self.embedding.weight.device)
        vectors = self.embedding(indices)
        return vectors.unsqueeze(0) if self.has_batch else vectors


@dataclass(eq=False)
class Positions(Special):
    """What `tf.range(n)` returns: indices, behind an axis of length one if `has_batch`."""

    steps: range
    device: torch.device
    has_batch: bool = False
    name = "positions"

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        """`positions.shape`."""
        return ((1,) if self.has_batch else ()) + (len(self.steps),) if name == "shape" else MISSING

    def item(self, evaluator: Any, index: Any, node: Any) -> Any:
        """`positions[None, :]`; `positions[:, None]` is a table of numbers."""
        is_new = isinstance(index, tuple) and index[:1] == (None,) and not self.has_batch
        is_new = is_new and all(one == slice(None) for one in index[1:])
        return (
            Positions(self.steps, self.device, True)
            if is_new or index is None
            else self.as_constant().item(evaluator, index, node)
        )

    def as_constant(self) -> KerasTensor:
        """The numbers themselves."""
        steps = self.steps
        recipe = ConstantRecipe(arange, (steps.start, steps.stop, steps.step), self.device)
        values: KerasTensor = constant((len(steps),), recipe)
        return in_keras_order(torch.unsqueeze, values, 0) if self.has_batch else values

    def operate(self, name: str, other: Any, is_left: bool) -> Any:
        """`positions >= positions[:, None]`."""
        return self.as_constant().operate(name, other, is_left)


def _range(call: BuiltinCall, *bounds: Any, **named: Any) -> Positions:
    """`tf.range(limit)`, `ops.arange(start, stop, step)`."""
    words = ("start",), ("limit", "stop"), ("delta", "step")
    given = [next((named[word] for word in group if word in named), None) for group in words]
    if bounds:
        listed = [call.evaluator.resolve(bound, call.node) for bound in bounds]
        start, stop, step = (0, listed[0], 1) if len(listed) == 1 else (*listed, 1)[:3]
        start, stop, step = (
            one if one is not None else two for one, two in zip(given, (start, stop, step), strict=True)
        )
    else:
        start, stop, step = given[0] or 0, given[1], given[2] or 1
        if stop is None:
            start, stop = 0, start
    if not all(type(one) is int for one in (start, stop, step)) or step == 0 or abs(stop) > MAX_ITEMS:
        raise call.fail("the number of positions must be known, for example the length of the input.")
    return Positions(range(start, stop, step), call.evaluator.run.device)


def arange(start: int, stop: int, step: int, device: Any = None) -> Tensor:
    """Numbers at equal distances, as in arithmetic with weights."""
    return torch.arange(start, stop, step, device=device, dtype=torch.float32)


def expanded(x: Positions, axis: Any = -1) -> Any:
    """`tf.expand_dims(positions, 0)`; behind them, a table of numbers."""
    if axis != 0 or x.has_batch:
        return in_keras_order(torch.unsqueeze, x.as_constant(), axis)
    return Positions(x.steps, x.device, True)


def embedded(call: BuiltinCall, tokens: int, features: int, positions: Positions) -> tuple[nn.Module, KerasWeight]:
    """The layer that gives a vector for each position, and what it gives. Raises: ParseError if it has too few."""
    if type(tokens) is int and positions.steps and max(positions.steps) >= tokens:
        call.evaluator.table_length = tokens
        raise call.fail(f"{len(positions.steps)} positions do not fit into a table of {tokens}.")
    made = constructed(call, PositionEmbedding, (tokens, features, positions.steps, positions.has_batch), {})
    shape = ((1,) if positions.has_batch else ()) + (len(positions.steps), features)
    return made, KerasWeight(shape, Record(made, (), {}, "position_embedding"))


def _side(value: Any, default: Any = None) -> int:
    sizes = [one for one in (value if isinstance(value, (list, tuple)) else [value]) if type(one) is int]
    return max(sizes, default=0) if sizes else default


def _patches(
    call: BuiltinCall,
    images: Any = None,
    size: Any = None,
    strides: Any = None,
    rates: Any = None,
    padding: Any = "valid",
    **named: Any,
) -> Any:
    """`tf.image.extract_patches(images, sizes=[1, p, p, 1], ...)`, `ops.image.extract_patches(images, size=p)`."""
    images = named.get("images", images)
    if not isinstance(images, KerasTensor) or len(images.shape) != 3:
        raise call.fail("it takes images.")
    sizes = call.evaluator.resolve_all(named.get("sizes", size), call.node)
    side = _side(sizes)
    step = _side(call.evaluator.resolve_all(strides, call.node), side)
    is_square = not isinstance(sizes, (list, tuple)) or (set(sizes) <= {1, side} and list(sizes).count(side) > 1)
    gaps = call.evaluator.resolve_all(named.get("dilation_rate", rates), call.node)
    is_dense = set(gaps if isinstance(gaps, (list, tuple)) else [gaps or 1]) == {1}
    way = str(padding).lower()
    if way not in ("valid", "same") or not 0 < side <= min(images.shape[1:]):
        raise call.fail("patches are read with padding='valid' or 'same' and a size that fits.")
    if not is_square or not is_dense:
        raise call.fail("patches are read as squares without gaps.")
    return in_keras_order(_cut, images, side, step, way == "same", name="patches")


def _cut(x_BHWC: Tensor, side: int, step: int, has_border: bool) -> Tensor:
    """Patches, each as its pixels one after the other with their channels, as TensorFlow has them."""
    x_BCHW = x_BHWC.movedim(-1, 1)
    if has_border:
        below, right = (max((-(-n // step) - 1) * step + side - n, 0) for n in x_BCHW.shape[2:])
        x_BCHW = F.pad(x_BCHW, [right // 2, right - right // 2, below // 2, below - below // 2])
    height, width = ((length - side) // step + 1 for length in x_BCHW.shape[2:])
    patches_BFL = F.unfold(x_BCHW, side, stride=step)
    patches_BLF = patches_BFL.mT.unflatten(2, (x_BCHW.shape[1], -1)).mT.flatten(2)
    return patches_BLF.unflatten(1, (height, width))


RANGE = Builtin("range", _range, needs_call=True)
PATCHES = Builtin("extract_patches", _patches, needs_call=True)
