"""Where things are: mirroring, shifting, rotating, cropping."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.augmentation.kinds import boxes
from core.augmentation.rng import uniform
from core.augmentation.types import Augmentation, Batch, Cells, Draw, Stage, signed

STRETCH = 4 / 3  # of a crop, at most, as in Szegedy et al. 2014


def _half(_: bool, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    return {"flipped": uniform(batch.pictures, generator) < 0.5}


def _mirror(cells: Cells, draw: Draw) -> Cells:
    columns = cells.columns
    return cells._replace(columns=torch.where(draw["flipped"][:, None], columns.shape[1] - 1 - columns, columns))


def _upside_down(cells: Cells, draw: Draw) -> Cells:
    rows = cells.rows
    return cells._replace(rows=torch.where(draw["flipped"][:, None], rows.shape[1] - 1 - rows, rows))


def _offsets(share: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    def whole(side: int) -> Tensor:
        most = int(share * side)
        return (uniform(batch.pictures, generator) * (2 * most + 1)).long() - most

    return {"down": whole(batch.height), "right": whole(batch.width)}


def _shift(cells: Cells, draw: Draw) -> Cells:
    """The picture as it is by now is moved, so the place is looked up in the cells that came before."""
    rows, columns = (
        before.gather(1, _reflected(before.shape[1], draw[way]))
        for before, way in zip(cells, ("down", "right"), strict=True)
    )
    return Cells(rows, columns)


def _reflected(side: int, offset: Tensor) -> Tensor:
    """Places 0..side-1 moved by `offset` (B,), the border mirrored: int64 (B, side)."""
    places = (torch.arange(side) - offset[:, None]).abs()
    return (side - 1) - ((side - 1) - places).abs()


def _angles(degrees: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    return {"degrees": uniform(batch.pictures, generator, -degrees, degrees)}


def _rotate(x_BCHW: Tensor, draw: Draw) -> Tensor:
    """Counter-clockwise, about the middle."""
    height, width = x_BCHW.shape[2:]
    angle = draw["degrees"] * (math.pi / 180)
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    rows = (cos, -sin * (height / width), zero), (sin * (width / height), cos, zero), (zero, zero, one)
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def _crops(smallest: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    """In shares of the picture's sides."""
    area, chance, down, across = (uniform(batch.pictures, generator) for _ in range(4))
    height, width = boxes.sides(smallest + (1 - smallest) * area, STRETCH, chance)
    return {"height": height, "width": width, "top": down * (1 - height), "left": across * (1 - width)}


def _crop(x_BCHW: Tensor, draw: Draw) -> Tensor:
    height, width, zero, one = (
        draw["height"],
        draw["width"],
        torch.zeros_like(draw["top"]),
        torch.ones_like(draw["top"]),
    )
    middle_x, middle_y = 2 * draw["left"] + width - 1, 2 * draw["top"] + height - 1
    rows = (width, zero, middle_x), (zero, height, middle_y), (zero, zero, one)
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def _says_shift(draw: Draw) -> str:
    moved = [f"{abs(int(draw[way]))} px {(way if draw[way] > 0 else back)}" for way, back in _BACK if draw[way]]
    return ", ".join(moved)


_BACK = (("down", "up"), ("right", "left"))


def _writes_shift(draw: Draw, share: float, batch: Batch) -> list[str]:
    down, right = int(draw["down"]), int(draw["right"])
    if not down and not right:
        return []
    pad = max(abs(down), abs(right))
    rows, columns = f"{pad - down}:{pad - down + batch.height}", f"{pad - right}:{pad - right + batch.width}"
    return [f'x = F.pad(x, ({pad},) * 4, mode="reflect")[..., {rows}, {columns}]']


MOVES = {
    "flip": Augmentation(
        Stage.CELLS,
        _half,
        _mirror,
        lambda draw: "mirrored" if draw["flipped"] else "",
        r"x'_{i,j} = x_{i,\,W-1-j} \text{ with chance } \tfrac12",
        "Krizhevsky, Sutskever & Hinton 2012",
        "Whatever is read or points somewhere: b becomes d, an arrow to the left becomes one to the right.",
        lambda draw, strength, batch: ["x = x.flip(3)"] if draw["flipped"] else [],
    ),
    "vertical_flip": Augmentation(
        Stage.CELLS,
        _half,
        _upside_down,
        lambda draw: "upside down" if draw["flipped"] else "",
        r"x'_{i,j} = x_{H-1-i,\,j} \text{ with chance } \tfrac12",
        "Dieleman, De Fauw & Kavukcuoglu 2016, arXiv:1602.02660",
        "Whatever stands upright: a 6 becomes the mirror image of a 9, and with the other flip a 9 itself.",
        lambda draw, strength, batch: ["x = x.flip(2)"] if draw["flipped"] else [],
    ),
    "shift": Augmentation(
        Stage.CELLS,
        _offsets,
        _shift,
        _says_shift,
        r"x'_{i,j} = x_{i-\delta,\,j-\epsilon}, \quad |\delta| \le sH,\ |\epsilon| \le sW",
        "LeCun, Bottou, Bengio & Haffner 1998",
        "Objects near the edge: they are pushed out of the picture.",
        _writes_shift,
    ),
    "crop": Augmentation(
        Stage.WARP,
        _crops,
        _crop,
        lambda draw: f"{float(draw['height'] * draw['width']):.0%} of the area",
        r"\text{area} \sim U(a, 1), \quad \tfrac34 \le \tfrac{h}{w} \le \tfrac43",
        "Szegedy et al. 2014, arXiv:1409.4842",
        "Small objects: the part that is kept may not hold what the label names.",
    ),
    "rotation": Augmentation(
        Stage.WARP,
        _angles,
        _rotate,
        lambda draw: f"turned {signed(draw['degrees'])}°",
        r"x'(p) = x(R_\theta\, p), \quad \theta \sim U(-\theta_{\max}, \theta_{\max})",
        "Cireşan, Meier & Schmidhuber 2012, arXiv:1202.2745",
        "6 and 9, b and q, n and u, which are each other's half turn; a dash and a stroke at a quarter turn.",
    ),
}
