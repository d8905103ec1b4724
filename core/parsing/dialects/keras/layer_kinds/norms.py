"""Keras's norms: of a batch, of a layer, of groups of channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.translation import Shape, Translation, part, real, switch, whole, without


def batch_norm(
    shape: Shape,
    axis: Any = -1,
    momentum: Any = 0.99,
    epsilon: Any = 1e-3,
    center: Any = True,
    scale: Any = True,
    synchronized: Any = False,
) -> Translation:
    """BatchNormalization; Keras's momentum is the share that is kept, PyTorch's the share that is new."""
    if axis not in (-1, len(shape)):
        return _along(axis, shape, lambda turned: batch_norm(turned, -1, momentum, epsilon, center, scale))
    shift, factor = switch(center, "center"), switch(scale, "scale")
    settings = {"eps": real(epsilon, "epsilon", 0, 1), "momentum": round(1 - real(momentum, "momentum", 0, 1), 12)}
    settings |= {"affine": factor, "bias": shift if factor else True}
    kind = f"BatchNorm{max(1, len(shape) - 1)}d"
    note = "Keras counts the running mean and variance of batch norm as non-trainable parameters; PyTorch does not."
    settings = without(settings, eps=1e-5, momentum=0.1, affine=True, bias=True)
    shifted = (part("ChannelBias", shape[0]),) if shift and not factor else ()  # PyTorch scales whenever it shifts
    return Translation((part(kind, shape[0], **settings), *shifted), shape, note)


def _along(axis: Any, shape: Shape, translate: Callable[[Shape], Translation]) -> Translation:
    """A layer along another axis than the channels, which change places with it before and after."""
    axis = tuple(axis) if isinstance(axis, (tuple, list)) else axis
    axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    axis = axis + len(shape) + 1 if type(axis) is int and axis < 0 else axis
    if type(axis) is not int or not 1 <= axis < len(shape):
        raise ParseError(f"axis={axis} must be the index of one axis, not that of the batch.")
    order = list(range(len(shape) + 1))
    order[1], order[axis + 1] = order[axis + 1], order[1]
    turned = part("Permute", *order)
    inner = translate(tuple(shape[place - 1] for place in order[1:]))
    return Translation((turned, *inner.parts, turned), shape, inner.note)


def layer_norm(shape: Shape, axis: Any = -1, epsilon: Any = 1e-3, center: Any = True, scale: Any = True) -> Translation:
    """LayerNormalization over the channels of each place, or over other axes together."""
    axes = _normed_axes(shape, axis)
    shift, factor = switch(center, "center"), switch(scale, "scale")
    if shift and not factor and len(axes) > 1:
        raise ParseError("scale=False over several axes needs center=False here.")
    settings = without(
        {"eps": real(epsilon, "epsilon", 0, 1), "elementwise_affine": factor, "bias": shift or not factor},
        elementwise_affine=True,
        bias=True,
    )
    added = (part("ChannelBias", shape[0]),) if shift and not factor else ()
    if added and axes != (len(shape),):
        return _along(axis, shape, lambda turned: layer_norm(turned, -1, epsilon, center, scale))
    step = _over_last("LayerNorm", shape, axes, settings)
    return Translation((*step.parts, *added), shape)


def _normed_axes(shape: Shape, axis: Any) -> tuple[int, ...]:
    """Some of Keras's axes, not that of the batch, in their order."""
    rank = len(shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    whole_axes = sorted(one % (rank + 1) for one in axes if type(one) is int and -rank <= one <= rank)
    if len(set(whole_axes)) != len(axes) or not whole_axes or whole_axes[0] == 0:
        raise ParseError(f"axis={axis} must be the index of one axis, not that of the batch, or several.")
    return tuple(whole_axes)


def _over_last(kind: str, shape: Shape, axes: tuple[int, ...], settings: dict[str, Any]) -> Translation:
    """A norm over some of Keras's axes, which go last before it and back after it."""
    rank = len(shape)
    dims = [1 if one == rank else one + 1 for one in axes]  # Keras's order of the axes, PyTorch's index of each
    order = [0, *(dim for dim in (*range(2, rank + 1), 1) if dim not in dims), *dims]
    sizes = tuple(shape[dim - 1] for dim in dims)
    norm = part(kind, sizes[0] if len(sizes) == 1 else sizes, **settings)
    if order == sorted(order):
        return Translation((norm,), shape)
    return Translation(
        (part("Permute", *order), norm, part("Permute", *(order.index(n) for n in sorted(order)))), shape
    )


def group_norm(
    shape: Shape, groups: Any = 32, axis: Any = -1, epsilon: Any = 1e-3, center: Any = True, scale: Any = True
) -> Translation:
    """GroupNormalization over neighbouring channels, or over neighbours along another axis."""
    if axis not in (-1, len(shape)):
        return _along(axis, shape, lambda turned: group_norm(turned, groups, -1, epsilon, center, scale))
    shift, factor = switch(center, "center"), switch(scale, "scale")
    count = shape[0] if groups == -1 else whole(groups, "groups")
    settings = {"eps": real(epsilon, "epsilon", 0, 1), "affine": factor, "bias": shift or not factor}
    settings = without(settings, affine=True, bias=True)
    added = (part("ChannelBias", shape[0]),) if shift and not factor else ()
    return Translation((part("GroupNorm", count, shape[0], **settings), *added), shape)


def rms_norm(shape: Shape, axis: Any = -1, epsilon: Any = 1e-6) -> Translation:
    """RMSNormalization: by the root of the mean square of the channels, with a factor for each; or over other axes."""
    return _over_last("RMSNorm", shape, _normed_axes(shape, axis), {"eps": real(epsilon, "epsilon", 0, 1)})


def instance_norm(
    shape: Shape, axis: Any = -1, epsilon: Any = 1e-3, center: Any = True, scale: Any = True
) -> Translation:
    """InstanceNormalization of tensorflow_addons: each channel of each image by itself."""
    return group_norm(shape, -1, axis, epsilon, center, scale)


def whole_instance_norm(
    shape: Shape, axis: Any = None, epsilon: Any = 1e-3, center: Any = True, scale: Any = True
) -> Translation:
    """InstanceNormalization of keras_contrib, which without an axis takes all values of an image together."""
    if axis is not None:
        return instance_norm(shape, axis, epsilon, center, scale)
    norm = part("GroupNorm", 1, shape[0], eps=real(epsilon, "epsilon", 0, 1), affine=False)
    factor = (part("Scale", 1, init=1.0),) if switch(scale, "scale") else ()
    shift = (part("ChannelBias", 1),) if switch(center, "center") else ()
    return Translation((norm, *factor, *shift), shape)
