"""How the cells of a tensor lie in memory: from one axis to the next, and which axis lies closest together."""

from __future__ import annotations

from torch import Tensor

_ORDER = {4: (1, 3, 2, 0), 5: (1, 4, 3, 2, 0)}


def span(size: tuple[int, ...], stride: tuple[int, ...]) -> int:
    """Cells from the first to the last of a tensor.

    >>> span((2, 3), (3, 1)), span((2, 3), (5, 1)), span((0, 3), (3, 1)), span((), ())
    (6, 8, 0, 1)
    """
    return 0 if 0 in size else 1 + sum([(side - 1) * step for side, step in zip(size, stride, strict=True)])


def dense(size: tuple[int, ...]) -> tuple[int, ...]:
    """Strides without gaps, the last axis closest together.

    >>> dense((2, 3, 4))
    (12, 4, 1)
    """
    steps = [1]
    for side in reversed(size[1:]):
        steps.append(steps[-1] * (side or 1))
    return tuple(reversed(steps)) if size else ()


def is_channels_last(tensor: Tensor) -> bool:
    """Whether PyTorch takes (N, C, ...) for laid out N, ..., C; it takes what could be both for the usual layout.

    The same steps as `is_channels_last_strides_2d` of c10/core/MemoryFormat.h.
    """
    sizes, strides = tensor.shape, tensor.stride()
    if len(sizes) not in _ORDER or strides[1] == 0:
        return False
    least = 0
    for axis in _ORDER[len(sizes)]:
        if sizes[axis] == 0 or strides[axis] < least or (axis == 0 and least == strides[1]):
            return False
        least = strides[axis] * max(1, sizes[axis])
    return True
