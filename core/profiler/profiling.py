"""`profile`: what a network costs, from one run on ghosts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import torch
from torch import nn

from core.errors import PlaygroundError
from core.profiler.failing import failure, sentence
from core.profiler.ghosts import GhostMode, ghost_copy
from core.profiler.records import LayerShapeError, Profile, Shape
from core.profiler.tracing import Tracer

STOPS = (RuntimeError, ValueError, IndexError, TypeError, AssertionError, ZeroDivisionError)


def profile(model: nn.Module, input_shape: Sequence[int], batch_size: int = 1, optimizer: str = "sgd") -> Profile:
    """What `model` costs for `batch_size` inputs of `input_shape`, without allocating weights or activations.

    The network is profiled in the mode it is in (`model.train()` or `model.eval()`) and is not changed.

    Args:
        model: any `nn.Module` that takes one tensor.
        input_shape: (C, H, W) or whatever the network takes, without the batch.
        batch_size: pictures at a time.
        optimizer: its name, such as "sgd" or "adam".
    Returns:
        A `Profile`: a `Row` per layer call; MACs are per picture, bytes are of the whole batch.
    Raises:
        LayerShapeError: the network stops in the middle; `error.rows` holds the layers before, `error.failed` says why.
        PlaygroundError: it cannot be profiled at all, for it decides by values, say.

    >>> profile(nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100)).total_macs
    225000000
    """
    shape = _checked(input_shape, batch_size)
    mode = GhostMode()
    ghost = ghost_copy(model, mode)
    tracer = Tracer(ghost)
    mode.on_op, mode.on_block = tracer.on_op, tracer.on_block
    x = mode.empty((batch_size, *shape), dtype=input_dtype(ghost))
    tracer.start([x])
    with torch.enable_grad(), mode:
        with torch.autograd.graph.saved_tensors_hooks(tracer.on_save, lambda kept: kept), tracer, explained(tracer):
            output = ghost(x)
        del output
    rows = tracer.rows(batch_size) + tracer.uncalled()
    return Profile(type(model).__name__, shape, batch_size, optimizer, rows)


def _checked(input_shape: Sequence[int], batch_size: int) -> Shape:
    shape = tuple(int(side) for side in input_shape)
    if min((*shape, batch_size)) < 1:
        raise PlaygroundError(f"every side and the batch must be at least 1, not {shape} and {batch_size}")
    return shape


def input_dtype(model: nn.Module) -> torch.dtype:
    """What a network takes: whole numbers where it begins with an embedding, else the type of its weights."""
    first = next((module for module in model.modules() if not module._modules), None)
    if isinstance(first, (nn.Embedding, nn.EmbeddingBag)):
        return torch.int64
    return next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)


@contextlib.contextmanager
def explained(tracer: Tracer) -> Iterator[None]:
    """A shape error of PyTorch inside becomes one that teaches, and carries the rows before it."""
    try:
        yield
    except PlaygroundError:
        raise
    except STOPS as error:
        if not tracer.frames:
            raise PlaygroundError(f"the network cannot be called with one tensor: {error}") from error
        frame, draft = tracer.frames[-1], tracer.open
        function = draft.kind if draft is not None and draft.is_function else None
        got = draft.input_shapes if draft is not None else frame.inputs
        failed = failure(frame.name, frame.module, function, got, error)
        rows = tracer.rows(max(1, got[0][0] if got and got[0] else 1))
        raise LayerShapeError(sentence(failed), rows, failed) from error
