"""The trainer against a bare loop and against the program of the tutorials, and what it reaches on cats and dogs.

    python -m benchmarks.training               pictures a second, as ratios of alternating epochs
    python -m benchmarks.training --accuracy    three networks, three seeds each; about 20 minutes on two cores

`--data` names the zip of pictures (PetImages/Cat, PetImages/Dog); `--only` one of the parts.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from benchmarks import accuracy
from core.augmentation import Augment
from core.datasets import ImageDataset, load
from core.training import TrainConfig, Trainer, build_network
from core.training.batches import ImageNormalization, shuffled
from core.training.events import Epoch
from core.training.loop import VALIDATION_BATCH

DATA = Path(__file__).parents[1] / ".." / "shared" / "data" / "petimages-5000.zip"
WORKERS = 2  # of the tutorials' loader
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
        index = enumerate(shuffled(len(images), config.batch_size, config.seed, epoch))
        batches = (augment(images, part, labels, config.seed, step) for step, part in index)
        check = zip(map(normalize, val_images.split(VALIDATION_BATCH)), val_labels.split(VALIDATION_BATCH), strict=True)
        train_and_validate(model, optimizer, ((normalize(x), y) for x, y in batches), check)
        yield


Batches = Iterable[tuple[Tensor, Tensor]]


def train_and_validate(model: nn.Module, optimizer: torch.optim.Optimizer, batches: Batches, check: Batches) -> float:
    """An epoch as one writes it by hand; returns the share of pictures to check that the network names correctly."""
    model.train()
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        loss.item()  # printed, in such a loop
    model.eval()
    with torch.no_grad():
        right = torch.cat([model(x).argmax(1) == y for x, y in check])
    return right.float().mean().item()


class Folder(Dataset):
    """Pictures of a zip and their labels, decoded when they are asked for: float32 (3, size, size) in 0..1."""

    def __init__(self, archive: Path, paths: list[str], labels: list[int], size: int, flips: bool) -> None:
        with zipfile.ZipFile(archive) as file:
            self.files = [file.read(path) for path in paths]  # as if the folder were in the disk's cache
        self.labels, self.size, self.flips = labels, size, flips

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture = Image.open(io.BytesIO(self.files[index])).convert("RGB").resize((self.size, self.size))
        x_CHW = torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255
        return x_CHW.flip(2) if self.flips and torch.rand(()) < 0.5 else x_CHW, self.labels[index]


def tutorial_epochs(config: TrainConfig, archive: Path, pictures: ImageDataset) -> Iterator[None]:
    """The cats-and-dogs program as tutorials write it: every picture is opened, decoded and resized in every epoch.

    An epoch at a time: loader with two workers, the network as it comes (channels first), RMSprop, validation.
    """
    loaders = [
        DataLoader(
            Folder(archive, [pictures.paths[i] for i in index], pictures.labels[index].tolist(),
                   pictures.size, flips=is_training),
            config.batch_size, shuffle=is_training, num_workers=WORKERS, persistent_workers=True,
        )
        for index, is_training in zip(pictures.split(config.val_share, config.split_seed), (True, False), strict=True)
    ]  # fmt: skip
    model = build_network(config.network, len(pictures.classes), pictures.size)
    optimizer = torch.optim.RMSprop(model.parameters(), config.learning_rate)
    while True:
        train_and_validate(model, optimizer, *loaders)
        yield


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
