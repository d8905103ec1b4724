"""The program of the upsampling page: a picture enlarged, and ones; it runs with PyTorch alone."""

from __future__ import annotations

from core.images.center_crop import square_program
from core.layers.upsampling import code_of, weight_lines
from playground.program_text import program
from playground.upsampling.settings import UpsamplingSettings

ENLARGE = """\
x = torch.from_numpy(picture).permute(2, 0, 1)[None]  # (1, 3, {side}, {side}), 0..1

up = {expression}
{weights}larger = up(x).detach()[0].permute(1, 2, 0)  # ({big}, {big}, 3)
print(tuple(larger.shape))

ones = up(torch.ones(1, 3, 16, 16)).detach()[..., {edge}:-{edge}, {edge}:-{edge}]  # away from the border
print(f"1 becomes {{ones.min():.3f}} to {{ones.max():.3f}}")"""


def enlarge_code(chosen: UpsamplingSettings, method: str) -> str:
    """A program that enlarges the picture as it is drawn, and prints what becomes of ones."""
    weights = weight_lines(method, chosen.scale, chosen.kernel_size, chosen.weights)
    needs, picture = square_program(chosen.picture, chosen.side, colour=True)
    lines = ENLARGE.format(
        side=chosen.side,
        expression=code_of(method, 3, chosen.scale, chosen.kernel_size),
        weights=weights + "\n" if weights else "",
        big=chosen.side * chosen.scale,
        edge=4 * chosen.scale,
    )
    return program(("import torch", "from torch import nn", *needs), f"{picture}\n{lines}")
