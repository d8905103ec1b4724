"""PyTorch and kornia that make the first of the drawn pictures again, each change with what chance decided for it."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from core.augmentation import AUGMENTATIONS, Batch, Draw, Stage
from core.augmentation.augment import place_of
from core.augmentation.chance import stream
from core.augmentation.damage import REACH, SHARP
from core.labs.augmentation.seen import Draws

READ = "x = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None] / 255  # (1, 3, H, W)"


def lines(picture_code: str, draws: Draws, batch: Batch, seed: int, strength_of_noise: float) -> str:
    """A program that leaves picture number 1 of the batch in `x`, float32 (1, C, H, W) in 0..1."""
    first = {name: {key: values[:1] for key, values in draw.items()} for name, draw in draws.items()}
    body: list[str] = []
    for stage in (Stage.CELLS, Stage.WARP, Stage.PIXELS):
        here = {name: draw for name, draw in first.items() if AUGMENTATIONS[name].stage is stage}
        if stage is Stage.WARP:
            body += _warp(here, batch)
            continue
        for name, draw in here.items():
            body += _noise(seed, strength_of_noise, batch) if name == "noise" else WRITE[name](draw, batch)
    return "\n".join([*_imports(picture_code, body), READ, *body])


def _imports(picture_code: str, body: list[str]) -> list[str]:
    text = "\n".join(body)
    needed = ["import kornia"] if "kornia." in text else []
    torch_lines = ["import numpy as np", "import torch"]
    if " F." in text:
        torch_lines.append("from torch.nn import functional as F")
    return [*needed, *torch_lines, "", picture_code]


def _warp(draws: Draws, batch: Batch) -> list[str]:
    """One matrix for crop and rotation: from an output place to where it is read."""
    if not draws:
        return []
    where = place_of(torch.empty(1, *batch[1:]), [(AUGMENTATIONS[name], draw) for name, draw in draws.items()])[0, :2]
    rows = ", ".join(f"[{', '.join(f'{value:.7g}' for value in row)}]" for row in where.tolist())
    return [
        f"# {' and '.join(draws)}: from an output place, -1 to 1, to where it is read",
        f"theta = torch.tensor([[{rows}]])",
        "grid = F.affine_grid(theta, x.shape, align_corners=False)",
        'x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)',
    ]


def _shift(draw: Draw, batch: Batch) -> list[str]:
    down, right = int(draw["down"]), int(draw["right"])
    if not down and not right:
        return []
    pad = max(abs(down), abs(right))
    rows, columns = f"{pad - down}:{pad - down + batch.height}", f"{pad - right}:{pad - right + batch.width}"
    return [f'x = F.pad(x, ({pad},) * 4, mode="reflect")[..., {rows}, {columns}]']


def _blur(draw: Draw, batch: Batch) -> list[str]:
    sigma = max(float(draw["sigma"]), SHARP)
    size = 2 * min(math.ceil(REACH * sigma), min(batch.height, batch.width) - 1) + 1
    return [f"x = kornia.filters.gaussian_blur2d(x, {size}, ({sigma:.7g}, {sigma:.7g}))"]


def _noise(seed: int, deviation: float, batch: Batch) -> list[str]:
    """The noise of the whole batch comes from one generator; the first picture has the first of it."""
    start = stream(seed, 0, "noise").initial_seed()
    return [
        f"grain = torch.randn({tuple(batch)}, generator=torch.Generator().manual_seed({start}))",
        f"x = (x + {deviation:g} * grain[:1]).clamp(0, 1)",
    ]


def _erase(draw: Draw, _: Batch) -> list[str]:
    top, bottom, left, right = (int(draw[key]) for key in ("top", "bottom", "left", "right"))
    if bottom == top:
        return []
    colour = ", ".join(f"{value:.7g}" for value in draw["colour"][0].tolist())
    return [f"x[..., {top}:{bottom}, {left}:{right}] = torch.tensor([{colour}])[:, None, None]"]


def _enhance(function: str) -> Callable[[Draw, Batch], list[str]]:
    return lambda draw, _: [f"x = kornia.enhance.{function}(x, {float(draw['factor']):.7g})"]


WRITE: dict[str, Callable[[Draw, Batch], list[str]]] = {
    "flip": lambda draw, _: ["x = x.flip(3)"] if draw["flipped"] else [],
    "vertical_flip": lambda draw, _: ["x = x.flip(2)"] if draw["flipped"] else [],
    "shift": _shift,
    "brightness": _enhance("adjust_brightness_accumulative"),
    "contrast": _enhance("adjust_contrast_with_mean_subtraction"),
    "saturation": _enhance("adjust_saturation_with_gray_subtraction"),
    "hue": lambda draw, _: [f"x = kornia.enhance.adjust_hue(x, {2 * math.pi * float(draw['turns']):.7g})  # radians"],
    "grey": lambda draw, _: ["x = kornia.color.rgb_to_grayscale(x).expand_as(x)"] if draw["grey"] else [],
    "blur": _blur,
    "erase": _erase,
}
