"""Which axis of a picture lies closest together in memory."""

from __future__ import annotations

from torch import Tensor

_ORDER = {4: (1, 3, 2, 0), 5: (1, 4, 3, 2, 0)}


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
