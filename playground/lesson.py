"""The furniture of a page, in the order a lesson uses it: idea, play, formula, code, challenge, source."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import PlaygroundError
from playground import catalog, door

_MATH = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)


def header(page: catalog.Lesson) -> None:
    """The title of a page; home draws its own."""
    if page is not catalog.HOME:
        st.title(page.title, anchor=False)


def footer(page: catalog.Lesson) -> None:
    """The way on: the next lesson of the course, one click away."""
    following = catalog.next_lesson(page)
    if page is catalog.HOME or following is None:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.page_link(following.path, label=f"Next: {following.title}", icon=":material/arrow_forward:")


def idea(text: str) -> None:
    """The page's point in one sentence: the first line of every page."""
    door.enter()
    st.markdown(f"#### {text}")


def play(ratio: tuple[float, float] = (1, 2.6)) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two columns: the controls, and the stage on which their effect is seen."""
    controls, stage = st.columns(ratio, gap="large")
    return controls, stage


def formula_of(function: Callable[..., Any]) -> str:
    """The LaTeX in a function's docstring, between double dollars."""
    found = _MATH.search(inspect.getdoc(function) or "")
    if found is None:
        raise LookupError(f"{function.__name__} has no $$formula$$ in its docstring")
    return found.group(1).strip()


def formula(function: Callable[..., Any], numbers: str) -> None:
    """A formula as its docstring states it, then the same line with this moment's numbers in it (LaTeX)."""
    st.latex(rf"{formula_of(function)} \;=\; {numbers}")


def code(text: str, caption: str = "The same in PyTorch") -> None:
    """The lines that reproduce exactly what is on the screen."""
    with st.expander(caption, icon=":material/code:", expanded=True):
        st.code(text, language="python")


def challenge(task: str, solved: bool, hint: str = "") -> None:
    """Something to achieve on this page; `solved` is computed from the state on the screen."""
    with st.container(border=True):
        icon = ":material/check_circle:" if solved else ":material/flag:"
        st.markdown(f"{icon} **{'Solved' if solved else 'Challenge'}** — {task}")
        if hint and not solved:
            with st.expander("Hint"):
                st.markdown(hint)


def source(text: str) -> None:
    """Where the idea comes from."""
    st.caption(f":material/menu_book: {text}")


@contextlib.contextmanager
def friendly() -> Iterator[None]:
    """Bad input inside becomes one clear sentence, and the rest of the page stays."""
    try:
        yield
    except PlaygroundError as error:
        st.error(str(error), icon=":material/error:")
