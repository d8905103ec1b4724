"""Which kernel runs: one of the zoo with its knobs, or a grid in somebody's hands; and the state that says so."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.errors import PlaygroundError
from core.knobs import Knob, knobs_of
from core.lessons.kernels.combination import ALONE, Combination
from core.lessons.kernels.editing import EDIT_CAP, HELPERS, from_text, resized, to_text
from core.lessons.kernels.filtering import Sweep
from core.lessons.kernels.preprocessing import Preparation
from core.lessons.kernels.presets import CASES, Case
from core.lessons.kernels.zoo import KERNELS, build
from playground import controls, lesson
from playground.charts.pictures import AUTO
from playground.components.grid import grid

BY_HAND = "By hand"
NAME = Knob("Outline", choices=(*KERNELS, BY_HAND), label="Kernel")
PLAIN = "0 0 0; 0 1 0; 0 0 0"
COLOURS = ("red", "green", "blue")
BETWEEN = " | "  # in a link, between the kernels of the three colours


def knob_key(kernel: str, knob: str) -> str:
    """The key of one knob of one kernel, short enough for a link: `sobel_angle`."""
    return f"{kernel.lower().replace(' ', '_')}_{knob}"


def current(state: dict | None = None) -> np.ndarray:
    """The kernels that the state names, one a colour if they differ: float64 (1 or 3, kh, kw)."""
    state = st.session_state if state is None else state
    name = state.get("k", NAME.default)
    if name in KERNELS:
        knobs = KERNELS[name].knobs
        moved = {knob: state.get(knob_key(name, knob), knobs[knob].default) for knob in knobs}
        return build(name, **{knob: knobs[knob].clamp(value) for knob, value in moved.items()})[None]
    return parse(state.get("kt") or PLAIN)


def parse(text: str) -> np.ndarray:
    """One kernel, or three between bars, as a stack (1 or 3, kh, kw). Raises PlaygroundError as `from_text` does."""
    kernels = [from_text(part) for part in text.split("|") if part.strip()] or [from_text(PLAIN)]
    if len(kernels) not in (1, 3):
        raise PlaygroundError(f"{len(kernels)} kernels are written here: write one, or three with | between them.")
    if len({kernel.shape for kernel in kernels}) > 1:
        raise PlaygroundError("The three kernels differ in size: give all the same number of rows and columns.")
    return np.stack(kernels)


def write(kernels: np.ndarray) -> None:
    """From now on the kernel is this one, by hand (1 or 3, kh, kw)."""
    st.session_state["k"] = BY_HAND
    st.session_state["kt"] = BETWEEN.join(to_text(kernel) for kernel in kernels)


def load_case(name: str) -> None:
    """Set everything as a case of the lessons has it; whatever it does not name goes back to its default."""
    case = CASES[name]
    state = {}
    for config, prefix in ((Preparation, "p_"), (Sweep, "w_"), (Combination, "c_")):
        state |= {f"{prefix}{field}": knob.default for field, knob in knobs_of(config).items()}
    state |= {"p_pic": case.picture, "p_colour": case.colour, "k": case.kernel}
    state |= {"w_padding": case.padding, "c_channels": case.channels, "show": AUTO}
    for knob, rule in KERNELS[case.kernel].knobs.items():
        state[knob_key(case.kernel, knob)] = case.knobs.get(knob, rule.default)
    for key, value in state.items():
        st.session_state[key] = value


def case_on_show() -> Case | None:
    """The case of the lessons that the controls stand at, if any."""
    state = st.session_state
    for case in CASES.values():
        wanted = {"p_pic": case.picture, "k": case.kernel, "w_padding": case.padding, "c_second": ALONE}
        wanted |= {"w_stride": 1, "w_dilation": 1}
        wanted |= {knob_key(case.kernel, knob): value for knob, value in case.knobs.items()}
        if all(state.get(key) == value for key, value in wanted.items()):
            return case
    return None


def choose(colour: bool) -> np.ndarray:
    """The kernel's controls; gives float64 (1 or 3, kh, kw). A text that is no kernel is told, and Identity runs."""
    name = controls.widget("kernel", NAME, "k")
    if name in KERNELS:
        st.caption(KERNELS[name].asks)
        for knob, rule in KERNELS[name].knobs.items():
            controls.widget(knob, rule, knob_key(name, knob))
    shown = st.container()
    helpers = st.popover("Change the grid", icon=":material/edit:", width="stretch", key="kh", on_change="rerun")
    with helpers:
        _text()  # before the kernel is read: a link fills it in
    kernels = parse(PLAIN)
    with shown:
        with lesson.friendly():
            kernels = current()
        place = _place(kernels, colour) if len(kernels) > 1 else 0
        editable = max(kernels.shape[1:]) <= EDIT_CAP
        grid(kernels[place], "kg", "The kernel", (lambda new: write(_with(kernels, place, new))) if editable else None)
    if helpers.open:  # its buttons are many, and nobody sees them elsewhere
        with helpers:
            _helpers(kernels, place, colour)
    return kernels


def _text() -> None:
    """The kernel by hand as text. Always on the page, for a widget that comes and goes loses what a link holds."""
    st.text_input(
        "Weights by hand, row by row",
        PLAIN,
        key="kt",
        bind=controls.LINK,
        help="Rows between semicolons; fractions such as 1/9 work; three kernels, one a colour, between bars.",
        on_change=lambda: st.session_state.update(k=BY_HAND),
    )


def _place(kernels: np.ndarray, colour: bool) -> int:
    """Which of the three kernels the grid shows."""
    chosen = st.segmented_control("Grid of", COLOURS, default=COLOURS[0], required=True, key="kc", disabled=not colour)
    return COLOURS.index(chosen)


def _with(kernels: np.ndarray, place: int, new: np.ndarray) -> np.ndarray:
    """The stack with one kernel replaced."""
    return np.stack([new if i == place else kernel for i, kernel in enumerate(kernels)])


def _helpers(kernels: np.ndarray, place: int, colour: bool) -> None:
    """What hands want beside the grid: its size, symmetry, normalization, and one grid a colour."""
    rows, columns = st.columns(2)
    height, width = kernels.shape[1:]
    for column, label, step in ((rows, "row", (2, 0)), (columns, "column", (0, 2))):
        for sign, verb in ((1, "Two more"), (-1, "Two fewer")):
            new = (height + sign * step[0], width + sign * step[1])
            legal = all(1 <= side <= EDIT_CAP for side in new)
            column.button(
                f"{verb} {label}s",
                key=f"{label}{sign}",
                width="stretch",
                disabled=not legal,
                on_click=lambda new=new: write(np.stack([resized(kernel, *new) for kernel in kernels])),
            )
    left, right = st.columns(2)
    for i, (label, helper) in enumerate(HELPERS.items()):
        (left, right)[i % 2].button(
            label,
            key=f"h{i}",
            width="stretch",
            on_click=lambda helper=helper: write(_with(kernels, place, helper(kernels[place]))),
        )
    one = len(kernels) == 1
    st.button(
        "A grid for each colour" if one else "One grid for all colours",
        width="stretch",
        key="own",
        disabled=not colour,
        on_click=lambda: write(np.repeat(kernels, 3, axis=0) if one else kernels[place : place + 1]),
    )
