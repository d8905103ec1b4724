"""With and without, side by side: two networks that differ in nothing but their dropout, on few digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.knobs import knob
from core.lessons.dropout.masks import Knobs
from core.lessons.dropout.network import BEGINNINGS, NONE, Small, split
from core.lessons.gradients import digits

BATCH = 20


@dataclass(frozen=True)
class Course:
    """What both networks train on, and for how long."""

    pictures: int = knob(200, 40, 400, step=20, label="training pictures")
    wrong: float = knob(
        0.2, 0.0, 0.5, step=0.05, label="wrong labels", help="The share of training pictures given a false label."
    )
    rounds: int = knob(30, 5, 60, step=5, label="rounds", help="How often each training picture is seen.")
    activation: str = knob("ReLU", choices=tuple(BEGINNINGS), label="activation", help="AlphaDropout is made for SELU.")
    seed: int = knob(0, 0, 20, label="seed of both")


@dataclass(frozen=True)
class Round:
    """After a round, in evaluation: mean loss and share of right answers, in training and in validation."""

    loss: float
    right: float
    validation_loss: float
    validation_right: float


def labelled(course: Course) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training pictures (N, 1, 8, 8) and labels, some of them false, then validation pictures and their true labels."""
    x, labels = digits()
    train, validation = split(course.pictures, course.seed)
    told, dice = labels[train].clone(), torch.Generator().manual_seed(course.seed)
    spoilt = round(course.wrong * course.pictures)
    told[:spoilt] = (told[:spoilt] + torch.randint(1, 10, (spoilt,), generator=dice)) % 10
    return x[train], told, x[validation], labels[validation]


def train(course: Course, kind: str = NONE, knobs: Knobs = ()) -> Iterator[Round]:
    """One network, a round at a time; Adam at 0.002 in batches of BATCH."""
    x, told, x_validation, labels = labelled(course)
    network, dice = Small(kind, knobs, course.seed, course.activation), torch.Generator().manual_seed(course.seed)
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    for _ in range(course.rounds):
        network.train()
        for place in torch.randperm(len(x), generator=dice).split(BATCH):
            optimizer.zero_grad()
            F.cross_entropy(network(x[place]), told[place]).backward()
            optimizer.step()
        yield Round(*measured(network, x, told), *measured(network, x_validation, labels))


@torch.no_grad()
def measured(network: nn.Module, x: Tensor, labels: Tensor) -> tuple[float, float]:
    """Mean loss and share of right answers in evaluation mode."""
    logits = network.eval()(x)
    return F.cross_entropy(logits, labels).item(), (logits.argmax(1) == labels).double().mean().item()


def race(course: Course, kind: str, knobs: Knobs) -> Iterator[tuple[Round, Round]]:
    """A without dropout, B with it, a round of each at a time: same weights at first, same pictures, same order."""
    return zip(train(course), train(course, kind, knobs), strict=True)
