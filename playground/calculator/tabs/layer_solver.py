"""The size formula read backwards: every layer that turns one size into another, simplest first."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import pandas as pd
import streamlit as st
from streamlit.elements.arrow import DataframeStateInput

from core.errors import ShapeError
from core.knobs import Knob
from core.profiler.size_text import shape_text
from core.shapes import (
    TransposedWindow,
    Window,
    conv_output_size,
    conv_transpose_output_size,
    solve_conv,
    solve_conv_transpose,
    unread_cells,
)
from playground import controls, lesson

ROWS, ROW = "cs_rows", "cs_row"  # the table, and in the address the row chosen in it
FIRST = "layer solver row of the link"
Sides = tuple[int, ...]
Solution = Window | TransposedWindow
SCALES = {"same": Fraction(1), "half": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4)}
SCALES |= {"double": Fraction(2), "triple": Fraction(3)}
LARGEST = 4_096
SHOWN = 300
KINDS = ("Conv2d", "MaxPool2d", "ConvTranspose2d")
KERNELS = Knob(7, 1, 31, label="Largest kernel size")
DILATIONS = Knob(2, 1, 4, label="Largest dilation")
LEGEND = "$n$ = input size, $k$ = kernel size, $s$ = stride, $p$ = padding, $d$ = dilation"
HELP = "A size, such as 112 or 7x7, or one of: " + ", ".join(SCALES) + "."


@lesson.fragment
def show() -> None:
    """Controls, the list of layers, and the chosen one as a line of PyTorch with its formula."""
    beside, stage = lesson.play((1, 2.2))
    with beside:
        kind = controls.pick("Layer", KINDS, "cs_kind")
        sides_help = "One number, or height × width."
        typed_input = st.text_input("Input size", "224", key="cs_from", bind=controls.LINK, help=sides_help)
        typed_output = st.text_input("Output size", "half", key="cs_to", bind=controls.LINK, help=HELP)
        largest = controls.widget("kernel", KERNELS, "cs_k")
        dilation = controls.widget("dilation", DILATIONS, "cs_d")
    with stage, lesson.friendly():
        sides = read_sides(typed_input)
        targets = read_target(typed_output, sides)
        _solutions(kind, sides, targets, solve(kind, sides, targets, largest, dilation))


def read_sides(text: str) -> Sides:
    """One side or two, as typed; raises ShapeError.

    >>> read_sides("224"), read_sides("150 x 100")
    ((224,), (150, 100))
    """
    parts = [part for part in re.split(r"[\s,x×]+", text.strip().lower().strip("()")) if part]
    sides = tuple(int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 6)
    if len(sides) != len(parts) or len(sides) not in (1, 2) or not all(1 <= side <= LARGEST for side in sides):
        raise ShapeError(
            f"{text[:30]!r} is not a size: write one number or two from 1 to {LARGEST:,}, such as 224 or 150x100."
        )
    return sides


def read_target(text: str, sides: Sides) -> Sides:
    """The wanted sides; fractions are rounded up, as SAME padding does. Raises ShapeError.

    >>> read_target("half", (225, 100)), read_target("7x7", (224,)), read_target("7", (9, 8))
    ((113, 50), (7,), (7, 7))
    """
    word = text.strip().lower()
    if word in SCALES:
        return tuple(-(-side * SCALES[word].numerator // SCALES[word].denominator) for side in sides)
    targets = read_sides(text)
    if len(targets) > len(sides) and targets[0] == targets[1]:
        return targets[:1]
    if len(targets) > len(sides):
        raise ShapeError(f"{text.strip()} has two different sides: write both for the input as well, such as 150x100.")
    return targets if len(targets) == len(sides) else targets * len(sides)


@st.cache_data(max_entries=200, show_spinner=False)
def solve(kind: str, sides: Sides, targets: Sides, largest_kernel: int, largest_dilation: int) -> list[Solution]:
    """Every layer that does it for all sides at once, simplest first."""
    ranges = {
        "kernels": range(1, largest_kernel + 1),
        "strides": range(1, _largest_stride(sides, targets) + 1),
        "dilations": range(1, largest_dilation + 1),
        "paddings": range(largest_kernel * largest_dilation // 2 + 1),
    }
    search: Callable[..., list[Solution]] = solve_conv_transpose if kind == "ConvTranspose2d" else solve_conv
    solutions = search(sides[0], targets[0], **ranges)
    for side, target in zip(sides[1:], targets[1:], strict=True):
        also = set(search(side, target, **ranges))
        solutions = [window for window in solutions if window in also]
    return sorted(filter(lambda window: _is_sensible(kind, window), solutions), key=_skips)


def _is_sensible(kind: str, window: Solution) -> bool:
    """PyTorch refuses a pooling padded by more than half its kernel; a kernel of 1 has nothing to dilate."""
    is_refused = kind == "MaxPool2d" and 2 * window.padding > window.kernel
    return not is_refused and (window.kernel > 1 or window.dilation == 1)


def _skips(window: Solution) -> bool:
    """Whether cells between windows are never read: possible, but last in the list."""
    return isinstance(window, Window) and window.stride > (window.kernel - 1) * window.dilation + 1


def line(kind: str, window: Solution) -> str:
    """A window as PyTorch writes it, leaving out what is PyTorch's own default.

    >>> line("Conv2d", Window(3, 2, 1))
    'nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=2, padding=1)'
    """
    defaults = {"stride": window.kernel if kind == "MaxPool2d" else 1, "padding": 0, "output_padding": 0, "dilation": 1}
    settings = {name: getattr(window, name, default) for name, default in defaults.items()}
    arguments = [f"{name}={value}" for name, value in settings.items() if value != defaults[name]]
    channels = [] if kind == "MaxPool2d" else ["in_channels", "out_channels"]
    return f"nn.{kind}({', '.join([*channels, f'kernel_size={window.kernel}', *arguments])})"


def _largest_stride(sides: Sides, targets: Sides) -> int:
    """No stride beyond the ratio of the sizes can do it, up or down."""
    ratios = [max(side, target) / max(1, min(side, target) - 1) for side, target in zip(sides, targets, strict=True)]
    return max(2, min(64, int(max(ratios)) + 1))


def _solutions(kind: str, sides: Sides, targets: Sides, solutions: list[Solution]) -> None:
    way = f"{_across(sides)} → {_across(targets)}"
    if not solutions:
        st.warning(f"No {kind} within these limits gives {way}. Allow a larger kernel or choose another output size.")
        return
    ways = f"{len(solutions):,} ways, simplest first. Select one to get its code." if solutions[1:] else "one way."
    st.markdown(f"**{way}:** {ways}")
    frame = pd.DataFrame([_record(window, sides) for window in solutions[:SHOWN]])
    if not frame["Remark"].any():
        frame = frame.drop(columns="Remark")
    chosen = st.dataframe(
        frame,
        hide_index=True,
        height=min(38 + 35 * len(frame), 318),
        on_select=_remember,
        selection_mode="single-row",
        selection_default=_linked(len(frame)),
        key=ROWS,
        column_config={"Remark": st.column_config.TextColumn(width="medium")},
        alt="Kernel size, stride, padding and dilation of every such layer.",
    )
    picked = chosen.selection.rows[0] if chosen.selection.rows and chosen.selection.rows[0] < len(frame) else 0
    st.code(line(kind, solutions[picked]), language="python")
    _formula(solutions[picked], sides[0], targets[0])


def _linked(count: int) -> DataframeStateInput:
    """The row that the link names which opened this page. It stays the same, for another would draw a new table."""
    first = st.session_state.setdefault(FIRST, st.query_params.get(ROW, ""))
    rows = [int(first)] if first.isdecimal() and len(first) < 6 and int(first) < count else []
    return {"selection": {"rows": rows}}


def _remember() -> None:
    rows = st.session_state[ROWS]["selection"]["rows"]
    if rows:
        st.query_params[ROW] = str(rows[0])
    else:
        st.query_params.pop(ROW, None)


def _formula(window: Solution, side: int, target: int) -> None:
    k, s, p, d = window.kernel, window.stride, window.padding, window.dilation
    legend = LEGEND
    if isinstance(window, TransposedWindow):
        rule = conv_transpose_output_size
        legend += ", $o$ = output padding"
        numbers = rf"({side} - 1)\cdot {s} - 2\cdot {p} + {d}({k} - 1) + {window.output_padding} + 1"
    else:
        rule = conv_output_size
        numbers = rf"\left\lfloor\frac{{{side} + 2\cdot {p} - {d}({k} - 1) - 1}}{{{s}}}\right\rfloor + 1"
    formula = lesson.formula_of(rule).replace("=", "&=", 1)
    lesson.latex(rf"\begin{{aligned}} {formula} \\ &= {numbers} = {target} \end{{aligned}}")
    lesson.legend(legend)


def _record(window: Solution, sides: Sides) -> dict[str, int | str]:
    names = ("kernel", "stride", "padding", "dilation", "output_padding")
    titles = {"kernel": "Kernel size"} | {name: name.replace("_", " ").capitalize() for name in names[1:]}
    record = {titles[name]: getattr(window, name) for name in names if hasattr(window, name)}
    return record | {"Remark": _remark(window, sides)}


def _remark(window: Solution, sides: Sides) -> str:
    """What a student should know before taking the simplest."""
    if isinstance(window, TransposedWindow):
        return "uneven overlap: checkerboard" if window.kernel % window.stride else ""
    if _skips(window):
        return "skips input cells"
    unread = [unread_cells(side, window.kernel, window.stride, window.padding, window.dilation) for side in sides]
    if most := max(unread):
        return f"last {most} cell{'s' * (most > 1)} unread"
    return ""


def _across(sides: Sides) -> str:
    return shape_text(sides * 2 if len(sides) == 1 else sides)
