"""What the pooling page draws and says: a shifted picture, a pyramid, a region, and the table of all kinds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.images.center_crop import square
from core.layers.pooling import POOLINGS
from core.lessons import pooling as lab
from core.percent import percent
from core.shapes import pool_output_size
from playground.charts import pooling as charts
from playground.components.inline_svg import inline_svg
from playground.markup import table
from playground.pooling.settings import REGION_SIDE, PoolingSettings, ShiftSettings

PYRAMID_SIDE = 64
EXAMPLE_SHAPE = (1, 8, 32, 32)
CODE = """\
import torch
from torch import nn

from core.images.center_crop import square{imports}

picture = torch.from_numpy({picture})[None, None]
view = picture[..., {here}, {here}]
shifted = picture[..., {rows}, {columns}]

{pool}
before, after = pool(view), pool(shifted)  # {shape} each
unchanged = (after - before).abs() <= {tolerance} * (before.max() - before.min()).item()
print(int(unchanged.sum()), "of", unchanged.numel())"""


@st.cache_data(max_entries=100, show_spinner=False)
def picture(name: str, side: int, filtered: bool) -> np.ndarray:
    """The picture with room to shift it, or the feature map of its outlines."""
    view = square(name, side + 2 * lab.MARGIN)
    return lab.feature_map(view) if filtered else view


@st.cache_data(max_entries=200, show_spinner=False)
def unchanged_by_kind(shift: ShiftSettings, kernel: int, stride: int) -> dict[str, tuple[int, int]]:
    """How many values each kind of pooling leaves unchanged, and of how many."""
    shown = picture(shift.picture, shift.side, shift.filtered)
    return lab.unchanged_by_kind(shown, kernel, stride, shift.right, shift.down, shift.tolerance)


def compare(chosen: PoolingSettings) -> lab.ShiftComparison:
    shift = chosen.shift
    shown = picture(shift.picture, shift.side, shift.filtered)
    return lab.compare_shift(shown, chosen.kind, chosen.knobs, shift.right, shift.down, chosen.seed)


def shifted(chosen: PoolingSettings, result: lab.ShiftComparison) -> None:
    """What one shift changes before and after this pooling, and after every other."""
    shift = chosen.shift
    before, cells = lab.unchanged_count(result.view, result.shifted, shift.tolerance)
    after, pooled = lab.unchanged_count(result.pooled, result.pooled_shifted, shift.tolerance)
    st.markdown(
        f"The image is shifted {shift.right} right and {shift.down} down. **{before:,}** of its {cells:,} values "
        f"stay the same ({percent(before / cells)}); after pooling, **{after:,}** of {pooled:,} do "
        f"({percent(after / pooled)}). Red marks what changed."
    )
    inline_svg(charts.shifted(result, shift.tolerance), key="po-moved")
    st.markdown("**How much of each pooled map is unchanged (shift invariance)**")
    kernel, stride = chosen.window or (2, 2)
    inline_svg(charts.bars(unchanged_by_kind(shift, kernel, stride), chosen.kind), key="po-bars")
    if chosen.window:
        st.caption(
            f"Windows of {kernel}×{kernel} with stride {stride} {'overlap' if stride < kernel else 'do not overlap'}. "
            "Textbooks say that pooling makes a network invariant to small shifts. Measured: 2×2 windows hardly do, "
            "large overlapping ones do."
        )


def output_size(chosen: PoolingSettings) -> str:
    """The size formula with the numbers of a window, as LaTeX."""
    kernel, stride = chosen.window
    size, output = chosen.shift.side, pool_output_size(chosen.shift.side, kernel, stride)
    return rf"\left\lfloor\frac{{{size} - {kernel}}}{{{stride}}}\right\rfloor + 1 = {output}"


def is_solved(chosen: PoolingSettings, result: lab.ShiftComparison) -> bool:
    """Whether a max pooling keeps more than 80\u00a0% of its values under a shift of 2 to the right."""
    shift = chosen.shift
    same, total = lab.unchanged_count(result.pooled, result.pooled_shifted, shift.tolerance)
    as_required = chosen.kind == "Max" and (shift.right, shift.down) == (2, 0) and shift.tolerance <= 0.05
    return as_required and same > 0.8 * total


def shift_code(chosen: PoolingSettings, shape: tuple[int, ...]) -> str:
    """A program that prints how many pooled values are unchanged; `shape` is that of one pooled map."""
    shift = chosen.shift
    imports, picture = _picture(shift)
    more_imports, pool = _pool(chosen)
    rows, columns = (f"{lab.MARGIN - by}:{lab.MARGIN - by + shift.side}" for by in (shift.down, shift.right))
    return CODE.format(
        imports=imports + more_imports,
        picture=picture,
        here=f"{lab.MARGIN}:{lab.MARGIN + shift.side}",
        rows=rows,
        columns=columns,
        pool=pool,
        shape=(1, 1, *shape),
        tolerance=shift.tolerance,
    )


def _picture(shift: ShiftSettings) -> tuple[str, str]:
    """Imports, and the expression of the picture or its feature map."""
    expression = f'square("{shift.picture}", {shift.side + 2 * lab.MARGIN})'
    if shift.filtered:
        return "\nfrom core.lessons.pooling import feature_map", f"feature_map({expression})"
    return "", f"{expression}.copy()"


def _pool(chosen: PoolingSettings) -> tuple[str, str]:
    """Imports, and the statement that makes `pool`."""
    module = POOLINGS[chosen.kind].code.format(**dict(chosen.knobs))
    if chosen.kind != "Stochastic":
        return "", f"pool = {module}"
    imports = "\nfrom core.layers.pooling import StochasticPool2d"
    if not chosen.seed:
        return imports, f"pool = {module}.eval()"
    seeded = module.replace(")", f", generator=torch.Generator().manual_seed({chosen.seed}))")
    return imports, f"def pool(x):\n    return {seeded}(x)\n\n"


def pyramid(height: int, width: int, levels: int) -> list[np.ndarray]:
    """A map under the grids of a spatial pyramid; returns the maxima, level by level."""
    top, left = (PYRAMID_SIDE - height) // 2, (PYRAMID_SIDE - width) // 2
    view = lab.feature_map(square("chelsea", PYRAMID_SIDE))[top:, left:][:height, :width]
    maxima = lab.pyramid(view, levels)
    inline_svg(charts.pyramid(view, maxima), key="po-pyramid")
    st.markdown(
        f"A {height}×{width} map becomes {sum(level.size for level in maxima)} values per channel, and so does a map "
        "of any other size: a fully connected layer can follow without resizing the image."
    )
    return maxima


def pyramid_length(channels: int, levels: Sequence[np.ndarray]) -> str:
    """The length formula with its numbers, as LaTeX."""
    terms = " + ".join(str(level.size) for level in levels)
    length = channels * sum(level.size for level in levels)
    return rf"{channels} \cdot ({terms}) = {length:,}".replace(",", r"{,}")


def region(box: tuple[int, int, int, int], size: int) -> None:
    view, (left, top, right, bottom) = square("chelsea", REGION_SIDE), box
    inline_svg(charts.region(view, box, lab.pool_region(view, box, size)), key="po-region")
    st.caption(
        f"The region of {bottom - top + 1}×{right - left + 1} pixels is divided into {size}×{size} bins, and each bin "
        "gives its maximum. If the size is not divisible, neighbouring bins share a row or column (dashed)."
    )


@st.cache_data(show_spinner=False)
def all_kinds() -> str:
    """Every pooling, with its output for a batch (1, 8, 32, 32), as a table."""
    return table(
        ("Pooling", "One output value", f"Output for {EXAMPLE_SHAPE}", "Source"),
        (
            (name, f"${entry.formula}$", f"`{lab.output_shape(name, EXAMPLE_SHAPE)}`", entry.paper)
            for name, entry in POOLINGS.items()
        ),
    )
