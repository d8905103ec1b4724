"""The furniture of a page, in the order a lesson uses it: idea, play, formula, code, challenge, source."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import PlaygroundError
from playground import catalog, controls, navigation
from playground.calculator import links
from playground.escaping import sentence
from playground.markup import element, style_sheet

Content = TypeVar("Content")
_MATH = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_OURS = re.compile(r"^\s*(from|import) core\b", re.MULTILINE)
_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def header(page: catalog.Lesson) -> None:
    """The title of a page; home draws its own."""
    st.html(style_sheet(_STYLE))
    if page is not catalog.HOME:
        st.title(page.title, anchor=False)


def footer(page: catalog.Lesson) -> None:
    """The next lesson of the course, one click away; after the last one the tools."""
    following = catalog.next_lesson(page)
    if page is catalog.HOME or following is None:
        return
    with st.container(horizontal=True, horizontal_alignment="right", key="lesson-next"):
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
    head = st.container(key="lesson-idea")
    head.markdown(text)
    return _importing(head)


@contextlib.contextmanager
def _importing(head: DeltaGenerator) -> Iterator[None]:
    with head, st.spinner("Loading PyTorch (only the first visitor waits) …"):
        yield


def play(ratio: tuple[float, float] = (1, 2.6), title: str = "") -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two columns: the controls, and the stage on which their effect is seen; on a phone the stage comes first."""
    if title:
        st.subheader(title, anchor=False)
    controls, stage = st.columns(ratio, gap="large")
    stage.html(element("i", class_="lesson-stage"))  # what page.css knows the stage by
    return controls, stage


def open_tab(tabs: Mapping[str, Content], key: str, **how: Any) -> Iterator[Content]:
    """A row of tabs by their titles; gives what belongs to the open one, inside of it, and computes no other."""
    for tab, content in zip(
        st.tabs(list(tabs), key=key, **(how or {"on_change": "rerun"})), tabs.values(), strict=True
    ):
        if tab.open:
            with tab:
                yield content


def tabs(parts: Mapping[str, Callable[[], None]]) -> None:
    """The parts of a page in tabs; the address says which is open, and only that one is run."""
    for draw in open_tab(parts, "part", bind=controls.LINK):
        draw()


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
    st.latex(rf"{formula_of(function)} \;\allowbreak{{=\; {numbers}}}")
    if symbols:
        legend(symbols)


def legend(symbols: str) -> None:
    """What the symbols of the formula above stand for: "$k$ kernel size, $s$ stride"."""
    st.caption(f"where {symbols}")


def code(text: str, caption: str = "") -> None:
    """The lines that reproduce exactly what is on the screen; without a caption, it says whether they run anywhere."""
    with st.expander(caption or caption_of(text), icon=":material/code:", expanded=True):
        st.code(text, language="python")


def constructor(config: Any) -> str:
    """The Python that makes a config: the fields that differ from their defaults.

    >>> from core.lessons.gradients import DeepConfig
    >>> constructor(DeepConfig(depth=7, residual=True))
    'DeepConfig(depth=7, residual=True)'
    """
    values = {field.name: (getattr(config, field.name), field.default) for field in fields(config)}
    changed = (f"{name}={value!r}" for name, (value, default) in values.items() if value != default)
    return f"{type(config).__name__}({', '.join(changed)})"


def caption_of(text: str) -> str:
    """What a program needs: PyTorch alone, or this project's own modules as well.

    >>> caption_of("import torch"), caption_of("import torch\\nfrom core.images import sample")
    ('The same in PyTorch', "The same with this project's code (needs its repository)")
    """
    return "The same with this project's code (needs its repository)" if _OURS.search(text) else "The same in PyTorch"


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


@contextlib.contextmanager
def friendly() -> Iterator[None]:
    """Bad input inside becomes one clear sentence, and the rest of the page stays."""
    try:
        yield
    except PlaygroundError as error:
        refuse(str(error))


def refuse(why: str, container: DeltaGenerator | None = None) -> None:
    """An error in one sentence, on whatever it is about; what a link or a file has brought into it is shown as text."""
    (st if container is None else container).error(sentence(why), icon=":material/error:")
