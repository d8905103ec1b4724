"""MixUp and CutMix: two images in one, and their labels in the same shares.

The partner of image i is image i + B // 2 of its batch, modulo B: batches are shuffled, so that is as random as any
pairing, and each image is the partner of exactly one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.augmentation.kinds import boxes
from core.augmentation.rng import beta, uniform
from core.augmentation.types import Augmentation, BatchShape, Draw, LabelledBatch, Stage, augmentation
from core.knobs import Knob
from core.percent import percent

_SYMBOLS = r"$x_1, x_2$ = images, $y_1, y_2$ = their targets, $x', y'$ = the mixture, $\lambda$ = share of the first"


def partners(values: Tensor) -> Tensor:
    """The partner's row for each row of (B, ...)."""
    return values.roll(-(len(values) // 2), 0)


def mixed(values: Tensor, others: Tensor, share: Tensor) -> Tensor:
    """`share` (B,) of each row of `values` and the rest of `others`, both (B, ...)."""
    share = share.view(-1, *[1] * (values.dim() - 1))
    return share * values + (1 - share) * others


def _shares(alpha: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    return {"share": beta(alpha, batch.images, generator)}


def _mixup(own: LabelledBatch, other: LabelledBatch, draw: Draw) -> LabelledBatch:
    return LabelledBatch(*(mixed(a, b, draw["share"]) for a, b in zip(own, other, strict=True)))


def _cuts(alpha: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    """A box of about 1 - lambda of the area, clipped at the border; `share` is the actual rest."""
    part = (1 - beta(alpha, batch.images, generator)).clamp(0, 1).sqrt()
    box = {}
    for side, first, last in ((batch.height, "top", "bottom"), (batch.width, "left", "right")):
        centre = (uniform(batch.images, generator) * side).long()
        length = (part * side).long()
        box[first] = (centre - length // 2).clamp(0, side)
        box[last] = (centre - length // 2 + length).clamp(0, side)
    return box | {"share": _remaining_share(box, batch)}


def _remaining_share(box: Draw, batch: BatchShape) -> Tensor:
    cells = (box["bottom"] - box["top"]) * (box["right"] - box["left"])
    return 1 - cells / (batch.height * batch.width)


def _cutmix(own: LabelledBatch, other: LabelledBatch, draw: Draw) -> LabelledBatch:
    cut = boxes.inside(draw, *own.x_BCHW.shape[2:])
    return LabelledBatch(torch.where(cut, other.x_BCHW, own.x_BCHW), mixed(own.y_BK, other.y_BK, draw["share"]))


def take_turns(draws: dict[str, dict[str, Tensor]], generator: torch.Generator) -> None:
    """Where both are on, each image gets one of them at random. Changes `draws`."""
    mixup, cutmix = draws["mixup"], draws["cutmix"]
    use_cutmix = uniform(len(mixup["share"]), generator) < 0.5
    mixup["share"] = torch.where(use_cutmix, 1.0, mixup["share"])
    cutmix["share"] = torch.where(use_cutmix, cutmix["share"], 1.0)
    cutmix["bottom"] = torch.where(use_cutmix, cutmix["bottom"], cutmix["top"])


def _describe_share(draw: Draw) -> str:
    return f"{percent(float(draw['share']), 1)} of its own" if draw["share"] < 1 else ""


@dataclass(frozen=True)
class Mixing:
    """Strengths of the augmentations that mix two images and their labels."""

    mixup: float = augmentation(
        Knob(
            0.0,
            0.0,
            2.0,
            step=0.1,
            label="MixUp",
            help="Alpha of the Beta distribution: the average of two images; small is mild, 0 is off.",
        ),
        Augmentation(
            Stage.MIX,
            "MixUp",
            _shares,
            _mixup,
            _describe_share,
            r"x' = \lambda x_1 + (1 - \lambda) x_2, \quad y' = \lambda y_1 + (1 - \lambda) y_2, "
            r"\quad \lambda \sim \text{Beta}(\alpha, \alpha)",
            rf"{_SYMBOLS}, $\alpha$ = strength",
            "Zhang, Cisse, Dauphin & Lopez-Paz 2017, arXiv:1710.09412",
            "None: the label is mixed like the image; but no real image looks like that.",
        ),
    )
    cutmix: float = augmentation(
        Knob(
            0.0,
            0.0,
            2.0,
            step=0.1,
            label="CutMix",
            help="Alpha of the Beta distribution: a box of another image; at 1 all sizes are equally likely, 0 is off.",
        ),
        Augmentation(
            Stage.MIX,
            "CutMix",
            _cuts,
            _cutmix,
            _describe_share,
            r"x' = x_2 \text{ in a box, else } x_1, \quad y' = \lambda y_1 + (1 - \lambda) y_2, "
            r"\quad \lambda = 1 - \tfrac{\text{box}}{HW}",
            f"{_SYMBOLS}, $H, W$ = height and width",
            "Yun et al. 2019, arXiv:1905.04899",
            "The label counts area: a box of mere background, or over the whole object, counts all the same.",
        ),
    )
