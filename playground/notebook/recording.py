"""What a page shows, in the order in which it stands there, also after a fragment has been redrawn alone."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from playground import refusal
from playground.server import metrics

Kind = Literal["idea", "tab", "heading", "formula", "legend", "code", "caption", "source", "drawing", "file"]
PAGE = ""  # the name of the part that holds all others
_KEY = "notebook"


@dataclass(frozen=True)
class Item:
    """One thing that a page shows; a file has a name, and its content is what gives its bytes.

    The content of code may be a function that writes it, for what is written only when somebody asks for it.
    """

    kind: Kind
    content: Any
    name: str = ""


@dataclass
class Recording:
    """What one page shows: each fragment's items under its name, and in their place that name in the part around it."""

    file: str
    parts: dict[str, list[Item | str]] = field(default_factory=dict)

    def items(self, part: str = PAGE) -> Iterator[Item]:
        """All that is on the screen, from top to bottom."""
        for entry in list(self.parts.get(part, ())):
            if isinstance(entry, str):
                yield from self.items(entry)
            else:
                yield entry


@dataclass
class _Open:
    recording: Recording
    entries: list[Item | str] = field(default_factory=list)


_open: ContextVar[_Open | None] = ContextVar("open part of the notebook", default=None)


def record(kind: Kind, content: Any, name: str = "") -> None:
    """Note what a page shows here; nothing happens outside of a page."""
    if part := _open.get():
        part.entries.append(Item(kind, content, name))


def current() -> Recording | None:
    """What this visitor's page shows; None before the first page."""
    return st.session_state.get(_KEY)


@contextlib.contextmanager
def page(file: str) -> Iterator[Recording]:
    """A page is drawn from its beginning."""
    recording = st.session_state[_KEY] = Recording(file)
    with _part(recording, PAGE):
        yield recording


def fragment(function: Callable[..., Any] | None = None, *, part: str = "", **options: Any) -> Callable[..., Any]:
    """`st.fragment`, of which a redraw replaces in the notebook what the fragment showed before.

    `part` tells apart fragments that are drawn by the same function of the same page. What is refused inside becomes a
    sentence in the fragment's place.
    """
    if function is None:
        return functools.partial(fragment, part=part, **options)
    name = f"{function.__module__}.{function.__qualname__}.{part}"

    @functools.wraps(function)
    def recorded(*arguments: Any, **named: Any) -> Any:
        around, recording = _open.get(), current()
        if around is not None:  # drawn with what is around it; else redrawn alone, and its name stands there already
            around.entries.append(name)
        with contextlib.ExitStack() as stack:
            if recording is not None:
                if around is None:
                    stack.enter_context(metrics.RERUNS.measured(recording.file, metrics.FRAGMENT))
                stack.enter_context(_part(recording, name))
            stack.enter_context(refusal.friendly())
            return function(*arguments, **named)

    return st.fragment(recorded, **options)


@contextlib.contextmanager
def _part(recording: Recording, name: str) -> Iterator[None]:
    """Until the part is drawn to its end, the notebook holds what it showed before."""
    part = _Open(recording)
    token = _open.set(part)
    try:
        yield
    finally:
        _open.reset(token)
        recording.parts[name] = part.entries
