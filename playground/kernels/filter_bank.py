"""A filter bank, then ReLU, then pooling: the first block of a convolutional network."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.lessons.kernels.filter_banks import BANKS, NO_POOL, ConvBlockSettings, layer_outputs
from core.shapes import pool_output_size
from playground import controls, lesson
from playground.charts import pictures as drawing
from playground.components.inline_svg import inline_svg
from playground.kernels import code_samples, image_source

COLUMNS = 4
SYMBOLS = (
    "$n$ = height of the feature map, $k$ = pooling window, $s$ = stride (here $k$), $p$ = padding (here 0), "
    "$d$ = dilation (here 1)"
)


@lesson.fragment
def section() -> None:
    st.markdown(
        "A convolutional layer has many kernels (a **filter bank**). Each gives one output channel, a **feature map**."
    )
    left, stage = lesson.play((1, 2.4))
    with left:
        picture, _ = image_source.choose("b_", "china", noise=False, colour=False, side=96)
        block = controls.edit(ConvBlockSettings, "bl_")
    outputs = []
    with stage, lesson.friendly():
        outputs, labels = layer_outputs(picture, block), list(BANKS[block.bank])
        st.html(drawing.tiles([kernel_tile(block.bank, label) for label in labels], "4rem"))
        bound = drawing.bound_of(outputs[0][1])
        for name, maps in outputs:
            st.markdown(f"**{name}** {'×'.join(f'{n:,}' for n in maps.shape)} = {maps.size:,} values")
            tiles = (map_tile(y, name, label, bound) for y, label in zip(maps, labels, strict=True))
            inline_svg(drawing.tiles(tiles, columns=COLUMNS), key=f"bl-{name}")
    if outputs:
        finish(picture, block, [maps for _, maps in outputs])


def kernel_tile(bank: str, label: str) -> drawing.Tile:
    kernel = BANKS[bank][label]
    return drawing.Tile(drawing.weights(kernel), label, f"kernel {label}, {kernel.shape[0]}×{kernel.shape[1]}")


def map_tile(y: np.ndarray, layer: str, label: str, bound: float) -> drawing.Tile:
    return drawing.Tile(drawing.thumbnail(y, bound), "", f"{label} after {layer}")


def finish(picture: np.ndarray, block: ConvBlockSettings, outputs: list[np.ndarray]) -> None:
    if block.pool != NO_POOL:
        (_, before, _), (_, after, _) = outputs[-2].shape, outputs[-1].shape
        numbers = rf"\left\lfloor\frac{{{before} - {block.size}}}{{{block.size}}}\right\rfloor + 1 = {after}"
        lesson.formula(pool_output_size, numbers, SYMBOLS)
    lesson.code(code_samples.conv_block(block))
    image_source.download(picture, "b_")
    pixels, values = picture.size, outputs[-1].size
    lesson.challenge(
        f"Output fewer values than the image has pixels ({pixels:,}) with all {len(outputs[-1])} feature maps, at "
        f"stride 1. Now: {values:,}.",
        solved=values < pixels and block.stride == 1,
        hint="Each of the eight maps must be smaller than an eighth of the image: what else makes a map smaller?",
    )
    lesson.source("LeCun et al. 1998, Gradient-based learning applied to document recognition. Gabor: Daugman 1985.")
