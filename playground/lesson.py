"""The furniture of a page, in the order a lesson uses it: idea, play, formula, code, challenge, source."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from playground import catalog, controls, first_imports, navigation, notebook, page_tools, refusal
from playground.calculator import links
from playground.markup import element, style_sheet
from playground.notebook import document

Content = TypeVar("Content")
friendly, refuse = refusal.friendly, refusal.refuse
fragment = notebook.fragment  # every fragment of a page is one of these, so that its notebook follows what is redrawn
_MATH = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_HANDLE = functools.partial(element, "details", element("summary", "Controls"), class_="lesson-sheet")
SHUT_SHEET, SHEET = _HANDLE(), _HANDLE(open="")  # phone.css does the rest
_STYLES = ("page.css", "phone.css", "print.css")
_STYLE = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in _STYLES)


def header(page: catalog.Lesson) -> None:
    """The title of a page, and what stands beside every page; home draws its own title."""
    st.html(style_sheet(_STYLE))
    page_tools.sidebar()
    if page is not catalog.HOME:
        st.title(page.title, anchor=False)


def footer(page: catalog.Lesson, shown: notebook.Recording) -> None:
    """What is on the page as a notebook, and the next lesson of the course; after the last one the tools."""
    if page is not catalog.HOME and not page_tools.is_framed():
        _notebook_and_next(page, shown)
    page_tools.foot()


def _notebook_and_next(page: catalog.Lesson, shown: notebook.Recording) -> None:
    following = catalog.next_lesson(page)
    row = {"horizontal": True, "horizontal_alignment": "distribute", "vertical_alignment": "center"}
    with st.container(**row, key="lesson-next"):
        st.download_button(
            "Download as notebook",
            functools.partial(document.as_bytes, shown),  # made when it is asked for
            f"{page.file}.ipynb",
            "application/x-ipynb+json",
            key="notebook-file",
            help="The formulas and the code of what is on the screen now, for Jupyter, Colab and Kaggle.",
            icon=":material/download:",
            on_click="ignore",
        )
        if following is None:
            return
        st.page_link(
            following.path,
            label=f"Next: **{following.title}**",
            icon=":material/arrow_forward:",
            icon_position="right",
            help=following.blurb,
        )


def idea(text: str) -> contextlib.AbstractContextManager[None]:
    """The page's point in one sentence: the first line of every page.

    It stands at once; what it returns is for the imports that take seconds, which a server's first visitor waits for:

        with lesson.idea("A kernel slides over the picture and computes one number at every position."):
            from core.lessons.kernels import filtering
    """
    navigation.ensure_navigation()
    notebook.record("idea", text)
    head = st.container(key="lesson-idea")
    head.markdown(text)
    return _importing(head, text)


@contextlib.contextmanager
def _importing(head: DeltaGenerator, key: str) -> Iterator[None]:
    with (
        head,
        st.spinner("Loading PyTorch (only the first visitor waits) …"),
        first_imports.one_at_a_time(key),
    ):
        yield


def play(ratio: tuple[float, float] = (1, 2.6), title: str = "") -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two columns: the controls, and the stage on which their effect is seen.

    On a phone the controls are a sheet at the bottom of the screen, and the stage scrolls behind it.
    """
    if title:
        subheader(title)
    controls, stage = st.columns(ratio, gap="large")
    controls.html(SHEET)
    return controls, stage


def sheet(is_open: bool = True) -> DeltaGenerator:
    """A container of controls of what follows it on the page: on a phone the same sheet at the bottom of the screen.

    One that seldom is needed there begins as its handle only.
    """
    container = st.container()
    container.html(SHEET if is_open else SHUT_SHEET)
    return container


def open_tab(tabs: Mapping[str, Content], key: str) -> Iterator[Content]:
    """A row of tabs by their titles; gives what belongs to the open one, inside of it, and computes no other.

    The address says which is open.
    """
    drawn = st.tabs(list(tabs), key=key, bind=controls.LINK)
    for tab, (title, content) in zip(drawn, tabs.items(), strict=True):
        if tab.open:
            with tab:
                notebook.record("tab", title)
                yield content


def tabs(parts: Mapping[str, Callable[[], None]]) -> None:
    """The parts of a page in tabs; only the open one is run."""
    for draw in open_tab(parts, "part"):
        draw()


def subheader(text: str) -> None:
    """The title of a section."""
    st.header(text, anchor=False)
    notebook.record("heading", text)


def formula_of(function: Callable[..., Any]) -> str:
    """The LaTeX in a function's docstring, between double dollars."""
    match = _MATH.search(inspect.getdoc(function) or "")
    if match is None:
        raise LookupError(f"{function.__name__} has no $$formula$$ in its docstring")
    return match.group(1).strip()


def formula(function: Callable[..., Any], numbers: str, symbols: str = "") -> None:
    """A formula as its docstring states it, then the same line with this moment's numbers in it (LaTeX).

    On a narrow screen the numbers go on in the next line, and only there. `symbols` is its legend, said once a page.
    """
    latex(rf"{formula_of(function)} \;\allowbreak{{=\; {numbers}}}")
    if symbols:
        legend(symbols)


def latex(text: str) -> None:
    """A formula in LaTeX."""
    st.latex(text)
    notebook.record("formula", text)


def legend(symbols: str) -> None:
    """What the symbols of the formula above stand for: "$k$ kernel size, $s$ stride"."""
    st.caption(f"where {symbols}")
    notebook.record("legend", symbols)


def code(text: str, caption: str = "", expanded: bool = True) -> None:
    """The lines that reproduce exactly what is on the screen, and need nothing of this project."""
    with st.expander(caption or "The same in PyTorch", icon=":material/code:", expanded=expanded):
        st.code(text, language="python")
    notebook.record("caption", caption)
    notebook.record("code", text)


def constructor(config: Any) -> str:
    """The Python that makes a config: the fields that differ from their defaults.

    >>> from core.lessons.gradients import DeepConfig
    >>> constructor(DeepConfig(depth=7, residual=True))
    'DeepConfig(depth=7, residual=True)'
    """
    values = {field.name: (getattr(config, field.name), field.default) for field in fields(config)}
    changed = (f"{name}={value!r}" for name, (value, default) in values.items() if value != default)
    return f"{type(config).__name__}({', '.join(changed)})"


def download_png(picture: np.ndarray, key: str, name: str = "image.png") -> None:
    """The picture that the code above reads, uint8 (H, W) or (H, W, 3), as a file: every value as it is here."""

    def png() -> bytes:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        return file.getvalue()

    label = f"Download {name} (used by this code)"
    st.download_button(label, png, name, "image/png", key, icon=":material/download:", on_click="ignore")
    notebook.record("file", png, name)


def challenge(task: str, solved: bool, hint: str = "") -> None:
    """Something to achieve on this page; `solved` is computed from the state on the screen.

    Its frame, its task and its hint stay where they are when it is solved, so that nothing under it moves. All is one
    element, since each one that a slider redraws costs milliseconds.
    """
    mark = ":green[:material/check_circle: **Solved**]" if solved else ":material/flag: **Challenge**"
    folded = f"\n\n<details><summary>Hint</summary>\n\n{hint}\n\n</details>" if hint else ""
    with st.container(border=True):
        st.markdown(f"{mark} — {task}{folded}", unsafe_allow_html=True)


def source(text: str) -> None:
    """Where the idea comes from."""
    st.caption(f":material/menu_book: {text}")
    notebook.record("source", text)


def open_in_calculator(
    text: str, input_shape: Sequence[int] = (), batch_size: int = 1, label: str = "Open this network in the calculator"
) -> None:
    """A link to the calculator that opens a network's text; without a shape it finds one that fits."""
    _open("calculator", label, links.of_text(text, input_shape, batch_size))


def train_this(parameters: Mapping[str, str], label: str = "Train this") -> None:
    """A link to the training page with its controls set; `parameters` are keys of its address."""
    _open("training", label, parameters)


def _open(file: str, label: str, parameters: Mapping[str, str]) -> None:
    page = catalog.by_file(file)
    st.page_link(page.path, label=label, icon=page.icon, query_params=parameters)
