"""Kernels whose time is that of going through memory: cell by cell, norms, pooling, copies, updates."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from core.optim import OPTIMIZERS
from core.profiler.timing.operations import update
from core.profiler.timing.trials.trial import Extent, Trial, between, values

aten = torch.ops.aten
CHANNELS = (8, 16, 32, 64, 128, 256, 512)
SIZES_EACH, PARAMETERS = 3, 12
SIDES = (4, 7, 8, 14, 16, 28, 32, 56, 64, 112)
Make = Callable[..., Tensor]  # a size and a device -> a tensor of it
Size = tuple[int, int, int, int]


def moving_trials(
    dtype: torch.dtype, draw: random.Random, extent: Extent, with_updates: bool = True
) -> Iterator[Trial]:
    """All of them, in one type; updates of parameters in fp32 alone."""
    for func, build, kwargs in _operations(dtype):
        for _ in range(SIZES_EACH):
            size = _size(draw, extent)
            nbytes = 4 * dtype.itemsize * size[0] * size[1] * size[2] * size[3]
            yield Trial(func, partial(_built, build, size, dtype), nbytes, kwargs)
    if dtype is torch.float32 and with_updates:
        for key in (optimizer.key for optimizer in OPTIMIZERS.values()):
            for _ in range(6):
                yield _update(key, round(between(draw, extent.cells)))


def _built(build: Callable[..., tuple], size: Size, dtype: torch.dtype, device: torch.device) -> tuple:
    def make(*sides: int, of: torch.dtype = dtype) -> Tensor:
        return values(*(sides or size), device=device, dtype=of)

    return build(make, *size)


def _size(draw: random.Random, extent: Extent) -> Size:
    """A random batch of random images with about as many cells as wanted."""
    wanted = between(draw, extent.cells)
    channels, side = draw.choice(CHANNELS), draw.choice(SIDES)
    while channels * side * side > 2 * wanted:
        channels, side = max(8, channels // 2), max(4, side // 2)
        if (channels, side) == (8, 4):
            break
    return max(1, round(wanted / (channels * side * side))), channels, side, side


def _operations(dtype: torch.dtype) -> Iterator[tuple[Any, Callable[..., tuple], dict[str, Any]]]:
    """Operation, its arguments as a function of (make, N, C, H, W), and keywords."""
    yield from ((func, build, {}) for func, build in CELL_BY_CELL.items())
    yield from ((func, build, {}) for func, build in NORMS.items())
    yield from ((func, build, {}) for func, build in WINDOWS.items())
    for window, step in ((2, 2), (3, 2), (3, 1)):
        yield aten.max_pool2d_with_indices.default, partial(_max_pooling, window, step), {}
    other = torch.bfloat16 if dtype is torch.float32 else torch.float32
    yield aten._to_copy.default, lambda make, *size: (make(),), {"dtype": other}
    yield aten.clone.default, lambda make, *size: (make(),), {}
    last, first = torch.channels_last, torch.contiguous_format
    yield aten.clone.default, lambda make, *size: (make().to(memory_format=last),), {"memory_format": first}
    yield aten.clone.default, lambda make, *size: (make(),), {"memory_format": last}


CELL_BY_CELL: dict[Any, Callable[..., tuple]] = {
    aten.relu.default: lambda make, *size: (make(),),
    aten.relu_.default: lambda make, *size: (make(),),
    aten.add.Tensor: lambda make, *size: (make(), make()),
    aten.add_.Tensor: lambda make, *size: (make(), make()),
    aten.hardtanh_.default: lambda make, *size: (make(), 0.0, 6.0),
    aten.mul_.Tensor: lambda make, *size: (make(), make()),
    aten.mul.Tensor: lambda make, *size: (make(), make()),
    aten.threshold_backward.default: lambda make, *size: (make(), make(), 0),
    aten.hardtanh_backward.default: lambda make, *size: (make(), make(), 0.0, 6.0),
    aten.gelu.default: lambda make, *size: (make(),),
    aten.gelu_backward.default: lambda make, *size: (make(), make()),
    aten.sigmoid.default: lambda make, *size: (make(),),
    aten.silu.default: lambda make, *size: (make(),),
    aten.bernoulli_.float: lambda make, *size: (make(), 0.5),
    aten.fill_.Scalar: lambda make, *size: (make(), 0.0),
    aten.cat.default: lambda make, *size: ([make(), make()], 1),
    aten.sum.dim_IntList: lambda make, *size: (make(), [0, 2, 3]),
    aten.mean.dim: lambda make, *size: (make(), [2, 3], True),
    aten._softmax.default: lambda make, n, c, h, w: (make(n * h, c * w), -1, False),
    aten._softmax_backward_data.default: lambda make, n, c, h, w: (
        make(n * h, c * w),
        make(n * h, c * w),
        -1,
        make().dtype,
    ),
    aten.embedding.default: lambda make, n, c, h, w: (
        make(4096, c),
        torch.randint(0, 4096, (n, h * w), device=make(1).device),
    ),
}


def _batch_norm(make: Make, n: int, c: int, h: int, w: int) -> tuple:
    single = partial(make, c, of=torch.float32)
    return make(), single(), single(), single(), single().abs(), True, 0.1, 1e-5


def _batch_norm_evaluation(make: Make, n: int, c: int, h: int, w: int) -> tuple:
    return (*_batch_norm(make, n, c, h, w)[:5], False, 0.1, 1e-5)


def _batch_norm_backward(make: Make, n: int, c: int, h: int, w: int) -> tuple:
    single = partial(make, c, of=torch.float32)
    return make(), make(), single(), single(), single().abs(), single(), single(), True, 1e-5, [True] * 3


def _layer_norm(make: Make, n: int, c: int, h: int, w: int) -> tuple:
    single = partial(make, c, of=torch.float32)
    return make(n, h, w, c), [c], single(), single(), 1e-5


def _layer_norm_backward(make: Make, n: int, c: int, h: int, w: int) -> tuple:
    mean, single = make(n, h, w, 1, of=torch.float32), partial(make, c, of=torch.float32)
    return make(n, h, w, c), make(n, h, w, c), [c], mean, mean, single(), single(), [True] * 3


def _group_norm(make: Make, n: int, c: int, h: int, w: int) -> tuple:
    single = partial(make, c, of=torch.float32)
    return make(), single(), single(), n, c, h * w, 4, 1e-5


NORMS: dict[Any, Callable[..., tuple]] = {
    aten.native_batch_norm.default: _batch_norm,
    aten.native_batch_norm_backward.default: _batch_norm_backward,
    aten.native_layer_norm.default: _layer_norm,
    aten.native_layer_norm_backward.default: _layer_norm_backward,
    aten.native_group_norm.default: _group_norm,
}


def _max_pooling(window: int, step: int, make: Make, *size: int) -> tuple:
    return make(), [window] * 2, [step] * 2, [window // 2 if step < window else 0] * 2


def _pooling_backward(make: Make, n: int, c: int, h: int, w: int) -> tuple:
    x = make()
    _, indices = aten.max_pool2d_with_indices.default(x, [2, 2], [2, 2])
    return make(n, c, h // 2, w // 2), x, [2, 2], [2, 2], [0, 0], [1, 1], False, indices


WINDOWS: dict[Any, Callable[..., tuple]] = {
    aten.max_pool2d_with_indices_backward.default: _pooling_backward,
    aten.avg_pool2d.default: lambda make, *size: (make(), [2, 2], [2, 2]),
    aten.avg_pool2d_backward.default: lambda make, n, c, h, w: (
        make(n, c, h // 2, w // 2),
        make(),
        [2, 2],
        [2, 2],
        [0, 0],
        False,
        True,
        None,
    ),
    aten._adaptive_avg_pool2d.default: lambda make, n, c, h, w: (make(), [max(1, h // 6)] * 2),
    aten._adaptive_avg_pool2d_backward.default: lambda make, n, c, h, w: (
        make(n, c, max(1, h // 6), max(1, w // 6)),
        make(),
    ),
    aten.upsample_nearest2d.default: lambda make, n, c, h, w: (make(), [2 * h, 2 * w]),
    aten.upsample_nearest2d_backward.default: lambda make, n, c, h, w: (
        make(n, c, 2 * h, 2 * w),
        [2 * h, 2 * w],
        [n, c, h, w],
    ),
    aten.upsample_bilinear2d.default: lambda make, n, c, h, w: (make(), [2 * h, 2 * w], False),
    aten.upsample_bilinear2d_backward.default: lambda make, n, c, h, w: (
        make(n, c, 2 * h, 2 * w),
        [2 * h, 2 * w],
        [n, c, h, w],
        False,
    ),
}


def _update(key: str, cells: int) -> Trial:
    """One step of an optimizer over several parameters of one size."""
    optimizer = next(entry for entry in OPTIMIZERS.values() if entry.key == key)
    each = max(1, cells // PARAMETERS)

    def build(device: torch.device) -> tuple:
        parameters = [torch.nn.Parameter(torch.randn(each, device=device)) for _ in range(PARAMETERS)]
        for parameter in parameters:
            parameter.grad = torch.randn(each, device=device)
        stepper = optimizer.build(parameters, optimizer.good_rate)
        stepper.step()  # which makes its state
        return (stepper,)

    return Trial(_step, build, 20 * cells, kernel=update(key, (each,), torch.float32), repeats=PARAMETERS)


def _step(optimizer: torch.optim.Optimizer) -> None:
    optimizer.step()
