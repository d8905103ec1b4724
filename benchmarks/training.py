"""The trainer against a bare loop and against the program of the tutorials, and what it reaches on cats and dogs.

    python -m benchmarks.training               pictures a second, as ratios of alternating epochs
    python -m benchmarks.training --accuracy    three networks, three seeds each; about 20 minutes on two cores

`--data` names the zip of pictures (PetImages/Cat, PetImages/Dog); `--only` one of the parts.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks import accuracy
from benchmarks.tutorial import tutorial_epochs
from core.augmentation import Augment
from core.datasets import ImageDataset, load
from core.training import TrainConfig, Trainer, build_network
from core.training.batches import ImageNormalization, shuffled
from core.training.events import Epoch

DATA = Path(__file__).parents[1] / ".." / "shared" / "data" / "petimages-5000.zip"
PAIRS = 5  # epochs of each side, taken in turn; the first is for warming up


def trainer_epochs(trainer: Trainer) -> Iterator[None]:
    """The product, an epoch at a time: events, curves, snapshots and validation included."""
    for event in trainer.run():
        if isinstance(event, Epoch):
            yield


def bare_epochs(config: TrainConfig, pictures: ImageDataset) -> Iterator[None]:
    """The same network, augmentation, batch and validation in the lines that one writes by hand."""
    train, val = pictures.split(config.val_share, config.split_seed)
    images, val_images = (
        pictures.images[index].contiguous(memory_format=torch.channels_last) for index in (train, val)
    )
    labels, val_labels = pictures.labels[train], pictures.labels[val]
    normalize, augment = ImageNormalization.of(images), Augment(config, len(pictures.classes))
    model = build_network(config.network, len(pictures.classes), pictures.size).to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        model.parameters(), config.learning_rate, momentum=0.9, nesterov=True, weight_decay=config.weight_decay
    )
    for epoch in range(config.epochs):
        model.train()
        for step, index in enumerate(shuffled(len(images), config.batch_size, config.seed, epoch)):
            x, y = augment(images, index, labels, config.seed, step)
            loss = F.cross_entropy(model(normalize(x)), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()  # printed, in such a loop
        accuracy_of(model.eval(), normalize, val_images, val_labels)
        yield


@torch.no_grad()
def accuracy_of(model: nn.Module, normalize: ImageNormalization, images: torch.Tensor, labels: torch.Tensor) -> float:
    """The share of pictures that the network names correctly."""
    predicted = torch.cat([model(normalize(batch)).argmax(1) for batch in images.split(256)])
    return (predicted == labels).float().mean().item()


def ratio(name: str, ours: Iterator[None], theirs: Iterator[None], pictures: int) -> None:
    """Print how many times as fast as theirs our epochs are: the median over pairs, taken in turn."""
    pairs = [tuple(map(_seconds, (ours, theirs))) for _ in range(PAIRS)]
    ratios = [their / our for our, their in pairs[1:]]
    our, their = (pictures / statistics.median(column) for column in zip(*pairs[1:], strict=True))
    more = f"from {min(ratios):.3f} to {max(ratios):.3f}; {our:.0f} against {their:.0f} training pictures a second"
    print(f"{name:<58}{statistics.median(ratios):>6.3f}x   ({more})", flush=True)


def _seconds(side: Iterator[None]) -> float:
    """Of its next epoch."""
    start = time.perf_counter()
    next(side)
    return time.perf_counter() - start


def against_bare_loop(data: Path) -> None:
    """At least 0.97."""
    config = TrainConfig(epochs=PAIRS)
    pictures = load("sketches", 64, limit=2000)
    sides = trainer_epochs(Trainer(config, pictures)), bare_epochs(config, pictures)
    ratio("the trainer against a bare loop, 64x64, validation too", *sides, round(0.8 * len(pictures)))


def against_tutorial(data: Path) -> None:
    """At least 1.4, at 300x300, with the network, optimizer and batch of the tutorial, which decodes every epoch."""
    pictures = load(data, 300, limit=400, cache=False)
    for precision in ("fp32", "bf16"):
        config = accuracy.tutorial(epochs=PAIRS, batch_size=32, rotation=0, precision=precision)
        sides = trainer_epochs(Trainer(config, pictures)), tutorial_epochs(config, data, pictures)
        ratio(f"the trainer in {precision} against the tutorials' program, 300x300", *sides, round(0.8 * len(pictures)))


PARTS = {"bare": against_bare_loop, "tutorial": against_tutorial}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accuracy", action="store_true")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", choices=(*PARTS, *accuracy.GOALS))
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.accuracy:
        accuracy.measure(chosen.data, range(chosen.seeds), chosen.only)
        return
    for name, part in PARTS.items():
        if chosen.only in (None, name) and (name == "bare" or chosen.data.exists()):
            part(chosen.data)


if __name__ == "__main__":
    main()
