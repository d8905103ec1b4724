"""What came out, kept for each thing asked: the rows of the profile, and where a network stops."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.classic import classic_summary
from core.derivation import Derivation, derive_row
from core.mending import mend
from core.parsing import Parsed
from core.profiler import Failure, LayerShapeError, Profile, Row, profile
from core.receptive import Field, receptive_fields
from core.subject import Shape, Subject


@dataclass(frozen=True)
class Asked:
    """What the page is to compute: the key of everything kept."""

    subject: Subject
    input_shape: Shape
    batch_size: int


@dataclass(frozen=True)
class Facts:
    """The rows of a profile. Where the network stops, those before it, with the failing layer and why."""

    rows: tuple[Row, ...]
    profile: Profile | None = None
    failed: Failure | None = None
    message: str = ""


@st.cache_data(max_entries=128, show_spinner=False)
def look(asked: Asked) -> Facts:
    """The profile of what is asked; raises PlaygroundError where there is nothing to show at all."""
    model = asked.subject.build()
    try:
        found = profile(model, asked.input_shape, asked.batch_size)
    except LayerShapeError as error:
        return Facts(error.rows, None, error.failed, str(error))
    return Facts(found.rows, found)


@st.cache_data(max_entries=32, show_spinner=False)
def fields(subject: Subject, input_shape: tuple[int, ...]) -> tuple[Field, ...]:
    """What each layer sees of the input."""
    return receptive_fields(subject.build(), input_shape)


@st.cache_data(max_entries=256, show_spinner=False)
def derivation(subject: Subject, row: Row) -> Derivation:
    """The formulas of one row, with its numbers."""
    return derive_row(row, subject.build())


def mended(subject: Subject, failed: Failure) -> str | None:
    """The text with the one number changed that would let the network go on; None where there is no such number."""
    if not subject.text or failed.argument is None or failed.value is None:
        return None
    where = (failed.name, failed.argument, failed.value)
    return mend(subject.text, *where) or mend(subject.parsed().lines, *where)


@st.cache_data(max_entries=16, show_spinner="Asking torchinfo…")
def classic(asked: Asked) -> str:
    """torchinfo's text for what is asked."""
    return classic_summary(asked.subject.build(), asked.input_shape, asked.batch_size)


def reading(subject: Subject) -> Parsed:
    """The text as it was understood: lines, dialect and notes; raises ParseError."""
    return subject.parsed()
