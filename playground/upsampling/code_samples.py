"""The lines that repeat one method of the upsampling page."""

from __future__ import annotations

from core.layers.upsampling import code_of, weight_lines
from playground.upsampling.settings import UpsamplingSettings

TEMPLATE = """\
import torch
from torch import nn

from core.images.center_crop import square

picture = torch.tensor(square("{picture}", {side}, colour=True))  # ({side}, {side}, 3), 0..1
x = picture.permute(2, 0, 1)[None]  # (1, 3, {side}, {side})

up = {expression}
{weights}larger = up(x).detach()[0].permute(1, 2, 0)  # ({big}, {big}, 3)"""


def enlarge(chosen: UpsamplingSettings, method: str) -> str:
    """A program that enlarges the picture as it is drawn."""
    weights = weight_lines(method, chosen.scale, chosen.kernel_size, chosen.weights)
    return TEMPLATE.format(
        picture=chosen.picture,
        side=chosen.side,
        expression=code_of(method, 3, chosen.scale, chosen.kernel_size),
        weights=weights + "\n" if weights else "",
        big=chosen.side * chosen.scale,
    )
