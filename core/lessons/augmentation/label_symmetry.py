"""Symmetries of characters: which stay the same under flips and rotations, and which become others."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.augmentation import AUGMENTATIONS
from core.augmentation.augment import warp
from core.knobs import knob
from core.lessons.augmentation.sample_images import as_batch, glyph
from core.lessons.augmentation.template_matching import ALPHABETS, TemplateMatch, match


@dataclass(frozen=True)
class SymmetryTransform:
    """The transform of every character."""

    mirrored: bool = knob(False, label="Horizontal flip")
    upside_down: bool = knob(True, label="Vertical flip")
    degrees: int = knob(0, -180, 180, step=5, label="Rotation (degrees)", help="Counter-clockwise.")


def transformed(transform: SymmetryTransform, alphabet: str) -> tuple[Tensor, list[TemplateMatch]]:
    """Every character of an alphabet afterwards: float32 (K, 3, S, S) in 0..255, and its best template."""
    x = torch.cat([as_batch(glyph(character)) for character in ALPHABETS[alphabet]]).float()
    x = x.flip(3) if transform.mirrored else x
    x = x.flip(2) if transform.upside_down else x
    if transform.degrees:
        x = warp(x, [(AUGMENTATIONS["rotation"], {"degrees": torch.full((len(x),), float(transform.degrees))})])
    return x, match(x, ALPHABETS[alphabet])


def lines(transform: SymmetryTransform, alphabet: str) -> str:
    """The same in PyTorch; leaves `x`, float32 (K, 3, 32, 32) in 0..255."""
    body = [
        "import torch",
        "",
        "from core.lessons.augmentation.sample_images import as_batch, glyph",
        "",
        f'x = torch.cat([as_batch(glyph(character)) for character in "{ALPHABETS[alphabet]}"]).float()',
    ]
    body += ["x = x.flip(3)  # left and right"] if transform.mirrored else []
    body += ["x = x.flip(2)  # top and bottom"] if transform.upside_down else []
    if transform.degrees:
        body.insert(0, "import math\n")
        body[1] = "import torch\nfrom torch.nn import functional as F"
        body += [
            f"angle = math.radians({transform.degrees})",
            "theta = torch.tensor([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0]])",
            "grid = F.affine_grid(theta.expand(len(x), 2, 3), x.shape, align_corners=False)",
            'x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)',
        ]
    return "\n".join(body)
