"""Geometric augmentations: flips, shift, crop, rotation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.augmentation.kinds import boxes
from core.augmentation.rng import uniform
from core.augmentation.types import Augmentation, BatchShape, CellIndices, Draw, Stage, augmentation, signed
from core.knobs import Knob
from core.percent import percent

STRETCH = 4 / 3  # largest aspect ratio of a crop, as in Szegedy et al. 2014


def _half(_: bool, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    return {"flipped": uniform(batch.images, generator) < 0.5}


def _flip_columns(cells: CellIndices, draw: Draw) -> CellIndices:
    columns = cells.columns
    return cells._replace(columns=torch.where(draw["flipped"][:, None], columns.shape[1] - 1 - columns, columns))


def _trace_flip(rows: Tensor, columns: Tensor, draw: Draw, batch: BatchShape) -> tuple[Tensor, Tensor]:
    return rows, torch.where(draw["flipped"][:, None, None], batch.width - 1 - columns, columns)


def _flip_rows(cells: CellIndices, draw: Draw) -> CellIndices:
    rows = cells.rows
    return cells._replace(rows=torch.where(draw["flipped"][:, None], rows.shape[1] - 1 - rows, rows))


def _trace_vertical_flip(rows: Tensor, columns: Tensor, draw: Draw, batch: BatchShape) -> tuple[Tensor, Tensor]:
    return torch.where(draw["flipped"][:, None, None], batch.height - 1 - rows, rows), columns


def _offsets(share: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    def whole(side: int) -> Tensor:
        largest = int(share * side)
        return (uniform(batch.images, generator) * (2 * largest + 1)).long() - largest

    return {"down": whole(batch.height), "right": whole(batch.width)}


def _shift(cells: CellIndices, draw: Draw) -> CellIndices:
    """The image as changed so far is shifted, so positions are looked up in the previous cells."""
    rows, columns = (
        before.gather(1, _reflected(before.shape[1], draw[direction]))
        for before, direction in zip(cells, ("down", "right"), strict=True)
    )
    return CellIndices(rows, columns)


def _reflected(side: int, offset: Tensor) -> Tensor:
    """Positions 0..side-1 shifted by `offset` (B,), the border mirrored: int64 (B, side)."""
    positions = (torch.arange(side) - offset[:, None]).abs()
    return (side - 1) - ((side - 1) - positions).abs()


def _trace_shift(rows: Tensor, columns: Tensor, draw: Draw, batch: BatchShape) -> tuple[Tensor, Tensor]:
    return rows + draw["down"][:, None, None], columns + draw["right"][:, None, None]


def _angles(degrees: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    return {"degrees": uniform(batch.images, generator, -degrees, degrees)}


def _rotate(x_BCHW: Tensor, draw: Draw) -> Tensor:
    """Counter-clockwise, about the centre."""
    height, width = x_BCHW.shape[2:]
    angle = draw["degrees"] * (math.pi / 180)
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    rows = (cos, -sin * (height / width), zero), (sin * (width / height), cos, zero), (zero, zero, one)
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def _crops(smallest: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    """In shares of the height and width of the image."""
    area, ratio, top, left = (uniform(batch.images, generator) for _ in range(4))
    height, width = boxes.sides(smallest + (1 - smallest) * area, STRETCH, ratio)
    return {"height": height, "width": width, "top": top * (1 - height), "left": left * (1 - width)}


def _crop(x_BCHW: Tensor, draw: Draw) -> Tensor:
    height, width = draw["height"], draw["width"]
    zero, one = torch.zeros_like(draw["top"]), torch.ones_like(draw["top"])
    centre_x, centre_y = 2 * draw["left"] + width - 1, 2 * draw["top"] + height - 1
    rows = (width, zero, centre_x), (zero, height, centre_y), (zero, zero, one)
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def _describe_shift(draw: Draw) -> str:
    directions = [(draw[name], name, opposite) for name, opposite in (("down", "up"), ("right", "left"))]
    return ", ".join(f"{abs(int(by))} px {name if by > 0 else opposite}" for by, name, opposite in directions if by)


def _shift_code(draw: Draw, share: float, batch: BatchShape) -> list[str]:
    down, right = int(draw["down"]), int(draw["right"])
    if not down and not right:
        return []
    pad = max(abs(down), abs(right))
    rows, columns = f"{pad - down}:{pad - down + batch.height}", f"{pad - right}:{pad - right + batch.width}"
    return [f'x = F.pad(x, ({pad},) * 4, mode="reflect")[..., {rows}, {columns}]']


@dataclass(frozen=True)
class Geometric:
    """Strengths of the augmentations that change positions."""

    flip: bool = augmentation(
        Knob(False, label="Random horizontal flip", help="Left and right are swapped in half of the images."),
        Augmentation(
            Stage.CELLS,
            "horizontal flip",
            _half,
            _flip_columns,
            lambda draw: "flipped horizontally" if draw["flipped"] else "",
            r"x'_{i,j} = x_{i,\,W-1-j} \text{ with probability } \tfrac12",
            "$x, x'$ = image before and after, $i, j$ = row and column, $W$ = width",
            "Krizhevsky, Sutskever & Hinton 2012",
            "Anything that is read or has a direction: b becomes d, a left arrow becomes a right arrow.",
            lambda draw, strength, batch: ["x = x.flip(3)"] if draw["flipped"] else [],
            _trace_flip,
        ),
    )
    vertical_flip: bool = augmentation(
        Knob(False, label="Random vertical flip", help="Top and bottom are swapped in half of the images."),
        Augmentation(
            Stage.CELLS,
            "vertical flip",
            _half,
            _flip_rows,
            lambda draw: "flipped vertically" if draw["flipped"] else "",
            r"x'_{i,j} = x_{H-1-i,\,j} \text{ with probability } \tfrac12",
            "$x, x'$ = image before and after, $i, j$ = row and column, $H$ = height",
            "Dieleman, De Fauw & Kavukcuoglu 2016, arXiv:1602.02660",
            "Anything with a natural up and down: a 6 becomes a mirrored 9, and with the horizontal flip a 9.",
            lambda draw, strength, batch: ["x = x.flip(2)"] if draw["flipped"] else [],
            _trace_vertical_flip,
        ),
    )
    shift: float = augmentation(
        Knob(0.0, 0.0, 0.5, step=0.01, label="Random shift", help="Up to this share of height and width."),
        Augmentation(
            Stage.CELLS,
            "shift",
            _offsets,
            _shift,
            _describe_shift,
            r"x'_{i,j} = x_{i-\delta,\,j-\epsilon}, \quad |\delta| \le sH,\ |\epsilon| \le sW",
            r"$x, x'$ = image before and after, $i, j$ = row and column, $\delta, \epsilon$ = random offsets, $s$ = "
            "strength, $H, W$ = height and width",
            "LeCun, Bottou, Bengio & Haffner 1998",
            "Objects near the border: they are shifted out of the image.",
            _shift_code,
            _trace_shift,
        ),
    )
    crop: float = augmentation(
        Knob(
            1.0,
            0.05,
            1.0,
            step=0.05,
            label="Random crop: min. area",
            help="Smallest share of the area that is kept and enlarged; 1 is off.",
        ),
        Augmentation(
            Stage.WARP,
            "crop",
            _crops,
            _crop,
            lambda draw: f"{percent(float(draw['height'] * draw['width']), 0)} of the area",
            r"x' = \text{resize}(x_{\text{crop}}), \quad \text{area} \sim U(a, 1), \quad "
            r"\tfrac34 \le \tfrac{h}{w} \le \tfrac43",
            "$x, x'$ = image before and after, $a$ = smallest area, $h, w$ = height and width of the crop, $U$ = "
            "uniform distribution",
            "Szegedy et al. 2014, arXiv:1409.4842",
            "Small objects: the crop may not contain what the label names.",
        ),
    )
    rotation: int = augmentation(
        Knob(0, 0, 180, label="Random rotation (degrees)", help="At most this far in either direction."),
        Augmentation(
            Stage.WARP,
            "rotation",
            _angles,
            _rotate,
            lambda draw: f"rotated {signed(draw['degrees'])}°",
            r"x'(p) = x(R_\theta\, p), \quad \theta \sim U(-\theta_{\max}, \theta_{\max})",
            r"$x, x'$ = image before and after, $p$ = position, $R_\theta$ = rotation by $\theta$, $U$ = uniform "
            "distribution",
            "Cireşan, Meier & Schmidhuber 2012, arXiv:1202.2745",
            "6 and 9, b and q, n and u, which are rotated by 180°; a dash and a stroke, by 90°.",
        ),
    )
