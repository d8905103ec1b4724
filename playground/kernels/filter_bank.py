"""A filter bank, then ReLU, then pooling: the first block of a convolutional network."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.knobs import knob
from core.lessons.kernels.banks import BANKS
from core.lessons.kernels.filtering import ConvSettings, as_planes, feature_maps, pool, relu, stacked
from core.shapes import pool_output_size
from playground import controls, lesson
from playground.charts import pictures as drawing
from playground.components.inline_svg import drawing as inline
from playground.kernels import code_samples

NO_POOL = "none"
COLUMNS = 4
SYMBOLS = (
    "$n$ = height of the feature map, $k$ = pooling window, $s$ = stride (here $k$), $p$ = padding (here 0), "
    "$d$ = dilation (here 1)"
)


@dataclass(frozen=True)
class ConvBlock:
    """The layers of the block."""

    bank: str = knob(next(iter(BANKS)), choices=tuple(BANKS), label="Filter bank")
    stride: int = knob(1, 1, 4, label="Stride")
    relu: bool = knob(True, label="ReLU", help="Negative values become 0.")
    pool: str = knob("max", choices=("max", "average", NO_POOL), label="Pooling")
    size: int = knob(2, 2, 8, label="Pooling window")


@st.fragment
def section() -> None:
    """The controls, the feature maps after each layer, the code, a challenge."""
    st.markdown(
        "A convolutional layer has many kernels (a **filter bank**). Each gives one output channel, a **feature map**."
    )
    beside, stage = lesson.play((1, 2.4))
    with beside:
        picture, _ = pictures.choose("b_", "china", noise=False, colour=False, side=96)
        setup = controls.edit(ConvBlock, "bl_")
    steps = []
    with stage, lesson.friendly():
        steps, labels = run(picture, setup), list(BANKS[setup.bank])
        st.html(drawing.tiles([kernel_tile(setup.bank, label) for label in labels], "4rem"))
        bound = drawing.bound_of(steps[0][1])
        for name, maps in steps:
            st.markdown(f"**{name}** {'×'.join(f'{n:,}' for n in maps.shape)} = {maps.size:,} values")
            tiles = (map_tile(y, name, label, bound) for y, label in zip(maps, labels, strict=True))
            inline(drawing.tiles(tiles, columns=COLUMNS), key=f"bl-{name}")
    if steps:
        finish(picture, setup, [maps for _, maps in steps])


def run(picture: np.ndarray, setup: ConvBlock) -> list[tuple[str, np.ndarray]]:
    """The maps after each layer, (8, H, W) each, with the layer's name. Raises ShapeError where nothing fits."""
    steps = [
        ("nn.Conv2d", feature_maps(as_planes(picture), list(BANKS[setup.bank].values()), ConvSettings(setup.stride)))
    ]
    if setup.relu:
        steps.append(("nn.ReLU", relu(steps[-1][1])))
    if setup.pool != NO_POOL:
        name = "nn.MaxPool2d" if setup.pool == "max" else "nn.AvgPool2d"
        steps.append((name, pool(steps[-1][1], setup.pool, setup.size)))
    return steps


def kernel_tile(bank: str, label: str) -> drawing.Tile:
    kernel = BANKS[bank][label]
    return drawing.Tile(drawing.weights(kernel), label, f"kernel {label}, {kernel.shape[0]}×{kernel.shape[1]}")


def map_tile(y: np.ndarray, layer: str, label: str, bound: float) -> drawing.Tile:
    return drawing.Tile(drawing.thumbnail(y, bound), "", f"{label} after {layer}")


def finish(picture: np.ndarray, setup: ConvBlock, steps: list[np.ndarray]) -> None:
    """The size after pooling, the code, and a challenge."""
    if setup.pool != NO_POOL:
        (_, before, _), (_, after, _) = steps[-2].shape, steps[-1].shape
        numbers = rf"\left\lfloor\frac{{{before} - {setup.size}}}{{{setup.size}}}\right\rfloor + 1 = {after}"
        lesson.formula(pool_output_size, numbers, SYMBOLS)
    lesson.code(lines(setup))
    pictures.download(picture, "b_")
    pixels, outputs = picture.size, steps[-1].size
    lesson.challenge(
        f"Output fewer values than the picture has pixels ({pixels:,}) with all {len(steps[-1])} feature maps, at "
        f"stride 1. Now: {outputs:,}.",
        solved=outputs < pixels and setup.stride == 1,
        hint="Each of the eight maps must be smaller than an eighth of the picture: what else makes a map smaller?",
    )
    lesson.source("LeCun et al. 1998, Gradient-based learning applied to document recognition. Gabor: Daugman 1985.")


def lines(setup: ConvBlock) -> str:
    """The block in PyTorch, reading picture.png, leaving its maps in `y` (1, 8, H, W)."""
    weight = stacked(list(BANKS[setup.bank].values()))
    conv = replace(ConvSettings(), stride=setup.stride)
    layers = [
        f"nn.Conv2d(1, {len(weight)}, {weight.shape[1:]}, stride={setup.stride}, "
        f"padding={conv.padding_of(*weight.shape[1:])}, bias=False)"
    ]
    layers += ["nn.ReLU()"] if setup.relu else []
    if setup.pool != NO_POOL:
        layers.append(f"nn.{'MaxPool2d' if setup.pool == 'max' else 'AvgPool2d'}({setup.size})")
    return "\n".join(
        [
            *code_samples.reading(1)[:-4],
            "",
            "from core.lessons.kernels.banks import BANKS",
            "from core.lessons.kernels.filtering import stacked",
            "",
            *code.reading(1)[-3:],
            f'kernels = stacked(list(BANKS["{setup.bank}"].values()))  # {weight.shape}',
            "block = nn.Sequential(",
            *(f"    {layer}," for layer in layers),
            ")",
            "block[0].weight.data = torch.from_numpy(kernels)[:, None].float()",
            "y = block(x).detach()",
        ]
    )
