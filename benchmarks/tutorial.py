"""The cats-and-dogs program as tutorials write it: every picture is opened, decoded and resized in every epoch."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from core.datasets import ImageDataset
from core.training import TrainConfig, build_network

WORKERS = 2


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
    """An epoch at a time: loader with two workers, the network as it comes (channels first), RMSprop, validation."""
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
        _train(model.train(), optimizer, loaders[0])
        _validate(model.eval(), loaders[1])
        yield


def _train(model: nn.Module, optimizer: torch.optim.Optimizer, loader: DataLoader) -> None:
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        loss.item()


@torch.no_grad()
def _validate(model: nn.Module, loader: DataLoader) -> float:
    right = [(model(x).argmax(1) == y).float().mean().item() for x, y in loader]
    return sum(right) / len(right)
