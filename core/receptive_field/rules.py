"""What each operator of PyTorch does to receptive fields: one entry an operator, on tensors without content.

A `Track` says, for each side of the input picture, which axis of a tensor runs along it (None once every cell sees the
same stretch) and what its cells reach. Normalization is taken as it acts on one value: that the statistics of group,
layer and instance norm read the whole map is left out, as everybody leaves it out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from core.receptive_field import index_sets as reaches
from core.receptive_field.index_sets import Reach


@dataclass(frozen=True)
class Carrier:
    """The axis of a tensor that runs along one side of the picture, and what its cells reach.

    `fold` are the sizes of the axes that a view has merged into this one, the image's side at `index` among them: a
    dense layer over the last axis merges all others before it multiplies, and splits them again behind.
    """

    axis: int | None
    reach: Reach
    fold: tuple[int, ...] = ()
    index: int = 0


Track = tuple[Carrier, ...]
Rule = Callable[[Track, Tensor, Tensor, dict[str, Any]], Track]  # fields below, input, output, arguments by name


def spread(track: Track, x: Tensor, axes: Sequence[int] | None = None) -> Track:
    """Carriers whose axis is mixed (all axes if none are named) see everything along their side."""
    return tuple(
        Carrier(None, carrier.reach.collapsed())
        if carrier.axis is not None and (axes is None or carrier.axis in axes)
        else carrier
        for carrier in track
    )


def moved(track: Track, axis_of: Callable[[int], int | None]) -> Track:
    """Carriers on the axes that `axis_of` names."""
    return tuple(replace(c, axis=None if c.axis is None else axis_of(c.axis)) for c in track)


def unfolded(track: Track) -> Track:
    """Merged axes are mixed: no operator but those of a dense layer keeps them apart."""
    return tuple(Carrier(None, c.reach.collapsed()) if c.fold else c for c in track)


def windowed(track: Track, x: Tensor, y: Tensor, step: Callable[[int], tuple[Any, int, int]], axes: int) -> Track:
    """Each carrier on one of the last `axes` axes through its window; others are mixed."""
    first = x.dim() - axes
    carriers = []
    for carrier in spread(track, x, [axis for axis in range(first) if axis > 0]):
        if carrier.axis is None or carrier.axis < first:
            carriers.append(carrier)
        else:
            through = carrier.reach.through(*step(carrier.axis - first), y.shape[carrier.axis])
            carriers.append(Carrier(carrier.axis, through))
    return tuple(carriers)


def convolution(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    weight = args["weight"]
    axes = weight.dim() - 2
    stride, padding, dilation = (_each(args[name], axes) for name in ("stride", "padding", "dilation"))
    build = reaches.transposed if args["transposed"] else reaches.window
    return windowed(track, x, y, lambda j: build(weight.shape[2 + j], stride[j], padding[j], dilation[j]), axes)


def pooling(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    kernel = args["kernel_size"]
    axes = len(kernel)
    stride = _each(args.get("stride") or kernel, axes)
    padding, dilation = _each(args.get("padding", 0), axes), _each(args.get("dilation", 1), axes)
    kernel = _each(kernel, axes)
    return windowed(track, x, y, lambda j: reaches.window(kernel[j], stride[j], padding[j], dilation[j]), axes)


def adaptive(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    axes = len(args["output_size"])
    return windowed(track, x, y, lambda j: reaches.adaptive(x.shape[j - axes], y.shape[j - axes]), axes)


def resize(nearest: bool) -> Rule:
    def rule(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
        axes, corners = x.dim() - 2, bool(args.get("align_corners", False))
        return windowed(
            track, x, y, lambda j: reaches.resized(x.shape[j - axes], y.shape[j - axes], nearest, corners), axes
        )

    return rule


def pad(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    pads: Sequence[int] = args["pad"] if "pad" in args else args["padding"]
    before = {x.dim() - 1 - pair: pads[2 * pair] for pair in range(len(pads) // 2)}
    return tuple(
        Carrier(c.axis, c.reach.through(*reaches.window(1, 1, before[c.axis], 1), y.shape[c.axis]))
        if c.axis in before
        else c
        for c in track
    )


def shuffle(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    factor = args["upscale_factor"]
    return windowed(track, x, y, lambda j: reaches.shuffled(factor), 2)


def unshuffle(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    factor = args["downscale_factor"]
    return windowed(track, x, y, lambda j: reaches.window(factor, factor, 0, 1), 2)


def reduce(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    dims = args.get("dim")
    dims = range(x.dim()) if dims in (None, []) else [dim % x.dim() for dim in _listed(dims)]
    rest = spread(track, x, list(dims))
    if args.get("keepdim"):
        return rest
    return moved(rest, lambda axis: axis - sum(dim < axis for dim in dims))


def view(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    """An axis that keeps its size and its place stays, merged axes are folded and unfolded, all others are mixed."""
    old, new = tuple(x.shape), tuple(y.shape)
    return tuple(c if c.axis is None else _viewed(c, c.axis, old, new) for c in track)


def _viewed(carrier: Carrier, own: int, old: tuple[int, ...], new: tuple[int, ...]) -> Carrier:
    """A carrier on axis `own` of the sizes `old`, seen as the sizes `new`."""
    before, size = math.prod(old[:own]), old[own]
    for axis in reversed(range(len(new))):
        if math.prod(new[:axis]) != before:
            continue
        if carrier.fold and new[axis : axis + len(carrier.fold)] == carrier.fold:
            return Carrier(axis + carrier.index, carrier.reach)
        if new[axis] == size:
            return replace(carrier, axis=axis)
    return Carrier(None, carrier.reach.collapsed()) if carrier.fold else _folded(carrier, own, old, new)


def _folded(carrier: Carrier, own: int, old: tuple[int, ...], new: tuple[int, ...]) -> Carrier:
    """The new axis that holds this one together with whole neighbours; mixed if there is none."""
    for first in range(own + 1):
        for last in range(own + 1, len(old) + 1):
            for axis, size in enumerate(new):
                merged = (math.prod(old[:first]), math.prod(old[first:last]))
                if last - first > 1 and merged == (math.prod(new[:axis]), size):
                    return Carrier(axis, carrier.reach, old[first:last], own - first)
    return Carrier(None, carrier.reach.collapsed())


def permute(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    order = [dim % x.dim() for dim in args["dims"]]
    return moved(track, order.index)


def transpose(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    one, two = args["dim0"] % x.dim(), args["dim1"] % x.dim()
    return moved(track, lambda axis: {one: two, two: one}.get(axis, axis))


def flip_axes(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    return moved(track, lambda axis: x.dim() - 1 - axis)


def slice_(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    dim = args.get("dim", 0) % x.dim()
    start, step = args.get("start") or 0, args.get("step", 1)
    start = max(start + x.shape[dim], 0) if start < 0 else start
    return tuple(
        Carrier(c.axis, c.reach.through(*reaches.window(1, step, -start, 1), y.shape[dim])) if c.axis == dim else c
        for c in track
    )


def select(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    dim = args["dim"] % x.dim()
    index = args["index"] % x.shape[dim]
    rest = tuple(
        Carrier(None, Reach(0, (c.reach.seen_by(index),), (c.reach.cells[index],))) if c.axis == dim else c
        for c in track
    )
    return moved(rest, lambda axis: axis - (axis > dim))


def along(name: str) -> Rule:
    """Operators that mix one axis: softmax and its like."""

    def rule(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
        return spread(track, x, [args[name] % x.dim()])

    return rule


def product(track: Track, x: Tensor, y: Tensor, args: dict[str, Any]) -> Track:
    """A matrix product reads the whole last axis of its first factor."""
    return spread(track, x, [x.dim() - 1])


def _each(value: Any, axes: int) -> Sequence[int]:
    values = list(_listed(value))
    return values * axes if len(values) == 1 else values


def _listed(value: Any) -> Sequence[int]:
    return value if isinstance(value, (list, tuple)) else [value]


FOLDS = ("view", "_unsafe_view", "reshape", "mm", "addmm", "linear", "_addmm_activation")  # keep merged axes apart

RULES: dict[str, Rule] = {
    "convolution": convolution,
    "max_pool1d": pooling,
    "max_pool2d_with_indices": pooling,
    "max_pool3d_with_indices": pooling,
    "avg_pool1d": pooling,
    "avg_pool2d": pooling,
    "avg_pool3d": pooling,
    "_adaptive_avg_pool2d": adaptive,
    "_adaptive_avg_pool3d": adaptive,
    "adaptive_avg_pool1d": adaptive,
    "adaptive_max_pool2d": adaptive,
    "adaptive_max_pool3d": adaptive,
    **{f"upsample_nearest{n}d": resize(nearest=True) for n in (1, 2, 3)},
    "upsample_linear1d": resize(nearest=False),
    "upsample_bilinear2d": resize(nearest=False),
    "upsample_trilinear3d": resize(nearest=False),
    "constant_pad_nd": pad,
    **{f"{kind}_pad{n}d": pad for kind in ("reflection", "replication") for n in (1, 2, 3)},
    "pixel_shuffle": shuffle,
    "pixel_unshuffle": unshuffle,
    **dict.fromkeys(("mean", "sum", "amax", "amin", "var", "std", "logsumexp", "argmax", "max", "min"), reduce),
    **dict.fromkeys(("view", "_unsafe_view", "reshape", "squeeze", "unsqueeze", "flatten"), view),
    "permute": permute,
    "transpose": transpose,
    "t": flip_axes,
    "slice": slice_,
    "select": select,
    **{name: along("dim") for name in ("_softmax", "_log_softmax", "cumsum")},
    **dict.fromkeys(("mm", "addmm", "linear", "_addmm_activation"), product),
}
