"""PyTorch and kornia code that reproduces the first of the random samples, with its random numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from core.augmentation import AUGMENTATIONS, Augmentations, BatchShape, Draw, Stage
from core.augmentation.augment import warp_matrix
from core.lessons.augmentation.sample_images import SampleImage
from core.lessons.augmentation.samples import Draws
from core.lessons.code_block import with_imports

TO_TENSOR = "torch.from_numpy({image}).permute(2, 0, 1)[None] / 255"
MEANS = 'print("mean red, green, blue:", *(f"{value:.4f}" for value in x[0].mean((1, 2)).tolist()))'


def lines(sample: SampleImage, recipe: Augmentations, draws: Draws, batch: BatchShape) -> str:
    """A program that leaves the first image of the batch in `x`, float32 (1, C, H, W) in 0..1."""
    first = {name: {key: values[:1] for key, values in draw.items()} for name, draw in draws.items()}
    warps = {name: draw for name, draw in first.items() if AUGMENTATIONS[name].stage is Stage.WARP}
    body: list[str] = []
    for name, draw in first.items():
        if name == next(iter(warps), None):
            body += _matrix(warps, batch)
        body += _described(name, draw, getattr(recipe, name), batch)
    image = f"image = {sample.named('image.png')}"
    tensor = f"x = {TO_TENSOR.format(image='image')}  # (1, 3, H, W)"
    return with_imports([sample.definitions, "\n".join([image, tensor, *body]), MEANS])


def _described(name: str, draw: Draw, strength: Any, batch: BatchShape) -> list[str]:
    """The lines of one augmentation, below what the page says of it."""
    entry = AUGMENTATIONS[name]
    body = entry.code(draw, strength, batch)
    words = entry.describe({key: values[0] for key, values in draw.items()})
    return [f"# {words}", *body] if body and words else body


def _matrix(warps: Mapping[str, Draw], batch: BatchShape) -> list[str]:
    """One matrix for all warps."""
    words = (AUGMENTATIONS[name].describe({key: one[0] for key, one in draw.items()}) for name, draw in warps.items())
    matrix = warp_matrix(torch.empty(1, *batch[1:]), [(AUGMENTATIONS[name], draw) for name, draw in warps.items()])
    rows = ", ".join(f"[{', '.join(f'{value:.7g}' for value in row)}]" for row in matrix[0, :2].tolist())
    return [
        f"# {' and '.join(words)}: from output to input coordinates, -1 to 1",
        f"theta = torch.tensor([[{rows}]])",
        "grid = F.affine_grid(theta, x.shape, align_corners=False)",
        'x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)',
    ]
