"""Symmetries of characters: which stay the same under flips and rotations, and which become others."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.augmentation import AUGMENTATIONS
from core.augmentation.augment import warp
from core.knobs import knob
from core.lessons.augmentation.sample_images import GLYPH_CODE, as_batch, glyph
from core.lessons.augmentation.template_matching import ALPHABETS, SIDE, TemplateMatch, match
from core.lessons.code_block import with_imports


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
    """The same in PyTorch; leaves `x`, float32 (K, 3, 32, 32) in 0..255, and prints the best match of each."""
    body = [
        f'names = "{ALPHABETS[alphabet]}"',
        "templates = torch.stack([torch.from_numpy(glyph(name)).permute(2, 0, 1) for name in names]).float()",
        "x = templates",
    ]
    body += ["x = x.flip(3)  # left and right"] if transform.mirrored else []
    body += ["x = x.flip(2)  # top and bottom"] if transform.upside_down else []
    if transform.degrees:
        body += [
            f"angle = math.radians({transform.degrees})",
            "theta = torch.tensor([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0]])",
            "grid = F.affine_grid(theta.expand(len(x), 2, 3), x.shape, align_corners=False)",
            'x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)',
        ]
    return with_imports([GLYPH_CODE, SPECTRA_CODE, "\n".join(body), MATCH_CODE])


SPECTRA_CODE = f"""\
def spectra(images):  # of the brightness, which has mean 0 and length 1
    grey = F.adaptive_avg_pool2d(images.mean(1, keepdim=True), {SIDE})[:, 0]
    grey = grey - grey.mean((1, 2), keepdim=True)
    return torch.fft.rfft2(grey / grey.flatten(1).norm(dim=1).clamp_min(1e-6)[:, None, None])"""
MATCH_CODE = f"""\
correlation = torch.fft.irfft2(spectra(x)[:, None] * spectra(templates).conj(), s=({SIDE}, {SIDE}))
scores, matches = correlation.amax((2, 3)).max(1)  # the largest of all shifts, of all templates
for name, score, match in zip(names, scores.tolist(), matches.tolist()):
    print(f"{{name}} matches {{names[match]}} best: {{100 * score:.1f}} %")"""
