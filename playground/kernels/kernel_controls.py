"""Which kernel is applied: one of the registry with its knobs, or a custom one; and the state that says so."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.errors import PlaygroundError
from core.knobs import Knob, knobs_of
from core.lessons.kernels.combination import Combination
from core.lessons.kernels.editing import EDIT_CAP, HELPERS, from_text, resized, to_text
from core.lessons.kernels.filtering import ConvSettings
from core.lessons.kernels.preprocessing import Preprocessing
from core.lessons.kernels.presets import PRESETS, KernelPreset
from core.lessons.kernels.registry import KERNELS, build
from playground import controls, lesson
from playground.charts.pictures import AUTO
from playground.components.grid import grid

CUSTOM = "Custom"
NAME = Knob("Outline", choices=(*KERNELS, CUSTOM), label="Kernel")
IDENTITY = "0 0 0; 0 1 0; 0 0 0"
CHANNELS = ("Red", "Green", "Blue")
SEPARATOR = " | "  # in a link, between the kernels of the three channels


def knob_key(kernel: str, knob: str) -> str:
    """The key of one knob of one kernel, short enough for a link: `sobel_angle`."""
    return f"{kernel.lower().replace(' ', '_')}_{knob}"


def current(state: dict | None = None) -> np.ndarray:
    """The kernels that the state names, one per channel if they differ: float64 (1 or 3, kh, kw)."""
    state = st.session_state if state is None else state
    name = state.get("k", NAME.default)
    if name in KERNELS:
        knobs = KERNELS[name].knobs
        moved = {knob: state.get(knob_key(name, knob), knobs[knob].default) for knob in knobs}
        return build(name, **{knob: knobs[knob].clamp(value) for knob, value in moved.items()})[None]
    return parse(state.get("kt") or IDENTITY)


def parse(text: str) -> np.ndarray:
    """One kernel, or three between bars, as a stack (1 or 3, kh, kw). Raises PlaygroundError as `from_text` does."""
    kernels = [from_text(part) for part in text.split("|") if part.strip()] or [from_text(IDENTITY)]
    if len(kernels) not in (1, 3):
        raise PlaygroundError(f"You entered {len(kernels)} kernels: enter one, or three separated by |.")
    if len({kernel.shape for kernel in kernels}) > 1:
        raise PlaygroundError("The three kernels differ in size: give all of them the same number of rows and columns.")
    return np.stack(kernels)


def write(kernels: np.ndarray) -> None:
    """Make this the custom kernel (1 or 3, kh, kw), and choose it."""
    st.session_state["k"] = CUSTOM
    st.session_state["kt"] = SEPARATOR.join(to_text(kernel) for kernel in kernels)


def preset_state(preset: KernelPreset) -> dict[str, object]:
    """Everything that a preset sets: what it names, and the default of all else."""
    state: dict[str, object] = {}
    for config, prefix in ((Preprocessing, "p_"), (ConvSettings, "w_"), (Combination, "c_")):
        state |= {f"{prefix}{field}": knob.default for field, knob in knobs_of(config).items()}
    state |= {"p_pic": preset.picture, "p_colour": preset.colour, "k": preset.kernel}
    state |= {"w_padding": preset.padding, "c_channels": preset.channels, "show": AUTO}
    for knob, rule in KERNELS[preset.kernel].knobs.items():
        state[knob_key(preset.kernel, knob)] = preset.knobs.get(knob, rule.default)
    return state


def load_preset(name: str) -> None:
    """Set everything as a preset has it; whatever it does not name goes back to its default."""
    for key, value in preset_state(PRESETS[name]).items():
        st.session_state[key] = value


def current_preset(state: Mapping[str, object] | None = None) -> str | None:
    """The preset whose picture, kernel and settings are all as on the screen: only then is what it says true.

    A control that is not drawn has no effect and no say; nor has the colour scale, which changes no value.
    """
    now = st.session_state if state is None else state
    for name, preset in PRESETS.items():
        expected = preset_state(preset)
        if all(now.get(key, value) == value for key, value in expected.items() if key != "show"):
            return name
    return None


def choose(colour: bool) -> np.ndarray:
    """The kernel's controls; gives float64 (1 or 3, kh, kw). A text that is no kernel gives an error and Identity."""
    name = controls.widget("kernel", NAME, "k")
    if name in KERNELS:
        st.caption(KERNELS[name].description)
        for knob, rule in KERNELS[name].knobs.items():
            controls.widget(knob, rule, knob_key(name, knob))
    shown = st.container()
    helpers = st.popover("Edit the kernel", icon=":material/edit:", width="stretch", key="kh", on_change="rerun")
    with helpers:
        _text()  # before the kernel is read: a link fills it in
    kernels = parse(IDENTITY)
    with shown:
        with lesson.friendly():
            kernels = current()
        channel = _shown_channel(kernels, colour) if len(kernels) > 1 else 0
        editable = max(kernels.shape[1:]) <= EDIT_CAP
        grid(
            kernels[channel],
            "kg",
            "The kernel",
            (lambda new: write(_with(kernels, channel, new))) if editable else None,
        )
    if helpers.open:  # its buttons are many, and nobody sees them elsewhere
        with helpers:
            _helpers(kernels, channel, colour)
    return kernels


def _text() -> None:
    """The custom kernel as text. Always on the page, for a widget that comes and goes loses what a link holds."""
    st.text_input(
        "Enter weights, row by row",
        IDENTITY,
        key="kt",
        bind=controls.LINK,
        help="Semicolons separate rows; fractions such as 1/9 work; | separates three kernels, one per channel.",
        on_change=lambda: st.session_state.update(k=CUSTOM),
    )


def _shown_channel(kernels: np.ndarray, colour: bool) -> int:
    chosen = controls.side_by_side("Kernel for", CHANNELS, "kc", disabled=not colour)
    return CHANNELS.index(chosen)


def _with(kernels: np.ndarray, channel: int, new: np.ndarray) -> np.ndarray:
    return np.stack([new if i == channel else kernel for i, kernel in enumerate(kernels)])


def _helpers(kernels: np.ndarray, channel: int, colour: bool) -> None:
    """Buttons that edit the kernel: its size, symmetry, normalization, and one kernel per channel."""
    rows, columns = st.columns(2)
    height, width = kernels.shape[1:]
    for column, label, step in ((rows, "row", (2, 0)), (columns, "column", (0, 2))):
        for sign, verb in ((1, "Add 2"), (-1, "Remove 2")):
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
            on_click=lambda helper=helper: write(_with(kernels, channel, helper(kernels[channel]))),
        )
    shared = len(kernels) == 1
    st.button(
        "One kernel per channel" if shared else "One kernel for all channels",
        width="stretch",
        key="own",
        disabled=not colour,
        on_click=lambda: write(np.repeat(kernels, 3, axis=0) if shared else kernels[channel : channel + 1]),
    )
