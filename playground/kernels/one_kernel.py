"""One kernel applied to a picture: its controls, the output over the input, its size, its analysis, two challenges."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.knobs import Knob, knobs_of
from core.lessons.kernels import filtering
from core.lessons.kernels.analysis import edge_response, frequency_response, kernel_cost, separate
from core.lessons.kernels.combination import FORMULAS, SINGLE, Combination, Response
from core.lessons.kernels.filtering import ConvSettings
from core.lessons.kernels.presets import PRESETS
from core.lessons.kernels.registry import KERNELS
from core.shapes import conv_output_size
from playground import controls, lesson
from playground.charts import pictures as drawing
from playground.components.formula import formula
from playground.components.image_compare import ColourScale, SlidingWindow, image_compare
from playground.kernels import kernel_controls, text

SCALE = Knob(
    drawing.AUTO,
    choices=drawing.COLOUR_SCALES,
    label="Colour scale",
    help="Signed: blue = negative, white = 0, orange = positive.",
)
SYMBOLS = (
    "$n$ = input size (height $H$ or width $W$), $k$ = kernel size, $s$ = stride, $p$ = padding on each side, "
    "$d$ = dilation"
)
TWO_OUTPUTS = "; $a$, $b$ = outputs of the first and the second kernel, $y$ = combined output"


def preset_buttons() -> None:
    """Each preset one click away; the one that the controls show is marked."""
    controls.presets(PRESETS, "case", kernel_controls.load_preset, kernel_controls.current_preset())


def conv_controls() -> ConvSettings:
    """The arguments of the convolution; those without an effect now are left out."""
    values = {}
    for field, knob in knobs_of(ConvSettings).items():
        unpadded = field == "mode" and values["padding"] == filtering.NONE
        idle = unpadded or (field == "cells" and values["padding"] != filtering.CUSTOM)
        values[field] = knob.default if idle else controls.widget(field, knob, f"w_{field}")
    return ConvSettings(**values)


def combination_controls(colour: bool) -> tuple[Combination, str]:
    """How colour channels and a second kernel are combined, and the colour scale of the output."""
    knobs = knobs_of(Combination)
    channels = controls.widget("channels", knobs["channels"], "c_channels", disabled=not colour)
    second = controls.widget("second", knobs["second"], "c_second")
    how = knobs["how"].default if second == SINGLE else controls.widget("how", knobs["how"], "c_how")
    return Combination(channels, second, how), controls.widget("show", SCALE, "show")


def show(
    picture: np.ndarray, response: Response, conv: ConvSettings, combination: Combination, scale: str, title: str
) -> None:
    """The output over its input."""
    rows, columns = response.first.shape[1:]
    colours, y = coloured(response, conv, combination, scale)
    image_compare(
        picture,
        y,
        colours,
        SlidingWindow((rows, columns), conv.stride, conv.padding_of(rows, columns), conv.dilation),
        alt=f"{title} on the left, and on the right the output of a {rows}×{columns} kernel.",
        key="stage",
    )
    if preset := kernel_controls.current_preset():
        st.markdown(f":material/lightbulb: {PRESETS[preset].shows}")


def coloured(
    response: Response, conv: ConvSettings, combination: Combination, scale: str
) -> tuple[ColourScale, np.ndarray]:
    """The colour scale of the output, and the maps to colour; of three signed ones, one is chosen to be shown."""
    y, summed = response.y, combination.channels == filtering.SUMMED
    if response.magnitude is not None:
        strongest = np.take_along_axis(y, response.magnitude.argmax(axis=0)[None], axis=0)
        magnitude = response.magnitude.max(axis=0)[None]
        return ColourScale("angle", drawing.bound_of(magnitude)), np.concatenate([strongest, magnitude])
    if response.second is not None and scale == drawing.AUTO:
        scale = drawing.SIGNED
    kind, bound = drawing.colours_of(unpadded_part(y, response.first.shape[1:], conv), response.first, summed, scale)
    if kind == "signed" and len(y) == 3:
        channel = controls.pick("Channel shown", kernel_controls.CHANNELS, "seen")
        y = y[kernel_controls.CHANNELS.index(channel)][None]
    return ColourScale(kind, bound), y


def unpadded_part(y: np.ndarray, kernel: tuple[int, int], conv: ConvSettings) -> np.ndarray:
    """The outputs without padding in their window, if there are any: strong ones at the border would pale the rest."""
    rows, columns = (-(-pad // conv.stride) for pad in conv.padding_of(*kernel))
    inner = y[:, rows : y.shape[1] - rows, columns : y.shape[2] - columns]
    return inner if inner.size else y


def formulas(picture: np.ndarray, response: Response, conv: ConvSettings, combination: Combination) -> None:
    """How two outputs are combined, and the size of the output with this moment's numbers."""
    combined = [FORMULAS[combination.how]] if response.second is not None else []
    kernel = response.first.shape[1:]
    height, width = text.size_numbers(picture.shape[:2], kernel, conv)
    sizes = [rf"H_\text{{out}} = {height}", rf"W_\text{{out}} = {width}"]
    if height == width:
        sizes = [rf"H_\text{{out}} = W_\text{{out}} = {height}"]
    formula(*combined, lesson.formula_of(conv_output_size), *sizes, key="size")
    lesson.legend(SYMBOLS + (TWO_OUTPUTS if combined else ""))


def analysis(picture: np.ndarray, response: Response, conv: ConvSettings) -> None:
    """The kernel by itself: its frequency response, its two vectors, its cost."""
    kernel = response.first[0]
    which = "" if (response.first == kernel).all() else " of the kernel for red"
    expander = st.expander("Kernel analysis", icon=":material/zoom_in:", key="close", bind=controls.LINK)
    if not expander.open:  # a slider need not redraw what nobody looks at
        return
    with expander:
        left, right = st.columns((1, 1.6), gap="large")
        with left:
            st.markdown(f"**Frequency response**{which}")
            st.html(drawing.response_tile(frequency_response(kernel, dilation=conv.dilation)))
        factors = separate(kernel)
        cost = kernel_cost(*picture.shape[:2], kernel.shape, conv)
        with right:
            st.markdown("**Is it separable?**")
            words = text.separability(factors.rank, kernel.shape, conv.stride, cost)
            st.html(drawing.factors_table(words, factors.column, factors.row))
        st.markdown("**What it costs**")
        st.html(drawing.cost_bars(cost.direct, cost.separable if factors.rank == 1 else None, cost.dense))
        st.caption("Multiplications for one channel of this image; logarithmic axis.")


def challenges(picture: np.ndarray, response: Response) -> None:
    left, right = st.columns(2)
    with left:
        edges = edge_response(response.first)
        lesson.challenge(
            f"Find a kernel that responds to vertical edges only. Its response now: **{edges.vertical:.4g}** to a "
            f"vertical edge, **{edges.horizontal:.4g}** to a horizontal one, **{edges.uniform:.4g}** to a uniform "
            "white area.",
            solved=edges.only_vertical and response.second is None,
            hint="Weights that sum to 0 give 0 in uniform areas. In which direction must they differ?",
        )
    with right:
        sides = list(zip(picture.shape[:2], response.y.shape[1:], strict=True))
        lesson.challenge(
            f"Halve the height and the width without pooling: {picture.shape[0]}×{picture.shape[1]} is now "
            f"**{response.y.shape[1]}×{response.y.shape[2]}**.",
            solved=all(after in (before // 2, -(-before // 2)) and before > 1 for before, after in sides),
            hint="Use a stride of 2, and padding to keep the border.",
        )


def source() -> str:
    name = st.session_state.get("k", kernel_controls.NAME.default)
    kernel = f"{name} ({KERNELS[name].source}). " if name in KERNELS else ""
    return kernel + "Size formula: Dumoulin & Visin 2016, arXiv:1603.07285."
