"""How well a method's maps rank the pixels, and whether they point into known boxes, over some images."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.explain import METHODS, PointingGame, enlarged, insertion_deletion, pointing_game

IN_RANDOM_ORDER = "Random order"  # of the pixels: what a method that knows nothing reaches


@dataclass(frozen=True)
class MeasuredMethod:
    """Means over `images`: the areas under both curves; `game` where the boxes are known and maps point at all."""

    insertion: float
    deletion: float
    images: int
    game: PointingGame | None = None


def measured_method(
    model: nn.Module, layer: str, method: str, x_BCHW: Tensor, class_B: Tensor, boxes_BK4: Tensor | None
) -> MeasuredMethod:
    """One method, or `IN_RANDOM_ORDER`, on images of one size; each map explains the class in `class_B`.

    `boxes_BK4` (x0 y0 x1 y1, pixels) hold what distinguishes the classes.
    Raises: PlaygroundError if the method does not explain this network.
    """
    side = x_BCHW.shape[-1]
    if method == IN_RANDOM_ORDER:
        importance_BHW = torch.zeros(len(x_BCHW), side, side)
    else:
        maps = [
            METHODS[method].explain(model, layer, x, label)
            for x, label in zip(x_BCHW.split(1), class_B.split(1), strict=True)
        ]
        importance_BHW = METHODS[method].importance(enlarged(torch.cat(maps), side))
    curves = [
        insertion_deletion(model, x, int(label), importance, seed=number)
        for number, (x, label, importance) in enumerate(zip(x_BCHW.split(1), class_B, importance_BHW, strict=True))
    ]
    insertion, deletion = (
        sum(values) / len(curves)
        for values in ([one.insertion_area for one in curves], [one.deletion_area for one in curves])
    )
    game = None if boxes_BK4 is None else pointing_game(importance_BHW, boxes_BK4, side)
    return MeasuredMethod(insertion, deletion, len(curves), game if game and game.images else None)
