"""The summary that torchinfo prints, for those who know it, and where its figures differ from ours."""

from __future__ import annotations

import torchinfo
from torch import nn

DIFFERENCES = (
    "Where its figures differ: torchinfo adds the bias to its mult-adds and multiplies them by the batch size, counts "
    "none for a convolution called as a function, and counts a transposed convolution by its output. Its "
    "forward/backward size counts the outputs of layers with parameters twice, which is not what training saves, and "
    "leaves out the optimizer."
)


def classic_summary(model: nn.Module, input_shape: tuple[int, ...], batch_size: int = 1) -> str:
    """torchinfo's own table for a network on the meta device: nothing is computed.

    Args: `input_shape` without the batch.
    Raises: RuntimeError where the network does not take it.

    >>> "Total params: 112" in classic_summary(nn.Sequential(nn.Conv2d(3, 4, 3, device="meta")), (3, 8, 8))
    True
    """
    size = (batch_size, *input_shape)
    return str(torchinfo.summary(model, input_size=size, device="meta", verbose=0, depth=6))
