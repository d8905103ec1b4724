"""`profile`: what a network costs, from a run on fake tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from core.errors import PlaygroundError
from core.profiler.memory.iteration import Iteration
from core.profiler.memory.lazy_usage import LazyUsage, uncollected
from core.profiler.results import Profile
from core.profiler.rows import Shape
from core.profiler.setting import Setting


def profile(
    model: nn.Module, input_shape: Sequence[int], batch_size: int = 1, optimizer: str = "sgd", **settings: Any
) -> Profile:
    """What `model` costs for `batch_size` inputs of `input_shape`, without allocating weights or activations.

    The network is profiled in the mode it is in (`model.train()` or `model.eval()`) and is not changed.

    Args:
        model: any `nn.Module` that takes one tensor.
        input_shape: (C, H, W) or whatever the network takes, without the batch.
        batch_size: pictures at a time.
        optimizer: a key of `OPTIMIZERS`, such as "sgd" or "adam".
        settings: any other field of `Setting`, such as precision="bf16" or checkpointed=("layer1",).
    Returns:
        A `Profile`: a `Row` per layer call, peaks and a timeline; MACs are per picture, bytes are of the whole batch.
        The forward pass has run; backward, update and inference run when a peak or the timeline is first asked for.
    Raises:
        LayerShapeError: the network stops in the middle; `error.rows` holds the layers before, `error.failed` says why.
        PlaygroundError: it cannot be profiled at all, for it decides by values, say.

    >>> profile(nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100)).total_macs
    225000000
    """
    return profile_in(model, input_shape, Setting(batch_size, optimizer, **settings))


def profile_in(model: nn.Module, input_shape: Sequence[int], setting: Setting) -> Profile:
    """What `model` costs in a setting; see `profile`."""
    shape = _checked(input_shape)
    with uncollected():
        iteration = Iteration(model, shape, setting)
        return Profile(type(model).__name__, shape, setting, iteration.forward(), LazyUsage(iteration))


def _checked(input_shape: Sequence[int]) -> Shape:
    shape = tuple(int(side) for side in input_shape)
    if shape and min(shape) < 1:
        raise PlaygroundError(f"every side of the input must be at least 1, not {shape}")
    return shape
