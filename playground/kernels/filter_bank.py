"""Many kernels at once, then ReLU, then pooling: the first block of a convolutional network."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.knobs import knob
from core.lessons.kernels.banks import BANKS
from core.lessons.kernels.filtering import Sweep, as_planes, feature_maps, pool, relu, stacked
from core.shapes import pool_output_size
from playground import controls, lesson
from playground.charts import pictures as drawing
from playground.components.inline_svg import drawing as inline
from playground.kernels import code_samples, image_source

NO_POOL = "none"
ACROSS = 4


@dataclass(frozen=True)
class Block:
    """The layers of the block."""

    bank: str = knob(next(iter(BANKS)), choices=tuple(BANKS), label="Kernels")
    stride: int = knob(1, 1, 4, label="Stride")
    relu: bool = knob(True, label="ReLU", help="What is negative becomes 0: each map keeps only its own direction.")
    pool: str = knob("max", choices=("max", "average", NO_POOL), label="Pooling")
    size: int = knob(2, 2, 8, label="Pooling window")


@st.fragment
def section() -> None:
    """The controls, the maps after each layer, the lines, a challenge."""
    st.markdown("A layer is not one kernel but many: a **bank**. Each asks its own question; the answers are stacked.")
    beside, stage = lesson.play((1, 2.4))
    with beside:
        picture, _ = image_source.choose("b_", "china", noise=False, colour=False, side=96)
        asked = controls.edit(Block, "bl_")
    steps = []
    with stage, lesson.friendly():
        steps, labels = run(picture, asked), list(BANKS[asked.bank])
        st.html(drawing.tiles([kernel_tile(asked.bank, label) for label in labels], "4rem"))
        bound = drawing.bound_of(steps[0][1])
        for name, maps in steps:
            st.markdown(f"**{name}** {' × '.join(f'{n:,}' for n in maps.shape)} = {maps.size:,} numbers")
            tiles = (map_tile(y, name, label, bound) for y, label in zip(maps, labels, strict=True))
            inline(drawing.tiles(tiles, across=ACROSS), key=f"bl-{name}")
    if steps:
        finish(picture, asked, [maps for _, maps in steps])


def run(picture: np.ndarray, asked: Block) -> list[tuple[str, np.ndarray]]:
    """The maps after each layer, (8, H, W) each, with the layer's name. Raises ShapeError where nothing fits."""
    steps = [("nn.Conv2d", feature_maps(as_planes(picture), list(BANKS[asked.bank].values()), Sweep(asked.stride)))]
    if asked.relu:
        steps.append(("nn.ReLU", relu(steps[-1][1])))
    if asked.pool != NO_POOL:
        name = "nn.MaxPool2d" if asked.pool == "max" else "nn.AvgPool2d"
        steps.append((name, pool(steps[-1][1], asked.pool, asked.size)))
    return steps


def kernel_tile(bank: str, label: str) -> drawing.Tile:
    kernel = BANKS[bank][label]
    return drawing.Tile(drawing.weights(kernel), label, f"the kernel {label}, {kernel.shape[0]} by {kernel.shape[1]}")


def map_tile(y: np.ndarray, layer: str, label: str, bound: float) -> drawing.Tile:
    return drawing.Tile(drawing.thumbnail(y, bound), "", f"{label} after {layer}")


def finish(picture: np.ndarray, asked: Block, steps: list[np.ndarray]) -> None:
    """The size that pooling leaves, the lines, and what to try."""
    if asked.pool != NO_POOL:
        (_, before, _), (_, after, _) = steps[-2].shape, steps[-1].shape
        numbers = rf"\left\lfloor\frac{{{before} - {asked.size}}}{{{asked.size}}}\right\rfloor + 1 = {after}"
        lesson.formula(pool_output_size, numbers)
    lesson.code(lines(asked))
    image_source.download(picture, "b_")
    pixels, handed_on = picture.size, steps[-1].size
    lesson.challenge(
        f"Hand on fewer numbers than the picture has pixels ({pixels:,}) with all {len(steps[-1])} maps, at stride 1. "
        f"Now it is {handed_on:,}.",
        solved=handed_on < pixels and asked.stride == 1,
        hint="Eight maps must each be smaller than an eighth of the picture: what else makes a map smaller?",
    )
    lesson.source("LeCun et al. 1998, Gradient-based learning applied to document recognition. Gabor: Daugman 1985.")


def lines(asked: Block) -> str:
    """The block in PyTorch, reading picture.png, leaving its maps in `y` (1, 8, H, W)."""
    weight = stacked(list(BANKS[asked.bank].values()))
    sweep = replace(Sweep(), stride=asked.stride)
    layers = [
        f"nn.Conv2d(1, {len(weight)}, {weight.shape[1:]}, stride={asked.stride}, "
        f"padding={sweep.padding_of(*weight.shape[1:])}, bias=False)"
    ]
    layers += ["nn.ReLU()"] if asked.relu else []
    if asked.pool != NO_POOL:
        layers.append(f"nn.{'MaxPool2d' if asked.pool == 'max' else 'AvgPool2d'}({asked.size})")
    return "\n".join(
        [
            *code_samples.reading(1)[:-4],
            "",
            "from core.lessons.kernels.banks import BANKS",
            "from core.lessons.kernels.filtering import stacked",
            "",
            *code_samples.reading(1)[-3:],
            f'kernels = stacked(list(BANKS["{asked.bank}"].values()))  # {weight.shape}',
            "block = nn.Sequential(",
            *(f"    {layer}," for layer in layers),
            ")",
            "block[0].weight.data = torch.from_numpy(kernels)[:, None].float()",
            "y = block(x).detach()",
        ]
    )
