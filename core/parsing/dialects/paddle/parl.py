"""Layers of PARL, Paddle's library for reinforcement learning: each is made with its sizes alone and called later.

Source: parl.layers of PARL 1.4, over paddle.fluid.layers of Paddle 1.8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.paddle import fluid
from core.parsing.dialects.paddle.layers import Parts, activation
from core.parsing.dialects.translation import part, without


def _transposed(
    num_filters: Any,
    output_size: Any = None,
    filter_size: Any = None,
    padding: Any = 0,
    stride: Any = 1,
    act: Any = None,
    bias: Any = True,
) -> Parts:
    """A transposed convolution, which takes its channels from the first input."""
    if output_size is not None or filter_size is None:
        raise ParseError("output_size has no equivalent in PyTorch's layer: write filter_size.")
    written = without({"stride": stride, "padding": padding, "bias": bias}, stride=1, padding=0, bias=True)
    return (part("LazyConvTranspose2d", num_filters, filter_size, **written), *activation(act))


def _batch_norm(act: Any = None, is_test: Any = False, momentum: Any = 0.9, epsilon: Any = 1e-5) -> Parts:
    """Batch norm of images."""
    return (part("LazyBatchNorm2d"), *activation(act))


PARL: dict[str, Callable[..., Parts]] = {
    "fc": fluid.fully_connected,
    "conv2d": fluid.convolution_of_scope,
    "conv2d_transpose": _transposed,
    "batch_norm": _batch_norm,
    "embedding": fluid.embedding,
}
