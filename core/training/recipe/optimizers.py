"""Optimizers and learning-rate schedules: one entry each, and everything else iterates them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Optimizer:
    """How to build one, the learning rate at which it usually starts, and where it comes from."""

    build: Callable[..., torch.optim.Optimizer]  # (parameters, lr=..., weight_decay=...)
    learning_rate: float
    paper: str


def _momentum(parameters: Iterable[nn.Parameter], **rest: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, momentum=0.9, **rest)


def _nesterov(parameters: Iterable[nn.Parameter], **rest: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, momentum=0.9, nesterov=True, **rest)


OPTIMIZERS: dict[str, Optimizer] = {
    "SGD": Optimizer(torch.optim.SGD, 0.1, "Robbins & Monro 1951"),
    "SGD with momentum": Optimizer(_momentum, 0.05, "Polyak 1964"),
    "Nesterov": Optimizer(_nesterov, 0.05, "Nesterov 1983"),
    "RMSprop": Optimizer(torch.optim.RMSprop, 0.001, "Tieleman & Hinton 2012"),
    "Adam": Optimizer(torch.optim.Adam, 0.001, "Kingma & Ba 2015, arXiv:1412.6980"),
    "AdamW": Optimizer(torch.optim.AdamW, 0.002, "Loshchilov & Hutter 2019, arXiv:1711.05101"),
}


@dataclass(frozen=True)
class Schedule:
    """The share of the learning rate in use when `progress` (0 to 1) of the run is done."""

    factor: Callable[[float], float]
    formula: str  # LaTeX, of the progress t
    paper: str


WARM_UP = 0.25  # share of a one-cycle run in which the learning rate rises


def _cosine(progress: float) -> float:
    return (1 + math.cos(math.pi * progress)) / 2


def _one_cycle(progress: float) -> float:
    """From 1/25 up along a cosine, then down to nearly nothing."""
    if progress < WARM_UP:
        return 1 / 25 + (1 - 1 / 25) * (1 - _cosine(progress / WARM_UP))
    return _cosine((progress - WARM_UP) / (1 - WARM_UP))


SCHEDULES: dict[str, Schedule] = {
    "constant": Schedule(lambda progress: 1.0, "1", "Robbins & Monro 1951"),
    "step": Schedule(lambda progress: 0.1 ** int(3 * progress), r"0.1^{\lfloor 3t \rfloor}", "He et al. 2016"),
    "exponential": Schedule(lambda progress: 0.01**progress, "0.01^t", "Bottou 2012"),
    "cosine": Schedule(_cosine, r"\tfrac{1}{2}(1 + \cos \pi t)", "Loshchilov & Hutter 2017, arXiv:1608.03983"),
    "one-cycle": Schedule(
        _one_cycle,
        r"\text{up along a cosine for } t < \tfrac{1}{4}, \text{ then down to } 0",
        "Smith & Topin 2018, arXiv:1708.07120",
    ),
}


def groups(learning: nn.Module, fresh: str, gently: float) -> list[dict]:
    """The parameters that learn, and each group's `share` of the learning rate.

    Where a part is new, by the name `fresh`, all others came trained and have the share `gently`; "" is none.
    """
    if not fresh:
        return [{"params": list(learning.parameters()), "share": 1.0}]
    new = list(learning.get_submodule(fresh).parameters())
    rest = [p for p in learning.parameters() if all(p is not one for one in new)]
    return [{"params": new, "share": 1.0}, {"params": rest, "share": gently}]
