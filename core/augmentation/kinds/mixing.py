"""Two pictures in one, and two labels in their shares.

The partner of picture i is picture i + B // 2 of its batch, counted round: batches are shuffled, so that is as random
as any pairing, and each picture is the partner of exactly one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.augmentation.kinds import boxes
from core.augmentation.rng import beta, uniform
from core.augmentation.types import Augmentation, Batch, Draw, Labelled, Stage


def partners(values: Tensor) -> Tensor:
    """The partner's row for each row of (B, ...)."""
    return values.roll(-(len(values) // 2), 0)


def mixed(values: Tensor, others: Tensor, share: Tensor) -> Tensor:
    """`share` (B,) of each row of `values` and the rest of `others`, both (B, ...)."""
    share = share.view(-1, *[1] * (values.dim() - 1))
    return share * values + (1 - share) * others


def _shares(alpha: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    return {"share": beta(alpha, batch.pictures, generator)}


def _mixup(own: Labelled, other: Labelled, draw: Draw) -> Labelled:
    return Labelled(*(mixed(a, b, draw["share"]) for a, b in zip(own, other, strict=True)))


def _cuts(alpha: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    """A box of about 1 - lambda of the area, cut off at the border; `share` is what it truly leaves."""
    part = (1 - beta(alpha, batch.pictures, generator)).clamp(0, 1).sqrt()
    box = {}
    for side, first, last in ((batch.height, "top", "bottom"), (batch.width, "left", "right")):
        middle = (uniform(batch.pictures, generator) * side).long()
        length = (part * side).long()
        box[first] = (middle - length // 2).clamp(0, side)
        box[last] = (middle - length // 2 + length).clamp(0, side)
    return box | {"share": _left_over(box, batch)}


def _left_over(box: Draw, batch: Batch) -> Tensor:
    cells = (box["bottom"] - box["top"]) * (box["right"] - box["left"])
    return 1 - cells / (batch.height * batch.width)


def _cutmix(own: Labelled, other: Labelled, draw: Draw) -> Labelled:
    cut = boxes.inside(draw, *own.x_BCHW.shape[2:])
    return Labelled(torch.where(cut, other.x_BCHW, own.x_BCHW), mixed(own.y_BK, other.y_BK, draw["share"]))


def take_turns(draws: dict[str, dict[str, Tensor]], generator: torch.Generator) -> None:
    """Where both are on, a coin spares each picture one of them. Changes `draws`."""
    mixup, cutmix = draws["mixup"], draws["cutmix"]
    coin = uniform(len(mixup["share"]), generator) < 0.5
    mixup["share"] = torch.where(coin, 1.0, mixup["share"])
    cutmix["share"] = torch.where(coin, cutmix["share"], 1.0)
    cutmix["bottom"] = torch.where(coin, cutmix["bottom"], cutmix["top"])


def _says_share(draw: Draw) -> str:
    return f"{float(draw['share']):.1%} of its own" if draw["share"] < 1 else ""


MIXING = {
    "mixup": Augmentation(
        Stage.MIX,
        _shares,
        _mixup,
        _says_share,
        r"x' = \lambda x_1 + (1 - \lambda) x_2, \quad y' = \lambda y_1 + (1 - \lambda) y_2, "
        r"\quad \lambda \sim \text{Beta}(\alpha, \alpha)",
        "Zhang, Cisse, Dauphin & Lopez-Paz 2017, arXiv:1710.09412",
        "None in itself, for the label is mixed as the picture is; but no picture looks like that.",
    ),
    "cutmix": Augmentation(
        Stage.MIX,
        _cuts,
        _cutmix,
        _says_share,
        r"x' = x_2 \text{ in a box, } x_1 \text{ elsewhere}, \quad y' = \lambda y_1 + (1 - \lambda) y_2, "
        r"\quad \lambda = 1 - \tfrac{\text{box}}{HW}",
        "Yun et al. 2019, arXiv:1905.04899",
        "The label counts area: a box of mere background, or over the whole object, is counted all the same.",
    ),
}
