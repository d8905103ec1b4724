"""Kernels: a small grid of numbers over a picture."""

import streamlit as st

from playground import controls, lesson

with lesson.idea("A kernel is a question asked at every place of a picture; its answers make a new picture."):
    import numpy as np

    from core.knobs import Knob, knobs_of
    from core.lessons.kernels import combination as combining
    from core.lessons.kernels import filtering
    from core.lessons.kernels.analysis import cost, edge_answers, frequency_response, separate
    from core.lessons.kernels.combination import ANGLE, FORMULAS, Combination, Response
    from core.lessons.kernels.filtering import Sweep
    from core.lessons.kernels.presets import CASES
    from core.lessons.kernels.zoo import KERNELS
    from core.shapes import conv_output_size
    from playground.charts import pictures as drawing
    from playground.components.formula import maths
    from playground.components.image_compare import Place, View, compare
    from playground.kernels import code_samples, denoising, filter_bank, hidden_kernel, kernel_controls
    from playground.kernels import image_source as sources

SHOW = Knob(drawing.AUTO, choices=drawing.SHOW_AS, label="Show as", help="Signed colour: blue below 0, orange above.")
PARTS = ("One kernel", "A first CNN block", "Against noise", "The hidden kernel")


@st.fragment
def play() -> None:
    """A picture, a kernel, and what comes of them."""
    cases = st.container(horizontal=True, gap="small")
    beside, stage = lesson.play((1, 2))
    with beside:
        picture, title = sources.choose("p_")
        kernels = kernel_controls.choose(colour=picture.ndim == 3)
        with st.popover("Stride, padding, dilation", icon=":material/straighten:", width="stretch"):
            sweep = sweep_controls()
        with st.popover("Colours, a second kernel", icon=":material/stacks:", width="stretch"):
            combination, asked = combination_controls(colour=picture.ndim == 3)
    with cases:
        case_buttons()
    answer = None
    with stage, lesson.friendly():
        answer = combining.respond(picture, kernels, sweep, combination)
        show(picture, answer, sweep, combination, asked, title)
    if answer is not None:
        close_up(picture, answer, sweep)
        lines(picture, answer, sweep, combination)
        challenges(picture, answer)
    lesson.source(source())


def case_buttons() -> None:
    """Each case of the lessons one click away; the one on show is marked, which the controls decide."""
    shown = kernel_controls.case_on_show()
    for name, case in CASES.items():
        kind = "primary" if case is shown else "secondary"
        st.button(name, key=f"case-{name}", type=kind, on_click=kernel_controls.load_case, args=(name,))


def sweep_controls() -> Sweep:
    """How the kernel runs; what would do nothing now is left out."""
    values = {}
    for field, knob in knobs_of(Sweep).items():
        unpadded = field == "mode" and values["padding"] == filtering.NONE
        idle = unpadded or (field == "cells" and values["padding"] != filtering.BY_HAND)
        values[field] = knob.default if idle else controls.widget(field, knob, f"w_{field}")
    return Sweep(**values)


def combination_controls(colour: bool) -> tuple[Combination, str]:
    """How colours and a second kernel come together, and how the answer is coloured."""
    knobs = knobs_of(Combination)
    channels = controls.widget("channels", knobs["channels"], "c_channels", disabled=not colour)
    second = controls.widget("second", knobs["second"], "c_second")
    how = knobs["how"].default if second == combining.ALONE else controls.widget("how", knobs["how"], "c_how")
    return Combination(channels, second, how), controls.widget("show", SHOW, "show")


def show(picture, answer: Response, sweep: Sweep, combination: Combination, asked: str, title: str) -> None:
    """The answer over its picture, and the size of it."""
    rows, columns = answer.first.shape[1:]
    padding = sweep.padding_of(rows, columns)
    view, y = coloured(answer, sweep, combination, asked)
    compare(
        picture,
        y,
        view,
        Place((rows, columns), sweep.stride, padding, sweep.dilation),
        alt=f"{title} on the left, and on the right what a {rows} by {columns} kernel answers to it.",
        key="stage",
    )
    if case := kernel_controls.case_on_show():
        st.markdown(f":material/lightbulb: {case.shows}")
    sizes = [
        rf"\left\lfloor\frac{{{side} + {2 * pad} - {sweep.dilation * (k - 1)} - 1}}{{{sweep.stride}}}"
        rf"\right\rfloor + 1 = {conv_output_size(side, k, sweep.stride, pad, sweep.dilation)}"
        for side, k, pad in zip(picture.shape[:2], (rows, columns), padding, strict=True)
    ]
    if answer.second is not None:
        st.latex(FORMULAS[combination.how])
    blocks = [rf"{lesson.formula_of(conv_output_size)} \;=\; {sizes[0]}"]
    if sizes[1] != sizes[0]:
        blocks.append(rf"\text{{and across: }} {sizes[1]}")
    maths(*blocks, key="size")


def coloured(answer: Response, sweep: Sweep, combination: Combination, asked: str) -> tuple[View, np.ndarray]:
    """How the answer is coloured, and the maps to colour; of three signed ones, one is chosen to be seen."""
    y, added = answer.y, combination.channels == filtering.ADDED
    if answer.strength is not None:
        strongest = np.take_along_axis(answer.y, answer.strength.argmax(axis=0)[None], axis=0)
        strength = answer.strength.max(axis=0)[None]
        return View(ANGLE, drawing.bound_of(strength)), np.concatenate([strongest, strength])
    if answer.second is not None and asked == drawing.AUTO:
        asked = drawing.SIGNED
    kind, bound = drawing.colours_of(inner(y, answer.first.shape[1:], sweep), answer.first, added, asked)
    if kind == "signed" and len(y) == 3:
        seen = controls.pick("Colour that is seen", kernel_controls.COLOURS, "seen")
        y = y[kernel_controls.COLOURS.index(seen)][None]
    return View(kind, bound), y


def inner(y: np.ndarray, kernel: tuple[int, int], sweep: Sweep) -> np.ndarray:
    """The answers that no padding has a part in, if there are any: the rim of zeros would pale all others."""
    rows, columns = (-(-pad // sweep.stride) for pad in sweep.padding_of(*kernel))
    middle = y[:, rows : y.shape[1] - rows, columns : y.shape[2] - columns]
    return middle if middle.size else y


def close_up(picture, answer: Response, sweep: Sweep) -> None:
    """The kernel seen from outside: its waves, its two vectors, its price."""
    kernel = answer.first[0]
    closer = st.expander("This kernel, close up", icon=":material/zoom_in:", key="close", bind=controls.LINK)
    if not closer.open:  # a slider that moves need not bring what nobody looks at
        return
    with closer:
        waves, vectors = st.columns((1, 1.6), gap="large")
        with waves:
            st.markdown("**Which waves it lets through**")
            st.html(drawing.response_tile(frequency_response(kernel)))
        with vectors:
            st.markdown("**Does it come apart?**")
            factors = separate(kernel)
            st.html(drawing.factors_table(kernel, factors.column, factors.row, factors.rank))
        st.markdown("**What it costs**")
        price = cost(*picture.shape[:2], kernel.shape, sweep)
        st.html(drawing.price_bars(price.direct, price.separable if factors.rank == 1 else None, price.dense))
        st.caption("Multiplications for one channel of this picture; the axis counts in factors of ten.")


def lines(picture, answer: Response, sweep: Sweep, combination: Combination) -> None:
    """The PyTorch of it, and the picture that it reads."""
    lesson.code(code_samples.lines(answer, sweep, combination.channels, combination.how))
    sources.download(picture, "p_")


def challenges(picture, answer: Response) -> None:
    """Two things to reach with the controls above."""
    left, right = st.columns(2)
    with left:
        found = edge_answers(answer.first[0])
        lesson.challenge(
            "Find a kernel that answers to upright edges and to nothing else. Now it answers "
            f"**{found.upright:.4g}** to an upright edge, **{found.level:.4g}** to a level one, "
            f"**{found.even:.4g}** to an even white place.",
            solved=found.only_upright and answer.second is None,
            hint="Weights that sum to 0 are silent where all is even. Which direction must they differ in?",
        )
    with right:
        sides = list(zip(picture.shape[:2], answer.y.shape[1:], strict=True))
        lesson.challenge(
            f"Halve the picture without pooling: {picture.shape[0]}×{picture.shape[1]} is now "
            f"**{answer.y.shape[1]}×{answer.y.shape[2]}**.",
            solved=all(after in (before // 2, -(-before // 2)) and before > 1 for before, after in sides),
            hint="A kernel need not stop at every pixel, and a rim of zeros gives back what it loses at the ends.",
        )


def source() -> str:
    """Where the kernel on show comes from."""
    name = st.session_state.get("k", kernel_controls.NAME.default)
    found = f"{name} ({KERNELS[name].source}). " if name in KERNELS else ""
    return found + "Sizes: Dumoulin & Visin 2016, arXiv:1603.07285."


parts = st.tabs(PARTS, key="part", bind=controls.LINK)
for part, section in zip(parts, (play, filter_bank.section, denoising.section, hidden_kernel.section), strict=True):
    if part.open:
        with part:
            section()
