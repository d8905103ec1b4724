"""A whole alphabet turned over at once: which signs stay what they are, and which become others."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.augmentation import AUGMENTATIONS
from core.augmentation.augment import warp
from core.knobs import knob
from core.lessons.augmentation.sample_images import as_image, glyph
from core.lessons.augmentation.template_matching import ALPHABETS, Reading, read


@dataclass(frozen=True)
class Turning:
    """What is done to every sign."""

    mirrored: bool = knob(False, label="Mirrored")
    upside_down: bool = knob(True, label="Upside down")
    degrees: int = knob(0, -180, 180, step=5, label="Turned (degrees)", help="Counter-clockwise.")


def turned(turning: Turning, signs: str) -> tuple[Tensor, list[Reading]]:
    """Every sign of an alphabet after it: float32 (K, 3, S, S) in 0..255, and what each looks like."""
    x = torch.cat([as_image(glyph(sign)) for sign in ALPHABETS[signs]]).float()
    x = x.flip(3) if turning.mirrored else x
    x = x.flip(2) if turning.upside_down else x
    if turning.degrees:
        x = warp(x, [(AUGMENTATIONS["rotation"], {"degrees": torch.full((len(x),), float(turning.degrees))})])
    return x, read(x, ALPHABETS[signs])


def lines(turning: Turning, signs: str) -> str:
    """The same in PyTorch; leaves `x`, float32 (K, 3, 32, 32) in 0..255."""
    body = [
        "import torch",
        "",
        "from core.lessons.augmentation.sample_images import as_image, glyph",
        "",
        f'x = torch.cat([as_image(glyph(sign)) for sign in "{ALPHABETS[signs]}"]).float()',
    ]
    body += ["x = x.flip(3)  # left and right"] if turning.mirrored else []
    body += ["x = x.flip(2)  # top and bottom"] if turning.upside_down else []
    if turning.degrees:
        body.insert(0, "import math\n")
        body[1] = "import torch\nfrom torch.nn import functional as F"
        body += [
            f"angle = math.radians({turning.degrees})",
            "theta = torch.tensor([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0]])",
            "grid = F.affine_grid(theta.expand(len(x), 2, 3), x.shape, align_corners=False)",
            'x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)',
        ]
    return "\n".join(body)
