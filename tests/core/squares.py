"""A set of pictures that costs nothing to make and can be learnt, and what the tests of training do with it."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from core.training import TrainConfig, Trainer, TrainingStep

TEXT = "nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(6 * 49, 2))"
SMALL = TrainConfig(network=TEXT, epochs=3, batch_size=16, learning_rate=0.02)
DEVICES = (
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")),
)


@dataclasses.dataclass(frozen=True)
class Squares:
    """Noise; class 1 has a dark corner. 16x16 pictures."""

    images: torch.Tensor
    labels: torch.Tensor
    classes: tuple[str, ...] = ("plain", "corner")

    def split(self, val_share, seed):
        return self.split_into((1 - val_share, val_share), seed)

    def split_into(self, shares, seed):
        order = torch.randperm(len(self.labels), generator=torch.Generator().manual_seed(seed))
        sizes = [int(share * len(order)) for share in shares[1:]]
        return order.split([len(order) - sum(sizes), *sizes])


def make(count=90):
    generator = torch.Generator().manual_seed(5)
    images = torch.randint(0, 256, (count, 3, 16, 16), dtype=torch.uint8, generator=generator)
    labels = torch.arange(count) % 2
    images[labels == 1, :, :6, :6] //= 4
    return Squares(images, labels)


def weights(trainer):
    return {name: value.clone() for name, value in trainer.model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def played(config, data, device="cpu"):
    trainer = Trainer(config, data, device)
    return list(trainer.run()), weights(trainer)


def cut_at(trainer, step):
    """Run until just after that step."""
    for event in trainer.run():
        if isinstance(event, TrainingStep) and event.step == step:
            return
