"""Small experiments of the lessons: the digits, batches and splits, training steps, accuracy, runs side by side.

All randomness comes from generators with a seed, never from torch's shared one: a run is the same whatever others do.
Shape suffixes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from core.images.digits import digits as digit_arrays

Result = TypeVar("Result")
Batches = Iterator[tuple[Tensor, Tensor]]  # inputs and labels


@lru_cache(maxsize=1)
def digits() -> tuple[Tensor, Tensor]:
    """All 1,797 handwritten digits of scikit-learn, standardized: (1797, 1, 8, 8) float32 and labels (1797,)."""
    greys, labels = digit_arrays()
    x = torch.from_numpy(greys.astype(np.float32))[:, None]
    return (x - x.mean()) / x.std(), torch.from_numpy(labels.copy())


def split(seed: int, validation_size: int) -> tuple[Tensor, Tensor]:
    """Indices of the training and of the validation digits, at random by seed."""
    order = torch.randperm(len(digits()[0]), generator=torch.Generator().manual_seed(seed))
    return order[validation_size:], order[:validation_size]


def epoch(size: int, batch_size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Indices of the batches of one epoch, shuffled; the last batch may be smaller.

    >>> [len(batch) for batch in epoch(7, 3, torch.Generator())]
    [3, 3, 1]
    """
    yield from torch.randperm(size, generator=generator).split(batch_size)


def batches(x: Tensor, labels: Tensor, batch_size: int, seed: int) -> Batches:
    """Endless batches, shuffled anew each epoch by seed; incomplete batches are left out."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        for index in epoch(len(x), batch_size, generator):
            if len(index) == batch_size:
                yield x[index], labels[index]


def optimizer_step(optimizer: torch.optim.Optimizer, loss: Tensor) -> float:
    """One step of an optimizer; returns the loss before it."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def descend(network: nn.Module, learning_rate: float) -> None:
    """One step of plain SGD along the gradients that the parameters have."""
    for parameter in network.parameters():
        if parameter.grad is not None:
            parameter.sub_(learning_rate * parameter.grad)


def sgd_step(network: nn.Module, x: Tensor, labels: Tensor, learning_rate: float) -> float:
    """One step of plain SGD on the cross-entropy of a batch; returns the loss before it."""
    network.zero_grad()
    loss = nn.functional.cross_entropy(network(x), labels)
    loss.backward()
    descend(network, learning_rate)
    return loss.item()


def train(step: Callable[[Tensor, Tensor], float], stream: Batches, steps: int) -> Iterator[tuple[int, float, bool]]:
    """Take steps on the batches of a stream: number, loss and whether it is the last. Stops if a loss is not finite.

    `step(x, labels)` changes the network and returns the loss.
    """
    for number, (x, labels) in zip(range(steps), stream, strict=False):
        loss = step(x, labels)
        is_last = number == steps - 1 or not math.isfinite(loss)
        yield number, loss, is_last
        if is_last:
            return


def side_by_side(runs: Sequence[Iterator[Result]]) -> Iterator[tuple[Result | None, ...]]:
    """Several runs in lockstep, one result of each at a time; None for a run that has ended.

    >>> list(side_by_side([iter("ab"), iter("c")]))
    [('a', 'c'), ('b', None)]
    """
    while True:
        results = tuple(next(run, None) for run in runs)
        if all(result is None for result in results):
            return
        yield results


@contextmanager
def inputs_of(modules: Iterable[nn.Module]) -> Iterator[list[Tensor]]:
    """What goes into some modules while they run inside, detached, in the order in which they do."""
    inputs: list[Tensor] = []
    hooks = [m.register_forward_pre_hook(lambda module, args: inputs.append(args[0].detach())) for m in modules]
    try:
        yield inputs
    finally:
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def in_eval_mode(network: nn.Module, x_BCHW: Tensor) -> Tensor:
    """The output in evaluation mode; the mode of the network is restored."""
    mode = network.training
    outputs = network.eval()(x_BCHW)
    network.train(mode)
    return outputs


def accuracy(outputs: Tensor, labels: Tensor) -> float:
    """The share of correct predictions, for logits or probabilities (B, classes).

    >>> accuracy(torch.tensor([[2.0, 1.0], [0.0, 3.0]]), torch.tensor([0, 0]))
    0.5
    """
    return (outputs.argmax(-1) == labels).double().mean().item()
