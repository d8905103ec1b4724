"""The sentences of the tab, each a function of the numbers that it is about."""

from __future__ import annotations

from collections.abc import Sequence

from core.lessons.inspect_network.receptive_field import GrowthStep, StackSettings, cells_read, seen_share
from core.percent import percent
from playground import units
from playground.escaping import literal

HALF, NEARLY_ALL = 0.5, 0.95
IDEA = (
    "The **receptive field** of a cell is the part of the image that its value depends on. It grows from layer to "
    "layer: choose a layer, then point at the image, or let it grow."
)
EFFECTIVE = (
    "Not every pixel in it counts equally. The **effective** receptive field is how much each pixel influences the "
    "cell, the size of a gradient: most of it usually lies near the middle, since more paths lead through there."
)
STACK = (
    "A k×k kernel adds (k − 1) · dilation · jump to the size; a stride multiplies the jump, the distance between the "
    "fields of neighbours, so that all layers behind it grow faster."
)
SYMBOLS = (
    "$r_l$, $j_l$, $a_l$ = size, jump and start behind layer $l$, $k$ = kernel size, $s$ = stride, $d$ = dilation, "
    "$p$ = padding (0 here)"
)
EFFECTIVE_SYMBOLS = (
    "$E$ = influence of a pixel, $B$ = images (1 here), $x_{bcij}$ = channel $c$ of pixel $(i, j)$ of image $b$, "
    "$A_{bk}(m, n)$ = map $k$ at the middle cell"
)
TASK = "Build **four** layers of which one output cell sees exactly **31** pixels along a side."
HINT = "With stride 2 the four layers add (k − 1) · dilation times 1, 2, 4 and 8: 15 times in all."
SOURCE = (
    "Araujo, Norris & Sim 2019, *Computing receptive fields of convolutional neural networks*, Distill; effective "
    "receptive field: Luo et al. 2016, arXiv:1701.04128."
)


def coverage(steps: Sequence[GrowthStep], sides: tuple[int, int]) -> str:
    """From which layer on the middle cell sees the whole image, and what its effective field is there."""
    whole = next((step for step in steps if seen_share(step.field, sides) == 1), None)
    if whole is None:
        last = steps[-1]
        share = percent(seen_share(last.field, sides))
        return f"No layer's middle cell sees the whole image; that of the last, `{last.name}`, sees {share} of it."
    words = f"From **{literal(whole.name)}** on, the middle cell sees the whole image of {sides[0]}×{sides[1]} pixels"
    if whole.effective is None or not whole.field.map_shape:
        return f"{words}."
    side = whole.effective.side_holding(HALF)
    return f"{words}; yet half of the influence lies within **{side}×{side}**, {_of_image(side, sides)} of it."


def _of_image(side: int, sides: tuple[int, int]) -> str:
    height, width = (min(side, length) for length in sides)
    return percent(height * width / (sides[0] * sides[1]))


def stack(settings: StackSettings) -> str:
    """How many pixels the output cell of a stack sees, and reads."""
    size, read = settings.size, len(cells_read(settings)[-1])
    jump = settings.fields[-1].jump
    layers = units.counted(settings.layers, "layer")
    words = f"Behind {layers} one cell sees **{size}** of the input's pixels along a side; neighbours see fields "
    words += f"{units.counted(jump, 'pixel')} apart."
    if read == size:
        return f"{words} It reads every one of them."
    return (
        f"{words} It reads only **{read}** of them: the others lie in gaps between the weights, as empty circles show."
    )
