"""PyTorch and kornia code that reproduces the first of the random samples, with its random numbers."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from core.augmentation import AUGMENTATIONS, Augmentations, BatchShape, Draw, Stage
from core.augmentation.augment import warp_matrix
from core.lessons.augmentation.samples import Draws

TO_TENSOR = "x = torch.from_numpy(image.copy()).permute(2, 0, 1)[None] / 255  # (1, 3, H, W)"


def lines(image_code: str, recipe: Augmentations, draws: Draws, batch: BatchShape) -> str:
    """A program that leaves the first image of the batch in `x`, float32 (1, C, H, W) in 0..1."""
    first = {name: {key: values[:1] for key, values in draw.items()} for name, draw in draws.items()}
    warps = {name: draw for name, draw in first.items() if AUGMENTATIONS[name].stage is Stage.WARP}
    body: list[str] = []
    for name, draw in first.items():
        if name == next(iter(warps), None):
            body += _matrix(warps, batch)
        body += AUGMENTATIONS[name].code(draw, getattr(recipe, name), batch)
    return "\n".join([*_imports(body), "", image_code, TO_TENSOR, *body])


def _imports(body: list[str]) -> list[str]:
    text = "\n".join(body)
    kornia = ["import kornia"] if "kornia." in text else []
    functional = ["from torch.nn import functional as F"] if " F." in text else []
    return [*kornia, "import numpy as np", "import torch", *functional]


def _matrix(warps: Mapping[str, Draw], batch: BatchShape) -> list[str]:
    """One matrix for all warps."""
    matrix = warp_matrix(torch.empty(1, *batch[1:]), [(AUGMENTATIONS[name], draw) for name, draw in warps.items()])
    rows = ", ".join(f"[{', '.join(f'{value:.7g}' for value in row)}]" for row in matrix[0, :2].tolist())
    return [
        f"# {' and '.join(warps)}: from output to input coordinates, -1 to 1",
        f"theta = torch.tensor([[{rows}]])",
        "grid = F.affine_grid(theta, x.shape, align_corners=False)",
        'x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)',
    ]
