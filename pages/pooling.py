"""Pooling: fewer values, and most of them stay when the picture moves a little."""

from dataclasses import dataclass, replace

import streamlit as st

from playground import controls, lesson

with lesson.idea("Pooling keeps one value of many neighbours: the wider its window, the less it minds a small move."):
    import numpy as np

    from core.images.squares import PHOTOGRAPHS, square
    from core.knobs import Knob, knob
    from core.layers.pooling import POOLINGS, SpatialPyramidPool2d
    from core.lessons import pooling as lab
    from core.shapes import pool_output_size
    from playground.charts import pooling as charts
    from playground.components.inline_svg import drawing

MAPS = tuple(name for name, entry in POOLINGS.items() if entry.gives == "map")
DRAW = Knob(0, 0, 20, label="draw", help="0 is evaluation: the expected value. Each other number is a random draw.")


@dataclass(frozen=True)
class Setup:
    """The picture, how far it moves, and what counts as staying."""

    right: int = knob(1, 0, lab.MARGIN, label="move right")
    down: int = knob(0, 0, lab.MARGIN, label="move down")
    picture: str = knob("chelsea", choices=PHOTOGRAPHS, label="picture")
    filtered: bool = knob(True, label="outline and ReLU first", help="A feature map, as pooling gets it in a network.")
    side: int = knob(64, 32, 96, step=8, label="picture side", help="Cells in a row before pooling.")
    tolerance: float = knob(
        0.05,
        0.0,
        0.3,
        step=0.01,
        label="tolerance",
        help="A value stays if it moves by at most this share of the range.",
    )


CODE = """\
import torch
from torch import nn

from core.images.squares import square{imports}

picture = torch.from_numpy({picture})[None, None]
view = picture[..., {here}, {here}]
moved = picture[..., {rows}, {columns}]

{pool}
before, after = pool(view), pool(moved)  # {shape} each
stays = (after - before).abs() <= {tolerance} * (before.max() - before.min()).item()
print(int(stays.sum()), "of", stays.numel())"""


@st.cache_data(max_entries=100, show_spinner=False)
def picture(name: str, side: int, filtered: bool) -> np.ndarray:
    view = square(name, side + 2 * lab.MARGIN)
    return lab.feature_map(view) if filtered else view


@st.cache_data(max_entries=200, show_spinner=False)
def survey(setup: Setup, kernel: int, stride: int) -> dict[str, tuple[int, int]]:
    shown = picture(setup.picture, setup.side, setup.filtered)
    return lab.survey(shown, kernel, stride, setup.right, setup.down, setup.tolerance)


def knobs_for(kind: str) -> dict[str, Knob]:
    """The entry's own knobs; max pooling opens on a window wide enough to show the point."""
    knobs = dict(POOLINGS[kind].knobs)
    return knobs | {"kernel_size": replace(knobs["kernel_size"], default=4)} if kind == "Max" else knobs


@st.fragment
def move() -> None:
    beside, stage = lesson.play()
    with beside:
        kind = controls.pick("pooling", MAPS, "po_kind")
        knobs = {key: controls.widget(key, knob, f"po_{key}") for key, knob in knobs_for(kind).items()}
        draw = controls.widget("draw", DRAW, "po_draw") if kind == "Stochastic" else 0
        setup = controls.edit(Setup, "po_")
    both = lab.move(
        picture(setup.picture, setup.side, setup.filtered), kind, tuple(knobs.items()), setup.right, setup.down, draw
    )
    same, total = lab.kept(both.pooled, both.pooled_moved, setup.tolerance)
    bare, cells = lab.kept(both.view, both.moved, setup.tolerance)
    window = knobs.get("kernel_size", 2), knobs.get("stride", 2)
    with stage:
        st.markdown(
            f"The picture moves {setup.right} right and {setup.down} down. Of its own {cells:,} values **{bare:,}** "
            f"stay ({bare / cells:.1%}); of the {total:,} pooled ones **{same:,}** do ({same / total:.1%}). "
            "Red is what changed."
        )
        drawing(charts.moved(both, setup.tolerance), key="po-moved")
        st.markdown("**How much of each pooled map stays**")
        drawing(charts.bars(survey(setup, *window), kind), key="po-bars")
        if "kernel_size" in knobs:
            overlap = "they overlap" if window[1] < window[0] else "they do not overlap"
            st.caption(
                f"Windows of {window[0]} × {window[0]} every {window[1]} cells: {overlap}. Courses say that pooling "
                "makes a network blind to small moves. Measure it: 2 × 2 windows hardly do, wide overlapping ones do."
            )
    explain(setup, kind, knobs)
    lesson.code(code(setup, kind, knobs, draw, both.pooled.shape))
    lesson.challenge(
        "Move the picture 2 to the right and find a max pooling with which more than 80 % of the values stay.",
        solved=kind == "Max" and (setup.right, setup.down) == (2, 0) and setup.tolerance <= 0.05 and same > 0.8 * total,
        hint="A larger window hides a small move; so does a map in which little happens.",
    )
    lesson.source(f"{kind}: {POOLINGS[kind].paper}")


def explain(setup: Setup, kind: str, knobs: dict[str, int]) -> None:
    """One value's formula, and the size of the map where a window makes it."""
    st.latex(POOLINGS[kind].formula)
    if "kernel_size" not in knobs:
        return
    kernel, stride = knobs["kernel_size"], knobs["stride"]
    size = pool_output_size(setup.side, kernel, stride)
    lesson.formula(
        pool_output_size, rf"\left\lfloor\frac{{{setup.side} - {kernel}}}{{{stride}}}\right\rfloor + 1 = {size}"
    )


def code(setup: Setup, kind: str, knobs: dict[str, int], draw: int, shape: tuple[int, ...]) -> str:
    imports, built = "", f"pool = {POOLINGS[kind].code.format(**knobs)}"
    picture_ = f'square("{setup.picture}", {setup.side + 2 * lab.MARGIN})'
    if setup.filtered:
        imports, picture_ = "\nfrom core.lessons.pooling import feature_map", f"feature_map({picture_})"
    else:
        picture_ += ".copy()"
    if kind == "Stochastic":
        imports += "\nfrom core.layers.pooling import StochasticPool2d"
        seeded = built.replace("pool = ", "").replace(")", f", generator=torch.Generator().manual_seed({draw}))")
        built = f"def pool(x):\n    return {seeded}(x)\n\n" if draw else f"{built}.eval()"
    rows, columns = (f"{lab.MARGIN - by}:{lab.MARGIN - by + setup.side}" for by in (setup.down, setup.right))
    return CODE.format(
        imports=imports,
        picture=picture_,
        here=f"{lab.MARGIN}:{lab.MARGIN + setup.side}",
        rows=rows,
        columns=columns,
        pool=built,
        shape=(1, 1, *shape),
        tolerance=setup.tolerance,
    )


@st.fragment
def any_size() -> None:
    """Spatial pyramid: one length."""
    st.subheader("Any size in, one length out", anchor=False)
    beside, stage = lesson.play()
    with beside:
        height = controls.widget("height", Knob(40, 8, 64, label="height"), "po_h")
        width = controls.widget("width", Knob(60, 8, 64, label="width"), "po_w")
        channels = controls.widget("channels", Knob(256, 1, 512, label="channels"), "po_c")
        levels = controls.widget("levels", POOLINGS["Spatial pyramid"].knobs["levels"], "po_levels")
    view = lab.feature_map(square("chelsea", 64))[(64 - height) // 2 :][:height, (64 - width) // 2 :][:, :width]
    parts = lab.pyramid(view, levels)
    terms = " + ".join(str(part.size) for part in parts)
    cells = sum(part.size for part in parts)
    with stage:
        drawing(charts.pyramid(view, parts), key="po-pyramid")
        st.markdown(
            f"A {height} × {width} map becomes {cells} values a channel, and so would any other: a dense layer can "
            "follow without resizing the picture."
        )
    lesson.formula(SpatialPyramidPool2d, rf"{channels} \cdot ({terms}) = {channels * cells:,}".replace(",", r"{,}"))


@st.fragment
def regions() -> None:
    """RoI pooling: a region of any size becomes one size."""
    st.subheader("A region of any size becomes one size", anchor=False)
    beside, stage = lesson.play()
    with beside:
        left = controls.widget("left", Knob(9, 0, 47, label="left"), "po_l")
        top = controls.widget("top", Knob(4, 0, 47, label="top"), "po_t")
        wide = controls.widget("wide", Knob(31, 1, 48, label="width"), "po_rw")
        tall = controls.widget("tall", Knob(22, 1, 48, label="height"), "po_rh")
        size = controls.widget("size", POOLINGS["RoI"].knobs["output_size"], "po_roi")
    view = square("chelsea", 48)
    box = (left, top, min(left + wide, 48) - 1, min(top + tall, 48) - 1)
    found = lab.region(view, box, size)
    with stage:
        drawing(charts.region(view, box, found), key="po-region")
        st.caption(
            f"{box[2] - left + 1} × {box[3] - top + 1} cells into {size} × {size} parts. Where the division leaves a "
            "rest, neighbouring parts share a row or a column of cells (dashed)."
        )


@st.cache_data(show_spinner=False)
def zoo() -> str:
    """Every kind, with what it makes of a batch (1, 8, 32, 32)."""
    lines = ["| pooling | one value | (1, 8, 32, 32) becomes | source |", "|---|---|---|---|"]
    for name, entry in POOLINGS.items():
        shape = lab.output_shape(name, (1, 8, 32, 32))
        lines.append(f"| {name} | ${entry.formula}$ | `{shape}` | {entry.paper} |")
    return "\n".join(lines)


move()
any_size()
regions()
with st.expander("Every kind of pooling", icon=":material/list:"):
    st.markdown(zoo())
    st.caption("No pooling has parameters but NetVLAD; all leave the number of channels as it is, or flatten it away.")
